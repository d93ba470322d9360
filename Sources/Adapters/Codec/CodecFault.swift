/// Why bytes cannot be read as a format, or a value cannot be written in it.
public struct CodecFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The format or charset: `JSON`, `XML`, `GB18030`, `form`, `Base64`, ….
    public let format: String
    /// What is wrong, as a clause without a final stop. Never quotes content: it may be a citizen's.
    public let reason: String
    /// Where, in bytes from the beginning of the input; nil where no place can be named.
    public let offset: Int?

    /// Makes a fault.
    public init(format: String, reason: String, offset: Int? = nil) {
        self.format = format
        self.reason = reason
        self.offset = offset
    }

    /// For example `JSON: the text ends too early (byte 17)`.
    public var description: String {
        if let offset { "\(format): \(reason) (byte \(offset))" } else { "\(format): \(reason)" }
    }
}

/// How much one document may cost. A document over a limit is a fault, never a crash.
public struct DecodeLimits: Sendable, Hashable {
    /// The largest document in bytes.
    public var bytes: Int
    /// How deep arrays, objects and elements may nest. Values above 256 count as 256: reading and releasing a tree recurses.
    public var depth: Int
    /// How many elements, attributes and values a document may hold.
    public var nodes: Int
    /// Whether a name may stand once only in a JSON object. Otherwise the last one counts.
    public var namesOnce: Bool

    /// Makes limits: 16 MiB, 64 levels and a million nodes unless told otherwise.
    public init(bytes: Int = 16 << 20, depth: Int = 64, nodes: Int = 1_000_000, namesOnce: Bool = false) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
        self.namesOnce = namesOnce
    }

    /// The depth that is enforced.
    var enforcedDepth: Int { min(depth, 256) }

    /// Refuses a document that is too long.
    func checkLength(_ count: Int, format: String) throws(CodecFault) {
        guard count <= bytes else {
            throw CodecFault(format: format, reason: "the document is longer than \(bytes) bytes", offset: bytes)
        }
    }
}
