/// Reads the regular part of an ECMA-262 regular expression. Everything else is refused by name.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// The whole pattern; a branch without an anchor may begin or end anywhere.
    mutating func pattern() throws(Pattern.Fault) -> PatternNode {
        let around = PatternNode.repeated(.set(.any), low: 0, high: nil)
        var branches: [PatternNode] = []
        repeat {
            let isAnchored = take("^")
            let body = try sequence()
            let ends = take("$")
            branches.append(.sequence((isAnchored ? [] : [around]) + [body] + (ends ? [] : [around])))
        } while take("|")
        if let scalar = peek { throw fault("'\(scalar)' cannot stand here") }
        return .choice(branches)
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        position += 1
        return scalar
    }

    private func fault(_ reason: String) -> Pattern.Fault {
        Pattern.Fault(reason: "\(reason) (character \(min(position + 1, scalars.count)) of the pattern)")
    }

    private mutating func choice() throws(Pattern.Fault) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(Pattern.Fault) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")", scalar != "$" {
            parts.append(try quantified(try atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(Pattern.Fault) -> PatternNode {
        guard let scalar = next() else { return .empty }
        switch scalar {
        case ".": return .set(.dot)
        case "[": return .set(try characterClass())
        case "\\": return .set(try escape())
        case "(": return try group()
        case "^": throw fault("'^' can only stand at the beginning of the pattern or of one of its outermost branches")
        case "*", "+", "?": throw fault("there is nothing to repeat before '\(scalar)'")
        case "{", "}", "]": throw fault("'\(scalar)' must be written '\\\(scalar)'")
        default: return .set(ScalarSet(ranges: [scalar.value...scalar.value]))
        }
    }

    private mutating func group() throws(Pattern.Fault) -> PatternNode {
        if take("?") {
            guard take(":") else { throw fault("only '(…)' and '(?:…)' are supported, no look-around and no named groups") }
        }
        depth += 1
        guard depth <= 50 else { throw fault("groups nest deeper than 50") }
        let inside = try choice()
        depth -= 1
        if peek == "$" { throw fault("'$' can only stand at the end of the pattern or of one of its outermost branches") }
        guard take(")") else { throw fault("a ')' is missing") }
        return inside
    }

    private mutating func quantified(_ part: PatternNode) throws(Pattern.Fault) -> PatternNode {
        let bounds: (Int, Int?)
        if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if take("?") {
            bounds = (0, 1)
        } else if take("{") {
            bounds = try repetition()
        } else {
            return part
        }
        // A lazy quantifier finds the same texts.
        _ = take("?")
        if let scalar = peek, scalar == "*" || scalar == "+" || scalar == "{" { throw fault("a repetition of a repetition needs a group") }
        return .repeated(part, low: bounds.0, high: bounds.1)
    }

    private mutating func repetition() throws(Pattern.Fault) -> (Int, Int?) {
        guard let low = try count() else { throw fault("a number must follow '{'; a brace itself is written '\\{'") }
        var high: Int? = low
        if take(",") { high = try count() }
        guard take("}") else { throw fault("a '}' is missing") }
        if let high, high < low { throw fault("the repetition ends before it begins") }
        return (low, high)
    }

    private mutating func count() throws(Pattern.Fault) -> Int? {
        var number: Int?
        while let scalar = peek, ("0"..."9").contains(scalar) {
            position += 1
            let value = (number ?? 0) * 10 + Int(scalar.value) - 48
            guard value <= 1000 else { throw fault("a repetition of more than 1000") }
            number = value
        }
        return number
    }

    private mutating func characterClass() throws(Pattern.Fault) -> ScalarSet {
        var set = ScalarSet(isNegated: take("^"))
        while !take("]") {
            guard let low = try classMember(into: &set) else { continue }
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.ranges.append(low...low)
                continue
            }
            position += 1
            guard let high = try classMember(into: &set) else { throw fault("a range must end in one character") }
            guard low <= high else { throw fault("the range ends before it begins") }
            set.ranges.append(low...high)
        }
        return set
    }

    /// One character of a class; nil when it was a set such as `\d`, which is then among the members.
    private mutating func classMember(into set: inout ScalarSet) throws(Pattern.Fault) -> UInt32? {
        guard let scalar = next() else { throw fault("a ']' is missing") }
        guard scalar == "\\" else { return scalar.value }
        if take("b") { return 0x08 }
        let escaped = try escape()
        if !escaped.isNegated, escaped.categories.isEmpty, escaped.ranges.count == 1, let range = escaped.ranges.first, range.count == 1 {
            return range.lowerBound
        }
        set.members.append(escaped)
        return nil
    }

    private mutating func escape() throws(Pattern.Fault) -> ScalarSet {
        guard let scalar = next() else { throw fault("the pattern ends in a backslash") }
        switch scalar {
        case "d": return .digits
        case "D": return .digits.negated
        case "w": return .word
        case "W": return .word.negated
        case "s": return .space
        case "S": return .space.negated
        case "p": return try category()
        case "P": return try category().negated
        default: break
        }
        let value: UInt32
        switch scalar {
        case "t": value = 0x09
        case "n": value = 0x0A
        case "v": value = 0x0B
        case "f": value = 0x0C
        case "r": value = 0x0D
        case "0": value = 0
        case "x": value = try hexadecimal(2)
        case "u": value = take("{") ? try braced() : try hexadecimal(4)
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/", "-": value = scalar.value
        default: throw fault("'\\\(scalar)' is not supported")
        }
        return ScalarSet(ranges: [value...value])
    }

    private mutating func hexadecimal(_ digits: Int) throws(Pattern.Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = next()?.hexadecimalValue else { throw fault("\(digits) hexadecimal digits are due") }
            value = value * 16 + digit
        }
        return value
    }

    private mutating func braced() throws(Pattern.Fault) -> UInt32 {
        var value: UInt32 = 0
        while !take("}") {
            guard let digit = next()?.hexadecimalValue, value < 0x110000 else { throw fault("no character has this number") }
            value = value * 16 + digit
        }
        return value
    }

    private mutating func category() throws(Pattern.Fault) -> ScalarSet {
        guard take("{") else { throw fault("'\\p' needs a category in braces") }
        var name = ""
        while let scalar = next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        guard let names = PatternParser.categories[name] else { throw fault("'\\p{\(name)}' is not supported") }
        return ScalarSet(categories: [ScalarSet.Category(names: names)])
    }

    private static let categories: [String: Set<Unicode.GeneralCategory>] = {
        let letters: Set<Unicode.GeneralCategory> = [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
        let numbers: Set<Unicode.GeneralCategory> = [.decimalNumber, .letterNumber, .otherNumber]
        return [
            "L": letters, "Letter": letters, "N": numbers, "Number": numbers, "Lu": [.uppercaseLetter],
            "Uppercase_Letter": [.uppercaseLetter], "Ll": [.lowercaseLetter], "Lowercase_Letter": [.lowercaseLetter],
            "Lo": [.otherLetter], "Other_Letter": [.otherLetter], "Nd": [.decimalNumber], "Decimal_Number": [.decimalNumber],
        ]
    }()
}

extension Unicode.Scalar {
    /// 0–15 for an ASCII hexadecimal digit.
    fileprivate var hexadecimalValue: UInt32? { isASCII ? Character(self).hexDigitValue.map(UInt32.init) : nil }
}
