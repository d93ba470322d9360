import Testing

@testable import Adapters

/// Criteria that a department's mapping does not use: never passed over in silence.
@Suite("Criteria of searches and lists")
struct CriteriaTests {
    private static func compile(_ operation: String) throws -> TranslationFixture {
        let contract = try #require(ContractFixture.compile(ContractFixture.source).0)
        let shapes = Dictionary(contract.operations.map { ($0.id, OperationShape($0)) }) { first, _ in first }
        return TranslationFixture("operations:\n" + operation, shapes: shapes)
    }

    private static func search(
        _ request: String, items: String = "caseNo: \"@.no\", status: \"@.zt\"", more: String = "", reply: String = ""
    )
        -> String
    {
        """
          cases.search:
            rest: { path: /a }
            request: { \(request) }
            \(more)
            reply:
              success: http
              paging: department
              \(reply)
              fields: { total: $.total, items: { each: $.list, fields: { \(items) } } }

        """
    }

    private static func unused(_ yaml: String) throws -> [String] {
        try compile(yaml).operation("cases.search").criteria.unused.map(\.name)
    }

    @Test("the mapping's own uses are found wherever they stand")
    func uses() throws {
        let all = [
            "applicant.kind", "applicant.name", "applicant.idType", "applicant.idNo", "itemCode", "status", "appliedFrom", "appliedTo",
            "region",
        ]
        #expect(try Self.unused(Self.search("x: { const: y }")) == all)
        func used(_ request: String, more: String = "", reply: String = "") throws -> [String] {
            let unused = Set(try Self.unused(Self.search(request, more: more, reply: reply)))
            return all.filter { !unused.contains($0) }
        }
        #expect(
            try used("a: $.status, b: { concat: [$.applicant.name, { from: $.itemCode }] }") == ["applicant.name", "itemCode", "status"])
        #expect(try used("a: { fields: { k: { from: $.applicant.kind, when: \"$.region\" } } }") == ["applicant.kind", "region"])
        #expect(try used("a: { document: { json: object }, fields: { z: \"$['applicant']['idNo']\" } }") == ["applicant.idNo"])
        #expect(try used("a: { from: $.applicant, json: encode }").count == 4)
        #expect(try used("a: { from: $, json: encode }") == all)
        #expect(try used("a: { condition: \"X = ?\", values: [$.status], when: $.status }") == ["status"])
        #expect(try used("x: { const: y }", more: "query: { s: $.status }\n    headers: { X-R: $.region }") == ["status", "region"])
        #expect(try used("x: $.let.t", more: "let: { t: $.appliedFrom }") == ["appliedFrom"])
        let step =
            "steps: { one: { when: \"$.appliedTo\", rest: { path: /s }, request: { c: $.itemCode }, reply: { success: http, fields: {} } } }"
        #expect(try used("x: { const: y }", more: step) == ["itemCode", "appliedTo"])
        #expect(try used("x: { const: y }", reply: "expect: \"$.status == $.call.region\"") == ["region"])
    }

    @Test("in a reply the call counts, and the department's own fields of the same name do not")
    func replies() throws {
        let unused = try Self.unused(
            Self.search("x: { const: y }", items: "caseNo: \"@.no\", status: { call: $.status }, summary: $.region"))
        #expect(!unused.contains("status") && unused.contains("region"))
    }

    @Test("a warning at the operation names what would be refused, and 'cannot-search' says that it is known")
    func warnings() throws {
        let yaml = Self.search("a: $.applicant.idNo, b: $.appliedFrom, c: $.appliedTo, d: $.applicant.name")
        let problems = try Self.compile(yaml).problems
        #expect(problems.map(\.rule) == ["unused-criterion"])
        #expect(problems.first?.severity == .warning)
        #expect(problems.first?.message == "'cases.search' does not use the criteria applicant.kind, itemCode")
        #expect(problems.first?.place?.line == 2)
        let known = Self.search(
            "a: $.applicant.idNo, b: $.appliedFrom, c: $.appliedTo, d: $.applicant.name", more: "cannot-search: [applicant.kind, itemCode]")
        #expect(try Self.compile(known).problems.isEmpty)
        let wrong = Self.search(
            "a: $.applicant.idNo, b: $.appliedFrom, c: $.appliedTo, d: $.applicant.name, e: $.applicant.kind",
            more: "cannot-search: [applicant.kind, itemCode]")
        #expect(try Self.compile(wrong).problems.map(\.rule) == ["unknown-value"])
    }

    @Test("a criterion that nobody can look at is INVALID_FIELD with its pointer, before a request is made")
    func refusal() throws {
        let operation = try Self.compile(Self.search("a: $.applicant.idNo")).operation("cases.search")
        for input in [["applicant": ["kind": "person"]], ["applicant": ["name": "x"]], ["applicant": ["idType": "idCard"]]] as [Value] {
            let fault = try #require(operation.criteria.refusal(of: input))
            #expect(fault.code == .invalidField)
            let name = try #require(input["applicant"]?.object?.fields.first?.name)
            #expect(fault.errors.map(\.field) == ["/applicant/\(name)"])
            #expect(fault.detail == "the department cannot search by 'applicant.\(name)'")
            #expect(throws: AdapterFault.self) { try operation.request(TranslationFixture.call(input)) }
        }
        // Beside a number that it is asked by the rest only describes whose it is.
        let described: Value = [
            "applicant": ["idNo": "1", "idType": "idCard", "kind": "person", "name": "x"], "page": 1, "size": 20, "authority": "A",
        ]
        #expect(operation.criteria.refusal(of: described) == nil)
        #expect(throws: Never.self) { try operation.request(TranslationFixture.call(described)) }
    }

    @Test("a parameter is named as one")
    func parameter() throws {
        let yaml = """
              items.list:
                rest: { path: /a }
                reply: { success: http, paging: gateway, fields: { items: { each: $.list, fields: { itemCode: "@.no", name: "@.mc" } } } }
            """
        let operation = try Self.compile(yaml).operation("items.list")
        #expect(operation.criteria.refusal(of: ["keyword": "x"])?.errors.map(\.field) == ["query:keyword"])
        #expect(operation.criteria.refusal(of: ["page": 2, "region": "230000", "authority": "A"]) == nil)
    }

    @Test("items are looked at for a criterion that they show; one that does not say is none")
    func filter() throws {
        let items = "caseNo: \"@.no\", status: \"@.zt\", itemCode: \"@.bm\", region: \"@.qh\", applicant: { fields: { kind: \"@.k\" } }"
        let operation = try Self.compile(Self.search("a: $.applicant.idNo, b: $.applicant.name", items: items)).operation("cases.search")
        func passing(_ input: Value, _ items: [Value]) -> [Int] {
            guard let filter = operation.filter(for: input) else { return Array(items.indices) }
            return items.indices.filter { filter.passes(items[$0]) }
        }
        #expect(passing(["status": "accepted"], [["status": "accepted"], ["status": "submitted"], [:]]) == [0])
        #expect(passing(["itemCode": "AB"], [["itemCode": "AB"], ["itemCode": "ABC"], ["itemCode": "A"], ["itemCode": "B"]]) == [0, 1, 2])
        let kinds: [Value] = [["applicant": ["kind": "person"]], ["applicant": ["kind": "enterprise"]], [:]]
        #expect(passing(["applicant": ["kind": "person"]], kinds) == [0])
        #expect(passing(["applicant": ["kind": "person", "name": "x"]], kinds) == [0])
        #expect(passing(["applicant": ["kind": "person", "idNo": "1"]], kinds) == [0, 2])
        let regions: [Value] = [["region": "230100"], ["region": "230102"], ["region": "230600"], [:]]
        #expect(passing(["region": "230100"], regions) == [0, 1, 3])
        #expect(passing(["region": "230000"], regions) == [0, 1, 2, 3])
        #expect(passing(["applicant": ["idNo": "1"]], regions) == [0, 1, 2, 3])
    }

    @Test("of a whole list the gateway cuts the page from what was asked for")
    func wholeList() throws {
        let yaml = Self.search("a: $.applicant.idNo").replacing("paging: department", with: "paging: gateway")
        let operation = try Self.compile(yaml).operation("cases.search")
        let list = (0..<9).map { #"{"no":"\#($0)","zt":"\#($0 % 2 == 0 ? "accepted" : "submitted")"}"# }.joined(separator: ",")
        let reply = DepartmentReply(
            status: 200, fields: [.init("Content-Type", "application/json")], body: Array(#"{"total":9,"list":[\#(list)]}"#.utf8))
        let call = TranslationFixture.call(["status": "accepted", "page": 2, "size": 2, "authority": "A"])
        guard case .answer(let answer) = operation.outcome(of: reply, to: call) else { throw AdapterFault(.internal, "no answer") }
        #expect(answer["items"]?.array?.compactMap { $0["caseNo"]?.string } == ["4", "6"])
        #expect(answer["total"] == 5)
        #expect(operation.filter(for: call.input) == nil)
    }

    @Test("'paging' takes a largest page, of ten at least")
    func largest() throws {
        let yaml = Self.search(
            "a: $.applicant.idNo, p: { paging: page }",
            more: "cannot-search: [applicant.kind, applicant.name, itemCode, appliedFrom, appliedTo]")
        let good = try Self.compile(yaml.replacing("paging: department", with: "paging: { largest: 20 }"))
        #expect(good.problems.isEmpty)
        let operation = try good.operation("cases.search")
        #expect(operation.pages.largest == 20 && operation.paging == .department)
        #expect(operation.pages(for: ["page": 1, "size": 60])?.input["size"] == 20)
        for wrong in ["{ largest: 5 }", "{ largest: x }", "{ most: 20 }"] {
            #expect(try Self.compile(yaml.replacing("paging: department", with: "paging: \(wrong)")).problems.count == 1, "\(wrong)")
        }
    }
}
