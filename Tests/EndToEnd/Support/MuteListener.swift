import Glibc

/// A port of 127.0.0.1 where connections open and nothing ever comes back.
final class MuteListener: Sendable {
    /// The socket.
    let descriptor: Int32
    /// The port.
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, length) == 0 && listen(socket, 16) == 0 ? getsockname(socket, raw, &length) : -1
            }
        }
        guard result == 0 else { throw WireSurprise("cannot listen") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// A port that nothing listens on now.
    static func freePort() throws -> Int {
        let listener = try MuteListener()
        listener.stop()
        return listener.port
    }

    /// Listens no more.
    func stop() { close(descriptor) }
}
