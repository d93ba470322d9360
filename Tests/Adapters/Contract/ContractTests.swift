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
            operations.map { "\($0.id) \($0.method) \($0.pathTemplate) \($0.successes.map(\.status))" } == [
                "cases.submit POST /v1/cases [201, 202]", "cases.search POST /v1/cases/search [200]",
                "cases.get GET /v1/cases/{caseNo} [200]", "cases.events GET /v1/cases/{caseNo}/events [200]",
                "cases.withdraw POST /v1/cases/{caseNo}/withdrawal [200, 202]",
                "cases.corrections.list GET /v1/cases/{caseNo}/corrections [200]",
                "cases.corrections.answer POST /v1/cases/{caseNo}/corrections [200]", "cases.result GET /v1/cases/{caseNo}/result [200]",
                "items.list GET /v1/items [200]", "items.get GET /v1/items/{itemCode} [200]",
                "items.guide GET /v1/items/{itemCode}/guide [200]", "licences.list GET /v1/licences [200]",
                "licences.search POST /v1/licences/search [200]", "licences.get GET /v1/licences/{id} [200]",
                "licences.verify POST /v1/licences/{id}/verification [200]", "licences.file GET /v1/licences/{id}/file [200]",
                "verifications.create POST /v1/verifications [200]", "evaluations.create POST /v1/evaluations [201]",
            ])
        func key(_ id: String) -> DepartmentKey? { contract?.operation(id)?.department }
        #expect(key("cases.submit") == DepartmentKey(fields: [.init(name: "itemCode", source: .body)]))
        #expect(key("cases.get") == DepartmentKey(fields: [.init(name: "caseNo", source: .path)]))
        #expect(key("items.list") == DepartmentKey(fields: [.init(name: "authority", source: .query)], isFanOut: true))
        #expect(
            key("licences.get") == DepartmentKey(fields: [.init(name: "authority", source: .query), .init(name: "id", source: .path)]))
        #expect(
            operations.filter(\.department.isFanOut).map(\.id) == [
                "cases.search", "items.list", "licences.list", "licences.search", "verifications.create",
            ])
        #expect(
            contract?.operation("cases.events")?.pathSegments == [
                .literal("v1"), .literal("cases"), .parameter("caseNo"), .literal("events"),
            ])
        #expect(operations.filter(\.takesBody).allSatisfy { $0.method == "POST" })
        #expect(operations.filter(\.answersFile).map(\.id) == ["licences.file"])
        #expect(contract?.operation("cases.none") == nil)
    }

    @Test("What changes something is told from what only reads, though both are posted")
    func safety() throws {
        let operations = try #require(ContractFixture.contract).operations
        #expect(
            operations.filter { !$0.isSafe }.map(\.id) == [
                "cases.submit", "cases.withdraw", "cases.corrections.answer", "evaluations.create",
            ])
    }

    @Test("An answer has the status that its fields ask for, and says where its resource is")
    func statusAndLocation() throws {
        let submit = try #require(ContractFixture.contract?.operation("cases.submit"))
        #expect(submit.status(of: ["caseNo": "1", "status": "submitted"]) == 201)
        #expect(submit.status(of: ["caseNo": "1", "status": "submitted", "ticket": "T1"]) == 202)
        #expect(submit.location(of: ["caseNo": "1/ä"]) == "/v1/cases/1%2F%C3%A4")
        #expect(submit.location(of: ["status": "submitted"]) == nil)
        #expect(ContractFixture.contract?.operation("cases.get")?.location(of: ["caseNo": "1"]) == nil)
    }

    @Test("A request's department is named by the first field it has, a licence's by the issuer in its identifier")
    func departmentCode() throws {
        let contract = try #require(ContractFixture.contract)
        let get = try #require(contract.operation("licences.get"))
        let id = "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S"
        #expect(get.departmentCode(in: ["id": .string(id)]) ?? ("", "") == ("id", "11230000MB1A0001XM"))
        #expect(get.departmentCode(in: ["id": "ZZ-1"]) ?? ("", "") == ("id", "ZZ-1"))
        #expect(
            get.departmentCode(in: ["id": .string(id), "authority": "11230000MB1A00028M"]) ?? ("", "")
                == ("authority", "11230000MB1A00028M"))
        #expect(contract.operation("verifications.create")?.departmentCode(in: [:]) == nil)
    }

    @Test("The document is served as JSON that says the same")
    func json() throws {
        let contract = try #require(ContractFixture.contract)
        let document = try JSONCodec.decode(contract.json)
        #expect(document["openapi"] == "3.1.0")
        #expect(document["paths"]?["/v1/cases"]?["post"]?["operationId"] == "cases.submit")
        #expect(document["components"]?["parameters"]?["Page"]?["schema"]?["default"] == 1)
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
            ("{ from: path, field: id }", "[{ from: path, field: id }, { from: query, field: no }]", "unknown-field"),
            ("{ from: path, field: id }", "[{ from: path, field: id, optional: fan-out }, { from: path, field: id }]", "unknown-key"),
            ("field: id }\n", "field: id }\n      x-tongban-safe: false\n", "wrong-type"),
            ("field: id }\n", "field: id }\n      x-tongban-safe: perhaps\n", "wrong-type"),
            ("field: id }\n", "field: id }\n      x-tongban-location: /v1/things/{no}\n", "unknown-field"),
            ("field: id }\n", "field: id }\n      x-tongban-location: things\n", "wrong-path"),
            ("description: A thing.\n", "description: A thing.\n          x-tongban-when: id\n", "missing-key"),
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
