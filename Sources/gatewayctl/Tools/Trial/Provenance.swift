package import Adapters

/// Where the fields of a request or an answer came from, as a table for a person and as values for a program.
package enum Provenance {
    /// Lines of a trace that stand for the same rule: the items of a list have one row.
    private struct Row {
        var name: String
        var line: TraceLine
        var count = 1
        var absent: TraceLine?
        var absentCount = 0
    }

    /// A table: what is filled, `<-`, where from, the conversions, and where the rule stands; and why there is nothing.
    package static func text(_ lines: [TraceLine]) -> String {
        let rows = rows(lines)
        let width = min(44, rows.map(\.name.count).max() ?? 0)
        return rows.map { row in
            let name = row.name + String(repeating: " ", count: max(0, width - row.name.count))
            return "\(name) \(text(row))"
        }.joined(separator: "\n")
    }

    private static func text(_ row: Row) -> String {
        let line = row.line
        let place = "(\(line.file):\(line.line))"
        let conversions = line.conversions.isEmpty ? "" : " [\(line.conversions.joined(separator: ", "))]"
        let tail: String
        if let absent = row.absent, row.absentCount < row.count {
            tail = "; in \(row.absentCount) of \(row.count) items none: \(reason(absent.outcome))"
        } else {
            tail = row.count > 1 ? "; \(row.count) items" : ""
        }
        switch line.outcome {
        case .value: return "<- \(line.source) \(place)\(conversions)\(tail)"
        case .part(let reason): return "<- \(line.source) \(place)\(conversions); \(reason)\(tail)"
        case .fallback(let reason): return "<- default, \(reason) \(place)\(tail)"
        case .absent(let reason): return "-  \(reason) \(place)\(tail)"
        case .failed(let reason): return "!! \(line.source) \(place)\(conversions): \(reason)"
        }
    }

    /// The lines as values.
    package static func value(_ lines: [TraceLine]) -> Value {
        .array(
            lines.map { line in
                var object: Object = [
                    "part": .string(line.part), "pointer": .string(line.pointer), "from": .string(line.source),
                    "conversions": .array(line.conversions.map(Value.string)), "file": .string(line.file),
                    "line": .integer(Int64(line.line)), "outcome": .string(word(line.outcome)),
                ]
                if !reason(line.outcome).isEmpty { object["reason"] = .string(reason(line.outcome)) }
                return .object(object)
            })
    }

    private static func word(_ outcome: TraceLine.Outcome) -> String {
        switch outcome {
        case .value: "value"
        case .part: "part"
        case .fallback: "default"
        case .absent: "absent"
        case .failed: "failed"
        }
    }

    private static func reason(_ outcome: TraceLine.Outcome) -> String {
        switch outcome {
        case .value: ""
        case .part(let reason), .fallback(let reason), .absent(let reason), .failed(let reason): reason
        }
    }

    private static func rows(_ lines: [TraceLine]) -> [Row] {
        var rows: [Row] = []
        var known: [String: Int] = [:]
        for line in lines {
            let name = name(line)
            let key = "\(name) \(line.file):\(line.line)"
            guard name.contains("*"), let index = known[key] else {
                known[key] = rows.count
                rows.append(Row(name: name, line: line))
                if case .absent = line.outcome { (rows[rows.count - 1].absent, rows[rows.count - 1].absentCount) = (line, 1) }
                continue
            }
            rows[index].count += 1
            if case .absent = line.outcome {
                rows[index].absent = line
                rows[index].absentCount += 1
            } else if case .absent = rows[index].line.outcome {
                rows[index].line = line
            }
        }
        return rows
    }

    /// The place with `*` for the position in a list.
    private static func name(_ line: TraceLine) -> String {
        let pointer = line.pointer.split(separator: "/").map { $0.allSatisfy(\.isNumber) ? "*" : String($0) }
        switch line.part {
        case "body", "answer": return "/" + pointer.joined(separator: "/")
        default: return "\(line.part) \(pointer.joined(separator: "/"))"
        }
    }

    // MARK: Conditions

    /// The conditions that a reply was held to, one a line; the last decided.
    package static func text(_ decisions: [ReplyDecision]) -> String {
        let width = decisions.map(\.word.count).max() ?? 0
        return decisions.enumerated().map { index, decision in
            let word = decision.word + String(repeating: " ", count: max(0, width - decision.word.count))
            let place = decision.file.map { " (\($0):\(decision.line ?? 0))" } ?? ""
            let verdict = decision.held ? "holds" : "does not hold"
            return "\(word)  \(verdict): \(decision.text)\(place)\(index == decisions.count - 1 ? "  <- decided" : "")"
        }.joined(separator: "\n")
    }

    /// The same as values.
    package static func value(_ decisions: [ReplyDecision]) -> Value {
        .array(
            decisions.map { decision in
                var object: Object = ["word": .string(decision.word), "condition": .string(decision.text), "held": .bool(decision.held)]
                if let file = decision.file, let line = decision.line {
                    object["file"] = .string(file)
                    object["line"] = .integer(Int64(line))
                }
                return .object(object)
            })
    }
}
