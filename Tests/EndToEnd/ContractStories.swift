import Adapters
import Foundation
import MockDepartments
import Testing

extension Stories {
    /// The rest of the contract: what happens to a case later, searches, licences, verifications, evaluations.
    @Suite("The contract in full")
    struct ContractInFull {
        private static func body(_ value: Value) -> String { String(decoding: JSONCodec.encode(value), as: UTF8.self) }

        /// What the mocks hold: a case of a department in each stage.
        struct Known: Sendable {
            let department: String
            let processing: String
            let completed: String
            let asked: String
        }

        static let known = [
            Known(
                department: "hlj-scjg", processing: "11230000MB1A0001XM2000125005000202611020001",
                completed: "11230000MB1A0001XM2000125006000202610090001", asked: "11230000MB1A0001XM2000125005000202611030002"),
            Known(
                department: "hlj-fgw", processing: "11230000MB1A00028M2000104033000202611020001",
                completed: "11230000MB1A00028M2001004035000202611030002", asked: "11230000MB1A00028M2000104033000202610150003"),
            Known(
                department: "hrb", processing: "11230100MB1A00036M3230125011000202611020001",
                completed: "11230100MB1A00036M3230125011000202610090003", asked: "11230100MB1A00036M3230125011000202611030002"),
            Known(
                department: "hlj-zjt", processing: "11230000MB1A00087Q2000117031000202611020001",
                completed: "11230000MB1A00087Q2000117031000202610090001", asked: "11230000MB1A00087Q2000117031000202611030002"),
        ]

        @Test("a completed case has a result with its licences; one asked for too early is a conflict", arguments: known)
        func results(_ known: Known) async throws {
            try await Stage.play { stage in
                let result = try await stage.call("GET", "/v1/cases/\(known.completed)/result")
                #expect(result.status == 200)
                #expect(result.json["resultType"]?.string == "0")
                #expect(result.json["explain"]?.string == "准予许可")
                let licence = result.json["licences"]?.array?.first
                #expect(licence?["no"]?.string?.hasPrefix("ZZ-") == true)
                #expect(licence?["validTo"]?.string?.hasPrefix("2031-1") == true)
                let early = try await stage.call("GET", "/v1/cases/\(known.processing)/result")
                #expect(early.status == 409)
                #expect(early.code == "CONFLICT_STATE")
                #expect(early.json["upstream"]?["department"]?.string == known.department)
            }
        }

        @Test("a correction notice is read and answered once; an answer that nobody asked for is a conflict", arguments: known)
        func corrections(_ known: Known) async throws {
            try await Stage.play { stage in
                let path = "/v1/cases/\(known.asked)/corrections"
                let open = try await stage.call("GET", path)
                #expect(open.status == 200)
                #expect(open.json["total"] == 1)
                let notice = open.json["items"]?.array?.first
                #expect(notice?["reason"]?.string == "缺<营业执照>复印件 & 经办人签字")
                #expect(notice?["materials"] == [["code": "CL002", "name": "营业执照复印件"]])
                #expect(notice?["answeredTime"] == nil)
                let answer: Value = [
                    "answeredTime": "2026-11-24T09:30:00+08:00", "materials": [["code": "CL002", "name": "营业执照复印件"]],
                ]
                let answered = try await stage.call("POST", path, body: Self.body(answer))
                #expect(answered.status == 200)
                #expect(answered.json["answeredTime"]?.string == "2026-11-24T09:30:00+08:00")
                let after = try await stage.call("GET", path)
                #expect(after.json["items"]?.array?.first?["answeredTime"]?.string == "2026-11-24T09:30:00+08:00")
                let again = try await stage.call("POST", path, body: Self.body(answer))
                #expect(again.status == 409)
                #expect(again.code == "CONFLICT_STATE")
            }
        }

