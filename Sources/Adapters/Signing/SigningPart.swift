/// One piece of a string to sign.
indirect enum SigningPart: Sendable {
    /// The method.
    case method
    /// The path as sent, or with its percent escapes undone.
    case path(decoded: Bool)
    /// The body's bytes.
    case body
    /// A fixed text.
    case literal(String)
    /// A secret, by name.
    case secret(String)
    /// The moment of the call.
    case clock(ClockFormat)
    /// The value of a header field; nothing when it is absent.
    case header(String)
    /// A value that the convention has by name.
    case value(String)
    /// Several header fields as lines.
    case headers(HeaderList)
    /// The value of one form field or query parameter; nothing when it is absent.
    case parameter(String)
    /// A single value of a JSON body, at any depth; nothing when it is absent.
    case json([String])
    /// Several parameters.
    case parameters(ParameterList)
    /// A digest of the body's bytes.
    case bodyDigest(BodyDigest)
    /// A digest of other parts.
    case digest(DigestAlgorithm, SigningText, SigningOutput)
    /// Parts without a separator between them.
    case group([SigningPart])
}

extension SigningPart {
    /// Whether the bytes of the content are read.
    var readsContent: Bool {
        switch self {
        case .body, .bodyDigest, .json: true
        case .digest(_, let text, _): text.parts.contains(where: \.readsContent)
        case .group(let parts): parts.contains(where: \.readsContent)
        default: false
        }
    }

    /// Whether the fields of a form are read.
    var readsForm: Bool {
        switch self {
        case .parameter: true
        case .parameters(let list): list.origin != .query
        case .digest(_, let text, _): text.parts.contains(where: \.readsForm)
        case .group(let parts): parts.contains(where: \.readsForm)
        default: false
        }
    }
}

/// Parts and what stands between and after them.
struct SigningText: Sendable {
    /// The parts in order.
    var parts: [SigningPart]
    /// Between two parts.
    var join: String
    /// After the last part.
    var end: String
}

/// How bytes become text.
enum SigningOutput: String, Sendable, CaseIterable {
    case base64
    case hex
    case upperHex = "HEX"

    /// The bytes as text.
    func text(_ bytes: [UInt8]) -> String {
        switch self {
        case .base64: Base64Codec.encode(bytes)
        case .hex: Hex.encode(bytes)
        case .upperHex: Hex.encode(bytes, uppercase: true)
        }
    }

    /// The bytes of a text; nil when it is not written so.
    func bytes(_ text: String) -> [UInt8]? {
        switch self {
        case .base64: try? Base64Codec.decode(text)
        case .hex, .upperHex: try? Hex.decode(text)
        }
    }
}

/// A digest of the request's body.
struct BodyDigest: Sendable {
    /// The algorithm.
    var algorithm: DigestAlgorithm
    /// How it is written.
    var output: SigningOutput
}

/// Header fields as `name:value` lines, names in lower case.
struct HeaderList: Sendable {
    /// The names in lower case, in the order in which they are written.
    var names: [String]
    /// Between name and value.
    var pair = ":"
    /// Between two lines.
    var join = "\n"
}

/// Parameters as `name=value&…`.
struct ParameterList: Sendable {
    /// Which parameters.
    enum Origin: Sendable { case query, form, both }
    /// What an empty value gives: `name=`, nothing at all, or `name`.
    enum Empty: String, Sendable, CaseIterable {
        case keep, skip
        case nameOnly = "name-only"
    }
    /// How names and values are escaped.
    enum Encoding: String, Sendable, CaseIterable { case none, percent, form }
    /// What is written of each.
    enum Show: String, Sendable, CaseIterable { case pairs, values }

    /// Which parameters.
    var origin: Origin
    /// Whether they are sorted by the bytes of their names.
    var sorted = true
    /// What an empty value gives.
    var empty = Empty.keep
    /// How names and values are escaped.
    var encoding = Encoding.none
    /// What is written of each.
    var show = Show.pairs
    /// Between name and value.
    var pair = "="
    /// Between two parameters.
    var join = "&"
    /// Before the first, when there is one.
    var prefix = ""
    /// Only these, when given.
    var only: [String]?
    /// All but these; the place of the signature is always among them.
    var except: [String] = []

    /// The parameters of `request` that take part, in their order.
    func select(from request: SignableRequest) -> [(String, String)] {
        var list: [(String, String)] =
            switch origin {
            case .query: request.query
            case .form: request.parameters
            case .both: request.parameters.isEmpty ? request.query : request.query + request.parameters
            }
        if !except.isEmpty || empty == .skip || only != nil {
            list.removeAll { name, value in
                except.contains(name) || (empty == .skip && value.isEmpty) || !(only?.contains(name) ?? true)
            }
        }
        guard sorted, list.count > 1 else { return list }
        // By the bytes of the name, as `sort` in C and TreeMap in Java do for ASCII; equal names keep their order.
        var order = Array(list.indices)
        order.sort { left, right in
            let difference = UTF8Text.compare(list[left].0, list[right].0)
            return difference == 0 ? left < right : difference < 0
        }
        return order.map { list[$0] }
    }
}
