/// A pattern as it was written.
indirect enum IRegexpTree: Sendable {
    case scalar(Unicode.Scalar)
    case member(IRegexpClass)
    case start
    case end
    case sequence([IRegexpTree])
    case alternatives([IRegexpTree])
    /// At least, at most; nil for without end.
    case repeated(IRegexpTree, Int, Int?)
}

/// Reads the grammar of RFC 9485 section 3.
struct IRegexpParser {
    typealias Fault = IRegexp.Fault

    /// How deep parentheses may nest.
    static let depthLimit = 64

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ text: String, within bounds: IRegexp.Bounds) throws(Fault) {
        guard text.utf8.count <= 4 * bounds.length, text.unicodeScalars.count <= bounds.length else {
            throw Fault(message: "longer than \(bounds.length) characters", offset: bounds.length)
        }
        scalars = Array(text.unicodeScalars)
    }

    /// The whole pattern.
    mutating func pattern() throws(Fault) -> IRegexpTree {
        let tree = try branches()
        guard next == nil else { throw fault("unexpected ')'") }
        return tree
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func fault(_ message: String, at offset: Int? = nil) -> Fault { Fault(message: message, offset: offset ?? position) }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func branches() throws(Fault) -> IRegexpTree {
        var branches: [IRegexpTree] = []
        repeat {
            var pieces: [IRegexpTree] = []
            while let scalar = next, scalar != "|", scalar != ")" { pieces.append(try piece()) }
            branches.append(pieces.count == 1 ? pieces[0] : .sequence(pieces))
        } while take("|")
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func piece() throws(Fault) -> IRegexpTree {
        let atom = try atom()
        switch next {
        case "*":
            position += 1
            return .repeated(atom, 0, nil)
        case "+":
            position += 1
            return .repeated(atom, 1, nil)
        case "?":
            position += 1
            return .repeated(atom, 0, 1)
        case "{":
            let start = position
            position += 1
            let least = try count()
            let most = take(",") ? (next == "}" ? nil : try count()) : least
            guard take("}") else { throw fault("expected '}'") }
            if let most, most < least { throw fault("the bounds of a repetition are the wrong way round", at: start) }
            return .repeated(atom, least, most)
        default: return atom
        }
    }

    private mutating func count() throws(Fault) -> Int {
        let start = position
        var count = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            // Saturates: a count like this is refused when the program is laid out, or repeats nothing.
            count = min(count * 10 + Int(scalar.value - 0x30), 1_000_000)
            position += 1
        }
        guard position > start else { throw fault("expected a count") }
        return count
    }

    private mutating func atom() throws(Fault) -> IRegexpTree {
        guard let scalar = next else { throw fault("unexpected end") }
        let start = position
        switch scalar {
        case "(": return try group()
        case "[": return .member(try bracketed())
        case "\\": return try escape()
        case "*", "+", "?", "{":
            throw fault("nothing to repeat before '\(scalar)'; the character itself is written '\\\(scalar)'", at: start)
        case "]", "}": throw fault("'\(scalar)' alone is written '\\\(scalar)'", at: start)
        default:
            position += 1
            switch scalar {
            case ".": return .member(.dot)
            case "^": return .start
            case "$": return .end
            default: return .scalar(scalar)
            }
        }
    }

    private mutating func group() throws(Fault) -> IRegexpTree {
        let start = position
        guard depth < Self.depthLimit else { throw fault("parentheses nest deeper than \(Self.depthLimit)") }
        position += 1
        if next == "?" { throw fault("'(?…)' is not in I-Regexp: plain parentheses group") }
        depth += 1
        defer { depth -= 1 }
        let inner = try branches()
        guard take(")") else { throw fault("this '(' is not closed", at: start) }
        return inner
    }

    private mutating func escape() throws(Fault) -> IRegexpTree {
        if let categories = try categoryEscape() {
            var members = IRegexpClass()
            members.add(categories)
            members.seal(isNegated: false)
            return .member(members)
        }
        return .scalar(try scalarEscape())
    }

    /// `\n`, `\.` and the like; the position is at the backslash.
    private mutating func scalarEscape() throws(Fault) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = next else { throw fault("unexpected end after '\\'") }
        position += 1
        switch letter {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "(", ")", "*", "+", "-", ".", "?", "[", "\\", "]", "^", "{", "|", "}": return letter
        case "d": throw fault("'\\d' is not in I-Regexp: write [0-9]", at: start)
        case "w": throw fault("'\\w' is not in I-Regexp: write [A-Za-z0-9_]", at: start)
        case "s": throw fault("'\\s' is not in I-Regexp: write [ \\t\\n\\r]", at: start)
        case "$": throw fault("'\\$' is not in I-Regexp: write [$]", at: start)
        default: throw fault("unknown escape '\\\(letter)'", at: start)
        }
    }

    /// `\p{…}` or `\P{…}`; nil, and nothing passed, when it is another escape.
    private mutating func categoryEscape() throws(Fault) -> [Unicode.GeneralCategory]? {
        guard position + 1 < scalars.count, scalars[position + 1] == "p" || scalars[position + 1] == "P" else { return nil }
        let start = position
        let isNegated = scalars[position + 1] == "P"
        position += 2
        guard take("{") else { throw fault("expected '{'") }
        var name = String.UnicodeScalarView()
        while let scalar = next, scalar != "}", name.count < 2 {
            name.append(scalar)
            position += 1
        }
        guard take("}"), let categories = IRegexpClass.categories(named: String(name)) else {
            throw fault("unknown category: L, Lu, Ll, Lt, Lm, Lo, M, N, Nd, P, Z, S, C and their like", at: start)
        }
        return isNegated ? IRegexpClass.everyCategory.filter { !categories.contains($0) } : categories
    }

    private mutating func bracketed() throws(Fault) -> IRegexpClass {
        let start = position
        position += 1
        let isNegated = take("^")
        var members = IRegexpClass()
        if take("-") { members.add("-"..."-") }
        while let scalar = next, scalar != "]" {
            if scalar == "-" {
                position += 1
                guard next == "]" else {
                    throw fault("'-' stands first, last or between two characters; else it is written '\\-'", at: position - 1)
                }
                members.add("-"..."-")
            } else if scalar == "\\", let categories = try categoryEscape() {
                members.add(categories)
            } else {
                members.add(try range())
            }
        }
        guard take("]") else { throw fault("this '[' is not closed", at: start) }
        guard !members.isEmpty else { throw fault("a class without a member", at: start) }
        members.seal(isNegated: isNegated)
        return members
    }

    /// One scalar or two with `-` between them.
    private mutating func range() throws(Fault) -> ClosedRange<Unicode.Scalar> {
        let start = position
        let lower = try member()
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return lower...lower }
        position += 1
        let upper = try member()
        guard lower <= upper else { throw fault("the ends of a range are the wrong way round", at: start) }
        return lower...upper
    }

    private mutating func member() throws(Fault) -> Unicode.Scalar {
        guard let scalar = next else { throw fault("unexpected end") }
        if scalar == "\\" { return try scalarEscape() }
        guard scalar != "[", scalar != "-" else { throw fault("'\(scalar)' in a class is written '\\\(scalar)'") }
        position += 1
        return scalar
    }
}
