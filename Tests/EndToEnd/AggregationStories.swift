import Adapters
import Foundation
import MockDepartments
import Testing

extension Stories {
    @Suite("Several calls, one answer") struct Aggregation {
        @Test("a guide is fed by its item, asks every other department for the same one, and says who contributed")
        func guide() async throws {
            try await Stage.play { stage in
                let reply = try await stage.call("GET", "/v1/items/\(Office.hrb.item)/guide")
                #expect(reply.status == 200)
                let answer = reply.json
                #expect(answer["item"]?["itemCode"]?.string == Office.hrb.item)
                let parts = answer["parts"]?.array ?? []
                #expect(parts.first?["part"] == "item")
                #expect(parts.first?["department"] == "hrb")
                let others = parts.filter { $0["part"] == "found" }.compactMap { $0["department"]?.string }
                #expect(Set(others).isSuperset(of: ["hlj-fgw", "hlj-scjg", "hrb"]))
            }
        }

        @Test("a guide whose item nobody knows is not found, and no other department is asked")
        func guideOfNothing() async throws {
            try await Stage.play { stage in
                let unknown = Office.hrb.authority + "3230125099000"
                let reply = try await stage.call("GET", "/v1/items/\(unknown)/guide")
                #expect(reply.status == 404)
                #expect(reply.code == "NOT_FOUND")
            }
        }

        @Test("a department that is late misses the deadline of all parts; the others' entries arrive in time")
        func deadline() async throws {
            let file = """
                operation: items.list
                deadline: 1s
                parts:
                  every: { operation: items.list, departments: [hlj-scjg, hlj-fgw, hrb] }
                paging: gateway
                """
            try await Stage.play(extra: ["aggregations/items-list.yaml": file]) { stage in
                stage.city.fgw.misbehave(.hang, times: 10)
                let began = ContinuousClock.now
                let reply = try await stage.call("GET", "/v1/items")
                #expect(ContinuousClock.now - began < .seconds(4))
                #expect(reply.status == 200)
                let answer = reply.json
                let late = answer["parts"]?.array?.first { $0["department"] == "hlj-fgw" }
                #expect(late?["status"] == "failed")
                #expect(late?["code"] == "UPSTREAM_TIMEOUT")
                #expect(answer["items"]?.array?.count == 6)
            }
        }
    }
}
