import Adapters
import Foundation
import Gateway
import Synchronization
import Testing

extension Stories {
    /// What the gateway does so that a department's system is not asked for more than it can stand.
    @Suite("Departments are protected")
    struct Protection {
        /// Counts what a server has at hand at once.
        private final class Crowd: Sendable {
            private let state = Mutex((now: 0, most: 0, all: 0))
            var most: Int { state.withLock { $0.most } }
            var all: Int { state.withLock { $0.all } }

            func work(_ microseconds: UInt32) {
                state.withLock {
                    $0.now += 1
                    $0.all += 1
                    $0.most = max($0.most, $0.now)
                }
                usleep(microseconds)
                state.withLock { $0.now -= 1 }
            }
        }

        private static func reply(_ status: Int = 200, _ body: String = "{}") -> String {
            "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        /// A department of plain routes; `upstream` are lines of its upstream beside the endpoints.
        private static func file(_ servers: [Int], _ upstream: String = "", route: String = "", rest: String = "") -> String {
            let endpoints = servers.map { "\"http://127.0.0.1:\($0)\"" }.joined(separator: ", ")
            return """
                department: spared
                upstream:
                  endpoints: [\(endpoints)]
                \(upstream)
                routes:
                  - { id: spared-open, match: { path: /spared/* }, access: anyone\(route) }
                \(rest)
                """
        }

        private static func play(
            _ file: String, _ servers: [ScriptedServer], _ story: (Stage) async throws -> Void
        ) async throws {
            defer { for server in servers { server.stop() } }
            try await Stage.play(extra: ["departments/spared.yaml": file], story)
        }

        /// Many calls at once, each on a connection of its own.
        private static func crowd(_ stage: Stage, _ count: Int, _ method: String = "GET") async throws -> [RawReply] {
            try await withThrowingTaskGroup(of: RawReply.self) { group in
                for _ in 0..<count { group.addTask { try await stage.call(method, "/spared/x", key: nil) } }
                var replies: [RawReply] = []
                for try await reply in group { replies.append(reply) }
                return replies
            }
        }

        private static func upstream(_ stage: Stage, _ name: String = "spared") async throws -> Value {
            let status = try await stage.admin("/status").json
            return try #require(status["upstreams"]?.array?.first { $0["name"]?.string == name })
        }

        @Test("two calls at once, two that wait, and the rest are told when to come back")
        func concurrency() async throws {
            let crowd = Crowd()
            let server = try ScriptedServer { _ in
                crowd.work(400_000)
                return Self.reply()
            }
            let file = Self.file([server.port], "  limits: { concurrent: 2, queue: 2, wait: 10s }")
            try await Self.play(file, [server]) { stage in
                let replies = try await Self.crowd(stage, 7)
                #expect(replies.map(\.status).sorted() == [200, 200, 200, 200, 503, 503, 503])
                for reply in replies where reply.status == 503 {
                    #expect(reply.code == "OVERLOADED")
                    #expect(Int(reply.field("Retry-After") ?? "").map { $0 >= 1 } == true)
                }
                #expect(crowd.most == 2)
                #expect(crowd.all == 4)
                let upstream = try await Self.upstream(stage)
                #expect(upstream["refused"]?["full"] == .integer(3))
                #expect(upstream["calls"] == .integer(0))
                #expect(upstream["concurrent"] == .integer(2))
                let metrics = try await stage.admin("/metrics").text
                #expect(metrics.contains("tongban_upstream_refused_total{upstream=\"spared\",reason=\"full\"} 3\n"))
                #expect(metrics.contains("tongban_upstream_waited_total{upstream=\"spared\"} 2\n"))
                #expect(metrics.contains("tongban_upstream_endpoints{upstream=\"spared\",state=\"serving\"} 1\n"))
            }
        }

        @Test("whoever waits in vain is told in time, and one that goes away leaves its place")
        func waiting() async throws {
            let server = try ScriptedServer { request in
                if request.line.contains("slow") { usleep(1_500_000) }
                return Self.reply()
            }
            let file = Self.file([server.port], "  limits: { concurrent: 1, queue: 1, wait: 300ms }")
            try await Self.play(file, [server]) { stage in
                async let slow = stage.call("GET", "/spared/slow", key: nil)
                try await Task.sleep(for: .milliseconds(200))
                let began = ContinuousClock.now
                let late = try await stage.call("GET", "/spared/x", key: nil)
                #expect(late.code == "OVERLOADED")
                #expect(ContinuousClock.now - began < .milliseconds(1000))
                let port = stage.port
                try await aside {
                    // Takes the one place, and goes away.
                    let gone = try RawConnection(port: port)
                    try gone.send(Stage.request("GET", "/spared/gone", key: nil))
                    usleep(50_000)
                }
                let next = try await stage.call("GET", "/spared/x", key: nil)
                #expect(next.code == "OVERLOADED")
                #expect(try await slow.status == 200)
                #expect(server.requests.count == 1)
                #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200)
            }
        }

        @Test("a submission goes before a list that came first")
        func urgency() async throws {
            let order = Mutex<[String]>([])
            let server = try ScriptedServer { request in
                order.withLock { $0.append(String(request.line.split(separator: " ")[1])) }
                usleep(300_000)
                return Self.reply()
            }
            let rest = "  - { id: urgent, match: { path: /urgent/* }, access: anyone, priority: high }"
            let file = Self.file([server.port], "  limits: { concurrent: 1, wait: 10s }", route: ", priority: low", rest: rest)
            try await Self.play(file, [server]) { stage in
                let all = ["/spared/first", "/spared/list", "/urgent/submit"]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for path in all {
                        group.addTask {
                            let reply = try await stage.call("GET", path, key: nil)
                            #expect(reply.status == 200)
                        }
                        try await Task.sleep(for: .milliseconds(90))
                    }
                    try await group.waitForAll()
                }
                #expect(order.withLock { $0 } == ["/spared/first", "/urgent/submit", "/spared/list"])
            }
        }

