import Foundation
import Glibc
import Testing

extension Stories {
    /// The program itself, as it is built beside the tests, as a process of its own.
    @Suite("The program")
    struct Program {
        private static let path: String? = {
            let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
            return [folder + "/gateway", Stage.project + "/.build/debug/gateway"].first { FileManager.default.isExecutableFile(atPath: $0) }
        }()
        private static let setpriv = "/usr/bin/setpriv"
        private static let isThere: Comment = "the gateway's program was not built, or this is no root with setpriv (util-linux)"
        private static let canDrop = path != nil && FileManager.default.isExecutableFile(atPath: setpriv) && NSUserName() == "root"

        private struct Running {
            let process: Process
            let folder: String
            let port: Int

            var log: String { (try? String(contentsOfFile: folder + "/access.log", encoding: .utf8)) ?? "" }

            func call(_ path: String, within seconds: Double = 10) async throws -> RawReply {
                let port = port
                return try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try connection.reply(within: seconds)
                }
            }
        }

        /// Plays with a gateway that passes `/open/` on, started behind `prefix`.
        private func play(
            _ prefix: [String] = [], to department: Int, edit: (String) throws -> Void = { _ in }, _ story: (Running) async throws -> Void
        ) async throws {
            let folder = FileManager.default.temporaryDirectory.path + "/tongban-program-" + UUID().uuidString
            let routes = folder + "/Routes"
            for name in ["departments", "contract"] {
                try FileManager.default.createDirectory(atPath: "\(routes)/\(name)", withIntermediateDirectories: true)
            }
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.copyItem(
                atPath: Stage.project + "/Routes/contract/openapi.yaml", toPath: routes + "/contract/openapi.yaml")
            try "consumers: {}\n".write(toFile: routes + "/consumers.yaml", atomically: true, encoding: .utf8)
            try """
            department: lab
            upstream: { endpoints: [http://127.0.0.1:\(department)] }
            routes: [{ id: open, match: { path: "/open/*" }, access: anyone }]
            """.write(toFile: routes + "/departments/lab.yaml", atomically: true, encoding: .utf8)
            try edit(routes)
            let port = try MuteListener.freePort()
            let words =
                prefix + [
                    try #require(Self.path), "--routes", routes, "--listen", "127.0.0.1:\(port)", "--admin", "off", "--socket",
                    folder + "/s", "--state", folder + "/state", "--access-log", folder + "/access.log",
                ]
            let process = Process()
            process.executableURL = URL(fileURLWithPath: words[0])
            process.arguments = Array(words.dropFirst())
            process.standardError = FileHandle.nullDevice
            try process.run()
            defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
            for _ in 0..<200 where process.isRunning {
                if (try? RawConnection(port: port)) != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            try await story(Running(process: process, folder: folder, port: port))
        }

        @Test("it needs no right that an ordinary user has not", .enabled(if: canDrop, isThere), .timeLimit(.minutes(1)))
        func withoutCapabilities() async throws {
            let server = try ScriptedServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
            defer { server.stop() }
            try await play([Self.setpriv, "--bounding-set=-all", "--inh-caps=-all"], to: server.port) { gateway in
                let reply = try await gateway.call("/open/a")
                #expect(reply.status == 200)
            }
        }

        @Test(
            "a second SIGTERM cuts what is at hand, and its record is written", .enabled(if: path != nil, isThere),
            .timeLimit(.minutes(1)))
        func cutShort() async throws {
            let server = try ScriptedServer { _ in
                sleep(5)
                return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            }
            defer { server.stop() }
            try await play(to: server.port) { gateway in
                let connection = try RawConnection(port: gateway.port)
                try connection.send("GET /open/cut HTTP/1.1\r\nHost: a\r\nX-Request-Id: cut-short\r\n\r\n")
                for _ in 0..<100 where server.requests.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
                gateway.process.terminate()
                try await Task.sleep(for: .milliseconds(300))
                gateway.process.terminate()
                for _ in 0..<100 where gateway.process.isRunning { try await Task.sleep(for: .milliseconds(30)) }
                #expect(!gateway.process.isRunning && gateway.process.terminationStatus == 130)
                #expect(gateway.log.contains("cut-short"), "\(gateway.log)")
            }
        }

        @Test("a pipe among the routes is refused and not waited for", .enabled(if: path != nil, isThere), .timeLimit(.minutes(1)))
        func pipe() async throws {
            let server = try ScriptedServer { _ in nil }
            defer { server.stop() }
            try await play(to: server.port, edit: { routes in #expect(mkfifo(routes + "/departments/f.yaml", 0o600) == 0) }) { gateway in
                for _ in 0..<100 where gateway.process.isRunning { try await Task.sleep(for: .milliseconds(30)) }
                #expect(!gateway.process.isRunning && gateway.process.terminationStatus == 1)
            }
        }
    }
}
