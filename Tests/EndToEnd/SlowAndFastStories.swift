import Adapters
import Foundation
import Synchronization
import Testing

extension Stories {
    /// One department in trouble is nobody else's.
    @Suite("Slow one, fast others")
    struct SlowAndFast {
        private static func file(_ name: String, _ port: Int, _ more: String = "") -> String {
            """
            department: \(name)
            upstream: { endpoints: ["http://127.0.0.1:\(port)"]\(more) }
            routes:
              - { id: \(name)-all, match: { path: /\(name)/* }, access: anyone }
            """
        }

        /// The 99th percentile of calls one after the other on one connection, in microseconds.
        private static func percentile(_ stage: Stage, _ count: Int = 300) async throws -> Double {
            let port = stage.port
            return try await aside {
                let connection = try RawConnection(port: port)
                let request = Stage.request("GET", "/fast/x", key: nil)
                var times: [Double] = []
                for _ in 0..<count {
                    let began = DispatchTime.now().uptimeNanoseconds
                    try connection.send(request)
                    guard try connection.reply(to: "GET").status == 200 else { throw WireSurprise("the fast department did not answer") }
                    times.append(Double(DispatchTime.now().uptimeNanoseconds - began) / 1000)
                }
                return times.sorted()[count * 99 / 100]
            }
        }

        @Test("a department that hangs, with hundreds of calls out and waiting, does not move the p99 of another by more than a tenth")
        func hanging() async throws {
            let mute = try MuteListener()
            defer { mute.stop() }
            try await ScriptedDepartment.play({ _ in .init() }) { fast in
                let extra = [
                    "departments/slow.yaml": Self.file(
                        "slow", mute.port, ", limits: { concurrent: 200, queue: 200, wait: 60s }, breaker: off"),
                    "departments/fast.yaml": Self.file("fast", fast.port),
                ]
                try await Stage.play(extra: extra) { stage in
                    _ = try await Self.percentile(stage)
                    let port = stage.port
                    // The machine has other work: of several rounds of each kind, taken in turn, the best is what the gateway can do. Two
                    // kinds are alone, so that the test knows how far apart two bests are for no reason.
                    var (alone, again, beside) = (Double.infinity, Double.infinity, Double.infinity)
                    for _ in 0..<20 {
                        alone = min(alone, try await Self.percentile(stage))
                        let crowd = try await aside {
                            try (0..<300).map { _ in
                                let connection = try RawConnection(port: port)
                                try connection.send(Stage.request("GET", "/slow/x", key: nil))
                                return Held(connection)
                            }
                        }
                        beside = min(beside, try await Self.percentile(stage))
                        for connection in crowd { connection.reset() }
                        again = min(again, try await Self.percentile(stage))
                        if beside <= max(alone, again) * 1.1 { break }
                    }
                    #expect(
                        beside <= max(alone, again) * 1.1 + 20, "p99 alone \(alone) and \(again) µs, beside one that hangs \(beside) µs")
                    let records = try await stage.records(1)
                    #expect(records.contains { $0["route"]?.string == "fast-all" })
                }
            }
        }

        /// A connection that is only kept open.
        private final class Held: @unchecked Sendable {
            // After it was made it is only closed, by one.
            private let connection: RawConnection
            init(_ connection: RawConnection) { self.connection = connection }
            /// A client that has only closed its half may still read, and would keep its exchange: a reset leaves no doubt.
            func reset() { connection.close(reset: true) }
        }

        @Test("with as many exchanges as it may have the gateway turns the next away at once, and serves again when there is room")
        func overload() async throws {
            let mute = try MuteListener()
            defer { mute.stop() }
            try await ScriptedDepartment.play({ _ in .init() }) { fast in
                let extra = [
                    "departments/slow.yaml": Self.file("slow", mute.port, ", breaker: off"),
                    "departments/fast.yaml": Self.file("fast", fast.port),
                ]
                let edit: (String, inout String) -> Void = { name, text in
                    if name == "gateway" { text += "\noverload: { exchanges: 40 }\n" }
                }
                try await Stage.play(edit: edit, extra: extra) { stage in
                    let port = stage.port
                    let held = try await aside {
                        try (0..<120).map { _ in
                            let connection = try RawConnection(port: port)
                            try connection.send(Stage.request("GET", "/slow/x", key: nil))
                            return Held(connection)
                        }
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    let began = ContinuousClock.now
                    let refused = try await stage.call("GET", "/fast/x", key: nil)
                    #expect(refused.status == 503)
                    #expect(refused.code == "OVERLOADED")
                    #expect(refused.field("Retry-After") == "1")
                    #expect(ContinuousClock.now - began < .seconds(1))
                    #expect(refused.json["traceId"]?.string == refused.field("X-Request-Id"))
                    #expect(fast.requests.isEmpty)
                    // Whoever asks again at once waits for its answer, and it is the same.
                    let pause = try await aside {
                        let connection = try RawConnection(port: port)
                        for _ in 0..<2 { try connection.send(Stage.request("GET", "/fast/x", key: nil)) }
                        #expect(try connection.reply().status == 503)
                        let first = ContinuousClock.now
                        #expect(try connection.reply().status == 503)
                        return ContinuousClock.now - first
                    }
                    #expect(pause > .milliseconds(200) && pause < .seconds(2), "\(pause)")
                    for connection in held { connection.reset() }
                    for _ in 0..<100 {
                        if try await stage.call("GET", "/fast/x", key: nil).status == 200 { break }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    for _ in 0..<10 { #expect(try await stage.call("GET", "/fast/x", key: nil).status == 200) }
                }
            }
        }
    }
}
