/// Reads RFC 9535 text, one scalar of look-ahead, no backtracking. Filters are read in JSONPathFilterParser, literals in
/// JSONPathLiteralParser.
struct JSONPathParser {
    typealias Fault = JSONPathSyntaxFault

    /// How many scalars a text may have.
    static let lengthLimit = 16_384
    /// How deep parentheses, filters and function calls may nest.
    static let depthLimit = 64
    /// The largest magnitude of an index: 2^53 - 1 (I-JSON).
    static let indexLimit = 9_007_199_254_740_991

    let scalars: [Unicode.Scalar]
    var position = 0
    var depth = 0

    init(_ text: String) throws(Fault) {
        // Bytes bound scalars from above; counting them first keeps a huge text from being copied.
        guard text.utf8.count <= 4 * Self.lengthLimit else { throw Fault(message: Self.tooLong, offset: Self.lengthLimit) }
        scalars = Array(text.unicodeScalars)
        guard scalars.count <= Self.lengthLimit else { throw Fault(message: Self.tooLong, offset: Self.lengthLimit) }
    }

    private static var tooLong: String { "longer than \(lengthLimit) characters" }

    /// A whole path.
    static func path(_ text: String, allowingRelative: Bool) throws(Fault) -> JSONPath.Query {
        var parser = try JSONPathParser(text)
        guard parser.next == "$" || (allowingRelative && parser.next == "@") else {
            let isMisplaced = parser.next == "@"
            throw parser.fault(
                "a path begins with '$'"
                    + (allowingRelative ? " or '@'" : isMisplaced ? ": here is no current element that '@' could mean" : ""))
        }
        let query = try parser.query()
        guard parser.next == nil else { throw parser.unexpectedAfterSegment() }
        return query
    }

    /// A logical expression standing alone; blank space may surround it.
    static func predicate(_ text: String) throws(Fault) -> JSONPath.LogicalExpression {
        var parser = try JSONPathParser(text)
        parser.skipBlanks()
        let expression = try parser.logicalExpression()
        parser.skipBlanks()
        guard parser.next == nil else { throw parser.fault("expected '&&', '||' or the end, found \(parser.found)") }
        return expression
    }
}

// Looking at the text.
extension JSONPathParser {
    /// The scalar at the position; nil at the end.
    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// What stands at the position, for a message.
    var found: String {
        guard let next else { return "the end" }
        return next.value < 0x20 || next.value == 0x7F ? "the control character U+" + Self.hex(next) : "'\(next)'"
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A fault at the position or at `offset`.
    func fault(_ message: String, at offset: Int? = nil) -> Fault { Fault(message: message, offset: offset ?? position) }

    /// Whether `word` stands at the position.
    func stands(_ word: String) -> Bool { scalars[position...].starts(with: word.unicodeScalars) }

    /// Passes `word` if it stands at the position.
    mutating func take(_ word: String) -> Bool {
        guard stands(word) else { return false }
        position += word.unicodeScalars.count
        return true
    }

    /// Passes one scalar that has to be there.
    mutating func expect(_ scalar: Unicode.Scalar) throws(Fault) {
        guard next == scalar else { throw fault("expected '\(scalar)', found \(found)") }
        position += 1
    }

    /// Passes blank space: space, tab, line feed, carriage return.
    mutating func skipBlanks() {
        while let scalar = next, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { position += 1 }
    }

    /// Runs `body` one level deeper.
    mutating func nested<Result>(_ body: (inout JSONPathParser) throws(Fault) -> Result) throws(Fault) -> Result {
        guard depth < Self.depthLimit else { throw fault("nested deeper than \(Self.depthLimit)") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }
}

// Queries.
extension JSONPathParser {
    /// `$` or `@`, which the caller has seen, and segments. Blank space after the last segment is left where it is.
    mutating func query() throws(Fault) -> JSONPath.Query {
        let isRelative = next == "@"
        position += 1
        var segments: [JSONPath.Segment] = []
        while true {
            let end = position
            skipBlanks()
            if take("..") {
                segments.append(JSONPath.Segment(isDescendant: true, selectors: try descendantSelectors()))
            } else if take(".") {
                segments.append(JSONPath.Segment(isDescendant: false, selectors: [try dottedSelector()]))
            } else if next == "[" {
                segments.append(JSONPath.Segment(isDescendant: false, selectors: try bracketedSelectors()))
            } else {
                position = end
                return JSONPath.Query(isRelative: isRelative, segments: segments)
            }
        }
    }

    private mutating func descendantSelectors() throws(Fault) -> [JSONPath.Selector] {
        next == "[" ? try bracketedSelectors() : [try dottedSelector()]
    }

    /// What follows a dot: `*` or a plain name.
    private mutating func dottedSelector() throws(Fault) -> JSONPath.Selector {
        if take("*") { return .wildcard }
        let start = position
        while let scalar = next, Self.isNameScalar(scalar, first: position == start) { position += 1 }
        guard position > start else {
            let hint = next == "@" || next == "#" || next == "-" || next?.properties.numericType == .decimal
            throw fault("expected a name or '*' after '.', found \(found)" + (hint ? "; such a name is written ['…']" : ""))
        }
        return .name(JSONPath.Name(text(start..<position)))
    }

    /// The scalars of a range as text.
    func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        case "0"..."9": !first
        default: scalar.value >= 0x80
        }
    }

