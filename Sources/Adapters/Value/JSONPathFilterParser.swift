// Logical expressions, comparisons and functions (RFC 9535 sections 2.3.5 and 2.4), with the types of section 2.4.3 checked as they are
// read.
extension JSONPathParser {
    private static let functions = ["length", "count", "match", "search", "value"]

    /// What a test, a side of a comparison or an argument begins with; its type decides where it may stand.
    private enum Term {
        case literal(Value)
        case query(JSONPath.Query)
        /// A function that yields a value.
        case value(JSONPath.Operand, function: String)
        /// A function that yields true or false.
        case logical(JSONPath.LogicalExpression, function: String)
    }

    /// `a && b || c`.
    mutating func logicalExpression() throws(Fault) -> JSONPath.LogicalExpression {
        var alternatives: [JSONPath.LogicalExpression] = []
        repeat {
            skipBlanks()
            alternatives.append(try conjunction())
            skipBlanks()
        } while take("||")
        return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
    }

    private mutating func conjunction() throws(Fault) -> JSONPath.LogicalExpression {
        var parts: [JSONPath.LogicalExpression] = []
        repeat {
            skipBlanks()
            parts.append(try basicExpression())
            skipBlanks()
        } while take("&&")
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    /// A parenthesis, a comparison or a test, the first and the last with `!` before them where wanted.
    private mutating func basicExpression() throws(Fault) -> JSONPath.LogicalExpression {
        let start = position
        let isNegated = next == "!" && take("!")
        if isNegated { skipBlanks() }
        if take("(") {
            let inner = try nested { (parser) throws(Fault) in try parser.logicalExpression() }
            guard take(")") else { throw fault("expected ')', '&&' or '||', found \(found)") }
            return isNegated ? .not(inner) : inner
        }
        let (term, termStart) = (try self.term(), position)
        skipBlanks()
        if let comparison = JSONPath.Comparison.allCases.first(where: { stands($0.rawValue) }) {
            guard !isNegated else { throw fault("'!' before a comparison: write !(…)", at: start) }
            let left = try operand(term, at: start)
            _ = take(comparison.rawValue)
            skipBlanks()
            let rightStart = position
            return .comparison(left, comparison, try operand(try self.term(), at: rightStart))
        }
        if next == "=" { throw fault("'=' is not an operator: write '=='") }
        position = termStart
        let test = try self.test(term, at: start)
        return isNegated ? .not(test) : test
    }

    private func test(_ term: Term, at start: Int) throws(Fault) -> JSONPath.LogicalExpression {
        switch term {
        case .query(let query): .exists(query)
        case .logical(let expression, _): expression
        case .literal: throw fault("a literal alone is no test: compare it with something", at: start)
        case .value(_, let function): throw fault("\(function)() yields a value: compare it with something", at: start)
        }
    }

    /// A term where one value is wanted.
    private func operand(_ term: Term, at start: Int) throws(Fault) -> JSONPath.Operand {
        switch term {
        case .literal(let value): return .literal(value)
        case .value(let operand, _): return operand
        case .query(let query):
            guard let steps = query.steps else {
                throw fault(
                    "a query here must be singular (names and indexes only): value(…) takes the value of one that is not", at: start)
            }
            return .node(isRelative: query.isRelative, steps)
        case .logical(_, let function):
            throw fault("\(function)() yields true or false, which cannot be compared or passed on", at: start)
        }
    }

    private mutating func term() throws(Fault) -> Term {
        switch next {
        case "$", "@": return .query(try query())
        case "'", "\"": return .literal(.string(try stringLiteral()))
        case "-", ("0"..."9")?: return .literal(try numberLiteral())
        case ("a"..."z")?, ("A"..."Z")?, "_": return try word()
        default: throw fault("expected a path, a literal, a function or '(', found \(found)")
        }
    }

    /// `true`, `false`, `null` or a function call.
    private mutating func word() throws(Fault) -> Term {
        let start = position
        while let scalar = next, scalar.isASCII, scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
            position += 1
        }
        let name = text(start..<position)
        if next == "(" { return try nested { (parser) throws(Fault) in try parser.call(name, at: start) } }
        switch name {
        case "true": return .literal(true)
        case "false": return .literal(false)
        case "null": return .literal(.null)
        default:
            let lower = name.lowercased()
            if ["true", "false", "null"].contains(lower) { throw fault("'\(name)' is written '\(lower)'", at: start) }
            if Self.functions.contains(name) {
                throw fault("expected '(' right after the function's name", at: start + name.unicodeScalars.count)
            }
            throw fault("unexpected '\(name)': a path begins with '$' or '@', a text stands in quotes", at: start)
        }
    }

    private mutating func call(_ name: String, at start: Int) throws(Fault) -> Term {
        guard Self.functions.contains(name) else {
            throw fault("unknown function '\(name)': \(Self.functions.joined(separator: ", "))", at: start)
        }
        try expect("(")
        skipBlanks()
        let result: Term
        switch name {
        case "length": result = .value(.length(try argument()), function: name)
        case "count": result = .value(.count(try nodesArgument(of: name)), function: name)
        case "value": result = .value(.value(try nodesArgument(of: name)), function: name)
        default:
            let input = try argument()
            skipBlanks()
            guard take(",") else { throw fault("\(name)() takes a text and a pattern: expected ',', found \(found)") }
            skipBlanks()
            result = .logical(.text(input, try pattern(), whole: name == "match"), function: name)
        }
        skipBlanks()
        guard take(")") else {
            throw fault(
                "expected ')' after the \(name == "match" || name == "search" ? "two arguments" : "argument") of \(name)(), found \(found)")
        }
        return result
    }

    private mutating func argument() throws(Fault) -> JSONPath.Operand {
        let start = position
        return try operand(try term(), at: start)
    }

    private mutating func nodesArgument(of function: String) throws(Fault) -> JSONPath.Query {
        let start = position
        guard case .query(let query) = try term() else { throw fault("\(function)() takes a path", at: start) }
        return query
    }

    private mutating func pattern() throws(Fault) -> JSONPath.Pattern {
        let start = position
        let operand = try argument()
        guard case .literal(.string(let text)) = operand else { return .computed(operand) }
        do {
            return .compiled(try IRegexp(text))
        } catch {
            throw fault("not an I-Regexp (RFC 9485): \(error.message), at character \(error.offset + 1) of the pattern", at: start)
        }
    }
}
