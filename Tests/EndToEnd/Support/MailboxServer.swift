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

    /// FTP for the user `front` over a folder; with a PEM file of certificate and key nothing goes without TLS. An old one knows no SIZE (RFC 3659).
    static func ftp(_ folder: String, certificate: String? = nil, isOld: Bool = false) throws -> MailboxServer {
        let script = """
            import sys
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
            from pyftpdlib.servers import FTPServer
            root, pem, old = sys.argv[1:4]
            authorizer = DummyAuthorizer()
            authorizer.add_user("front", "demoFront1", root, perm="elradfmwMT")
            handler = TLS_FTPHandler if pem else FTPHandler
            handler.authorizer = authorizer
            if old:
                handler.proto_cmds = {name: how for name, how in handler.proto_cmds.items() if name != "SIZE"}
            handler.auth_failed_timeout = 0.1
            if pem:
                handler.certfile = pem
                handler.tls_control_required = True
                handler.tls_data_required = True
            server = FTPServer(("127.0.0.1", 0), handler)
            print(server.socket.getsockname()[1], flush=True)
            server.serve_forever()
            """
        return try MailboxServer("/usr/bin/python3", ["-c", script, folder, certificate ?? "", isOld ? "old" : ""])
    }

    /// Whether an FTP server is there that speaks TLS on its data connections (pyftpdlib does not with OpenSSL 3); it wants root.
    static let hasFTPS = FileManager.default.isExecutableFile(atPath: "/usr/sbin/vsftpd") && NSUserName() == "root"

    /// FTP with TLS on every connection, for anybody, over a folder whose own folders are writable.
    static func ftps(_ folder: String, certificate: String) async throws -> MailboxServer {
        // The server leaves its root behind: everybody must be able to get to the folder.
        try shell("chmod 711 '\(folder)/..' && chmod 755 '\(folder)' && chmod 777 '\(folder)'/*/ && mkdir -p /var/run/vsftpd/empty")
        let port = try MuteListener.freePort()
        let settings = """
            listen=YES
            background=NO
            listen_address=127.0.0.1
            listen_port=\(port)
            anonymous_enable=YES
            anon_root=\(folder)
            write_enable=YES
            anon_upload_enable=YES
            anon_mkdir_write_enable=YES
            anon_other_write_enable=YES
            anon_world_readable_only=NO
            anon_umask=022
            seccomp_sandbox=NO
            ssl_enable=YES
            allow_anon_ssl=YES
            force_anon_data_ssl=YES
            force_anon_logins_ssl=YES
            require_ssl_reuse=NO
            rsa_cert_file=\(certificate)

            """
        try settings.write(toFile: "\(folder)/../vsftpd.conf", atomically: true, encoding: .utf8)
        let server = try MailboxServer("/usr/sbin/vsftpd", ["\(folder)/../vsftpd.conf"], port: port)
        try await server.answers()
        return server
    }

    /// Whether an SSH server is there, and may be started.
    static let hasSSH = FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd") && NSUserName() == "root"

    /// SFTP for this user, whose key is made beside the folder, as the host's is; `fingerprint` is the host key's.
    static func ssh(_ folder: String) async throws -> (server: MailboxServer, fingerprint: String, key: String) {
        let keys = folder + ".ssh"
        try shell(
            "mkdir -p /run/sshd '\(keys)' && cd '\(keys)' && ssh-keygen -q -N '' -t ed25519 -f host && ssh-keygen -q -N '' -t ecdsa -m PEM -f user"
        )
        let port = try MuteListener.freePort()
        let settings = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(keys)/host
            AuthorizedKeysFile \(keys)/user.pub
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            PidFile none
            Subsystem sftp internal-sftp

            """
        try settings.write(toFile: "\(keys)/config", atomically: true, encoding: .utf8)
        let server = try MailboxServer("/usr/sbin/sshd", ["-D", "-f", "\(keys)/config"], port: port)
        try await server.answers()
        let shown = try shell("ssh-keygen -l -f '\(keys)/host.pub'")
        return (server, String(shown.split(separator: " ")[1]), "\(keys)/user")
    }

    /// Waits until somebody listens.
    private func answers() async throws {
        for _ in 0..<100 {
            if (try? RawConnection(port: port)) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw WireSurprise("the file server does not listen")
    }

    /// Runs a command to its end. Not by `Process`: waiting for one inside a task can wait for ever.
    @discardableResult private static func shell(_ command: String) throws -> String {
        guard let pipe = popen(command + " </dev/null", "r") else { throw WireSurprise("no shell") }
        var output: [UInt8] = []
        while case let byte = fgetc(pipe), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
        guard pclose(pipe) == 0 else { throw WireSurprise("failed: \(command)") }
        return String(decoding: output, as: UTF8.self)
    }
}
