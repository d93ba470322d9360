import Foundation
import Glibc

/// A file server of the usual packages, as an ordinary process on a port of its own choice.
final class MailboxServer {
    let port: Int
    private let process: Process

    static let hasFTP = runs("/usr/bin/python3", ["-c", "import pyftpdlib, OpenSSL"])

    private static func runs(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private init(_ program: String, _ arguments: [String], port: Int? = nil) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        if let port {
            self.port = port
            return
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let said = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            process.terminate()
            throw WireSurprise("the file server said no port: \(line)")
        }
        self.port = said
    }

    deinit { stop() }

    /// Ends the process.
    func stop() {
        guard process.isRunning else { return }
        // pyftpdlib does not end at SIGTERM.
        kill(process.processIdentifier, SIGKILL)
    }

    /// FTP for the user `front` over a folder; with a PEM file of certificate and key nothing goes without TLS.
    static func ftp(_ folder: String, certificate: String? = nil) throws -> MailboxServer {
        let script = """
            import sys
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
            from pyftpdlib.servers import FTPServer
            root, pem = sys.argv[1], sys.argv[2]
            authorizer = DummyAuthorizer()
            authorizer.add_user("front", "demoFront1", root, perm="elradfmwMT")
            handler = TLS_FTPHandler if pem else FTPHandler
            handler.authorizer = authorizer
            handler.auth_failed_timeout = 0.1
            if pem:
                handler.certfile = pem
                handler.tls_control_required = True
                handler.tls_data_required = True
            server = FTPServer(("127.0.0.1", 0), handler)
            print(server.socket.getsockname()[1], flush=True)
            server.serve_forever()
            """
        return try MailboxServer("/usr/bin/python3", ["-c", script, folder, certificate ?? ""])
    }
}
