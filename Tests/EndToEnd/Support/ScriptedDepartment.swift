import NIOCore
import NIOPosix
import Synchronization

/// A department's system whose answers a test writes itself: one function from request to reply. It keeps what it was asked.
final class ScriptedDepartment: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        /// Method and target, such as `GET /case?no=1`.
        let line: String
        /// The fields by lower-case name.
        let fields: [String: String]
        /// The body.
        let body: String
    }

    /// A reply: a status, fields as lines, a body.
    struct Reply: Sendable {
        var status = 200
        var fields: [String] = ["Content-Type: application/json"]
        var body = "{}"
    }

    /// What it was asked, in order.
    var requests: [Request] { seen.withLock { $0 } }
    /// How often it was asked something that begins so.
    func count(_ beginning: String) -> Int { requests.count { $0.line.hasPrefix(beginning) } }
    /// The port that it listens on.
    let port: Int

    private let seen = Mutex<[Request]>([])
    private let listener: any Channel

    private init(_ listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    private final class Box: Sendable {
        let department = Mutex<ScriptedDepartment?>(nil)
    }

    /// Starts one on a free port; it is asked for replies on its own event loop.
    static func play(
        _ script: @escaping @Sendable (Request) -> Reply, _ story: (ScriptedDepartment) async throws -> Void
    ) async throws {
        let box = Box()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = Handler { request in
                        box.department.withLock { $0 }?.seen.withLock { $0.append(request) }
                        return script(request)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let department = ScriptedDepartment(listener)
        box.department.withLock { $0 = department }
        do { try await story(department) } catch {
            try? await listener.close()
            throw error
        }
        try? await listener.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: (Request) -> Reply
        private var received: [UInt8] = []

        init(_ answer: @escaping (Request) -> Reply) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += unwrapInboundIn(data).readableBytesView
            while let request = next() {
                let reply = answer(request)
                let head = (["HTTP/1.1 \(reply.status) X", "Content-Length: \(reply.body.utf8.count)"] + reply.fields).joined(
                    separator: "\r\n")
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head + "\r\n\r\n" + reply.body)), promise: nil)
            }
        }

        /// The first whole request of what was received.
        private func next() -> Request? {
            let mark = Array("\r\n\r\n".utf8)
            guard let end = received.indices.dropLast(3).first(where: { Array(received[$0..<($0 + 4)]) == mark }) else { return nil }
            let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
            let length = fields["content-length"].flatMap { Int($0) } ?? 0
            guard received.count >= end + 4 + length else { return nil }
            let body = String(decoding: received[(end + 4)..<(end + 4 + length)], as: UTF8.self)
            received.removeFirst(end + 4 + length)
            return Request(line: (lines.first ?? "").replacing(" HTTP/1.1", with: ""), fields: fields, body: body)
        }
    }
}