        @Test("a case is withdrawn, unless it is completed", arguments: known)
        func withdrawal(_ known: Known) async throws {
            try await Stage.play { stage in
                let gone = try await stage.call("POST", "/v1/cases/\(known.processing)/withdrawal", body: #"{"reason":"不再需要"}"#)
                #expect(gone.status == 200)
                #expect(gone.json["status"]?.string == "withdrawn")
                let found = try await stage.call("GET", "/v1/cases/\(known.processing)")
                #expect(found.json["status"]?.string == "withdrawn")
                // The reason may be left out, and the body with it.
                let late = try await stage.call("POST", "/v1/cases/\(known.completed)/withdrawal")
                #expect(late.status == 409)
            }
        }

        @Test("an applicant's cases are searched over all departments, and the parts say who answered")
        func search() async throws {
            try await Stage.play { stage in
                let criteria: Value = ["applicant": ["idType": "uscc", "idNo": "91230100MA1B2C3D8M"], "size": 50]
                let found = try await stage.call("POST", "/v1/cases/search", body: Self.body(criteria))
                #expect(found.status == 200)
                let parts = found.json["parts"]?.array ?? []
                #expect(parts.compactMap { $0["department"]?.string }.sorted() == ["hlj-fgw", "hlj-scjg", "hlj-zjt", "hrb"])
                #expect(found.json["total"] == 5)
                let numbers = found.json["items"]?.array?.compactMap { $0["caseNo"]?.string } ?? []
                #expect(Set(numbers).isSuperset(of: Self.known.filter { $0.department != "hrb" }.map(\.processing)))
                // Pages of two are the same list, cut: nothing twice, nothing left out, whoever the cases are of.
                var paged: [String] = []
                for page in 1...3 {
                    let criteria: Value = [
                        "applicant": ["idType": "uscc", "idNo": "91230100MA1B2C3D8M"], "page": .integer(Int64(page)), "size": 2,
                    ]
                    let cut = try await stage.call("POST", "/v1/cases/search", body: Self.body(criteria))
                    #expect(cut.json["total"] == 5)
                    paged += cut.json["items"]?.array?.compactMap { $0["caseNo"]?.string } ?? []
                }
                #expect(paged == numbers)
                let one: Value = [
                    "applicant": ["idNo": "91230100MA1B2C3D8M"], "authority": "11230000MB1A00028M", "status": "correctionRequested",
                ]
                let narrowed = try await stage.call("POST", "/v1/cases/search", body: Self.body(one))
                #expect(narrowed.json["items"]?.array?.count == 1)
                #expect(narrowed.json["parts"] == nil)
                let nobody = try await stage.call("POST", "/v1/cases/search", body: "{}")
                #expect(nobody.status == 422)
            }
        }

        @Test("a department that gives only a ticket is answered with 202, and others know how the case goes on")
        func ticket() async throws {
            try await Stage.play { stage in
                let item = "11230000MB1A00044B2000119021000"
                let taken = try await stage.submit(item, ["caseNo": .string(item + "202611020001")])
                #expect(taken.status == 202)
                #expect(taken.json["ticket"]?.string == "TYSL202600000001")
                #expect(taken.field("Location") == "/v1/cases/\(item)202611020001")
                // The sharing platform acts for this authority; nobody answers for the case itself.
                let events = try await stage.call("GET", "/v1/cases/\(item)202611020001/events")
                #expect(events.status == 200)
                #expect(events.json["items"]?.array?.count == 3)
                #expect(stage.city[.share].calls == [.events: 1])
                let unknown = try await stage.call("GET", "/v1/cases/\(item)202611020001")
                #expect(unknown.status == 404)
                let again = try await stage.submit(item, ["caseNo": .string(item + "202611020001")])
                #expect(again.code == "DUPLICATE")
            }
        }

        @Test("a licence is listed by an organisation's code and searched by body; a purpose is asked for")
        func licences() async throws {
            try await Stage.play { stage in
                let purpose = "%E9%A3%9F%E5%93%81"
                let listed = try await stage.call("GET", "/v1/licences?holderCode=91230100MA1B2C4E2R&purpose=\(purpose)")
                #expect(listed.status == 200)
                #expect(listed.json["items"]?.array?.first?["validTo"]?.string == "2019-09-29")
                #expect(listed.json["items"]?.array?.first?["status"]?.string == "revoked")
                let without = try await stage.call("GET", "/v1/licences?holderCode=91230100MA1B2C4E2R")
                #expect(without.status == 422)
                #expect(without.json["errors"]?.array?.first?["field"]?.string == "query:purpose")
                let person = try await stage.call("GET", "/v1/licences?holderCode=230100199001010016&purpose=\(purpose)")
                #expect(person.status == 422)
                let criteria: Value = ["holder": ["code": "91230100MA1B2C3D8M", "codeType": "uscc"], "purpose": "食品"]
                let searched = try await stage.call("POST", "/v1/licences/search", body: Self.body(criteria))
                #expect(searched.json["items"]?.array?.first?["holder"]?["name"]?.string == "黑龙江省示例商贸有限公司")
                let id = "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.T"
                let wrong = try await stage.call("GET", "/v1/licences/\(id)?purpose=\(purpose)")
                #expect(wrong.json["errors"]?.array?.first?["rule"]?.string == "check-digit")
            }
        }

        @Test("a licence is found by the issuer in its identifier, in two calls behind a login")
        func licenceStore() async throws {
            try await Stage.play { stage in
                let purpose = "%E9%A3%9F%E5%93%81"
                let id = "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S"
                let found = try await stage.call("GET", "/v1/licences/\(id)?purpose=\(purpose)")
                #expect(found.status == 200)
                #expect(found.json["number"]?.string == "JY12301000000016")
                #expect(found.json["validTo"]?.string == "2028-11-23")
                // The token lives: the second call needs no login, and one that was forgotten is asked for anew.
                stage.city[.zzk].forgetTokens()
                let again = try await stage.call("GET", "/v1/licences/\(id)?purpose=\(purpose)")
                #expect(again.status == 200)
                #expect(stage.city[.zzk].calls[.login] == 2)
                #expect(stage.city[.zzk].calls[.licence] == 2)
                let said: Value = ["purpose": "食品", "fields": ["number": "JY12301000000016", "holderName": "示例商贸"]]
                let verified = try await stage.call("POST", "/v1/licences/\(id)/verification", body: Self.body(said))
                #expect(verified.json == ["match": ["number": true, "holderName": false], "status": "valid"])
                let person: Value = [
                    "holder": ["code": "11010519491231002X", "codeType": "idCard"], "purpose": "食品", "authority": "11230000MB1A00079X",
                ]
                let searched = try await stage.call("POST", "/v1/licences/search", body: Self.body(person))
                #expect(searched.json["items"]?.array?.first?["holder"]?["name"]?.string == "𠮷野㐂䶮")
                #expect(searched.json["items"]?.array?.first?["validTo"] == nil)
                let nobody: Value = ["holder": ["code": "230602197511303338"], "purpose": "食品", "authority": "11230000MB1A00079X"]
                #expect(try await stage.call("POST", "/v1/licences/search", body: Self.body(nobody)).json["total"] == 0)
                let other = id.replacingOccurrences(of: "20231124000001.001.S", with: "20990101000001.001.P")
                #expect(try await stage.call("GET", "/v1/licences/\(other)?purpose=\(purpose)").status == 404)
            }
        }

        @Test("a verification says whether, and never what")
        func verification() async throws {
            try await Stage.play { stage in
                var asked: Object = [
                    "subject": ["idType": "uscc", "idNo": "91230100MA1B2C3D8M"], "fields": ["legalRep": "王五"], "purpose": "食品经营许可",
                ]
                // Two departments verify, and their answers cannot be put together: one must be named.
                let both = try await stage.call("POST", "/v1/verifications", body: Self.body(.object(asked)))
                #expect(both.status == 422)
                asked["authority"] = "11230000MB1A000601"
                let enterprise = try await stage.call("POST", "/v1/verifications", body: Self.body(.object(asked)))
                #expect(enterprise.status == 200)
                #expect(enterprise.json == ["match": ["legalRep": false]])
                asked["authority"] = "11000000MB1A00052C"
                asked["subject"] = ["idType": "idCard", "idNo": "230100199001010016"]
                asked["fields"] = ["name": "张三"]
                let person = try await stage.call("POST", "/v1/verifications", body: Self.body(.object(asked)))
                #expect(person.json == ["match": ["name": true]])
                asked["purpose"] = nil
                let without = try await stage.call("POST", "/v1/verifications", body: Self.body(.object(asked)))
                #expect(without.status == 422)
            }
        }

        @Test("an evaluation goes to the department of the case", arguments: known.dropLast())
        func evaluation(_ known: Known) async throws {
            try await Stage.play { stage in
                let praise: Value = ["caseNo": .string(known.completed), "stage": "2", "score": 1, "text": "好", "channel": "mobile"]
                let taken = try await stage.call("POST", "/v1/evaluations", body: Self.body(praise))
                #expect(taken.status == 201)
                #expect(taken.json == praise)
                #expect(taken.field("Location") == nil)
                let much: Value = ["caseNo": .string(known.completed), "stage": "2", "score": 6]
                #expect(try await stage.call("POST", "/v1/evaluations", body: Self.body(much)).status == 422)
            }
        }
    }
}
