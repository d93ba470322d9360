import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    @Suite("A reload that is watched") struct ReloadWatchStories {
        @Test("takes the old configuration back when every exchange fails under the new one, and keeps one that works")
        func rollback() async throws {
            try await Stage.play { stage in
                let path = "/v1/items/\(Office.hrb.item)"
                for _ in 0..<10 { #expect(try await stage.call("GET", path).status == 200) }
                let first = stage.gateway.snapshot.revision
                let port = stage.city.hrb.port
                try stage.change("departments/hrb") { $0 = $0.replacing("127.0.0.1:\(port)", with: "127.0.0.1:1") }
                async let result = stage.gateway.reload(by: "story", watch: .seconds(5))
                var seen: Set<Int> = []
                let deadline = ContinuousClock.now + .seconds(8)
                repeat {
                    seen.insert(try await stage.call("GET", path).status)
                    try await Task.sleep(for: .milliseconds(20))
                } while ContinuousClock.now < deadline && !(seen.contains(503) && stage.gateway.snapshot.revision == first)
                guard case .rolledBack(let revision, _) = await result else {
                    Issue.record("not rolled back")
                    return
                }
                #expect(revision == first)
                #expect(seen.contains(503))
                #expect(try await stage.call("GET", path).status == 200)

                try stage.change("departments/hrb") { $0 = $0.replacing("127.0.0.1:1\n", with: "127.0.0.1:\(port)\n") + "\n# good\n" }
                try stage.change("departments/hrb") { $0 = $0.replacing("127.0.0.1:1]", with: "127.0.0.1:\(port)]") }
                guard case .applied(let next, _) = await stage.gateway.reload(by: "story", watch: .milliseconds(300)) else {
                    Issue.record("not applied")
                    return
                }
                #expect(next > first + 1)
            }
        }
    }
}
