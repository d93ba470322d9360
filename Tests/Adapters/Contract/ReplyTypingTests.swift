import Adapters
import Testing

@Suite("Departments' answers are typed by the contract")
struct ReplyTypingTests {
    private func type(_ operation: String, _ json: String) throws -> Value {
        let operation = try #require(ContractFixture.contract?.operation(operation))
        return try operation.typeReply(try ContractFixture.json(json))
    }

    /// What the fault of an answer says.
    private func fault(_ operation: String, _ json: String) throws -> String {
        do {
            _ = try type(operation, json)
            return "no fault"
        } catch let fault as AdapterFault {
            #expect(fault.code == .upstreamBadReply)
            return fault.detail
        }
    }

    @Test("Strings stay strings, numbers become strings without loss, fields take the contract's order")
    func strings() throws {
        let answer = try type(
            "cases.get",
            #"{"zz":1,"status":"accepted","receiptNo":20081011000000,"deptCaseNo":"0012","caseNo":12345678901234567890123,"parentNo":1e20}"#
        )
        #expect(
            answer == [
                "caseNo": "12345678901234567890123", "deptCaseNo": "0012", "receiptNo": "20081011000000", "status": "accepted",
                "parentNo": "100000000000000000000",
            ])
        #expect(answer.object?.fields.map(\.name) == ["caseNo", "deptCaseNo", "receiptNo", "status", "parentNo"])
    }

    @Test("An item that the mapping made nothing of owes what the contract requires of one")
    func owedItems() throws {
        #expect(
            try fault("cases.events", #"{"items":[{"step":"a","startTime":"2026-11-29T10:00:00+08:00"},{}]}"#).contains(
                "'/items/1/step' must be there"))
    }

    @Test("Of a case that was asked for, another's is no answer; what was handed in may come back under another number")
    func another() throws {
        let get = try #require(ContractFixture.contract?.operation("cases.get"))
        let made: Value = ["caseNo": "2", "status": "accepted"]
        #expect(try get.answer(from: made, to: ["caseNo": "2"])["caseNo"] == "2")
        do {
            _ = try get.answer(from: made, to: ["caseNo": "1"])
            Issue.record("answered")
        } catch {
            #expect(error.code == .upstreamBadReply && error.detail.contains("'/caseNo' is not what was asked for"))
            #expect(!error.detail.contains("2"))
        }
        #expect(try get.answer(from: ["status": "accepted"], to: ["caseNo": "1"])["caseNo"] == "1")
        // An item is asked for by its longer code, and may be answered under the shorter one.
        let listed: Value = ["itemCode": "1", "status": "accepted", "caseNo": "5"]
        #expect(try get.answer(from: listed, to: ["caseNo": "5", "itemCode": "101"])["itemCode"] == "1")
        let submit = try #require(ContractFixture.contract?.operation("cases.submit"))
        #expect(try submit.answer(from: made, to: ["caseNo": "1"])["caseNo"] == "2")
    }

    @Test("Null and empty are absent, in lists too; what is unknown is dropped, but not inside the form")
    func empties() throws {
        let answer = try type(
            "cases.get",
            """
            {"caseNo":"1","status":"accepted","summary":"","agent":{"name":null},"applicant":{"name":"王","x":1},
            "materials":[null,{"code":"1","name":"a"},""],"form":{"any":{"thing":[1,null]},"gone":""}}
            """)
        #expect(
            answer == [
                "caseNo": "1", "applicant": ["name": "王"], "status": "accepted", "form": ["any": ["thing": [1, .null]]],
                "materials": [["code": "1", "name": "a"]],
            ])
    }

    @Test("Date-times are normalised; a date may be cut from a date-time")
    func dates() throws {
        let answer = try type(
            "cases.get",
            #"{"caseNo":"1","status":"accepted","applyTime":"2023-11-15T01:30:00Z","acceptTime":"2023-11-15 10:00:00","promisedDueDate":"2023-11-28 00:00:00"}"#
        )
        #expect(answer["applyTime"] == "2023-11-15T09:30:00+08:00")
        #expect(answer["acceptTime"] == "2023-11-15T10:00:00+08:00")
        #expect(answer["promisedDueDate"] == "2023-11-28")
    }

    @Test("Numbers and truth values come from text, a single value becomes a list")
    func coercion() throws {
        let answer = try type(
            "items.get",
            """
            {"itemCode":"1","name":"a","legalDays":" 020 ","promisedDays":9.0,"level":2,"fee":"1","serviceTargets":1,"version":1.50,
            "materials":{"name":"m","required":"false","copies":"2.0"}}
            """)
        #expect(
            answer == [
                "itemCode": "1", "name": "a", "level": "2", "legalDays": 20, "promisedDays": 9, "serviceTargets": ["1"],
                "materials": [["name": "m", "required": false, "copies": 2]], "fee": true, "version": "1.50",
            ])
    }

    @Test(
        "What cannot be typed is a bad reply, told by pointer and expectation and never by value",
        arguments: [
            ("cases.get", #"{"status":"accepted"}"#, "'/caseNo' must be there"),
            ("cases.get", #"{"caseNo":"","status":"accepted"}"#, "'/caseNo' must be there"), ("cases.get", "{}", "'/caseNo' must be there"),
            ("cases.get", "null", "'/caseNo' must be there"), ("cases.get", #""<html>geheim""#, "it must be an object"),
            ("cases.get", #"[{"caseNo":"geheim"}]"#, "it must be an object, not a list"),
            ("cases.get", #"{"caseNo":{"a":"geheim"},"status":"accepted"}"#, "'/caseNo' must be a string, not an object"),
            ("cases.get", #"{"caseNo":["a","geheim"],"status":"accepted"}"#, "'/caseNo' must be a string, not a list"),
            ("cases.get", #"{"caseNo":"1","status":"geheim"}"#, "'/status' must be one of draft, submitted"),
            ("cases.get", #"{"caseNo":"1","status":"accepted","applyTime":"geheim"}"#, "'/applyTime' must be a date and time"),
            ("cases.get", #"{"caseNo":"1","status":"accepted","materials":[{"code":"geheim"}]}"#, "'/materials/0/name' must be there"),
            ("items.get", #"{"itemCode":"1","name":"a","legalDays":"geheim"}"#, "'/legalDays' must be a whole number"),
            ("items.get", #"{"itemCode":"1","name":"a","legalDays":2.5}"#, "'/legalDays' must be a whole number"),
            ("items.get", #"{"itemCode":"1","name":"a","fee":"geheim"}"#, "'/fee' must be true or false"),
            ("items.get", #"{"itemCode":"1","name":"a","version":1e999}"#, "'/version' must be a string"),
            ("items.list", #"{"items":[],"page":1,"size":20}"#, "'/total' must be there"),
            ("cases.events", "{}", "'/items' must be there"), ("items.list", #"{"page":1,"size":20,"total":3}"#, "'/items' must be there"),
        ])
    func faults(operation: String, json: String, expected: String) throws {
        let detail = try fault(operation, json)
        #expect(detail.hasPrefix("the department's reply does not fit the contract: \(expected)"), "\(detail)")
        #expect(!detail.contains("geheim"))
    }

    @Test("A list without entries is an empty list, however the department says so")
    func emptyLists() throws {
        let none: Value = ["items": [], "page": 1, "size": 0, "total": 0]
        #expect(try type("cases.events", #"{"items":[]}"#) == none)
        #expect(try type("cases.events", #"{"items":null}"#) == none)
        #expect(try type("cases.events", #"{"items":""}"#) == none)
        #expect(try type("cases.events", #"{"total":"0"}"#)["items"] == [])
    }

    @Test("The numbers of a list that has no pages are counted")
    func counted() throws {
        let answer = try type("cases.events", #"{"items":{"step":"受理"}}"#)
        #expect(answer == ["items": [["step": "受理"]], "page": 1, "size": 1, "total": 1])
        #expect(try type("cases.events", #"{"items":[{"step":1}],"total":"7"}"#)["total"] == 7)
    }
}
