import Adapters
import Foundation
import Glibc

/// What the wire said that an exchange cannot be.
struct WireSurprise: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One reply as it came off the socket.
struct RawReply: Sendable {
    var status = 0
    var version = ""
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// The statuses of informational replies before it.
    var interim: [Int] = []
    var isChunked = false

    /// The values of a field, in any case of letters.
    func all(_ name: String) -> [String] { fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }
    /// The value of a field that stands once; nil where it stands never or twice.
    func field(_ name: String) -> String? { all(name).count == 1 ? all(name)[0] : nil }
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
    /// The body as JSON; null where it is none.
    var json: Value { (try? JSONCodec.decode(body)) ?? .null }
    /// The problem's code.
    var code: String? { json["code"]?.string }
}

/// A client's connection over a plain POSIX socket, with every byte in the story's hand. Blocking: use it inside `aside`.
///
/// Sendable unchecked: a story hands it from one thread to the next, and each waits for the other.
final class RawConnection: @unchecked Sendable {
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0

    /// Connects to a port of 127.0.0.1; `receiveBuffer` bounds what the kernel takes for a slow reader.
    init(port: Int, receiveBuffer: Int32? = nil, sendBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        if var size = sendBuffer { setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            close()
            throw WireSurprise("no connection: \(reason)")
        }
    }

    /// Connects to a Unix socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0 else {
            close()
            throw WireSurprise("no connection to the socket")
        }
    }

    deinit { close() }

    /// Sends text.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes, waiting as long as the peer makes it wait.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw WireSurprise("the peer does not take the bytes: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Sends what the socket takes without waiting; how many bytes that were.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        return max(0, count)
    }

    /// Says that no more will be sent.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes the socket; with `reset` unread bytes or not, the peer sees an RST.
    func close(reset: Bool = false) {
        guard descriptor >= 0 else { return }
        if reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    /// Reads more; false at the end of the stream.
    private func fill(until deadline: ContinuousClock.Instant) throws -> Bool {
        let left = deadline - .now
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard milliseconds > 0, poll(&poller, 1, Int32(clamping: milliseconds)) > 0 else { throw WireSurprise("nothing came in time") }
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { memory -> Int in
            let count = recv(descriptor, memory.baseAddress, memory.count, 0)
            if count > 0 { buffer.append(contentsOf: memory[0..<count]) }
            return count
        }
        if count < 0 { throw WireSurprise("the connection broke: \(String(cString: strerror(errno)))") }
        return count > 0
    }

    /// Whether the peer ends the connection within some seconds without saying anything more.
    func isEnded(within seconds: Double = 3) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        do { return try start == buffer.count && !fill(until: deadline) } catch { return "\(error)".contains("broke") }
    }

    /// Whether the peer has ended the connection by now, whatever it said before.
    func hasEnded() -> Bool { !sip(65536) }

    /// Reads a little of what is there, without waiting; false when the peer has ended the connection.
    func sip(_ most: Int) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { memory in
            let count = recv(descriptor, memory.baseAddress, most, Int32(MSG_DONTWAIT))
            return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
        }
    }

    /// Whether nothing comes for a while.
    func isSilent(for seconds: Double) -> Bool {
        guard start == buffer.count else { return false }
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, Int32(seconds * 1000)) == 0
    }

    private func line(until deadline: ContinuousClock.Instant) throws -> String {
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0A) {
                guard end > start, buffer[end - 1] == 0x0D else { throw WireSurprise("a bare line feed") }
                defer { start = end + 1 }
                return String(decoding: buffer[start..<end - 1], as: UTF8.self)
            }
            guard try fill(until: deadline) else { throw WireSurprise("the connection ended in a head") }
        }
    }

    /// Hands over `count` bytes of a body, piece by piece.
    private func take(_ count: Int, until deadline: ContinuousClock.Instant, _ piece: (ArraySlice<UInt8>) -> Void) throws {
        var left = count
        while left > 0 {
            if start == buffer.count, try !fill(until: deadline) { throw WireSurprise("the connection ended \(left) bytes early") }
            let end = min(buffer.count, start + left)
            piece(buffer[start..<end])
            left -= end - start
            start = end
        }
    }

    /// Reads so many bytes of whatever comes.
    func take(_ count: Int, within seconds: Double = 5) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try take(count, until: .now + .seconds(seconds)) { bytes += $0 }
        return bytes
    }

    /// Reads one reply whole. A strict reader: what is no HTTP/1.1 throws.
    func reply(to method: String = "GET", within seconds: Double = 15) throws -> RawReply {
        var body: [UInt8] = []
        var reply = try stream(to: method, within: seconds) { body.append(contentsOf: $0) }
        reply.body = body
        return reply
    }

    /// Reads one reply, handing over its body as it comes.
    func stream(to method: String = "GET", within seconds: Double = 60, _ piece: (ArraySlice<UInt8>) -> Void) throws -> RawReply {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var reply = try head(until: deadline)
        if method == "HEAD" || reply.status == 204 || reply.status == 304 { return reply }
        if let coding = reply.field("Transfer-Encoding") {
            guard coding == "chunked", reply.all("Content-Length").isEmpty else { throw WireSurprise("two framings") }
            reply.isChunked = true
            while true {
                guard let size = Int(try line(until: deadline), radix: 16) else { throw WireSurprise("no chunk size") }
                try take(size, until: deadline, piece)
                guard try line(until: deadline).isEmpty else { throw WireSurprise("no end of a chunk") }
                if size == 0 { return reply }
            }
        }
        if let text = reply.field("Content-Length") {
            guard let length = Int(text) else { throw WireSurprise("Content-Length: \(text)") }
            try take(length, until: deadline, piece)
            return reply
        }
        repeat {
            piece(buffer[start...])
            start = buffer.count
        } while try fill(until: deadline)
        return reply
    }

    /// Reads a head, and the informational ones before it.
    func head(until deadline: ContinuousClock.Instant = .now + .seconds(15)) throws -> RawReply {
        var reply = RawReply()
        while true {
            let parts = try line(until: deadline).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else { throw WireSurprise("no status line") }
            reply.version = String(parts[0])
            reply.status = status
            reply.fields = []
            while case let text = try line(until: deadline), !text.isEmpty {
                guard let colon = text.firstIndex(of: ":") else { throw WireSurprise("no field: \(text)") }
                let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                reply.fields.append((String(text[..<colon]), value))
            }
            guard (100..<200).contains(status), status != 101 else { return reply }
            reply.interim.append(status)
        }
    }
}

/// Runs blocking work on a thread of its own, so that it takes none of Swift's.
func aside<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
    }
}
