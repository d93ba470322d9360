import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import NIOPosix
import Testing

extension Stories {
    /// A configuration is changed, and the gateway is stopped, while it works.
    @Suite("Reload and drain")
    struct Reload {
        /// What four busy connections saw.
        struct Load: Sendable {
            var answered = 0
            var failures: [String] = []
        }

        @Test("under load, a changed rate limit and a changed endpoint cost no request")
        func underLoad() async throws {
            try await Stage.play { stage in
                let other = try await MockServer.start(.hrb, on: MultiThreadedEventLoopGroup.singleton)
                let port = stage.port
                let targets = ["/open/notice", "/v1/cases/\(Office.hrb.knownCase)", "/v1/cases/\(Office.fgw.knownCase)", "/open/echo"]
                let load = try await withThrowingTaskGroup(of: Load.self) { group in
                    for worker in 0..<4 {
                        group.addTask {
                            try await aside {
                                var load = Load()
                                let connection = try RawConnection(port: port)
                                let end = ContinuousClock.now + .seconds(3)
                                while ContinuousClock.now < end {
                                    let target = targets[(load.answered + worker) % targets.count]
                                    try connection.send(Stage.request("GET", target))
                                    let reply = try connection.reply()
                                    if reply.status == 200 { load.answered += 1 } else { load.failures.append("\(target): \(reply.text)") }
                                }
                                return load
                            }
                        }
                    }
                    for turn in 0..<6 {
                        // Long enough that the endpoint of the moment was asked, however slow the machine is.
                        let asked = turn.isMultiple(of: 2) ? stage.city.hrb : other
                        let before = asked.calls[.query] ?? 0
                        try await Task.sleep(for: .milliseconds(250))
                        for _ in 0..<40 where (asked.calls[.query] ?? 0) == before { try await Task.sleep(for: .milliseconds(25)) }
                        let (from, to) = turn.isMultiple(of: 2) ? (stage.city.hrb.port, other.port) : (other.port, stage.city.hrb.port)
                        try stage.change("departments/hrb") { $0.replace(":\(from)]", with: ":\(to)]") }
                        try stage.change("consumers") { $0.replace("limit: 200\(turn)/s", with: "limit: 200\(turn + 1)/s") }
                        guard case .applied = await stage.gateway.reload(by: "story") else {
                            Issue.record("the reload was not applied")
                            break
                        }
                    }
                    return try await group.reduce(into: Load()) {
                        $0.answered += $1.answered
                        $0.failures += $1.failures
                    }
                }
                #expect(load.failures.isEmpty)
                #expect(load.answered > 100)
                #expect(stage.gateway.snapshot.revision == 7)
                #expect((other.calls[.query] ?? 0) > 0 && (stage.city.hrb.calls[.query] ?? 0) > 0)
                // The session did not change: it was kept.
                #expect(stage.city.fgw.calls[.login] == 1)
                #expect(try await stage.call("GET", "/v1/items").field("RateLimit-Policy")?.contains("q=2006") == true)
                try await other.stop()
            }
        }

        @Test("the same files again are no change, and a bad file changes nothing and says where it is bad")
        func sameAndBad() async throws {
            try await Stage.play { stage in
                guard case .unchanged(let revision) = await stage.gateway.reload(by: "story") else {
                    Issue.record("an identical configuration was not taken for one")
                    return
                }
                #expect(revision == 1)
                try stage.change("departments/hrb") { $0.replace("upstream:", with: "upsteam:") }
                guard case .refused(let problems) = await stage.gateway.reload(by: "story") else {
                    Issue.record("a bad file was not refused")
                    return
                }
                let said = problems.map(\.description).joined()
                #expect(said.contains("Routes/departments/hrb.yaml:9:1: error[unknown-key]"))
                #expect(said.contains("did you mean 'upstream'?"))
                #expect(stage.gateway.snapshot.revision == 1)
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 200)
                try stage.change("departments/hrb") { $0.replace("upsteam:", with: "upstream:") }
                guard case .unchanged = await stage.gateway.reload(by: "story") else {
                    Issue.record("the good file again is no change")
                    return
                }
            }
        }

        @Test("a used-up rate is still used up after a reload")
        func limitsSurvive() async throws {
            let slow: (String, inout String) -> Void = { _, text in text.replace("limit: 5/s, burst: 10", with: "limit: 3/m, burst: 3") }
            try await Stage.play(edit: slow) { stage in
                let target = "/v1/items/\(Office.scjg.item)"
                for _ in 0..<3 { #expect(try await stage.call("GET", target, key: Stage.daqingKey).status == 200) }
                #expect(try await stage.call("GET", target, key: Stage.daqingKey).status == 429)
                try stage.change("consumers") { $0.replace("大庆市政务服务平台", with: "大庆") }
                guard case .applied = await stage.gateway.reload(by: "story") else {
                    Issue.record("the reload was not applied")
                    return
                }
                #expect(try await stage.call("GET", target, key: Stage.daqingKey).status == 429)
            }
        }

        @Test("an exchange at hand ends on the configuration it began with")
        func oldSnapshot() async throws {
            try await Stage.play { stage in
                stage.city.hrb.misbehave(.slow, seconds: 0.6)
                async let slow = stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)")
                try await Task.sleep(for: .milliseconds(200))
                // From now on the department is somewhere else, where nobody listens.
                try stage.change("departments/hrb") { $0.replace(":\(stage.city.hrb.port)]", with: ":1]") }
                guard case .applied = await stage.gateway.reload(by: "story") else {
                    Issue.record("the reload was not applied")
                    return
                }
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 503)
                #expect(try await slow.status == 200)
                let records = try await stage.records(2)
                #expect(records.first { $0["status"] == 200 }?["revision"] == 1)
                #expect(records.first { $0["status"] == 503 }?["revision"] == 2)
            }
        }

        @Test("a gateway that stops finishes what it has begun and takes nothing new")
        func drain() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let admin = try #require(stage.gateway.adminAddress?.port)
                let idle = try RawConnection(port: port)
                try idle.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try idle.reply().status == 200)
                stage.city.scjg.misbehave(.slow, seconds: 0.8)
                async let busy = stage.call("GET", "/v1/cases/\(Office.scjg.knownCase)")
                try await Task.sleep(for: .milliseconds(300))
                async let stopped: Void = stage.gateway.stop()
                try await Task.sleep(for: .milliseconds(150))
                #expect(throws: WireSurprise.self) { _ = try RawConnection(port: port) }
                let ready = try await aside {
                    let connection = try RawConnection(port: admin)
                    try connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try connection.reply().status
                }
                #expect(ready == 503)
                let last = try await busy
                #expect(last.status == 200)
                #expect(last.field("Connection") == "close")
                await stopped
                #expect(idle.isEnded())
            }
        }
    }
}
