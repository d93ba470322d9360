import Adapters
import Foundation
import Synchronization
import Testing

extension Stories {
    /// Searches at departments with their own ideas of order, pages and criteria.
    @Suite("Searches and their pages")
    struct Searches {
        private static let authority = "12230000414001230G"

        /// A department that sorts as it likes, before a gateway that asks no other.
        private static func play(
            _ cases: [(number: Int, time: Int, region: String)], paging: String = "department", limit: Int = .max,
            grant: String = "        operations: [cases.search]\n", _ story: (Stage, ScriptedDepartment) async throws -> Void
        ) async throws {
            let answer: @Sendable (ScriptedDepartment.Request) -> ScriptedDepartment.Reply = { request in
                let asked = (try? JSONCodec.decode(Array(request.body.utf8))) ?? .null
                guard case .integer(let page)? = asked["page"], case .integer(let size)? = asked["size"], Int(size) <= limit else {
                    return .init(body: #"{"code":9,"msg":"too many"}"#)
                }
                let items = cases.dropFirst(Int((page - 1) * size)).prefix(Int(size)).map {
                    #"{"no":"\#(number($0.number))","time":"2026-11-\#(10 + $0.time) 00:00:00","region":"\#($0.region)"}"#
                }
                return .init(body: #"{"code":0,"total":\#(cases.count),"list":[\#(items.joined(separator: ","))]}"#)
            }
            try await ScriptedDepartment.play(answer) { department in
                let file = """
                    department: cjyy
                    authority: \(authority)
                    upstream: { endpoints: ["http://127.0.0.1:\(department.port)"], timeout: { total: 3s } }
                    operations:
                      cases.search:
                        rest: { path: /cases }
                        request: { idNo: $.applicant.idNo, page: { paging: page }, size: { paging: size } }
                        reply:
                          success: "$.code == 0"
                          failure: { code: $.code, message: $.msg }
                          paging: \(paging)
                          fields:
                            total: { from: $.total, required: true }
                            items:
                              each: $.list
                              fields:
                                caseNo: "@.no"
                                region: "@.region"
                                applyTime: { from: "@.time", date: "yyyy-MM-dd HH:mm:ss" }
                                status: { const: accepted }

                    """
                try await Stage.play(
                    edit: { file, text in
                        if file == "consumers" {
                            text = text.replacingOccurrences(of: "{ limit: 5/s, burst: 10 }", with: "{ limit: 500/s, burst: 500 }")
                            text = text.replacingOccurrences(
                                of:
                                    "      - departments: [\"hlj-*\"]\n        operations: [cases.submit, cases.get, cases.events, items.*]\n        regions: [\"230600\"]\n",
                                with: "      - departments: [cjyy]\n" + grant)
                        }
                    }, extra: ["departments/cjyy.yaml": file]
                ) { stage in try await story(stage, department) }
            }
        }

        private static func number(_ number: Int) -> String { "\(authority)2000125005000202611\(String(240_000 + number))" }

        private static func search(_ stage: Stage, page: Int, size: Int, authority: Bool = false, more: Object = [:]) async throws
            -> RawReply
        {
            var criteria: Object = [
                "applicant": ["idNo": "91230100MA1B2C3D8M"], "page": .integer(Int64(page)), "size": .integer(Int64(size)),
            ]
            if authority { criteria["authority"] = .string(Self.authority) }
            for field in more.fields { criteria[field.name] = field.value }
            let body = String(decoding: JSONCodec.encode(.object(criteria)), as: UTF8.self)
            return try await stage.call("POST", "/v1/cases/search", key: Stage.daqingKey, body: body)
        }

        private static func numbers(_ value: Value) -> [String] { value["items"]?.array?.compactMap { $0["caseNo"]?.string } ?? [] }

        @Test("pages of the combined search hold every case once though its department sorts the other way round")
        func pages() async throws {
            let cases = (0..<15).map { (number: $0, time: $0, region: "230600") }
            try await Self.play(cases) { stage, _ in
                var found: [String] = []
                for page in 1...4 {
                    let reply = try await Self.search(stage, page: page, size: 5)
                    #expect(reply.status == 200 && reply.json["total"] == 15)
                    found += Self.numbers(reply.json)
                }
                #expect(found == cases.map { Self.number($0.number) })
            }
        }

        @Test("a department that gives at most ten at once is asked several times, in the combined search and alone")
        func largest() async throws {
            let cases = (0..<47).map { (number: $0, time: 19 - $0 / 3, region: "230600") }
            try await Self.play(cases, paging: "{ largest: 10 }", limit: 10) { stage, department in
                let alone = try await Self.search(stage, page: 1, size: 25, authority: true)
                #expect(alone.status == 200)
                #expect(Self.numbers(alone.json) == cases[..<25].map { Self.number($0.number) })
                #expect(alone.json["size"] == 25 && alone.json["page"] == 1 && alone.json["total"] == 47)
                #expect(department.requests.count == 3)
                let combined = try await Self.search(stage, page: 2, size: 25)
                #expect(Self.numbers(combined.json).count == 22)
                #expect(combined.json["total"] == 47)
                #expect(combined.json["parts"]?.array?.first?["seen"] == nil)
                #expect(department.requests.count == 8)
            }
        }

        @Test("where a department gives fewer than it has, its part says how many were seen")
        func seen() async throws {
            let cases = (0..<300).map { (number: $0, time: 0, region: "230600") }
            try await Self.play(cases, paging: "{ largest: 10 }", limit: 10) { stage, department in
                let reply = try await Self.search(stage, page: 3, size: 50)
                #expect(reply.json["total"] == 300)
                #expect(reply.json["parts"]?.array?.first?["seen"] == 120)
                #expect(Self.numbers(reply.json).count == 20)
                #expect(department.requests.count == 12)
            }
        }

        @Test("to a caller limited to a region the totals say nothing of what lies elsewhere, whatever the size of the page")
        func regions() async throws {
            let cases = (0..<30).map { (number: $0, time: 0, region: $0 % 3 == 0 ? "230600" : "230100") }
            let grant = "        operations: [cases.search]\n        regions: [\"230600\"]\n"
            try await Self.play(cases, grant: grant) { stage, _ in
                for authority in [false, true] {
                    var found: [String] = []
                    for page in 1...5 {
                        let reply = try await Self.search(stage, page: page, size: 6, authority: authority)
                        #expect(reply.status == 200)
                        #expect(reply.json["total"] == .integer(Int64(authority ? 2 : 2 * page)))
                        found += Self.numbers(reply.json)
                    }
                    #expect(found == cases.filter { $0.region == "230600" }.map { Self.number($0.number) })
                }
                let whole = try await Self.search(stage, page: 1, size: 50)
                #expect(whole.json["total"] == 10)
                #expect(whole.json["parts"]?.array?.first?["total"] == 10)
            }
        }

        @Test("what a department cannot search by is refused before it is asked, or looked for in its entries; nothing is everybody's")
        func criteria() async throws {
            let cases = (0..<9).map { (number: $0, time: 0, region: $0 % 2 == 0 ? "230602" : "230100") }
            try await Self.play(cases, grant: "        operations: [cases.search]\n") { stage, department in
                for authority in [true, false] {
                    let kind = try await Self.search(stage, page: 1, size: 5, authority: authority, more: ["applicant": ["kind": "person"]])
                    #expect(kind.status == 422 && kind.code == "INVALID_FIELD")
                    #expect(kind.json["detail"]?.string == "cjyy cannot search by 'applicant.kind'")
                    #expect(kind.json["errors"]?.array?.first?["field"]?.string == "/applicant/kind")
                    #expect(department.requests.isEmpty)
                }
                let none = try await Self.search(stage, page: 1, size: 5, more: ["status": "completed"])
                #expect(none.status == 200 && none.json["total"] == 0 && none.json["items"] == [])
                // The gateway looks itself: the page is cut first where one department is asked, and pages go on behind it.
                var found: [String] = []
                for page in 1...3 {
                    let reply = try await Self.search(stage, page: page, size: 4, more: ["region": "230600", "status": "accepted"])
                    #expect(reply.status == 200)
                    found += Self.numbers(reply.json)
                }
                #expect(found == cases.filter { $0.region == "230602" }.map { Self.number($0.number) })
            }
        }

        @Test("a department that cannot search by a criterion is a part that failed, and the others answer")
        func criteriaOfOne() async throws {
            try await Self.play(
                [], grant: "        operations: [cases.search]\n      - departments: [\"hlj-*\"]\n        operations: [cases.search]\n"
            ) {
                stage, department in
                let reply = try await Self.search(
                    stage, page: 1, size: 5, more: ["applicant": ["name": "示例投资有限公司"], "appliedFrom": "2020-01-01T00:00:00+08:00"])
                #expect(reply.status == 200)
                let parts = reply.json["parts"]?.array ?? []
                #expect(parts.first { $0["department"] == "cjyy" }?["code"] == "INVALID_FIELD")
                #expect(parts.contains { $0["department"] == "hlj-fgw" && $0["status"] == "answered" })
                #expect(department.requests.isEmpty)
            }
        }

        @Test("a search that says nothing is told what it could say")
        func nothing() async throws {
            try await Self.play([]) { stage, _ in
                let reply = try await stage.call("POST", "/v1/cases/search", key: Stage.daqingKey, body: "{}")
                #expect(reply.status == 422)
                #expect(
                    reply.json["errors"]?.array?.first?["message"]?.string
                        == "must have at least one of: 'applicant', 'itemCode', 'authority'")
            }
        }
    }
}
