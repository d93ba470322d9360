/// Where a value comes from: the closed list of sources that a route file can name.
indirect enum ValueSource: Sendable {
    /// The first value at a path.
    case path(PathReference)
    /// Every value at a path, as a list.
    case all(PathReference)
    /// In a reply: the first value at a path in the contract's request.
    case call(PathReference)
    /// A constant of the route file.
    case constant(Value)
    /// A secret, by name.
    case secret(String)
    /// A value of the department's session, by name.
    case session(String)
    /// In a reply: the value of a cookie that it sets.
    case cookie(String)
    /// The time of the call, so many milliseconds later.
    case clock(DateForm, plus: Int64)
    /// A random UUID (RFC 9562 §5.4), with or without its dashes; the same one wherever a call asks for it.
    case uuid(dashes: Bool)
    /// The position of the item in its list, from 1.
    case position
    /// A number of the page that the call asks for.
    case paging(PagingWord)
    /// Where a department that gives its list piece by piece goes on, as it said itself; nothing at the beginning.
    case cursor
    /// A digest or MAC of another value.
    case digest(DigestSource)
    /// Values written one after the other.
    case concat([ValueRule])
    /// The first of several that has a value.
    case first([ValueRule])
    /// An object.
    case object(ObjectRule)
    /// A list.
    case list(ListRule)
    /// A document as a text.
    case document(DocumentRule)
    /// Whether a predicate holds.
    case test(Predicate)
    /// How many values a path finds; a list counts its items.
    case count(PathReference)
    /// A list of those of several values that are there.
    case gathered([ValueRule])
    /// Objects made one, or lists.
    case merge([ValueRule])
    /// A condition in the manner of SQL.
    case condition(ConditionSource)

    /// Whether the value is taken from the tree by a path.
    var isPath: Bool {
        switch self {
        case .path, .all: true
        default: false
        }
    }

    /// The value, or nil when there is none.
    func value(in scope: MappingScope, origin: ValueOrigin) throws(AdapterFault) -> Value? {
        switch self {
        case .path(let path): return path.first(in: scope)
        case .all(let path): return .array(path.values(in: scope))
        case .call(let path): return path.first(in: scope.call.input)
        case .constant(let value): return value
        case .secret(let name): return try .string(scope.secret(name))
        case .session(let name):
            guard let session = scope.call.session else { throw AdapterFault(.internal, "the call needs a session and there is none") }
            guard let value = session[name] else { throw AdapterFault(.internal, "the session has no value '\(name)'") }
            return .string(value)
        case .cookie(let name): return scope.reply?.cookie(name).map(Value.string)
        case .clock(let form, let later):
            let milliseconds = scope.call.moment.epochMilliseconds + later
            let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
            return .string(form.text(of: CivilTime(epochSeconds: seconds), milliseconds: Int(rest)))
        case .uuid(let dashes): return .string(UUIDText.text(scope.call.moment.random, dashes: dashes))
        case .position: return .integer(Int64(scope.position))
        case .cursor: return scope.call.input[PageWalk.cursorName].flatMap { $0.isEmpty ? nil : $0 }
        case .paging(let word): return .integer(word.number(for: scope.call.input))
        case .digest(let digest): return try digest.value(in: scope)
        case .concat(let rules): return try ValueSource.concat(rules, scope)
        case .gathered(let rules):
            var values: [Value] = []
            for rule in rules { if let value = try rule.value(in: scope) { values.append(value) } }
            return .array(values)
        case .first(let rules):
            for rule in rules {
                if let value = try rule.value(in: scope) { return value }
            }
            return nil
        case .object(let rule): return .object(try rule.object(in: scope))
        case .list(let rule): return try rule.list(in: scope).map(Value.array)
        case .document(let rule): return try rule.value(in: scope, origin: origin)
        case .test(let predicate): return .bool(predicate.holds(on: scope.root, current: scope.item))
        case .count(let path): return .integer(path.values(in: scope).reduce(0) { $0 + Int64($1.array?.count ?? ($1.isEmpty ? 0 : 1)) })
        case .merge(let rules): return try ValueSource.merge(rules, scope)
        case .condition(let condition): return .string(try condition.text(in: scope))
        }
    }

    /// Objects become one object, in which the later ones win; lists and what follows them one list.
    private static func merge(_ rules: [ValueRule], _ scope: MappingScope) throws(AdapterFault) -> Value? {
        var merged: Value?
        for rule in rules {
            guard let value = try rule.value(in: scope) else { continue }
            switch (merged, value) {
            case (nil, _): merged = value
            case (.object(var object)?, .object(let more)):
                for field in more.fields { object[field.name] = field.value }
                merged = .object(object)
            case (.object?, _):
                throw rule.origin.misfit(scope.direction, rule: "type", expected: "objects only, or lists only")
            case (let known?, _): merged = .array((known.array ?? [known]) + (value.array ?? [value]))
            }
        }
        return merged
    }

    private static func concat(_ rules: [ValueRule], _ scope: MappingScope) throws(AdapterFault) -> Value? {
        var text = ""
        for rule in rules {
            guard let value = try rule.value(in: scope) else { continue }
            guard let part = value.scalarText else {
                throw rule.origin.misfit(scope.direction, rule: "type", expected: "a single value")
            }
            text += part
        }
        return .string(text)
    }
}

