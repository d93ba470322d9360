import Adapters
import Testing

@Suite("Requests are read and validated against the contract")
struct RequestReadingTests {
    static let body = """
        {"itemCode":"11230000MB1A0001XM2000125005000","applicant":{"kind":"person","name":"李䶮","idType":"idCard",
        "idNo":"11010519491231002X","mobile":"13800005678"},"region":"230100","form":{"a":null,"b":{"c":""}}}
        """

    private func submit(_ body: String, query: [(name: String, value: String)] = []) throws -> (input: Value, errors: [FieldError]) {
        let operation = try #require(ContractFixture.contract?.operation("cases.submit"))
        return operation.readRequest(path: [], query: query, body: try ContractFixture.json(body))
    }

    /// The faults of the body after a change of its text, as "pointer rule".
    private func faults(_ part: String, _ other: String) throws -> [String] {
        #expect(Self.body.contains(part))
        return try submit(Self.body.replacing(part, with: other)).errors.map { "\($0.field) \($0.rule)" }
    }

    @Test("A good case passes as it is, its form untouched")
    func good() throws {
        let (input, errors) = try submit(Self.body)
        #expect(errors.isEmpty)
        #expect(input == (try ContractFixture.json(Self.body)))
    }

    @Test("A fault that two rules find is named once")
    func once() throws {
        let found = try faults(#""idNo":"11010519491231002X""#, #""idNo":110105"#)
        #expect(found == ["/applicant/idNo type"])
    }

    @Test(
        "Each fault is named by pointer and rule",
        arguments: [
            ("\"itemCode\":\"11230000MB1A0001XM2000125005000\",", "", ["/itemCode required"]),
            ("XM2000125005000", "XN2000125005000", ["/itemCode check-digit"]),
            ("\"name\":\"李䶮\"", "\"name\":\"\"", ["/applicant/name required"]), ("\"李䶮\"", "null", ["/applicant/name required"]),
            ("\"李䶮\"", "7", ["/applicant/name type"]), ("1231002X", "12310021", ["/applicant/idNo check-digit"]),
            ("19491231", "19491331", ["/applicant/idNo format"]),
            ("\"idCard\"", "\"uscc\"", ["/applicant/idNo check-digit"]), ("\"idCard\"", "\"passport\"", []),
            ("\"idCard\"", "\"card\"", ["/applicant/idType enum"]),
            ("\"idCard\",", "null,", ["/applicant/idType required"]), ("13800005678", "1380000567", ["/applicant/mobile pattern"]),
            ("\"230100\"", "\"230001\"", ["/region format"]), ("\"230100\"", "230100", ["/region type"]),
            ("\"region\"", "\"regoin\"", ["/regoin additionalProperties"]),
            ("\"region\":\"230100\"", "\"status\":\"accepted\"", ["/status additionalProperties"]),
            ("\"mobile\"", "\"phone\"", ["/applicant/phone additionalProperties"]),
            ("\"region\":\"230100\"", "\"applyTime\":\"2023-11-15 09:30:00\"", ["/applyTime format"]),
            ("\"region\":\"230100\"", "\"channel\":\"phone\"", ["/channel enum"]),
            (
                "\"region\":\"230100\"", "\"materials\":[{\"code\":\"1\"},{\"code\":\"2\",\"name\":\"x\",\"url\":\"u\"},null]",
                ["/materials/0/name required", "/materials/1/url additionalProperties", "/materials/2 type"]
            ),
            ("\"region\":\"230100\"", "\"form\":[]", []),
            (
                "\"region\":\"230100\"", "\"agent\":{\"idType\":\"idCard\",\"idNo\":\"1\"}",
                ["/agent/name required", "/agent/idNo format"]
            ),
            ("\"region\":\"230100\"", "\"caseNo\":\"11230000MB1A00028M2000104033000202311140001\"", ["/caseNo begins-with"]),
            ("\"region\":\"230100\"", "\"caseNo\":\"11230000MB1A0001XM2000125005000202313140001\"", ["/caseNo format"]),
            ("\"region\":\"230100\"", "\"caseNo\":\"11230000MB1A0001XM2000125005000202311140001\"", []),
        ])
    func fault(part: String, other: String, expected: [String]) throws {
        #expect(try faults(part, other) == expected)
    }

    @Test("All faults come at once, and none holds a value")
    func allAtOnce() throws {
        let (_, errors) = try submit(
            #"{"itemCode":"geheim1","applicant":{"kind":"geheim2","idType":"idCard","idNo":"geheim3","x":1},"region":5}"#,
            query: [("page", "1"), ("geheimnis", "geheim4")])
        #expect(
            errors.map { "\($0.field) \($0.rule)" } == [
                "/itemCode minLength", "/itemCode format", "/applicant/name required", "/applicant/kind enum",
                "/applicant/x additionalProperties",
                "/applicant/idNo format", "/region type", "query:page unknown-parameter", "query:geheimnis unknown-parameter",
            ])
        #expect(!errors.contains { $0.message.contains("geheim") })
    }