        @Test("a department that fails is left alone, says when to come back, is probed once, and serves again")
        func breaker() async throws {
            let isDown = Mutex(true)
            let server = try ScriptedServer { _ in Self.reply(isDown.withLock { $0 } ? 503 : 200) }
            let file = Self.file([server.port], "  breaker: { failures: 3, pause: 1s }\n  outlier: off")
            try await Self.play(file, [server]) { stage in
                for _ in 0..<3 { #expect(try await stage.call("GET", "/spared/x", key: nil).code == nil) }
                for _ in 0..<5 {
                    let refused = try await stage.call("GET", "/spared/x", key: nil)
                    #expect(refused.code == "UPSTREAM_UNAVAILABLE")
                    #expect(refused.field("Retry-After") == "1")
                }
                #expect(server.requests.count == 3)
                #expect(try await Self.upstream(stage)["endpoints"]?.array?[0]["state"]?.string == "open")
                try await Task.sleep(for: .milliseconds(1100))
                isDown.withLock { $0 = false }
                #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200)
                #expect(try await Self.upstream(stage)["endpoints"]?.array?[0]["state"]?.string == "serving")
                #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200)
                let metrics = try await stage.admin("/metrics").text
                #expect(metrics.contains("tongban_upstream_breaker_opened_total{upstream=\"spared\"} 1\n"))
            }
        }

        @Test("a department that hangs opens its breaker too: callers no longer wait for it")
        func hanging() async throws {
            let mute = try MuteListener()
            defer { mute.stop() }
            let file = Self.file([mute.port], "  timeout: { first-byte: 200ms }\n  breaker: { failures: 2, pause: 30s }")
            try await Self.play(file, []) { stage in
                for _ in 0..<2 { #expect(try await stage.call("GET", "/spared/x", key: nil).code == "UPSTREAM_TIMEOUT") }
                let began = ContinuousClock.now
                let refused = try await stage.call("GET", "/spared/x", key: nil)
                #expect(refused.code == "UPSTREAM_UNAVAILABLE")
                #expect(ContinuousClock.now - began < .milliseconds(150))
                #expect(refused.field("Retry-After") == "30")
            }
        }

        @Test("a reload keeps an open breaker open, and what is out counts under the new limits")
        func reload() async throws {
            let server = try ScriptedServer { _ in Self.reply(503) }
            let file = Self.file([server.port], "  breaker: { failures: 2, pause: 30s }")
            try await Self.play(file, [server]) { stage in
                for _ in 0..<2 { _ = try await stage.call("GET", "/spared/x", key: nil) }
                try stage.change("departments/spared") { $0 = $0.replacing("pause: 30s", with: "pause: 40s") }
                try await stage.reload()
                #expect(try await stage.call("GET", "/spared/x", key: nil).code == "UPSTREAM_UNAVAILABLE")
                #expect(server.requests.count == 2)
            }
        }

        @Test("an endpoint that is not there is passed over and set aside; the others share the calls")
        func endpoints() async throws {
            let servers = try (0..<2).map { _ in try ScriptedServer { _ in Self.reply() } }
            let dead = try MuteListener.freePort()
            let file = Self.file([dead] + servers.map(\.port), "  outlier: { failures: 2, pause: 30s }\n  keep-alive: 0s")
            try await Self.play(file, servers) { stage in
                for _ in 0..<20 { #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200) }
                #expect(servers.allSatisfy { $0.requests.count >= 5 })
                let states = try await Self.upstream(stage)["endpoints"]?.array?.compactMap { $0["state"]?.string }
                #expect(states == ["aside", "serving", "serving"])
            }
        }

        @Test("a plain route's table: a read is sent again on the statuses it names, a write only with an idempotency key")
        func plainRetries() async throws {
            let count = Mutex(0)
            let server = try ScriptedServer { _ in
                let number = count.withLock {
                    $0 += 1
                    return $0
                }
                return Self.reply(number % 3 == 0 ? 200 : 503, "{\"n\":\(number)}")
            }
            let retry = ", retry: { on: [connect, closed, \"503\"], attempts: 3, wait: 10ms }"
            try await Self.play(Self.file([server.port], route: retry), [server]) { stage in
                let read = try await stage.call("GET", "/spared/x", key: nil)
                #expect(read.status == 200)
                #expect(read.json["n"] == .integer(3))
                let write = try await stage.call("POST", "/spared/x", key: nil, body: "{}")
                #expect(write.status == 503)
                #expect(count.withLock { $0 } == 4)
                let keyed = try await stage.call(
                    "POST", "/spared/x", key: nil, fields: [("Idempotency-Key", "k-1")], body: "{\"a\":1}")
                #expect(keyed.status == 200)
                #expect(keyed.json["n"] == .integer(6))
                #expect(server.requests.suffix(2).allSatisfy { $0.body == Array("{\"a\":1}".utf8) })
                let records = try await stage.records(3)
                // Records of two event loops come in either order.
                let retries = records.map { record -> Int64 in if case .integer(let count)? = record["retries"] { count } else { 0 } }
                #expect(retries.sorted() == [0, 1, 2])
            }
        }

        @Test("the budget ends retries long before a department in trouble is asked three times as much")
        func budget() async throws {
            let server = try ScriptedServer { _ in Self.reply(503) }
            let retry = ", retry: { on: \"503\", attempts: 3, wait: 1ms }"
            try await Self.play(Self.file([server.port], "  breaker: off\n  outlier: off", route: retry), [server]) { stage in
                for _ in 0..<40 { #expect(try await stage.call("GET", "/spared/x", key: nil).status == 503) }
                // Ten from the full budget, and a fifth of a call for each that was made.
                #expect((52...64).contains(server.requests.count), "\(server.requests.count)")
                let metrics = try await stage.admin("/metrics").text
                #expect(metrics.contains("tongban_upstream_retries_total{upstream=\"spared\",result=\"spared\"} "))
            }
        }

        @Test("outside its hours a department hears nothing, and the answer says when it opens")
        func hours() async throws {
            let server = try ScriptedServer { _ in Self.reply() }
            let now = Int64(Date().timeIntervalSince1970)
            func day(_ offset: Int64) -> String { String(CivilTime(epochSeconds: now + offset * 86_400).rfc3339.prefix(10)) }
            let rest = """
                hours:
                  open: "08:30-17:30"
                  days: [mon, tue, wed, thu, fri, sat, sun]
                  holidays: ["\(day(-1))..\(day(1))"]
                """
            try await Self.play(Self.file([server.port], rest: rest), [server]) { stage in
                let reply = try await stage.call("GET", "/spared/x", key: nil)
                #expect(reply.status == 503)
                #expect(reply.code == "UPSTREAM_UNAVAILABLE")
                #expect(reply.json["detail"]?.string?.contains("\(day(2))T08:30:00+08:00") == true)
                let seconds = try #require(reply.field("Retry-After").flatMap { Int64($0) })
                #expect((86_400...3 * 86_400).contains(seconds))
                #expect(server.requests.isEmpty)
                try stage.change("departments/spared") {
                    $0 = $0.replacing("holidays", with: "workdays").replacing("08:30-17:30", with: "00:00-24:00")
                }
                try await stage.reload()
                #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200)
            }
        }

        @Test("an endpoint whose health check fails gets no calls until it is well again")
        func health() async throws {
            let isWell = Mutex(false)
            let server = try ScriptedServer { request in
                request.line.contains("/health") ? Self.reply(isWell.withLock { $0 } ? 200 : 500) : Self.reply()
            }
            let file = Self.file([server.port], "  health: { path: /health, every: 100ms, timeout: 1s, rise: 2, fall: 2 }")
            try await Self.play(file, [server]) { stage in
                func wait(for state: String) async throws -> Bool {
                    for _ in 0..<100 {
                        if try await Self.upstream(stage)["endpoints"]?.array?[0]["state"]?.string == state { return true }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    return false
                }
                #expect(try await wait(for: "down"))
                let refused = try await stage.call("GET", "/spared/x", key: nil)
                #expect(refused.code == "UPSTREAM_UNAVAILABLE")
                #expect(!server.requests.contains { $0.line.contains("/spared") })
                isWell.withLock { $0 = true }
                #expect(try await wait(for: "serving"))
                #expect(try await stage.call("GET", "/spared/x", key: nil).status == 200)
            }
        }
    }
}
