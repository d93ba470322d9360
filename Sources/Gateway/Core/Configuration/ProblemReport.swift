public import Adapters

/// A problem as JSON, the same from `gatewayctl validate` and from the gateway's own reload.
public enum ProblemReport {
    /// `{severity, rule, message, file, line, column, help, text}`; `text` is the form for people.
    public static func value(_ problem: Problem) -> Value {
        var object: Object = [
            "severity": .string(problem.severity.rawValue), "rule": .string(problem.rule), "message": .string(problem.message),
        ]
        if let place = problem.place {
            object["file"] = .string(place.file.path)
            object["line"] = .integer(Int64(place.line))
            object["column"] = .integer(Int64(place.column))
        }
        if let help = problem.help { object["help"] = .string(help) }
        object["text"] = .string(problem.description)
        return .object(object)
    }
}
