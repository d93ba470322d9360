import Foundation
import Testing

/// Certificates made for one story by the openssl command, in a folder of their own.
struct Certificates {
    let folder: String

    /// Whether the openssl command is there; stories that need it skip otherwise.
    static let areMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    /// An authority `ca` in the folder, and another, `other`, that nobody trusts.
    init(in folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try authority("ca")
        try authority("other")
    }

    /// Those that were made before.
    init(existing folder: String) { self.folder = folder }

    /// Makes an authority.
    func authority(_ name: String) throws {
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key -out \(name).pem -subj /CN=\(name) -days 30"
        )
        try "".write(toFile: "\(folder)/\(name).index", atomically: true, encoding: .utf8)
        let settings = """
            [ca]
            default_ca = it
            [it]
            database = \(folder)/\(name).index
            new_certs_dir = \(folder)
            certificate = \(folder)/\(name).pem
            private_key = \(folder)/\(name).key
            rand_serial = yes
            default_md = sha256
            default_days = 20
            unique_subject = no
            policy = any
            [any]
            commonName = supplied
            """
        try settings.write(toFile: "\(folder)/\(name).cnf", atomically: true, encoding: .utf8)
    }

    /// Makes `name.pem` and `name.key`, signed by an authority, for DNS names and addresses; valid from and until `yyMMddHHmmssZ`.
    func issue(
        _ name: String, by authority: String = "ca", names: String = "DNS:localhost,IP:127.0.0.1", from: String? = nil,
        until: String? = nil,
        algorithm: String = "ec -pkeyopt ec_paramgen_curve:prime256v1"
    ) throws {
        try "subjectAltName=\(names)".write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
        try openssl("req -newkey \(algorithm) -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
        var command = "ca -batch -notext -config \(authority).cnf -in \(name).csr -out \(name).pem -extfile \(name).ext"
        if let from { command += " -startdate \(from)" }
        if let until { command += " -enddate \(until)" }
        try openssl(command)
    }

    /// The path of a file in the folder.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func openssl(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = command.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw WireSurprise("openssl \(command): \(String(decoding: text, as: UTF8.self))") }
    }
}
