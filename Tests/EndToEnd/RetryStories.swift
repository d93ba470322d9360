import Adapters
import Foundation
import Synchronization
import Testing

extension Stories {
    /// Calls of contract operations that are made again, by the table in the department's file.
    @Suite("A table of retries")
    struct Retries {
        private static let case7 = "12230000414001230G2000125005000202611240007"

        private static func play(
            _ retry: String, _ script: @escaping @Sendable (ScriptedDepartment.Request) -> ScriptedDepartment.Reply,
            _ story: (Stage, ScriptedDepartment) async throws -> Void
        ) async throws {
            try await ScriptedDepartment.play(script) { department in
                let file = """
                    department: cjyy
                    authority: 12230000414001230G
                    upstream: { endpoints: ["http://127.0.0.1:\(department.port)"], timeout: { total: 3s }, breaker: off, outlier: off }
                    \(retry)
                    operations:
                      cases.get:
                        rest: { path: /case }
                        query: { no: $.caseNo, once: { uuid: plain } }
                        reply:
                          unavailable: "$.code == 99"
                          success: "$.code == 0"
                          failure: { code: $.code, message: $.msg }
                          fields: { caseNo: { call: $.caseNo }, status: { const: accepted } }
                      cases.withdraw:
                        rest: { method: POST, path: /withdraw }
                        request: { no: $.caseNo }
                        reply: { unavailable: "$.code == 99", success: "$.code == 0", fields: { caseNo: { call: $.caseNo }, status: { const: withdrawn } } }
                    """
                try await Stage.play(extra: ["departments/cjyy.yaml": file]) { stage in try await story(stage, department) }
            }
        }

        private static func failing(_ times: Int, _ reply: ScriptedDepartment.Reply)
            -> @Sendable (ScriptedDepartment.Request)
            -> ScriptedDepartment.Reply
        {
            let count = Counter()
            return { _ in count.next() <= times ? reply : .init(body: #"{"code":0}"#) }
        }

        private final class Counter: Sendable {
            private let count = Mutex(0)
            func next() -> Int {
                count.withLock {
                    $0 += 1
                    return $0
                }
            }
        }

        @Test("a read is made again, anew, on the status or the word of the reply that the row names")
        func reads() async throws {
            let rows = "retry: [{ operations: \"cases.get\", on: [unavailable, \"500\"], attempts: 3, wait: 10ms }]"
            for reply in [ScriptedDepartment.Reply(body: #"{"code":99,"msg":"busy"}"#), .init(status: 500, body: #"{"code":1}"#)] {
                try await Self.play(rows, Self.failing(2, reply)) { stage, department in
                    let answer = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                    #expect(answer.status == 200, "\(answer.text)")
                    #expect(department.count("GET /case") == 3)
                    #expect(try await stage.records(1)[0]["retries"] == .integer(2))
                }
            }
        }

        @Test("what no row names stands, and a row's attempts are all there are")
        func limits() async throws {
            let rows = "retry: [{ operations: \"items.*\", on: unavailable }, { operations: \"cases.*\", on: unavailable, wait: 1ms }]"
            try await Self.play(rows, { _ in .init(body: #"{"code":99}"#) }) { stage, department in
                let answer = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(answer.code == "UPSTREAM_UNAVAILABLE")
                #expect(department.count("GET /case") == 2)
            }
            try await Self.play(rows, { _ in .init(status: 500, body: #"{"code":1}"#) }) { stage, department in
                _ = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(department.count("GET /case") == 1)
            }
        }

        @Test("a write is made again only where the row says that the department takes the same number once")
        func writes() async throws {
            func rows(_ more: String) -> String { "retry: [{ on: unavailable, wait: 1ms\(more) }]" }
            for (more, calls) in [("", 1), (", idempotent: true", 2)] {
                try await Self.play(rows(more), Self.failing(1, .init(body: #"{"code":99}"#))) { stage, department in
                    let answer = try await stage.call(
                        "POST", "/v1/cases/\(Self.case7)/withdrawal", body: #"{"reason":"不再需要"}"#)
                    #expect(department.count("POST /withdraw") == calls, "\(answer.text)")
                }
            }
        }

        @Test("a department's hours are those of a contract call too, and only of the operations that they name")
        func hours() async throws {
            let hours = "hours: { open: \"08:30-17:30\", holidays: \"2000-01-01..2999-12-31\", operations: [cases.get] }"
            try await Self.play(hours, { _ in .init(body: #"{"code":0}"#) }) { stage, department in
                let closed = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(closed.code == "UPSTREAM_UNAVAILABLE")
                #expect(closed.json["detail"]?.string?.contains("closed") == true)
                #expect(closed.json["upstream"]?["department"]?.string == "cjyy")
                #expect(department.requests.isEmpty)
                _ = try await stage.call("POST", "/v1/cases/\(Self.case7)/withdrawal", body: #"{"reason":"不再需要"}"#)
                #expect(department.count("POST /withdraw") == 1)
            }
        }
    }
}
