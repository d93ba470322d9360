import Adapters
import Foundation
import MockDepartments
import Testing

extension Stories {
    /// What the three departments do for a portal that knows only the contract.
    @Suite("Three departments, one contract")
    struct Departments {
        @Test("a case handed in comes back with its place, and can be asked for with its events", arguments: Office.allCases)
        func submitAndFollow(_ office: Office) async throws {
            try await Stage.play { stage in
                let form: Value = ["floor": "007", "经营项目": "预包装食品"]
                let materials: Value = [["code": "001", "name": "营业执照复印件]]>附页"]]
                let fields: [String: Value] = [
                    "form": form, "materials": materials, "summary": "新办 𠮷 & 㐂",
                    "agent": ["name": "㐂王", "idNo": "230602197511303338", "mobile": "13700004321"],
                ]
                let opened = try await stage.submit(office.item, fields)
                #expect(opened.status == 201)
                let number = try #require(opened.json["caseNo"]?.string)
                #expect(number.count == 43 && number.hasPrefix(office.item))
                #expect(opened.field("Location") == "/v1/cases/\(number)")
                #expect(opened.field("Content-Type") == "application/json")
                #expect(opened.json["deptCaseNo"]?.string?.isEmpty == false)
                #expect(opened.json["deptCaseNo"] != opened.json["caseNo"])
                #expect(opened.json["receiptNo"]?.string?.hasPrefix("00") == true)
                #expect(opened.json["status"]?.string == (office == .fgw ? "submitted" : "accepted"))

                let found = try await stage.call("GET", "/v1/cases/\(number)")
                #expect(found.status == 200)
                #expect(found.json["applicant"] == Stage.person)
                #expect(found.json["form"] == form)
                #expect(found.json["materials"] == materials)
                #expect(found.json["summary"]?.string == "新办 𠮷 & 㐂")
                #expect(found.json["agent"]?["name"]?.string == "㐂王")
                #expect(found.json["agent"]?["idNo"]?.string == "230602197511303338")
                #expect(found.json["region"]?.string == "230102")
                #expect(found.json["channel"]?.string == "web")
                #expect(found.json["applyTime"]?.string == "2026-11-24T10:00:00+08:00")
                #expect(found.json["deptCaseNo"] == opened.json["deptCaseNo"])
                #expect(found.json["receiptNo"] == opened.json["receiptNo"])

                let events = try await stage.call("GET", "/v1/cases/\(number)/events")
                #expect(events.status == 200)
                let steps = try #require(events.json["items"]?.array)
                #expect(steps.first?["step"]?.string == "申办")
                #expect(steps.first?["startTime"]?.string == "2026-11-24T10:00:00+08:00")
                #expect(events.json["total"] == .integer(Int64(steps.count)))
                #expect(office.server(of: stage.city).calls == office.calls([.submit: 1, .query: 1, .events: 1]))
            }
        }

        @Test("the names that a department kept from the start arrive as they are", arguments: Office.allCases)
        func keptNames(_ office: Office) async throws {
            // The mocks hold these names themselves: that the gateway reads them right is no work of its own writing.
            let number =
                switch office {
                case .scjg, .hrb: office.item + "202611030002"
                case .fgw: "11230000MB1A00028M2001004035000202611030002"
                }
            try await Stage.play { stage in
                let found = try await stage.call("GET", "/v1/cases/\(number)")
                #expect(found.status == 200)
                #expect(found.json["applicant"]?["name"]?.string == "𠮷野㐂䶮")
                #expect(found.json["applicant"]?["idNo"]?.string == "11010519491231002X")
                #expect(found.json["status"]?.string == (office == .fgw ? "completed" : "correctionRequested"))
            }
        }

        @Test("what the department stored is what the caller sent")
        func storedAsSent() async throws {
            try await Stage.play { stage in
                let opened = try await stage.submit(Office.fgw.item, ["caseNo": "000-7X"])
                // A number that does not begin with the item code would not be found again: the contract refuses it.
                #expect(opened.status == 422)
                let number = Office.fgw.item + "202611240099"
                #expect(try await stage.submit(Office.fgw.item, ["caseNo": .string(number), "form": ["code": "00042"]]).status == 201)
                let port = stage.city.fgw.port
                let project = try await aside { () throws -> Value in
                    func ask(_ path: String, _ body: Value) throws -> Value {
                        let connection = try RawConnection(port: port)
                        try connection.send(
                            Stage.request("POST", path, key: nil, body: String(decoding: JSONCodec.encode(body), as: UTF8.self)))
                        return try connection.reply(to: "POST").json["custom"] ?? .null
                    }
                    let token = try ask("/api/login", ["account": "tongban", "password": "demoFgwPassword"])["token"] ?? .null
                    return try ask("/api/project/detail", ["token": token, "params": ["flowsn": .string(number)]])["project"] ?? .null
                }
                #expect(project["flowsn"]?.string == number)
                #expect(project["applyname"]?.string == "𠮷野㐂䶮")
                #expect(project["certno"]?.string == "11010519491231002X")
                #expect(project["certtype"]?.string == "ID_CARD")
                #expect(project["address"] == Stage.person["address"])
                #expect(project["regioncode"]?.string == "230102")
                #expect(project["applytime"]?.string == "2026-11-24 10:00:00")
                #expect(project["forminfo"]?["code"]?.string == "00042")
            }
        }

