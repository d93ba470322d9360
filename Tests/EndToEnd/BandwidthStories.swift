import Adapters
import Foundation
import Gateway
import Testing

extension Stories {
    /// A department behind a thin line.
    @Suite("Bandwidth")
    struct Bandwidth {
        /// The city's platform at 200 KiB a second each way.
        private static let edit: @Sendable (String, inout String) -> Void = { name, text in
            if name == "departments/hrb" { text.replace("limits: { body: 10MiB }", with: "limits: { body: 10MiB, bandwidth: 200KiB }") }
        }

        private static func seconds(_ work: @escaping @Sendable () throws -> Void) async throws -> Double {
            let begin = ContinuousClock.now
            try await aside(work)
            let spent = ContinuousClock.now - begin
            return Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        }

        @Test(
            "two downloads share the line, whole and in time, and a small call of another department does not wait", .timeLimit(.minutes(1))
        )
        func downloads() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                let port = stage.port
                let download: @Sendable () throws -> Void = {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET /open/blob?size=307200 HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try connection.reply(within: 30).body.count == 307_200)
                }
                async let first = Self.seconds(download)
                async let second = Self.seconds(download)
                let other = try await Self.seconds { [stage] in
                    let connection = try RawConnection(port: stage.port)
                    try connection.send(Stage.request("GET", "/v1/items/\(Office.scjg.item)"))
                    #expect(try connection.reply().status == 200)
                }
                let (one, two) = try await (first, second)
                // 600 KiB at 200 KiB a second, less what a rested line gives at once and two reads.
                #expect(max(one, two) > 1.8 && max(one, two) < 8, "\(one) \(two)")
                #expect(other < 1.5, "\(other)")
            }
        }

        @Test("an upload is held back at its source, and arrives whole", .timeLimit(.minutes(1)))
        func upload() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                let port = stage.port
                let spent = try await Self.seconds {
                    let connection = try RawConnection(port: port)
                    try connection.send("POST /open/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 524288\r\n\r\n")
                    for _ in 0..<8 { try connection.send([UInt8](repeating: 0x61, count: 65536)) }
                    let reply = try connection.reply(to: "POST", within: 30)
                    #expect(reply.status == 200 && reply.json["bytes"] == 524_288)
                }
                #expect(spent > 1.5 && spent < 8, "\(spent)")
            }
        }

        @Test("a mapped call waits for its bytes, and is not refused")
        func mapped() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                for _ in 0..<3 {
                    let reply = try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)")
                    #expect(reply.status == 200)
                }
                let submitted = try await stage.submit(Office.hrb.item)
                #expect(submitted.status == 201)
            }
        }
    }
}
