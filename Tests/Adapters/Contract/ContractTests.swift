import Adapters
import Testing

@Suite("The contract document is compiled whole")
struct ContractTests {
    @Test("The project's contract compiles without a problem")
    func compiles() throws {
        let (contract, problems) = ContractFixture.compile(ContractFixture.source)
        #expect(problems.isEmpty, "\(problems)")
        let operations = try #require(contract).operations
        #expect(
            operations.map { "\($0.id) \($0.method) \($0.pathTemplate) \($0.successStatuses)" } == [
                "cases.submit POST /v1/cases [201, 202]", "cases.get GET /v1/cases/{caseNo} [200]",
                "cases.events GET /v1/cases/{caseNo}/events [200]", "items.list GET /v1/items [200]",
                "items.get GET /v1/items/{itemCode} [200]",
            ])
        #expect(operations.map(\.successStatus) == [201, 200, 200, 200, 200])
        #expect(
            operations.map(\.department) == [
                .field(name: "itemCode", from: .body), .field(name: "caseNo", from: .path), .field(name: "caseNo", from: .path),
                .fanOut(optionalField: "authority"), .field(name: "itemCode", from: .path),
            ])
        #expect(
            contract?.operation("cases.events")?.pathSegments == [
                .literal("v1"), .literal("cases"), .parameter("caseNo"), .literal("events"),
            ])
        #expect(operations.map(\.takesBody) == [true, false, false, false, false])
        #expect(contract?.operation("cases.none") == nil)
    }

    @Test("The document is served as JSON that says the same")
    func json() throws {
        let contract = try #require(ContractFixture.contract)
        let document = try JSONCodec.decode(contract.json)
        #expect(document["openapi"] == "3.1.0")
        #expect(document["paths"]?["/v1/cases"]?["post"]?["operationId"] == "cases.submit")
        #expect(document["paths"]?["/v1/items"]?["get"]?["parameters"]?.array?.first?["schema"]?["default"] == 1)
        #expect(document["components"]?["schemas"]?["Case"]?["required"] == ["caseNo", "status"])
        #expect(!contract.json.contains(UInt8(ascii: "\n")))
    }

    @Test("The contract and the program know the same problem codes, and every status has its response")
    func problemCodes() throws {
        let document = try JSONCodec.decode(try #require(ContractFixture.contract).json)
        let codes = document["components"]?["schemas"]?["ProblemCode"]?["enum"]?.array?.compactMap(\.string) ?? []
        #expect(Set(codes) == Set(ProblemCode.allCases.map(\.rawValue)))
        #expect(codes.count == ProblemCode.allCases.count)
        let submit = document["paths"]?["/v1/cases"]?["post"]?["responses"]?.object
        for code in ProblemCode.allCases {
            let reference = submit?["\(code.status)"]?["$ref"]?.string ?? ""
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            let response = document["components"]?["responses"]?[name]
            #expect(response?["description"]?.string?.contains(code.rawValue) == true, "\(code.rawValue) under \(code.status)")
            #expect(response?["headers"]?["X-Request-Id"] != nil, "\(name)")
            #expect(response?["content"]?["application/problem+json"] != nil, "\(name)")
        }
    }

    @Test("Every field of the contract has a description")
    func described() throws {
        let document = try JSONCodec.decode(try #require(ContractFixture.contract).json)
        for schema in document["components"]?["schemas"]?.object?.fields ?? [] {
            #expect(schema.value["description"]?.string != nil, "\(schema.name)")
            for property in schema.value["properties"]?.object?.fields ?? [] {
                let isDescribed = property.value["description"] != nil || property.value["$ref"] != nil
                #expect(isDescribed, "\(schema.name).\(property.name)")
            }
        }
    }

    static let minimal = """
        openapi: 3.1.0
        info: { title: t, version: '1' }
        paths:
          /v1/things/{id}:
            get:
              operationId: things.get
              x-tongban-department: { from: path, field: id }
              parameters:
                - { name: id, in: path, required: true, schema: { type: string } }
              responses:
                '200':
                  description: A thing.
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/Thing' }
        components:
          schemas:
            Thing: { type: object, properties: { id: { type: string } } }
        """

    @Test("The small contract that the next test breaks is a good one")
    func minimalIsGood() {
        #expect(ContractFixture.compile(Self.minimal).problems.isEmpty)
    }

    @Test(
        "What is wrong with a contract is said with its place",
        arguments: [
            ("openapi: 3.1.0", "openapi: 3.0.3", "unknown-value"), ("info:", "inof:", "unknown-key"),
            ("schemas/Thing'", "schemas/Thin'", "unknown-reference"), ("operationId: things.get", "summary: x", "missing-key"),
            ("{ from: path, field: id }", "{ from: path, field: no }", "unknown-field"),
            ("{ from: path, field: id }", "{ from: body, field: id }", "unknown-field"),
            ("{ from: path, field: id }", "{ from: header, field: id }", "unknown-value"),
            ("{ from: path, field: id }", "{ from: path, field: id, optional: fan-out }", "wrong-type"),
            ("      x-tongban-department: { from: path, field: id }\n", "", "missing-key"),
            ("/v1/things/{id}:", "/v1/things:", "unknown-parameter"), ("/v1/things/{id}:", "/v1/things/a{id}:", "wrong-path"),
            ("/v1/things/{id}:", "v1/things/{id}:", "wrong-path"), ("in: path", "in: cookie", "unknown-value"),
            ("'200':", "'404':", "missing-key"),
            ("'200':", "'2XX':", "unknown-value"), ("application/json:", "text/xml:", "unsupported-media"),
            ("schema: { type: string }", "schema: { type: strin }", "unknown-type"),
            ("schema: { type: string }", "schema: { pattern: '(' }", "wrong-pattern"),
            ("schema: { type: string }", "schema: { type: integer }, example: one", "wrong-example"),
        ])
    func refused(part: String, by other: String, rule: String) {
        #expect(Self.minimal.contains(part))
        let (contract, problems) = ContractFixture.compile(Self.minimal.replacing(part, with: other))
        #expect(contract == nil)
        #expect(problems.contains { $0.rule == rule && ($0.place?.line ?? 0) > 0 }, "\(problems)")
    }

    @Test("Mappings can ask what a request and an answer may hold")
    func introspection() throws {
        let submit = try #require(ContractFixture.contract?.operation("cases.submit"))
        #expect(submit.knowsRequestField(path: ["applicant", "idNo"]) && submit.knowsRequestField(path: ["materials", "name"]))
        #expect(submit.knowsRequestField(path: ["form", "anything", "inside"]))
        #expect(!submit.knowsRequestField(path: ["status"]) && !submit.knowsRequestField(path: ["applicant", "nmae"]))
        #expect(submit.knowsReplyField(path: ["status"]) && !submit.knowsReplyField(path: ["staus"]))
        #expect(submit.knowsReplyField(path: ["form", "x"]) && !submit.knowsReplyField(path: ["caseNo", "x"]))
        #expect(submit.requiredReplyFields == ["caseNo", "status"])
        #expect(submit.replyValues(at: ["status"])?.count == 14)
        #expect(submit.replyValues(at: ["caseNo"]) == nil)
        #expect(submit.requestValues(at: ["applicant", "idType"]) == ["idCard", "passport", "uscc", "other"])
        #expect(submit.requestFields.prefix(3) == ["caseNo", "itemCode", "itemName"])
        let list = try #require(ContractFixture.contract?.operation("items.list"))
        #expect(list.knowsRequestField(path: ["page"]) && !list.knowsRequestField(path: ["pages"]))
        #expect(list.requestFields == ["page", "size", "authority", "keyword", "region"])
        #expect(list.requiredReplyFields == ["page", "size", "total"])
        #expect(list.replyValues(at: ["items", "serviceTargets"]) == ["1", "2", "3", "4", "5", "6"])
        let events = try #require(ContractFixture.contract?.operation("cases.events"))
        #expect(events.requiredReplyFields.isEmpty && events.knowsReplyField(path: ["items", "startTime"]))
        #expect(events.knowsRequestField(path: ["caseNo"]))
    }
}
