import Foundation
import Glibc
import Synchronization

/// A department's system behind a WebSocket, written for the stories: it answers every handshake as it is told to, then keeps and echoes
/// what comes. One thread for each connection.
final class UpgradePeer: Sendable {
    /// How it answers a request.
    enum Answer: Sendable {
        /// These bytes, and from then on it echoes what comes: frame by frame, unmasked, as a server does.
        case echo(String)
        /// These bytes, and from then on it sends as fast as it can.
        case flood(String)
        /// These bytes; then it reads on for the next request.
        case plain(String)
    }

    /// The key of RFC 6455 §1.3 and the answer that belongs to it.
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    static let agreed =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"

    private struct Seen: Sendable {
        var heads: [String] = []
        var bytes: [UInt8] = []
        var sent = 0
        var closed = 0
    }

    private let descriptor: Int32
    private let seen = Mutex(Seen())
    let port: Int

    /// The heads of the requests that came.
    var heads: [String] { seen.withLock { $0.heads } }
    /// What came behind a 101.
    var bytes: [UInt8] { seen.withLock { $0.bytes } }
    /// How many bytes of a flood were taken.
    var sent: Int { seen.withLock { $0.sent } }
    /// How many connections have ended.
    var closed: Int { seen.withLock { $0.closed } }

    /// Listens on a port of the system's choice.
    init(_ answer: @escaping @Sendable (String) -> Answer) throws {
        let listener = try MuteListener()
        (descriptor, port) = (listener.descriptor, listener.port)
        Thread.detachNewThread { [self] in
            while case let socket = Glibc.accept(descriptor, nil, nil), socket >= 0 {
                Thread.detachNewThread { [self] in
                    serve(socket, answer)
                    close(socket)
                    seen.withLock { $0.closed += 1 }
                }
            }
        }
    }

    /// Listens no more.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func serve(_ socket: Int32, _ answer: (String) -> Answer) {
        var buffer: [UInt8] = []
        while true {
            guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else {
                guard fill(socket, &buffer) else { return }
                continue
            }
            let head = String(decoding: buffer[..<end.upperBound], as: UTF8.self)
            buffer.removeFirst(end.upperBound)
            seen.withLock { $0.heads.append(head) }
            switch answer(head) {
            case .plain(let text): guard write(socket, Array(text.utf8)) else { return }
            case .echo(let text):
                guard write(socket, Array(text.utf8)) else { return }
                return echo(socket, buffer)
            case .flood(let text):
                guard write(socket, Array(text.utf8)) else { return }
                let block = [UInt8](repeating: 0x62, count: 65536)
                while write(socket, block) { seen.withLock { $0.sent += block.count } }
                return
            }
        }
    }

    /// Frames of less than 126 bytes come back unmasked; whatever else comes, as it is.
    private func echo(_ socket: Int32, _ first: [UInt8]) {
        var buffer = first
        seen.withLock { $0.bytes += first }
        while true {
            while buffer.count >= 6, buffer[1] & 0x80 != 0, buffer.count >= 6 + Int(buffer[1] & 0x7F) {
                let length = Int(buffer[1] & 0x7F)
                let mask = Array(buffer[2..<6])
                let payload = (0..<length).map { buffer[6 + $0] ^ mask[$0 % 4] }
                guard write(socket, [buffer[0], UInt8(length)] + payload) else { return }
                buffer.removeFirst(6 + length)
            }
            let before = buffer.count
            guard fill(socket, &buffer) else { return }
            let fresh = buffer[before...]
            seen.withLock { $0.bytes += fresh }
        }
    }

    private func fill(_ socket: Int32, _ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &chunk, chunk.count, 0)
        if count > 0 { buffer += chunk[0..<count] }
        return count > 0
    }

    private func write(_ socket: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
