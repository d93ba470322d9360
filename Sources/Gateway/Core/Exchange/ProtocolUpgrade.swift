package import Adapters

/// A change of protocol that a client asks for and its route allows (RFC 9110 §7.8). What a route does not allow is never passed on, so no
/// upstream can agree to it; and an upstream's 101 counts only where it agrees to the very protocol, and for WebSocket knows the very key.
/// An upstream that can be made to answer 101 to something else opens nothing.
public struct ProtocolUpgrade: Sendable, Hashable {
    /// The protocol as it is passed on.
    public let name: String
    /// What WebSocket's answer is made from (RFC 6455 §4.1); nil for other protocols.
    private let key: [UInt8]?

    /// The protocol whose handshake is known here.
    public static let webSocket = "websocket"

    /// Reads what a head asks for: the first protocol of its list that is among `allowed`, in lower case; nil when there is none, and then the
    /// request is like any other (the server may ignore what it does not want).
    public init?(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, allowed: [String]) {
        guard head.hasUpgrade, head.method == .get, head.framing == .none,
            let name = Self.protocols(head, bytes).first(where: allowed.contains)
        else { return nil }
        self.name = name
        key = name == Self.webSocket ? Self.single("sec-websocket-key", head, bytes) ?? [] : nil
    }

    /// What is wrong with a handshake that is WebSocket's; nil when nothing is (RFC 6455 §4.2.1).
    package func flaw(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> AdapterFault? {
        guard let key else { return nil }
        guard let decoded = try? Base64Codec.decode(String(decoding: key, as: UTF8.self)), decoded.count == 16 else {
            return AdapterFault(.badRequest, "a WebSocket handshake has one Sec-WebSocket-Key: 16 random bytes in Base64")
        }
        guard Self.single("sec-websocket-version", head, bytes) == Array("13".utf8) else {
            return AdapterFault(.badRequest, "a WebSocket handshake has one Sec-WebSocket-Version, and it is 13")
        }
        return nil
    }

    /// Whether an upstream's 101 agrees to this, and to nothing else.
    public func isAgreed(by head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard head.status == 101, head.count(.upgrade) == 1, let base = bytes.baseAddress,
            Self.protocols(head, bytes) == [name],
            head.fields.contains(where: {
                $0.known == .connection && ListElements(base, $0.value).contains { Self.lower(bytes, $0) == "upgrade" }
            })
        else { return false }
        guard let key else { return true }
        let digest = Digest.compute(.sha1, key + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Self.single("sec-websocket-accept", head, bytes) == Array(Base64Codec.encode(digest).utf8)
    }

    /// The protocols of a message's Upgrade fields, in lower case.
    private static func protocols(_ head: some FieldIndex, _ bytes: UnsafeRawBufferPointer) -> [String] {
        guard let base = bytes.baseAddress else { return [] }
        return head.fields.filter { $0.known == .upgrade }.flatMap { line in ListElements(base, line.value).map { lower(bytes, $0) } }
    }

    /// The value of a field that stands once.
    private static func single(_ name: StaticString, _ head: some FieldIndex, _ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let lines = name.withUTF8Buffer { name in head.fields.filter { $0.known == .other && $0.isNamed(name, in: bytes) } }
        return lines.count == 1 ? Array(bytes[lines[0].value.range]) : nil
    }

    private static func lower(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
        String(decoding: bytes[range].lazy.map { WireSyntax.lowercase($0) }, as: UTF8.self)
    }
}

extension ProtocolUpgrade {
    /// Why a route cannot allow a protocol; nil when it can.
    static func objection(to name: String) -> String? {
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ WireSyntax.isToken($0.utf8) }) else { return "'\(name)' is no protocol's name" }
        // Each of these is HTTP again, and would carry requests past every policy.
        if ["h2c", "h2", "http", "tls"].contains(String(parts[0])) { return "'\(name)' would carry requests that no policy sees" }
        return nil
    }
}
