import Adapters
import Foundation
import Gateway
import MockDepartments
import Synchronization
import Testing

extension Stories {
    /// How much a caller may ask for.
    @Suite("Limits")
    struct Limits {
        private static func play(
            _ limits: String, edit: (String, inout String) -> Void = { _, _ in }, _ story: (Stage) async throws -> Void
        )
            async throws
        {
            try await Stage.play(edit: edit, extra: ["limits.yaml": "limits:\n" + limits], story)
        }

        private static let item = "/v1/items/\(Office.scjg.item)"

        @Test("a rate for each consumer and operation, with the standard fields, shared by all connections")
        func rate() async throws {
            try await Self.play("  reads: { for: { operations: items.get }, per: [consumer, operation], rate: 3/m }") { stage in
                var statuses: [Int] = []
                for left in [2, 1, 0, 0, 0] {
                    let reply = try await stage.call("GET", Self.item)
                    statuses.append(reply.status)
                    #expect(reply.all("RateLimit").contains { $0.hasPrefix("\"reads\";r=\(left);t=") })
                    #expect(reply.all("RateLimit-Policy").contains("\"reads\";q=3;w=60"))
                    guard reply.status == 429 else { continue }
                    #expect(reply.code == "RATE_LIMITED")
                    #expect(reply.json["detail"]?.string == "the limit 'reads' (rate) is used up")
                    #expect(reply.field("Retry-After").flatMap { Int($0) }.map { (1...20).contains($0) } == true)
                }
                #expect(statuses == [200, 200, 200, 429, 429])
                // Another operation, and another consumer, have buckets of their own.
                #expect(try await stage.call("GET", "/v1/cases/\(Office.scjg.knownCase)").status == 200)
                #expect(try await stage.call("GET", Self.item, key: Stage.daqingKey).status == 200)
                // A reload keeps the bucket, whatever else changes.
                try stage.change("limits") { $0 = $0.replacing("3/m", with: "4/m") }
                try await stage.reload()
                let after = try await (0..<3).asyncMap { _ in try await stage.call("GET", Self.item).status }
                #expect(after.filter { $0 == 200 }.count <= 1)
            }
        }

        @Test("a day's quota outlives a restart, and a call that its department had no room for gives it back")
        func quota() async throws {
            let limits = "  day: { for: { operations: [items.get] }, per: consumer, daily: 3 }"
            try await Self.play(limits) { stage in
                let first = try await stage.call("GET", Self.item)
                #expect(first.all("RateLimit").contains { $0.hasPrefix("\"day-day\";r=2;t=") })
                #expect(try await stage.call("GET", Self.item).status == 200)
                try await stage.restart()
                let third = try await stage.call("GET", Self.item)
                #expect(third.status == 200)
                #expect(third.all("RateLimit").contains { $0.hasPrefix("\"day-day\";r=0;t=") })
                let fourth = try await stage.call("GET", Self.item)
                #expect(fourth.status == 429 && fourth.code == "QUOTA_EXCEEDED")
                let seconds = try #require(fourth.field("Retry-After").flatMap { Int64($0) })
                let midnight = 86_400 - (Int64(Date().timeIntervalSince1970) + 28_800) % 86_400
                #expect(abs(seconds - midnight) <= 2)
            }
        }

        @Test("a call that is not sent gives back what it took: from the quota, and from the consumer's own rate")
        func givesBack() async throws {
            let limits = "  day: { per: consumer, daily: 3 }"
            let closed: (String, inout String) -> Void = { name, text in
                if name == "departments/hlj-scjg" {
                    text = "hours: { open: \"08:30-17:30\", holidays: \"2000-01-01..2999-12-31\" }\n" + text
                }
            }
            try await Self.play(limits, edit: closed) { stage in
                for _ in 0..<8 { #expect(try await stage.call("GET", Self.item, key: Stage.daqingKey).code == "UPSTREAM_UNAVAILABLE") }
                try stage.change("departments/hlj-scjg") {
                    $0 = $0.replacing("holidays:", with: "workdays:").replacing("08:30-17:30", with: "00:00-24:00")
                }
                try await stage.reload()
                let reply = try await stage.call("GET", Self.item, key: Stage.daqingKey)
                #expect(reply.status == 200)
                #expect(reply.all("RateLimit").contains { $0.hasPrefix("\"day-day\";r=2;") })
                #expect(reply.all("RateLimit").contains { $0.hasPrefix("\"consumer\";r=9;") })
            }
        }

        @Test("so many at once for each address, and a place is free when an answer has been written")
        func concurrency() async throws {
            try await ScriptedDepartment.play({ _ in .init() }) { _ in
                let server = try ScriptedServer { request in
                    if request.line.contains("slow") { usleep(700_000) }
                    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
                }
                defer { server.stop() }
                let file = """
                    department: slow
                    upstream: { endpoints: ["http://127.0.0.1:\(server.port)"] }
                    routes:
                      - { id: slow, match: { path: /slow/* }, access: anyone }
                    """
                let limits = "limits: { few: { for: { routes: slow }, per: address, concurrent: 1 } }"
                try await Stage.play(extra: ["departments/slow.yaml": file, "limits.yaml": limits]) { stage in
                    async let slow = stage.call("GET", "/slow/slow", key: nil)
                    try await Task.sleep(for: .milliseconds(250))
                    let second = try await stage.call("GET", "/slow/x", key: nil)
                    #expect(second.status == 429)
                    #expect(second.field("Retry-After") == "1")
                    #expect(try await slow.status == 200)
                    for _ in 0..<5 { #expect(try await stage.call("GET", "/slow/x", key: nil).status == 200) }
                }
            }
        }

        @Test("a limit for each department is the part's problem where several are asked")
        func perDepartment() async throws {
            try await Self.play("  each: { for: { departments: hlj-fgw }, per: [consumer, department], rate: 1/h }") { stage in
                #expect(try await stage.call("GET", "/v1/items").status == 200)
                let list = try await stage.call("GET", "/v1/items")
                let limited = list.json["parts"]?.array?.filter { $0["code"]?.string == "RATE_LIMITED" } ?? []
                #expect(limited.compactMap { $0["department"]?.string } == ["hlj-fgw"], "\(list.text)")
            }
        }

        @Test("a file of limits that cannot be read is a reason not to start: nothing opens by itself")
        func damaged() async throws {
            try await Self.play("  day: { per: consumer, daily: 3 }") { stage in
                await stage.gateway.stop()
                try "nonsense".write(toFile: stage.folder + "/state/limits", atomically: true, encoding: .utf8)
                await #expect(throws: (any Error).self) { try await stage.restart() }
                try FileManager.default.removeItem(atPath: stage.folder + "/state/limits")
                try await stage.restart()
                #expect(try await stage.call("GET", Self.item).status == 200)
            }
        }
    }
}

extension Range<Int> {
    /// The results of some work, one after the other.
    fileprivate func asyncMap<Result>(_ work: (Int) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for number in self { results.append(try await work(number)) }
        return results
    }
}