    @Test("Numbers are normalised: X in capitals, times at +08:00, empty fields left out")
    func normalised() throws {
        let text = Self.body.replacing("1231002X", with: "1231002x")
            .replacing("\"region\":\"230100\"", with: #""applyTime":"2023-11-15T01:30:00.5Z","summary":"","agent":null,"materials":[]"#)
        let (input, errors) = try submit(text)
        #expect(errors.isEmpty)
        #expect(input["applicant"]?["idNo"] == "11010519491231002X")
        #expect(input["applyTime"] == "2023-11-15T09:30:00+08:00")
        #expect(input["summary"] == nil && input["agent"] == nil && input["materials"] == nil)
        #expect(input["form"]?["a"] == .null)
    }

    @Test("A body that is missing, no object, or not wanted is an error of the whole body")
    func bodies() throws {
        let submit = try #require(ContractFixture.contract?.operation("cases.submit"))
        #expect(submit.readRequest(path: [], query: [], body: nil).errors.map(\.rule) == ["required"])
        #expect(submit.readRequest(path: [], query: [], body: ["a"]).errors.map { "\($0.field) \($0.rule)" } == [" type"])
        #expect(submit.readRequest(path: [], query: [], body: .null).errors.map(\.rule) == ["type"])
        let get = try #require(ContractFixture.contract?.operation("cases.get"))
        let path = [(name: "caseNo", value: "11230000MB1A0001XM2000125005000202311140001")]
        #expect(get.readRequest(path: path, query: [], body: nil).errors.isEmpty)
        #expect(get.readRequest(path: path, query: [], body: [:]).errors.map(\.rule) == ["unexpected-body"])
    }

    @Test("Query parameters are typed by their schema and get their defaults")
    func query() throws {
        let list = try #require(ContractFixture.contract?.operation("items.list"))
        let (input, errors) = list.readRequest(
            path: [], query: [("size", "50"), ("authority", "11230000MB1A0001XM"), ("keyword", "")], body: nil)
        #expect(errors.isEmpty)
        #expect(input == ["page": 1, "size": 50, "authority": "11230000MB1A0001XM"])
    }

    @Test(
        "Wrong parameters are named as such",
        arguments: [
            ("page", "0", "query:page minimum"), ("page", "one", "query:page type"), ("page", "1.5", "query:page type"),
            ("page", "01", "query:page type"),
            ("size", "101", "query:size maximum"), ("size", "99999999999999999999", "query:size maximum"),
            ("authority", "11230000MB1A0001XN", "query:authority check-digit"), ("region", "1", "query:region format"),
            ("pgae", "1", "query:pgae unknown-parameter"),
        ])
    func wrongQuery(name: String, value: String, expected: String) throws {
        let list = try #require(ContractFixture.contract?.operation("items.list"))
        #expect(list.readRequest(path: [], query: [(name, value)], body: nil).errors.map { "\($0.field) \($0.rule)" } == [expected])
    }

    @Test("A parameter that stands twice, or a path parameter that is wrong or missing")
    func parameters() throws {
        let list = try #require(ContractFixture.contract?.operation("items.list"))
        #expect(list.readRequest(path: [], query: [("page", "1"), ("page", "2")], body: nil).errors.map(\.rule) == ["repeated-parameter"])
        let item = try #require(ContractFixture.contract?.operation("items.get"))
        #expect(item.readRequest(path: [("itemCode", "1")], query: [], body: nil).errors.first?.field == "path:itemCode")
        #expect(item.readRequest(path: [], query: [], body: nil).errors.map { "\($0.field) \($0.rule)" } == ["path:itemCode required"])
        let good = item.readRequest(path: [("itemCode", "11230100MB1A00036M3230125011000")], query: [], body: nil)
        #expect(good.errors.isEmpty && good.input == ["itemCode": "11230100MB1A00036M3230125011000"])
    }
}
