import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("gatewayctl import")
struct ImportTests {
    static let files = Project.root + "/Tests/gatewayctl/Import/Files/"

    let contract: Contract

    init() throws { contract = try ContractFile.read(Project.routes) }

    private func wsdl(
        _ name: String, port: String? = nil, _ operations: [(contract: String, own: String)] = []
    ) throws -> (text: String, notes: [ImportNote]) {
        var reader = try WSDLImport(Self.files + name, port: port)
        let choices = ImportChoices(id: "x", authority: "11230000MB1A0001XM", operations: operations)
        return try reader.text(choices, contract: contract)
    }

    private func openAPI(
        _ name: String, _ operations: [(contract: String, own: String)] = []
    ) throws -> (text: String, notes: [ImportNote]) {
        var reader = try OpenAPIImport(Self.files + name)
        return try reader.text(ImportChoices(id: "x", authority: "11230000MB1A0001XM", operations: operations), contract: contract)
    }

    /// Compiles a file among the shipped ones; the snapshot, or the test fails with the problems.
    private func compiled(_ text: String) throws -> Snapshot {
        let folder = try Folder()
        try folder.copyRoutes()
        try folder.write(text, to: "Routes/departments/x.yaml")
        let configuration = LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true)
        return try #require(configuration.snapshot, "\(configuration.problems.map(\.description).joined())\n\(text)")
    }

    /// The body of the request that an imported operation makes of a call.
    private func body(_ text: String, _ call: String) throws -> String {
        let trial = try CallFile(Array(call.utf8), in: try compiled(text), department: "x")
        let request = try trial.adapter.request(trial.call)
        return "\(request.target) \(String(decoding: request.body, as: UTF8.self))"
    }

    private static let get = #"{"operation": "cases.get", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}}"#

    @Test("every description gives a file that is valid as it is, with and without choices")
    func valid() throws {
        let all = [
            try wsdl("axis1.wsdl"), try wsdl("axis1.wsdl", [("cases.submit", "receiveData")]), try wsdl("cxf.wsdl", port: "CasePort"),
            try wsdl("cxf.wsdl", port: "CasePort", [("cases.submit", "submit")]),
            try wsdl("cxf.wsdl", port: "QueryPort", [("cases.get", "query")]),
            try wsdl("asmx.wsdl", port: "StateSoap12", [("cases.get", "GetState")]),
            try wsdl("odd.wsdl", [("cases.get", "ask"), ("cases.events", "tell")]), try openAPI("openapi.yaml"),
            try openAPI("openapi.yaml", [("cases.get", "getCase"), ("cases.submit", "putCase")]),
            try openAPI("swagger.json", [("cases.get", "POST /state"), ("items.get", "form"), ("cases.events", "GET /state")]),
        ]
        for made in all { _ = try compiled(made.text) }
    }

    @Test("an address with variables stands with their defaults, cookies are taken over, other servers are listed")
    func server() throws {
        let text = """
            openapi: 3.0.3
            info: { title: t, version: "1" }
            servers: [{ url: "https://10.0.0.2/api/{ver}/{zone}", variables: { ver: { default: v2 } } }, { url: "https://10.0.0.3" }]
            paths:
              /c:
                get:
                  operationId: read
                  parameters: [{ name: sid, in: cookie, schema: { type: string } }]
                  responses: { "200": { description: ok, content: { application/json: { schema: { oneOf: [{ type: string }] } } } } }
            """
        let folder = try Folder()
        try folder.write(text, to: "o.yaml")
        var reader = try OpenAPIImport(folder.path + "/o.yaml")
        let choices = ImportChoices(id: "x", authority: "11230000MB1A0001XM", operations: [("cases.get", "read")])
        let made = try reader.text(choices, contract: contract)
        _ = try compiled(made.text)
        #expect(made.text.contains("path: /api/v2/CHOOSE/c") && made.text.contains("cookies:\n      sid:"))
        let notes = made.notes.map(\.text)
        #expect(notes.contains("the server 'https://10.0.0.3' is not taken over; the first one is"))
        #expect(
            notes.contains("the address' variable 'ver' stands as 'v2'") && !notes.contains { $0.contains("oneOf") },
            "one alone is what it is")
    }

    @Test("rpc/encoded: arguments with their types, the operation in the namespace of its body, a file in GBK")
    func encoded() throws {
        let made = try wsdl("axis1.wsdl", [("cases.submit", "receiveData")])
        #expect(made.text.contains("operation: receiveData, namespace: \"http://service.spjk.example/\""))
        #expect(made.text.contains("接收申办数据"))
        #expect(made.text.contains("endpoints: [http://10.1.2.3:8080]") && made.text.contains("path: /axis/services/SpjkService"))
        #expect(made.text.contains("\"@xsi:type\": { const: \"xsd:string\" }"))
        let types =
            "xsi: \"http://www.w3.org/2001/XMLSchema-instance\", xsd: \"http://www.w3.org/2001/XMLSchema\", "
            + "soapenc: \"http://schemas.xmlsoap.org/soap/encoding/\", ns1: \"http://service.spjk.example/\""
        #expect(made.text.contains("namespaces: { \(types) }"))
        #expect(made.text.contains("\"@xsi:type\": { const: \"soapenc:Array\" }"))
        #expect(
            made.text.contains("\"@soapenc:arrayType\": { concat: [{ const: \"ns1:Material[\" }, { const: \"1\" }, { const: \"]\" }] }"))
        #expect(made.text.contains("\"@xsi:type\": { const: \"ns1:Material\" }"))
        #expect(made.text.contains("impl:Material[], required, a list") || made.text.contains("impl:Material[], a list"))
        let path = "$.Envelope.Body.receiveDataResponse.receiveDataReturn"
        #expect(made.text.contains("#   { from: [\"\(path)['#text']\", \"\(path)\"] }"))
    }

    @Test("document/literal wrapped: the schema in other files, extension, attributes, lists, code tables, qualified names")
    func wrapped() throws {
        let made = try wsdl("cxf.wsdl", port: "CasePort", [("cases.submit", "submit")])
        #expect(made.text.contains("action: \"urn:submit\", qualified: true, header: { Auth: { const: \"\" } }"))
        #expect(made.text.contains("  Kind: { \"01\": \"01\", \"02\": \"02\" }"))
        #expect(made.text.contains("\"@version\": { const: \"\" }") && made.text.contains("申请人名称"))
        #expect(made.text.contains("#   { from: $.Envelope.Body.submitResponse.return.state, map: State }"))
        let itself = made.notes.first { $0.text == "the type 't:Case' contains itself; it is followed once" }
        #expect(itself?.file.hasSuffix("cxf-types.xsd") == true)
        #expect(made.notes.contains { $0.text.hasPrefix("the fault 'busy'") && $0.line == 20 })
        let id = try #require(made.text.firstRange(of: "id: { const: \"\" }")?.lowerBound)
        let kind = try #require(made.text.firstRange(of: "kind: { const: \"\" }")?.lowerBound)
        #expect(id < kind)
    }

    @Test("several ports are listed, and one is chosen")
    func ports() throws {
        let fault = #expect(throws: ToolFault.self) { try WSDLImport(Self.files + "asmx.wsdl") }
        #expect(fault?.description.contains("choose one with --port\n  StateSoap   SOAP 1.1") == true)
        let wrong = #expect(throws: ToolFault.self) { try WSDLImport(Self.files + "cxf.wsdl", port: "QeryPort") }
        #expect(wrong?.description.contains("did you mean 'QueryPort'?") == true)
        let made = try wsdl("asmx.wsdl", port: "StateSoap12", [("cases.get", "GetState")])
        #expect(made.notes.map(\.text) == ["the port 'StateHttpGet' is not SOAP over HTTP"])
        let sent = try body(made.text, Self.get)
        #expect(sent.hasPrefix("/State.asmx ") && sent.contains("<GetState xmlns=\"http://tempuri.org/\""))
        #expect(sent.contains("http://www.w3.org/2003/05/soap-envelope"))
    }

    @Test("what cannot be taken over is listed with its line, in the file and beside it")
    func odd() throws {
        let made = try wsdl("odd.wsdl")
        let expected: [(Int, String)] = [
            (6, "the extension 'Policy'"), (7, "the import of http://elsewhere.example/else.wsdl is not in a file"),
            (8, "the import of gone.wsdl cannot be read"), (11, "the schema at http://elsewhere.example/far.xsd is not in a file"),
            (13, "mixed content"), (14, "a choice: one of byNo, byName"), (16, "the type 'tns:Missing' is defined nowhere"),
            (18, "xsd:anyAttribute"), (23, "xsd:any"), (24, "xsd:list of 'codes'"), (29, "a second part"), (31, "a part with a type"),
            (34, "the operation 'tell' is one-way"), (35, "the operation 'notify' takes no input"), (41, "multipartRelated"),
            (45, "the operation 'gone' is in no port type"),
        ]
        for (line, text) in expected {
            let isListed = made.notes.contains { $0.line == line && $0.text.hasPrefix(text) }
            #expect(isListed, "\(line): \(text)\n\(made.notes.map(\.description))")
        }
        for note in made.notes { #expect(made.text.contains(note.description)) }
    }

    @Test("a WSDL that is none, a DOCTYPE, and broken XML are refused with the place")
    func refused() throws {
        let folder = try Folder()
        func fault(_ text: String) throws -> String {
            let path = try folder.write(text, to: "x.wsdl")
            return #expect(throws: ToolFault.self) { try WSDLImport(path) }?.description.replacing(folder.path + "/", with: "") ?? ""
        }
        #expect(try fault("<a>\n<b></a>").contains("(line 2)"))
        #expect(try fault("<!DOCTYPE a [<!ENTITY x SYSTEM \"/etc/passwd\">]><a>&x;</a>").contains("a DOCTYPE is not allowed"))
        #expect(try fault("\n<description xmlns='http://www.w3.org/ns/wsdl'/>").hasPrefix("x.wsdl:2: no WSDL 1.1"))
    }

    @Test("OpenAPI 3: path, query, header and body fields, references, allOf, enumerations, and what is left out")
    func openapi() throws {
        let made = try openAPI("openapi.yaml", [("cases.get", "getCase"), ("cases.submit", "putCase")])
        #expect(made.text.contains("rest: { method: GET, path: \"/api/cases/{no}\" }"))
        #expect(made.text.contains("X-Channel: { const: \"1\" }") || made.text.contains("X-Channel: { const: \"\" }"))
        #expect(made.text.contains("  state: { \"open\": \"open\", \"closed\": \"closed\" }"))
        #expect(made.text.contains("#   $.data.materials[*].code   string") && made.text.contains("申办流水号"))
        #expect(made.text.contains("cookies:") && made.text.contains("sid: "), "\(made.text)")
        let expected: [(Int, String)] = [
            (29, "'oneOf' of 'extra'"), (30, "the body as multipart/form-data"), (31, "'callbacks'"),
            (33, "OPTIONS /cases"), (36, "the security scheme 'key' (apiKey header 'X-Key')"), (45, "'parent' contains itself"),
            (46, "the reference '#/components/schemas/Nowhere'"),
        ]
        for (line, text) in expected {
            let isListed = made.notes.contains { $0.line == line && $0.text.hasPrefix(text) }
            #expect(isListed, "\(line): \(text)\n\(made.notes.map(\.description))")
        }
    }

    @Test("Swagger 2: body and form parameters, base path, and operations without an id")
    func swagger() throws {
        let made = try openAPI("swagger.json", [("cases.get", "POST /state")])
        #expect(made.text.contains("endpoints: [http://old.example:8081]") && made.text.contains("path: /v2/state"))
        #expect(made.text.contains("#   $[*].no   string"))
        #expect(made.text.contains("# CHOOSE:") && made.text.contains("rest: { method: POST, path: /v2/form, body: form }"))
        #expect(made.notes.contains { $0.text.hasPrefix("the file 'scan'") })
        #expect(try body(made.text, Self.get).hasPrefix("/v2/state "))
    }

    @Test("an object in a form or a query stands as a JSON text, and what is inside it does not")
    func objects() throws {
        let made = try openAPI("objects.yaml", [("cases.get", "apply")])
        #expect(made.text.split(separator: "document: { json: object }").count == 3, "\(made.text)")
        _ = try compiled(made.text)
    }

    @Test("a wrong choice is said with what was meant")
    func choices() {
        let fault = #expect(throws: ToolFault.self) {
            try openAPI("swagger.json", [("cases.gett", "form")])
        }
        #expect(fault?.description == "the contract has no operation 'cases.gett'; did you mean 'cases.get'?")
        #expect(throws: ToolFault.self) { try wsdl("axis1.wsdl", [("cases.get", "recieveData")]) }
    }
}
