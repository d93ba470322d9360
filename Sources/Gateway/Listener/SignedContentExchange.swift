import Adapters
import GatewayCore
import NIOCore

/// A request whose content is signed too: collected first, then shown to the policies that waited for it, then served like any other.
///
/// Nobody knows yet who sends it, so little is collected, whatever the route allows.
final class SignedContentExchange: ClientExchange {
    /// The most that is collected for a caller who is not known yet.
    static let limit = 1 << 20

    private unowned let connection: ClientConnection
    private let route: Route
    private let head: RequestHead
    private let headBytes: [UInt8]
    private var content = ByteBuffer()
    private var isOver = false

    init(_ route: Route, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection) {
        self.route = route
        self.head = head
        headBytes = Array(bytes[0..<head.length])
        self.connection = connection
        connection.current.bodyLimit = min(connection.current.bodyLimit, Self.limit)
    }

    func requestBody(_ bytes: ByteBuffer) {
        var bytes = bytes
        content.writeBuffer(&bytes)
    }

    func requestEnd() {
        guard !isOver, let snapshot = connection.current.state?.snapshot else { return }
        isOver = true
        let collected = Array(content.readableBytesView)
        let next = headBytes.withUnsafeBytes { bytes -> Result<any ClientExchange, AdapterFault> in
            if let fault = PolicyCatalog.onContent(collected, head, bytes, &connection.current.facts, snapshot) { return .failure(fault) }
            connection.current.admitted(route, snapshot)
            return .success(ExchangeFactory.make(route, head: head, bytes: bytes, connection: connection))
        }
        switch next {
        case .failure(let fault): connection.refuse(fault, allow: [])
        case .success(let exchange):
            connection.serving = exchange
            exchange.start()
            if content.readableBytes > 0 { exchange.requestBody(content) }
            exchange.requestEnd()
        }
    }

    func cancel() { isOver = true }
}

/// Holds a content to the digest that was signed, while it is passed on: the last piece waits until the digest is known to be right, so that
/// nobody gets the whole of a content that is not the signed one.
struct ContentCheck {
    private let expected: ContentDigest
    private let running: RunningDigest
    private var held: ByteBuffer?

    /// A check; nil for want of memory.
    init?(_ expected: ContentDigest) {
        guard let running = expected.running() else { return nil }
        self.expected = expected
        self.running = running
    }

    /// Takes a piece, and gives the one before it.
    mutating func pass(_ piece: ByteBuffer) -> ByteBuffer? {
        piece.withUnsafeReadableBytes { running.append($0) }
        let before = held
        held = piece
        return before
    }

    /// The last piece; nil when the content is not the signed one.
    func end() -> ByteBuffer? { expected.matches(running) ? held ?? ByteBuffer() : nil }
}
