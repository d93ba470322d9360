/// Something wrong in a configuration: what, where, and what would have been right.
public struct Problem: Sendable, CustomStringConvertible {
    /// Whether the configuration can be used all the same.
    public enum Severity: String, Sendable {
        /// It cannot be used.
        case error
        /// It can be used.
        case warning
    }

    /// How bad it is.
    public let severity: Severity
    /// The rule that was broken, a stable kebab-case word such as `unknown-key`.
    public let rule: String
    /// What is wrong, in one sentence without a final stop.
    public let message: String
    /// Where; nil when it concerns a whole directory.
    public let place: Place?
    /// What would have been right.
    public let help: String?

    /// Makes a problem.
    public init(_ severity: Severity, _ rule: String, _ message: String, at place: Place?, help: String? = nil) {
        self.severity = severity
        self.rule = rule
        self.message = message
        self.place = place
        self.help = help
    }

    /// The problem as text: `file:line:col: error[rule]: message`, the source line, a caret, and the help.
    public var description: String {
        var out = ""
        if let place { out += "\(place.file.path):\(place.line):\(place.column): " }
        out += "\(severity.rawValue)[\(rule)]: \(Problem.printable(message))\n"
        if let place, let source = place.file.line(place.line) { out += Problem.excerpt(source, place) }
        if let help { out += "      help: \(Problem.printable(help))\n" }
        return out
    }

    /// How much of a source line is shown before and after the place, in Unicode scalars.
    private static let window = (before: 100, after: 160)

    /// The source line and, below it, the caret.
    private static func excerpt(_ source: String, _ place: Place) -> String {
        let number = String(place.line)
        let gutter = String(repeating: " ", count: max(1, 5 - number.count)) + number + " | "
        let blank = String(repeating: " ", count: gutter.count - 2) + "| "
        let scalars = source.unicodeScalars
        let column = max(0, place.column - 1)
        let hidden = max(0, column - window.before)
        let before = scalars.dropFirst(hidden).prefix(column - hidden)
        let after = scalars.dropFirst(column)
        let shown = String(String.UnicodeScalarView(before)) + String(String.UnicodeScalarView(after.prefix(window.after)))
        let isCut = after.dropFirst(window.after).first != nil
        let lead = before.map { $0 == "\t" ? "\t" : String(repeating: " ", count: $0.columns) }.joined()
        let width = max(1, after.prefix(min(place.length, window.after)).reduce(0) { $0 + $1.columns })
        let (head, indent) = hidden > 0 ? ("…", " ") : ("", "")
        return gutter + head + printable(shown) + (isCut ? "…" : "") + "\n" + blank + indent + lead + String(repeating: "^", count: width)
            + "\n"
    }

    /// The text with U+FFFD for control characters, which a terminal would obey.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    /// C0 but for the tab, DEL and C1.
    fileprivate var isControl: Bool { value < 0x20 && value != 0x09 || (0x7F...0x9F).contains(value) }

    /// How many terminal columns the character takes: 2 for the East Asian wide ranges and emoji, none for combining marks.
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        let scalar = value
        let wide =
            (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar) || (0xAC00...0xD7A3).contains(scalar)
            || (0xF900...0xFAFF).contains(scalar) || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
            || (0xFFE0...0xFFE6).contains(scalar) || (0x1F300...0x1FAFF).contains(scalar) || (0x20000...0x3FFFD).contains(scalar)
        return wide ? 2 : 1
    }
}

/// What the loader knows at one place of a file.
package enum SectionReading {
    /// A mapping with these keys.
    case keys([String], of: String, at: Place)
    /// A value that is one of these words.
    case words([String], of: String, at: Place)
}

/// Collects the problems of one load, so that all of them are reported at once.
public final class Diagnostics {
    /// Everything found so far, in the order it was found.
    public internal(set) var problems: [Problem] = []
    /// Is told what the loader reads where: for tests that hold a description of the files to the loader.
    package var observer: ((SectionReading) -> Void)?

    /// An empty collection.
    public init() {}

    /// Whether any problem is an error.
    public var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// Whether a problem of a rule was reported at a place.
    public func holds(_ rule: String, at place: Place) -> Bool {
        problems.contains { problem in
            guard problem.rule == rule, let other = problem.place else { return false }
            return (other.file.path, other.line, other.column) == (place.file.path, place.line, place.column)
        }
    }

    /// The problems by file, line and column; those without a place first.
    public var sorted: [Problem] {
        func key(_ problem: Problem) -> (String, Int, Int) {
            guard let place = problem.place else { return ("", 0, 0) }
            return (place.file.path, place.line, place.column)
        }
        return problems.enumerated().sorted {
            let (left, right) = (key($0.element), key($1.element))
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }

    /// Adds a problem that was found elsewhere.
    public func add(_ problem: Problem) { problems.append(problem) }

    /// Adds an error.
    public func error(_ rule: String, _ message: String, at place: Place?, help: String? = nil) {
        problems.append(Problem(.error, rule, message, at: place, help: help))
    }

    /// Adds a warning.
    public func warning(_ rule: String, _ message: String, at place: Place?, help: String? = nil) {
        problems.append(Problem(.warning, rule, message, at: place, help: help))
    }
}

/// The nearest of `allowed` to `word`, for "did you mean": at most a third of its letters and one more away; one for short words.
public func suggestion(for word: String, among allowed: [String]) -> String? {
    let target = Array(word.lowercased())
    guard !target.isEmpty else { return nil }
    let limit = max(1, target.count / 3 + (target.count > 3 ? 1 : 0))
    var best: (word: String, distance: Int)?
    for candidate in allowed {
        let letters = Array(candidate.lowercased())
        // The difference in length is a lower bound of the distance, and it keeps a huge key from costing a huge table.
        guard abs(letters.count - target.count) <= limit else { continue }
        let distance = editDistance(target, letters)
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
}

/// Optimal string alignment distance: insert, delete, replace, swap neighbours.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    guard !a.isEmpty else { return b.count }
    guard !b.isEmpty else { return a.count }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
        var row = [i]
        for j in 1...b.count {
            var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
