import Adapters
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    @Suite("Going back to a configuration") struct Rollbacks {
        private func applied(_ result: LoadResult) -> (revision: Int, rules: [String])? {
            guard case .applied(let revision, let warnings) = result else { return nil }
            return (revision, warnings.map(\.rule))
        }

        @Test("puts the one before in force, over a restart and a reload, until the files are mended")
        func story() async throws {
            try await Stage.play { stage in
                let path = "/v1/items/\(Office.hrb.item)"
                let port = stage.city.hrb.port
                #expect(stage.gateway.snapshot.revision == 1)
                // The mistake: nobody listens there.
                try stage.change("departments/hrb") { $0 = $0.replacing("127.0.0.1:\(port)", with: "127.0.0.1:1") }
                #expect(applied(await stage.gateway.reload(by: "li"))?.revision == 2)
                #expect(try await stage.call("GET", path).status == 503)

                #expect(applied(await stage.gateway.rollback(to: nil, by: "li"))?.revision == 1)
                #expect(try await stage.call("GET", path).status == 200)
                guard case .held(1, left: 2) = await stage.gateway.reload(by: "SIGHUP") else {
                    Issue.record("not held")
                    return
                }
                try await stage.restart()
                #expect(stage.gateway.snapshot.revision == 1)
                #expect(try await stage.call("GET", path).status == 200)

                try stage.change("departments/hrb") { $0 = $0.replacing("127.0.0.1:1", with: "127.0.0.1:\(port)") + "\n# mended\n" }
                let mended = try #require(applied(await stage.gateway.reload(by: "li")))
                #expect(mended.revision == 3 && mended.rules.contains("leaves-rollback"))
                #expect(try await stage.call("GET", path).status == 200)
                try await stage.restart()
                #expect(stage.gateway.snapshot.revision == 3)
            }
        }

        @Test("to a number that is kept, later ones too; to one that is not it is refused, and nothing changes")
        func numbers() async throws {
            try await Stage.play { stage in
                guard case .refused(let none) = await stage.gateway.rollback(to: nil, by: "li") else {
                    Issue.record("there is nothing before the first")
                    return
                }
                #expect(none.map(\.rule) == ["no-revision"])
                for number in 2...3 {
                    try stage.change("departments/hrb") { $0 += "\n# \(number)\n" }
                    #expect(applied(await stage.gateway.reload(by: "li"))?.revision == number)
                }
                #expect(applied(await stage.gateway.rollback(to: 1, by: "li"))?.revision == 1)
                #expect(applied(await stage.gateway.rollback(to: 3, by: "li"))?.revision == 3)
                guard case .refused = await stage.gateway.rollback(to: 9, by: "li") else {
                    Issue.record("9 was never there")
                    return
                }
                guard case .unchanged(3) = await stage.gateway.rollback(to: 3, by: "li") else {
                    Issue.record("3 is in force")
                    return
                }
                #expect(stage.gateway.snapshot.revision == 3)
                // The files were left, and are asked for by name again.
                #expect(applied(await stage.gateway.rollback(to: 2, by: "li"))?.revision == 2)
                #expect(applied(await stage.gateway.reload(by: "li", again: true))?.revision == 4)
            }
        }
    }
}
