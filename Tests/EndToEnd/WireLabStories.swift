import Adapters
import Foundation
import Glibc
import Testing

extension Stories {
    /// Two hundred hostile and odd requests, judged by a strict origin behind the gateway.
    @Suite("HTTP/1.1 lab")
    struct WireLab {
        static let shared: String? = {
            let here = ProcessInfo.processInfo.environment["TONGBAN_SHARED"] ?? Stage.project + "/../shared"
            return FileManager.default.fileExists(atPath: here + "/tools/h1lab.py") ? here : nil
        }()
        static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }

        /// A port that was free a moment ago: the lab's origin takes a number, not a socket.
        private static func freePort() throws -> Int {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            return withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(descriptor, $0, length)
                    getsockname(descriptor, $0, &length)
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }

        @Test(
            "what everybody refuses is refused, what everybody takes is forwarded, and nothing dirty or extra reaches the origin",
            .enabled(if: shared != nil && python != nil, "needs python3 and the project's shared test data"))
        func lab() async throws {
            let (shared, python) = (try #require(Self.shared), try #require(Self.python))
            let origin = try Self.freePort()
            let route = """
                department: lab
                upstream:
                  endpoints: [http://127.0.0.1:\(origin)]
                  timeout: { connect: 1s, first-byte: 5s, total: 5s }
                routes:
                  - id: lab
                    match: { path: "/*" }
                    access: anyone
                """
            try await Stage.play(extra: ["departments/lab.yaml": route]) { stage in
                let verdicts = stage.folder + "/verdicts.json"
                let lab = Process()
                lab.executableURL = URL(fileURLWithPath: python)
                lab.arguments = [
                    shared + "/tools/h1lab.py", "--gw", "127.0.0.1:\(stage.port)", "--origin", String(origin), "--out", verdicts,
                    shared + "/suites/http1/cases.jsonl",
                ]
                lab.standardOutput = FileHandle.nullDevice
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    lab.terminationHandler = { _ in continuation.resume() }
                    do { try lab.run() } catch { continuation.resume(throwing: error) }
                }
                func read(_ path: String) throws -> [Value] {
                    try #require(try JSONCodec.decode(Array(Data(contentsOf: URL(fileURLWithPath: path)))).array)
                }
                var byID: [String: String] = [:]
                for case let verdict in try read(verdicts) { byID[verdict["id"]?.string ?? ""] = verdict["verdict"]?.string }
                #expect(byID.count > 200)
                func having(_ word: String) -> [String] { byID.filter { $0.value == word }.keys.sorted() }
                #expect(having("DESYNC").isEmpty)
                #expect(having("DIRTY").isEmpty)
                #expect(having("ERROR").isEmpty)
                #expect(having("HANG").count <= 6, "\(having("HANG"))")
                let refused = try read(shared + "/suites/http1/consensus-reject.json").compactMap(\.string)
                #expect(refused.count == 64)
                #expect(refused.filter { byID[$0] != "REJECT" }.isEmpty)
                let taken = try read(shared + "/suites/http1/consensus-accept.json").compactMap(\.string)
                #expect(taken.count == 66)
                #expect(taken.filter { byID[$0] != "CLEAN" }.isEmpty)
            }
        }
    }
}
