/// What several operations have in common (`defaults`, YAML's anchors) is read once for each of them. A mistake in it stands at one place,
/// and is said once.
struct RepeatedReadings {
    private struct Key: Hashable {
        let rule: String
        let file: String
        let line: Int
        let column: Int
        let message: String
    }

    private struct Reading {
        let name: String
        let steps: [String]
        let start: Int
    }

    private let diagnostics: Diagnostics
    private var readings: [Reading] = []

    init(_ diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    /// Another operation is read from here on; `steps` are the names of its steps.
    mutating func begin(_ name: String, steps: [String]) {
        readings.append(Reading(name: name, steps: steps, start: diagnostics.problems.count))
    }

    /// Takes out of the diagnostics what was said before, and says in its place for which operations it holds.
    func finish() {
        guard let first = readings.first, readings.count > 1 else { return }
        var kept: [Problem] = []
        var known: [Key: (position: Int, names: [String])] = [:]
        for (index, problem) in diagnostics.problems.enumerated().dropFirst(first.start) {
            guard let reading = readings.last(where: { $0.start <= index }) else { continue }
            guard let key = Self.key(problem, reading) else {
                kept.append(problem)
                continue
            }
            if known[key] == nil {
                known[key] = (kept.count, [reading.name])
                kept.append(problem)
            } else if known[key]?.names.last != reading.name {
                known[key]?.names.append(reading.name)
            }
        }
        for (position, names) in known.values where names.count > 1 { kept[position] = said(kept[position], names) }
        diagnostics.problems.replaceSubrange(first.start..., with: kept)
    }

    /// The same problem of another operation has the same key: the operation's name does not count.
    private static func key(_ problem: Problem, _ reading: Reading) -> Key? {
        guard let place = problem.place else { return nil }
        var message = problem.message
        for name in [reading.name] + reading.steps {
            for what in ["the operation '\(name)'", "the step '\(name)'", "'\(name)'"] { message = message.replacing(what, with: "\u{0}") }
        }
        return Key(rule: problem.rule, file: place.file.path, line: place.line, column: place.column, message: message)
    }

    private func said(_ problem: Problem, _ names: [String]) -> Problem {
        let others = names.count - 1
        let all = names.count == readings.count
        let named = problem.message.contains("'\(names[0])'")
        let tail =
            if named { " (and \(others) other\(others == 1 ? "" : "s"))" } else if all { "" } else {
                " (for '\(names[0])' and \(others) other\(others == 1 ? "" : "s"))"
            }
        return Problem(problem.severity, problem.rule, problem.message + tail, at: problem.place, help: problem.help)
    }
}
