/// A test on a document: a logical expression of RFC 9535 standing alone, such as `$.RESULT.STATUS == '1'`,
/// `$.code == 0 && $.custom.code == 1` or `!$.errors[0]`. `@` means the same as `$`.
///
/// A path alone asks whether there is such a node, whatever its value: `$.success` holds for `{"success": false}` too; where comparison is loose,
/// null is nothing. A comparison with a node that is absent is false, except `!=` (and `==` between two that are absent).
///
/// Loose comparison is for departments that write a code now as a number and now as a text: a number and a text that is one compare by
/// value (`'200' == 200`, `'007' == 7`), `true` and `false` equal their texts. Two texts compare as texts either way (`'007' != '7'`), so
/// do lists and objects member by member.
public struct Predicate: Sendable, CustomStringConvertible {
    /// The expression as it was written.
    public let description: String
    /// Whether numbers and texts compare by value.
    public let isLoose: Bool

    let expression: JSONPath.LogicalExpression

    /// Compiles an expression.
    public init(_ text: String, loose: Bool) throws(JSONPathSyntaxFault) {
        description = text
        isLoose = loose
        expression = try JSONPathParser.predicate(text)
    }

    /// Whether the expression is true of `root`.
    public func holds(on root: Value) -> Bool { holds(on: root, current: root) }

    /// Whether the expression is true where `$` is `root` and `@`, outside filters, is `current`.
    public func holds(on root: Value, current: Value) -> Bool {
        JSONPathEvaluator(root: root, isLoose: isLoose).holds(expression, current: current)
    }
}

// Filters inside paths and predicates are evaluated by the same code.
extension JSONPathEvaluator {
    func holds(_ expression: JSONPath.LogicalExpression, current: Value) -> Bool {
        switch expression {
        case .any(let parts): parts.contains { holds($0, current: current) }
        case .all(let parts): parts.allSatisfy { holds($0, current: current) }
        case .not(let inner): !holds(inner, current: current)
        case .exists(let query): exists(query, current: current)
        case .comparison(let left, let comparison, let right):
            ValueComparison(isLoose: isLoose).holds(value(of: left, current: current), comparison, value(of: right, current: current))
        case .text(let input, let pattern, let whole): matches(input, pattern, whole: whole, current: current)
        }
    }

    private func exists(_ query: JSONPath.Query, current: Value) -> Bool {
        if let steps = query.steps {
            let found = (query.isRelative ? current : root).following(steps)
            return isLoose ? found != nil && found != .null : found != nil
        }
        return !visit(query, current: current) { _, _ in false }
    }

    /// The value of an operand; nil for Nothing (RFC 9535 section 2.4.1).
    private func value(of operand: JSONPath.Operand, current: Value) -> Value? {
        switch operand {
        case .literal(let value): return value
        case .node(let isRelative, let steps): return (isRelative ? current : root).following(steps)
        case .length(let inner):
            switch value(of: inner, current: current) {
            case .string(let text): return .integer(Int64(text.unicodeScalars.count))
            case .array(let items): return .integer(Int64(items.count))
            case .object(let object): return .integer(Int64(object.fields.count))
            case .null, .bool, .integer, .double, .decimal, nil: return nil
            }
        case .count(let query):
            var count: Int64 = 0
            _ = visit(query, current: current) { _, _ in
                count += 1
                return true
            }
            return .integer(count)
        case .value(let query):
            var found: Value?
            let isOnly = visit(query, current: current) { value, _ in
                defer { found = value }
                return found == nil
            }
            return isOnly ? found : nil
        }
    }

    private func matches(_ input: JSONPath.Operand, _ pattern: JSONPath.Pattern, whole: Bool, current: Value) -> Bool {
        guard case .string(let text) = value(of: input, current: current) else { return false }
        switch pattern {
        case .compiled(let expression): return expression.matches(text, whole: whole)
        case .computed(let operand):
            // A text that is not an I-Regexp matches nothing (RFC 9535 section 2.4.6).
            guard case .string(let source) = value(of: operand, current: current),
                let expression = try? IRegexp(source, within: .document)
            else { return false }
            return expression.matches(text, whole: whole)
        }
    }
}