    private mutating func bracketedSelectors() throws(Fault) -> [JSONPath.Selector] {
        try expect("[")
        var selectors: [JSONPath.Selector] = []
        repeat {
            skipBlanks()
            selectors.append(try selector())
            skipBlanks()
        } while take(",")
        guard take("]") else {
            let isFilter = if case .filter = selectors.last { true } else { false }
            throw fault("expected \(isFilter ? "'&&', '||', " : "")']' or ',', found \(found)")
        }
        return selectors
    }

    private mutating func selector() throws(Fault) -> JSONPath.Selector {
        switch next {
        case "'", "\"": return .name(JSONPath.Name(try stringLiteral()))
        case "*":
            position += 1
            return .wildcard
        case "?":
            position += 1
            skipBlanks()
            return .filter(try nested { (parser) throws(Fault) in try parser.logicalExpression() })
        case "-", ("0"..."9")?, ":": return try indexOrSlice()
        default:
            throw fault("expected a quoted name, an index, a slice, '*' or '?' in '[…]', found \(found)")
        }
    }

    private mutating func indexOrSlice() throws(Fault) -> JSONPath.Selector {
        let start = next == ":" ? nil : try index()
        let afterStart = position
        skipBlanks()
        guard take(":") else {
            position = afterStart
            guard let start else { throw fault("expected an index, found \(found)") }
            return .index(start)
        }
        skipBlanks()
        let end = isAtIndex ? try index() : nil
        let afterEnd = position
        skipBlanks()
        guard take(":") else {
            position = afterEnd
            return .slice(JSONPath.Slice(start: start, end: end, step: 1))
        }
        skipBlanks()
        return .slice(JSONPath.Slice(start: start, end: end, step: isAtIndex ? try index() : 1))
    }

    private var isAtIndex: Bool {
        switch next {
        case "-", ("0"..."9")?: true
        default: false
        }
    }

    /// A whole number within ±(2^53 - 1), without leading zeros, not `-0`.
    private mutating func index() throws(Fault) -> Int {
        let start = position
        let isNegative = take("-")
        let firstDigit = position
        var magnitude = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            magnitude = magnitude * 10 + Int(scalar.value - 0x30)
            guard magnitude <= Self.indexLimit else { throw fault("an index is within ±(2^53-1)", at: start) }
            position += 1
        }
        guard position > firstDigit else { throw fault("expected a digit, found \(found)") }
        guard scalars[firstDigit] != "0" || (position == firstDigit + 1 && !isNegative) else {
            throw fault("an index has no leading zero and is not '-0'", at: start)
        }
        return isNegative ? -magnitude : magnitude
    }

    /// The fault where a path should have ended.
    private func unexpectedAfterSegment() -> Fault {
        guard let next else { return fault("unexpected end") }
        if next == " " || next == "\t" || next == "\n" || next == "\r" { return fault("blank space after the path") }
        return fault("expected '.', '[' or the end, found \(found)" + (next == "-" ? "; a name with '-' is written ['…']" : ""))
    }
}
