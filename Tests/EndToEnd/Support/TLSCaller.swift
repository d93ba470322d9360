import Foundation

/// A client that speaks TLS: the openssl command, with HTTP in the story's hand.
final class TLSCaller {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let messages = Pipe()

    /// Connects to a port of 127.0.0.1 with further arguments of `openssl s_client`.
    init(port: Int, _ arguments: [String] = []) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = messages
        try process.run()
    }

    /// Sends text.
    func send(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Everything that came up to a text, or until the end.
    func read(to end: String) -> String {
        var text = ""
        while !text.contains(end) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        return text
    }

    /// Everything that was said and received until the connection is over.
    func finish() -> String {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text + String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// One request on a connection of its own: what openssl says of the connection, and the reply.
    static func call(port: Int, _ request: String, _ arguments: [String] = []) throws -> String {
        let caller = try TLSCaller(port: port, arguments)
        // A refused handshake ends the process; what is then written goes nowhere.
        signal(SIGPIPE, SIG_IGN)
        try? caller.send(request.replacingOccurrences(of: "\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"))
        return caller.finish()
    }
}
