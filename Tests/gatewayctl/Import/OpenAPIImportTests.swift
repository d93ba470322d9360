import Adapters
import Testing

@testable import IntegratorTools

@Suite("gatewayctl import openapi")
struct OpenAPIImportTests {
    /// A document of one operation, `GET /p/{no}` with the id `getCase`.
    private static func document(_ responses: String, more: String = "", components: String = "{}") -> String {
        """
        openapi: 3.0.3
        info: { title: t, version: "1" }
        servers: [{ url: "http://h.example/api/" }]
        paths:
          /p/{no}:
            get:
              operationId: getCase
              parameters: [{ name: no, in: path, required: true, schema: { type: string } }]
              \(more)
              responses: { "200": { description: ok, content: \(responses) } }
        components: \(components)
        """
    }

    private static func json(_ schema: String) -> String { "{ application/json: { schema: \(schema) } }" }

    @Test("an operation is chosen by its id, or by method and path", arguments: ["getCase", "GET /p/{no}"])
    func chosen(_ own: String) throws {
        let made = try ImportedFile(openAPI: Self.document(Self.json("{ type: object }")), [("cases.get", own)])
        #expect(try made.tree["operations"]?["cases.get"]?["rest"]?["path"]?.text == "/api/p/{no}")
        #expect(made.text.contains("# ---- getCase, "))
        try made.compiled()
    }