        @Test("a caller's own case number is kept, and the second time refused", arguments: Office.allCases)
        func ownNumber(_ office: Office) async throws {
            try await Stage.play { stage in
                let number = office.item + "202611240777"
                let opened = try await stage.submit(office.item, ["caseNo": .string(number)])
                #expect(opened.status == 201)
                #expect(opened.json["caseNo"]?.string == number)
                let again = try await stage.submit(office.item, ["caseNo": .string(number)])
                #expect(again.status == 409)
                #expect(again.code == "DUPLICATE")
                #expect(again.json["upstream"]?["department"]?.string == office.rawValue)
            }
        }

        @Test("no number is given out twice, also not after a restart")
        func numbersAreNew() async throws {
            try await Stage.play { stage in
                var numbers: [String] = []
                for round in 0..<3 {
                    if round > 0 { try await stage.restart() }
                    for _ in 0..<5 {
                        let opened = try await stage.submit(Office.hrb.item)
                        #expect(opened.status == 201)
                        numbers.append(opened.json["caseNo"]?.string ?? "")
                    }
                }
                #expect(Set(numbers).count == 15)
            }
        }

        @Test("a case that says neither when nor where gets both")
        func timeAndPlace() async throws {
            try await Stage.play { stage in
                let body = String(
                    decoding: JSONCodec.encode(["itemCode": .string(Office.scjg.item), "applicant": Stage.person]), as: UTF8.self)
                let opened = try await stage.call("POST", "/v1/cases", body: body)
                #expect(opened.status == 201)
                let found = try await stage.call("GET", opened.field("Location") ?? "/")
                #expect(found.json["region"]?.string == "230000")
                #expect(found.json["applyTime"]?.string?.hasSuffix("+08:00") == true)
            }
        }

        @Test("one department's items are a page of its own", arguments: Office.allCases)
        func itemsOfOne(_ office: Office) async throws {
            try await Stage.play { stage in
                let list = try await stage.call("GET", "/v1/items?authority=\(office.authority)&page=2&size=2")
                #expect(list.status == 200)
                #expect(list.json["total"] == 3)
                #expect(list.json["page"] == 2)
                #expect(list.json["size"] == 2)
                #expect(list.json["items"]?.array?.count == 1)
                #expect(list.json["items"]?.array?.first?["authority"]?["uscc"]?.string == office.authority)

                let item = try await stage.call("GET", "/v1/items/\(office.item)")
                #expect(item.status == 200)
                #expect(item.json["itemCode"]?.string == office.item)
                #expect(item.json["state"]?.string == "active")
                #expect((item.json["materials"]?.array?.count ?? 0) >= 2)
                let other = try await stage.call("GET", "/v1/items/\(office.authority)2000125999000")
                #expect(other.status == 404)
                #expect(other.code == "NOT_FOUND")
            }
        }

        @Test("without an authority all departments are asked, and the parts say who answered")
        func itemsOfAll() async throws {
            try await Stage.play { stage in
                let list = try await stage.call("GET", "/v1/items?size=100")
                #expect(list.status == 200)
                #expect(list.json["total"] == 9)
                #expect(list.json["items"]?.array?.count == 9)
                let parts = try #require(list.json["parts"]?.array)
                #expect(parts.compactMap { $0["department"]?.string }.sorted() == ["hlj-fgw", "hlj-scjg", "hrb"])
                #expect(parts.allSatisfy { $0["status"]?.string == "answered" && $0["total"] == 3 })

                var seen: [String] = []
                for page in 1...5 {
                    let part = try await stage.call("GET", "/v1/items?size=2&page=\(page)")
                    seen += part.json["items"]?.array?.compactMap { $0["itemCode"]?.string } ?? []
                }
                #expect(seen.count == 9 && Set(seen).count == 9)

                stage.city.fgw.misbehave(.html, times: 1)
                let lame = try await stage.call("GET", "/v1/items?size=100")
                #expect(lame.status == 200)
                #expect(lame.json["items"]?.array?.count == 6)
                let failed = lame.json["parts"]?.array?.first { $0["department"]?.string == "hlj-fgw" }
                #expect(failed?["status"]?.string == "failed")
                #expect(failed?["code"]?.string == "UPSTREAM_BAD_REPLY")
            }
        }

        @Test("the contract itself can be read")
        func contractDocument() async throws {
            try await Stage.play { stage in
                let document = try await stage.call("GET", "/v1/openapi.json", key: nil)
                #expect(document.status == 200)
                #expect(document.json["openapi"]?.string?.hasPrefix("3.1") == true)
                #expect(document.json["paths"]?["/v1/cases"]?["post"] != nil)
            }
        }
    }
}

extension Office {
    /// Business calls, and the login that goes before them where there is one.
    func calls(_ calls: [MockFunction: Int]) -> [MockFunction: Int] {
        var calls = calls
        if self == .fgw { calls[.login] = 1 }
        return calls
    }
}
