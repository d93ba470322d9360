import Foundation
import Glibc
import Synchronization

/// A small HTTP server over POSIX sockets whose answers a story writes byte by byte. One thread for each connection.
final class ScriptedServer: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        let line: String
        let fields: [(name: String, value: String)]
        let body: [UInt8]
        /// Which connection it came on, from 1.
        let connection: Int

        /// The first value of a field.
        func field(_ name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    private let descriptor: Int32
    /// Whether it answers a head without waiting for the body.
    private let isHasty: Bool
    /// The port.
    let port: Int
    private let state = Mutex<(requests: [Request], connections: Int)>(([], 0))

    /// Every request so far.
    var requests: [Request] { state.withLock { $0.requests } }

    /// Listens on a port of the system's choice; nil as an answer closes the connection without one.
    init(isHasty: Bool = false, _ answer: @escaping @Sendable (Request) -> String?) throws {
        self.isHasty = isHasty
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 16) == 0 ? getsockname(listener, raw, &length) : -1
            }
        }
        guard result == 0 else { throw WireSurprise("cannot listen") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let number = state.withLock { state in
                    state.connections += 1
                    return state.connections
                }
                Thread.detachNewThread { [self] in serve(connection, number, answer) }
            }
        }
    }

    /// Listens no more.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func serve(_ socket: Int32, _ number: Int, _ answer: (Request) -> String?) {
        defer { close(socket) }
        var buffer: [UInt8] = []
        while let request = read(socket, number, &buffer) {
            state.withLock { $0.requests.append(request) }
            guard let text = answer(request) else { return }
            let bytes = Array(text.utf8)
            guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
            if text.contains("Connection: close") { return }
        }
    }

    private func read(_ socket: Int32, _ number: Int, _ buffer: inout [UInt8]) -> Request? {
        func fill() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(socket, &chunk, chunk.count, 0)
            if count > 0 { buffer += chunk[0..<count] }
            return count > 0
        }
        var end = buffer.firstRange(of: Array("\r\n\r\n".utf8))
        while end == nil {
            guard fill() else { return nil }
            end = buffer.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let fields = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        let length = isHasty ? 0 : fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        while buffer.count < end.upperBound + length { guard fill() else { return nil } }
        let body = Array(buffer[end.upperBound..<end.upperBound + length])
        buffer.removeFirst(end.upperBound + length)
        return Request(line: lines[0], fields: fields, body: body, connection: number)
    }
}