    @Test("a wrong name is answered with the nearest of either kind")
    func near() {
        for (own, meant) in [("getCaze", "getCase"), ("GET /p/{nr}", "GET /p/{no}")] {
            let fault = #expect(throws: ToolFault.self) {
                try ImportedFile(openAPI: Self.document(Self.json("{}")), [("cases.get", own)])
            }
            #expect(fault?.description.contains("did you mean '\(meant)'?") == true)
        }
    }

    // MARK: Paths

    @Test("a path keeps its placeholders, one field for each; a query behind it is listed, and what no path holds is escaped")
    func path() throws {
        let made = try ImportedFile(
            openAPI: """
                swagger: "2.0"
                info: { title: t }
                host: h.example
                basePath: v1/
                paths:
                  /办件/{no}?a=1: { get: { parameters: [{ name: x, in: path, type: string }], responses: { 200: {} } } }
                  /a{b: { get: { responses: { 200: {} } } }
                """, [("cases.get", "GET /办件/{no}?a=1")])
        let operation = try made.tree["operations"]?["cases.get"]
        #expect(operation?["rest"]?["path"]?.text == "/v1/%E5%8A%9E%E4%BB%B6/{no}")
        #expect(operation?["path"]?.entries?.map(\.key) == ["no"])
        #expect(made.notes("'?a=1' behind the path is not taken over") && made.notes("the parameter 'x' has no place in the path"))
        #expect(made.notes("the path '/v1/a{b' is none that a file can hold"))
        try made.compiled()
    }

    // MARK: Replies

    @Test("a reply in XML is read as XML, by its root and the names that its schema gives")
    func xmlReply() throws {
        let schema = """
            { type: object, xml: { name: R }, properties: { code: { type: string }, id: { type: string, xml: { attribute: true } },
              list: { type: array, xml: { wrapped: true, name: LIST }, items: { type: object, xml: { name: ITEM }, properties: { n: {} } } } } }
            """
        let made = try ImportedFile(openAPI: Self.document("{ application/xml: { schema: \(schema) } }"), [("cases.get", "getCase")])
        #expect(made.text.contains("reply:\n      as: xml\n      success: http"))
        #expect(made.text.contains("such as \"$.R.code == 0\""))
        for path in ["$.R.code   string", "\"$.R['@id']\"   string", "$.R.LIST.ITEM[*].n   any"] {
            #expect(made.text.contains("#   \(path)"), "\(path)\n\(made.text)")
        }
        let chosen = made.text.replacing("status: { const: \"draft\" }", with: "status: { const: accepted }\n        summary: $.R.code")
        let answer = try made.answer(chosen, to: "<R id=\"1\"><code>7</code></R>", type: "application/xml")
        #expect(answer?["summary"]?.string == "7")
    }

    @Test("an XML root without a name of its own has its schema's; Swagger 2 says XML under 'produces'")
    func xmlRoot() throws {
        let made = try ImportedFile(
            openAPI: """
                swagger: "2.0"
                info: { title: t }
                produces: [application/xml]
                consumes: [text/xml]
                paths:
                  /a: { post: { parameters: [{ in: body, name: b, schema: { $ref: "#/definitions/Case" } }],
                    responses: { 200: { schema: { $ref: "#/definitions/Case" } } } } }
                definitions: { Case: { type: object, properties: { no: { type: string } } } }
                """, [("cases.get", "POST /a")])
        #expect(made.text.contains("body: xml, root: Case }") && made.text.contains("#   $.Case.no   string"))
        #expect(!made.text.contains("as: xml"), "a body of XML is answered in XML unless the file says otherwise")
        try made.compiled()
    }

    @Test("a reply in a format whose paths cannot be told is listed")
    func otherReply() throws {
        let made = try ImportedFile(openAPI: Self.document("{ text/csv: { schema: { type: string } } }"), [("cases.get", "getCase")])
        #expect(made.notes("the reply as text/csv is not taken over; CHOOSE 'as: delimited'"))
        #expect(!made.text.contains("what the reply holds"))
        try made.compiled()
    }

    @Test("a reply that is a list is read from its root")
    func list() throws {
        let schema = "{ type: array, items: { type: object, properties: { at: { type: string } } } }"
        let made = try ImportedFile(openAPI: Self.document(Self.json(schema)), [("cases.get", "getCase")])
        #expect(made.text.contains("#   $[*].at   string") && made.text.contains("{ each: $, fields: { … } }"))
        #expect(made.text.contains("such as \"$[0].code == 0\"") && !made.text.contains("$.body"))
        let chosen = made.text.replacing(
            "status: { const: \"draft\" }",
            with: "status: { const: accepted }\n        materials: { each: $, fields: { name: \"@.at\", code: { const: c } } }")
        let answer = try made.answer(chosen, to: #"[{"at": "a"}, {"at": "b"}]"#, type: "application/json")
        #expect(answer?["materials"]?.array?.compactMap { $0["name"]?.string } == ["a", "b"])
    }

    // MARK: One of several

    private static let applicant = """
        { schemas: { Person: { type: object, required: [type], properties: { type: { type: string }, xm: { type: string } } },
          Org: { type: object, properties: { type: { type: string }, mc: { type: string } } },
          Who: { oneOf: [{ $ref: "#/components/schemas/Person" }, { $ref: "#/components/schemas/Org" }],
            discriminator: { propertyName: type, mapping: { P: "#/components/schemas/Person" } } } } }
        """

    @Test("the variants of oneOf and the values that tell them stand in comments")
    func variants() throws {
        let body = "requestBody: { content: \(Self.json("{ properties: { who: { $ref: \"#/components/schemas/Who\" } } }")) }"
        let reply = Self.json("{ properties: { who: { $ref: '#/components/schemas/Who' } } }")
        let made = try ImportedFile(openAPI: Self.document(reply, more: body, components: Self.applicant), [("cases.get", "getCase")])
        #expect(made.text.contains("# CHOOSE one of Person, Org; or several:  first:"))
        #expect(made.text.contains("# Person, where 'type' is 'P':\n") && made.text.contains("#   type: { const: \"P\" }\n"))
        // Without a mapping a variant is told by its schema's name.
        #expect(made.text.contains("# Org, where 'type' is 'Org':\n"))
        #expect(made.text.contains("#   $.who.xm   string, of Person") && made.text.contains("#   $.who.mc   string, of Org"))
        #expect(made.notes("'oneOf' of 'who': its variants stand in comments"))
        try made.compiled()
    }

    @Test("a variant whose own schema says its word is told by that; an unusual media type is named")
    func ownWords() throws {
        let components = """
            { schemas: { Person: { allOf: [{ type: object, properties: { type: { const: PERSON } } }] },
              Org: { type: object, properties: { type: { type: string, enum: [ORG] } } },
              Who: { oneOf: [{ $ref: "#/components/schemas/Person" }, { $ref: "#/components/schemas/Org" }], discriminator: { propertyName: type } } } }
            """
        let schema = "{ properties: { who: { $ref: \"#/components/schemas/Who\" } } }"
        let body = "requestBody: { content: { application/merge-patch+json: { schema: \(schema) } } }"
        let reply = Self.json("{ properties: { no: { type: string } } }")
        let made = try ImportedFile(openAPI: Self.document(reply, more: body, components: components), [("cases.get", "getCase")])
        #expect(made.text.contains("# Person, where 'type' is 'PERSON':\n") && made.text.contains("# Org, where 'type' is 'ORG':\n"))
        #expect(made.notes("the body is sent as application/merge-patch+json: say so with 'type' beside 'body'"))
        try made.compiled()
    }

    @Test("a whole body that is one of several has its variants in comments too")
    func wholeVariants() throws {
        let body = "requestBody: { content: \(Self.json("{ $ref: \"#/components/schemas/Who\" }")) }"
        let made = try ImportedFile(
            openAPI: Self.document(Self.json("{ $ref: '#/components/schemas/Who' }"), more: body, components: Self.applicant),
            [("cases.get", "getCase")])
        #expect(made.text.contains("# request:\n      # CHOOSE one of Person, Org"))
        #expect(made.text.contains("#   $.xm   string, of Person"))
        try made.compiled()
    }

    @Test("one schema beside null is that schema, and may be nil")
    func nullable() throws {
        let schema =
            "{ required: [a, b], properties: { a: { anyOf: [{ type: string }, { type: 'null' }] }, b: { allOf: [{ type: integer }], nullable: true } } }"
        let made = try ImportedFile(
            openAPI: Self.document(Self.json(schema), more: "requestBody: { content: \(Self.json(schema)) }"), [("cases.get", "getCase")])
        #expect(made.text.contains("a: { const: \"\", nil: true }") && made.text.contains("# string, required, may be nil"))
        #expect(made.text.contains("#   $.b   integer, required, may be nil"))
        #expect(try made.body(made.text.replacing("\"no\": { const: \"\" }", with: "\"no\": $.caseNo")).hasSuffix(#" {"a":null,"b":null}"#))
    }

    // MARK: Security

    private static let schemes = """
        { securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, sid: { type: apiKey, in: cookie, name: SID },
          appid: { type: apiKey, in: query, name: appid },
          oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: "http://h.example/oauth/token", scopes: { read: r, write: w } } } },
          other: { type: http, scheme: bearer } } }
        """

    @Test("the login and what calls carry stand in comments, ready to be used")
    func security() throws {
        let made = try ImportedFile(openAPI: Self.document(Self.json("{}"), components: Self.schemes), [("cases.get", "getCase")])
        try made.compiled()
        // The marks taken away, it is a file.
        var isInside = false
        let lines = made.text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            if line.isEmpty { isInside = false }
            if line == "# login:" { isInside = true }
            return isInside ? line.dropFirst(2) : line
        }
        let used = lines.joined(separator: "\n")
        try made.compiled(used)
        #expect(used.contains("\nlogin:\n  form: { path: /oauth/token }"))
        #expect(used.contains("request: { grant_type: { const: client_credentials }, scope: { const: \"read write\" } }"))
        #expect(used.contains("user: { secret: X_CLIENT_ID }, password: { secret: X_CLIENT_SECRET }"))
        #expect(
            used.contains("headers: { X-Key: { secret: X_KEY }, Authorization: { concat: [{ const: \"Bearer \" }, { session: token }] } }"))
        #expect(used.contains("query: { appid: { secret: X_APPID } }") && used.contains("cookies: { SID: { secret: X_SID } }"))
        // One header holds one proof.
        #expect(made.notes("the security scheme 'other' (http): CHOOSE"))
        #expect(made.notes("the security scheme 'oauth' (oauth2) stands in comments"))
    }

    @Test("Swagger 2 has its flow in the scheme; a token that is asked for elsewhere is listed")
    func application() throws {
        let made = try ImportedFile(
            openAPI: """
                swagger: "2.0"
                info: { title: t }
                host: h.example
                paths: {}
                securityDefinitions: { o: { type: oauth2, flow: application, tokenUrl: "https://sso.example/token" } }
                """)
        #expect(made.text.contains("#   form: { path: /token }"))
        #expect(made.notes("the tokenUrl is at https://sso.example: CHOOSE"))
    }

    @Test("the texts of an enumeration stand beside its values, and 'default' is none of them")
    func enumeration() throws {
        let made = try ImportedFile(
            openAPI: Self.document(
                Self.json("{ properties: { s: { type: string, enum: [A, default, B, A], x-enum-descriptions: [一, 二, 三, 四] } } }")))
        #expect(made.text.contains("  s:\n    \"A\": \"A\"   # 一\n    \"B\": \"B\"   # 三\n"))
        #expect(made.notes("the value 'default' of 's' is not in its table"))
        try made.compiled()
    }
}
