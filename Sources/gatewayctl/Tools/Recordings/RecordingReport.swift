package import Adapters

/// What a run of recordings came to, for a person and for a program.
package struct RecordingReport {
    private let results: [RecordingResult]

    private let unsetSecrets: [String]

    /// A report of results; `unsetSecrets` are those whose names stood in for them.
    package init(_ results: [RecordingResult], unsetSecrets: [String] = []) {
        self.results = results
        self.unsetSecrets = unsetSecrets
    }

    /// How many did not come out as they should.
    package var failures: Int { results.count { !$0.passed } }

    /// One line for each that passed, a diff for each that did not, and a summary.
    package var text: String {
        var lines = results.flatMap(Self.lines)
        let written = results.count { !$0.written.isEmpty }
        var summary = "\(results.count) recordings: \(results.count - failures) passed, \(failures) failed"
        if written > 0 { summary += ", \(written) written" }
        lines.append(summary)
        if failures > 0, !unsetSecrets.isEmpty {
            lines.append(
                "these secrets are not set, and stood as their names in braces: \(unsetSecrets.joined(separator: ", ")); name a file of "
                    + "NAME=value lines with --secrets-file FILE, or keep one as secrets.env beside the recordings")
        }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ result: RecordingResult) -> [String] {
        var lines = ["\(result.passed ? "ok  " : "FAIL")  \(result.name)" + (result.target.map { "  (\($0))" } ?? "")]
        for check in result.checks where !check.differences.isEmpty {
            lines.append("  \(check.name): - expected, + came out")
            lines += check.differences.prefix(20).flatMap(\.lines)
            if check.differences.count > 20 { lines.append("  … and \(check.differences.count - 20) more") }
        }
        if let fault = result.fault { lines += fault.split(separator: "\n").map { "  \($0)" } }
        if !result.written.isEmpty { lines.append("  written: \(result.written.joined(separator: ", "))") }
        return lines
    }

    /// `{passed, failed, unsetSecrets, recordings: [{name, target, passed, fault, checks: [{name, differences}], written}]}`.
    package var value: Value {
        [
            "passed": .integer(Int64(results.count - failures)), "failed": .integer(Int64(failures)),
            "unsetSecrets": .array(unsetSecrets.map(Value.string)), "recordings": .array(results.map(Self.value)),
        ]
    }

    private static func value(_ result: RecordingResult) -> Value {
        var object: Object = ["name": .string(result.name), "passed": .bool(result.passed)]
        if let target = result.target { object["target"] = .string(target) }
        if let fault = result.fault { object["fault"] = .string(fault) }
        object["checks"] = .array(
            result.checks.map { check in
                ["name": .string(check.name), "differences": .array(check.differences.map(Self.value))]
            })
        if !result.written.isEmpty { object["written"] = .array(result.written.map(Value.string)) }
        return .object(object)
    }

    private static func value(_ difference: TreeDifference) -> Value {
        var object: Object = ["at": .string(difference.pointer)]
        if let expected = difference.expected { object["expected"] = .string(expected) }
        if let found = difference.found { object["found"] = .string(found) }
        return .object(object)
    }
}