extension MappingScope {
    /// A secret that was resolved at load.
    func secret(_ name: String) throws(AdapterFault) -> String {
        guard let secret = call.secrets[name] else { throw AdapterFault(.internal, "the secret '\(name)' was not resolved") }
        return secret
    }
}

/// A number of the page that a call asks for with `page` (from 1) and `size`.
enum PagingWord: String, CaseIterable, Sendable {
    /// The page, from 1.
    case page
    /// The page, from 0.
    case zeroPage = "zero-page"
    /// How many items a page holds.
    case size
    /// How many items stand before the page.
    case offset
    /// The number of the page's first item, from 1.
    case first
    /// The number of the page's last item, from 1.
    case last

    /// The word for where a department goes on, which is no number.
    static let cursor = "cursor"
    /// All words.
    static var words: [String] { allCases.map(\.rawValue) + [cursor] }

    /// The page and the size that a call asks for; 1 and 20 when it does not say.
    static func asked(by input: Value) -> (page: Int64, size: Int64) {
        func number(_ name: String, _ fallback: Int64) -> Int64 {
            guard let number = input[name]?.scalarText.flatMap({ Int64($0) }) else { return fallback }
            return min(max(number, 1), 1_000_000_000)
        }
        return (number("page", 1), number("size", 20))
    }

    /// The number for a call.
    func number(for input: Value) -> Int64 {
        let (page, size) = PagingWord.asked(by: input)
        switch self {
        case .page: return page
        case .zeroPage: return page - 1
        case .size: return size
        case .offset: return (page - 1) * size
        case .first: return (page - 1) * size + 1
        case .last: return page * size
        }
    }
}

/// A digest or MAC of a value.
struct DigestSource: Sendable {
    /// What is computed.
    enum Function: Sendable {
        case digest(DigestAlgorithm)
        case hmac(DigestAlgorithm, key: ValueRule)
        case signature(SignatureAlgorithm, secret: String, raw: Bool)
    }

    /// How the bytes are written.
    enum Output: String, CaseIterable, Sendable {
        case hex, base64
        case upperHex = "HEX"
    }

    /// The function.
    let function: Function
    /// What it is computed of.
    let content: ValueRule
    /// The charset of that text's bytes.
    let charset: Charset
    /// How the bytes are written.
    let output: Output
    /// How the content's text writes the bytes that are meant, such as a file's; nil where the text itself is meant.
    var writing: ByteWriting?

    /// The digest as text; nil when there is nothing to digest.
    func value(in scope: MappingScope) throws(AdapterFault) -> Value? {
        guard let text = try content.value(in: scope)?.scalarText ?? content.emptyConstant else { return nil }
        let bytes = try bytes(of: text, scope.direction)
        let sum: [UInt8]
        switch function {
        case .digest(let algorithm): sum = Digest.compute(algorithm, bytes)
        case .hmac(let algorithm, let key):
            guard let secret = try key.value(in: scope)?.scalarText else { throw key.origin.missing(scope.direction) }
            sum = MAC.hmac(algorithm, key: Array(secret.utf8), bytes)
        case .signature(let algorithm, let name, let raw):
            guard let made = KeyedSignature.sign(algorithm, key: try scope.secret(name), raw: raw, bytes) else {
                throw AdapterFault(.internal, "the secret '\(name)' is no private key of the signature's kind")
            }
            sum = made
        }
        switch output {
        case .hex: return .string(Hex.encode(sum))
        case .upperHex: return .string(Hex.encode(sum, uppercase: true))
        case .base64: return .string(Base64Codec.encode(sum))
        }
    }

    private func bytes(of text: String, _ direction: MappingDirection) throws(AdapterFault) -> [UInt8] {
        guard let writing else { return try Landing.bytes(of: text, in: charset, origin: content.origin) }
        guard let bytes = writing.bytes(text) else {
            throw content.origin.misfit(direction, rule: "type", expected: "\(writing.rawValue)")
        }
        return bytes
    }
}

/// A UUID made of given random bits.
enum UUIDText {
    /// A version 4 UUID (RFC 9562 §5.4).
    static func text(_ random: (UInt64, UInt64), dashes: Bool) -> String {
        let high = random.0 & ~0xF000 | 0x4000
        let low = random.1 & ~(3 << 62) | 1 << 63
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - ($0 % 8) * 8)) }
        let hex = Hex.encode(bytes)
        guard dashes else { return hex }
        var out = ""
        for (index, digit) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { out.append("-") }
            out.append(digit)
        }
        return out
    }
}
