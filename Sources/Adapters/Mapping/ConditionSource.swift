/// A condition in the manner of SQL with values in it, each in quotes: a text that a department's query takes. No value can end its
/// quotes: those inside are doubled, control characters are refused, and so is the backslash unless the file says what it means there.
struct ConditionSource: Sendable {
    /// What a backslash means to the department's database.
    enum Backslash: String, CaseIterable, Sendable {
        /// Unknown: a value with one is INVALID_FIELD.
        case refuse
        /// A character like any other (standard SQL).
        case keep
        /// An escape, so that it is doubled (MySQL).
        case double
    }

    /// The text around the values.
    let pieces: [String]
    /// The values, one between two pieces.
    let values: [ValueRule]
    /// What a backslash means.
    let backslash: Backslash

    /// The text between the question marks that stand for a value: those outside quotes. Nil when a quote does not end.
    static func pieces(_ text: String) -> [String]? {
        var pieces = [String.UnicodeScalarView()]
        var quote: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
            } else if scalar == "?" {
                pieces.append(String.UnicodeScalarView())
                continue
            }
            pieces[pieces.count - 1].append(scalar)
        }
        return quote == nil ? pieces.map { String($0) } : nil
    }

    /// The condition. A value that is not there is a fault: a condition without it would ask for something else.
    func text(in scope: MappingScope) throws(AdapterFault) -> String {
        var out = pieces.first ?? ""
        for (rule, piece) in zip(values, pieces.dropFirst()) {
            guard let value = try rule.value(in: scope) else { throw rule.origin.missing(scope.direction) }
            var quoted: [String] = []
            for item in value.array ?? [value] { quoted.append(try self.quoted(item, rule.origin, scope.direction)) }
            out += quoted.joined(separator: ",") + piece
        }
        return out
    }

    private func quoted(_ value: Value, _ origin: ValueOrigin, _ direction: MappingDirection) throws(AdapterFault) -> String {
        guard let text = value.scalarText else { throw origin.misfit(direction, rule: "type", expected: "a single value") }
        var out = String.UnicodeScalarView("'".unicodeScalars)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": out.append(contentsOf: "''".unicodeScalars)
            case "\\" where backslash == .refuse:
                throw origin.misfit(direction, rule: "backslash", expected: "a value without backslashes")
            case "\\" where backslash == .double: out.append(contentsOf: "\\\\".unicodeScalars)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                throw origin.misfit(direction, rule: "control-character", expected: "a value without control characters")
            default: out.append(scalar)
            }
        }
        out.append("'")
        return String(out)
    }
}
