import Adapters
import Testing

@testable import IntegratorTools

/// Descriptions whose texts try to be more than texts.
@Suite("gatewayctl import: hostile texts")
struct ImportHostileTests {
    /// Texts that end a line, a comment, a key or a quotation wherever they are not held.
    private static let texts = [
        "x\nzone: gov\n# ", "a\r\nb: c", "\u{85}zone: gov", "\u{2028}zone: gov\u{2029}", "sid: #", "na me", "k: v", "yes", "null", "~", "",
        " ", "- a", "? a", "{ a", "a }", "[b", "c]", "&a", "*a", "!t", "|", ">", "%", "@a", "`", "\"", "'", "\\", "\\n", "\"\n", "a,b", "#",
        " # ", "\u{1B}[2J", "\u{202E}abc", "\u{FEFF}a", "\t", "中文", "名\n称", "..", "/", "?", "{", "}", "{x}", "\u{0}", "\u{7F}", "\u{FFFE}",
        "default", "@xsi:type", "a:b", "xmlns", "Host", "Cookie", "Authorization", "Content-Length", "---", "...", "<<", "=", "1", "0x1",
        "2020-01-01", String(repeating: "n", count: 2000), String(repeating: "长\n", count: 700), "$", "$.a", "a\u{300}",
    ]

    /// A sequence of numbers that a seed decides (splitmix64).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        /// One hostile text, or two of them together; sometimes an ordinary name, so that there is something to be beside.
        mutating func text() -> String {
            switch Int.random(in: 0..<6, using: &self) {
            case 0: "name\(Int.random(in: 0..<4, using: &self))"
            case 1: (texts.randomElement(using: &self) ?? "") + (texts.randomElement(using: &self) ?? "")
            default: texts.randomElement(using: &self) ?? ""
            }
        }

        mutating func quoted() -> String { JSONText.quoted(text()) }

        /// A mapping whose keys are hostile and not twice the same.
        mutating func mapping(_ count: Int, _ value: (inout Dice) -> String) -> String {
            var keys: Set<String> = []
            let pairs = (0..<count).compactMap { _ -> String? in
                let key = text()
                // A key on one line is as long as YAML lets it be.
                guard key.utf8.count < 500, keys.insert(key).inserted else { return nil }
                return "\(escaped(key)): \(value(&self))"
            }
            return "{ \(pairs.joined(separator: ", ")) }"
        }

        /// JSON's quotation with what YAML does not take as it stands.
        func escaped(_ text: String) -> String { YAMLText.printable(JSONText.quoted(text)) }

        mutating func schema(_ depth: Int) -> String {
            let named = "description: \(escaped(text())), xml: { name: \(escaped(text())), attribute: \(Bool.random(using: &self)) }"
            switch depth > 2 ? 0 : Int.random(in: 0..<5, using: &self) {
            case 1:
                let properties = mapping(4) { $0.schema(depth + 1) }
                return "{ type: object, \(named), required: [\(escaped(text()))], properties: \(properties) }"
            case 2: return "{ type: array, \(named), items: \(schema(depth + 1)) }"
            case 3:
                let discriminator = "discriminator: { propertyName: \(escaped(text())), mapping: \(mapping(2) { $0.escaped($0.text()) }) }"
                return "{ oneOf: [\(schema(depth + 1)), { title: \(escaped(text())), type: string }], \(discriminator) }"
            default: return "{ type: string, \(named), enum: [\(escaped(text())), \(escaped(text()))], format: \(escaped(text())) }"
            }
        }

        mutating func openAPI() -> String {
            let places = ["path", "query", "header", "cookie", text()]
            let parameters = (0..<6).map { index in
                "{ name: \(escaped(text())), in: \(escaped(places[index % 5])), schema: \(schema(2)) }"
            }
            let type = ["application/json", "application/xml", "application/x-www-form-urlencoded"].randomElement(using: &self) ?? ""
            let content = "{ \(type): { schema: \(schema(0)) }, \(escaped("z" + text().prefix(100))): { schema: \(schema(2)) } }"
            let operation = """
                { operationId: \(escaped(text())), summary: \(escaped(text())), parameters: [\(parameters.joined(separator: ", "))],
                  requestBody: { content: \(content) }, responses: { "200": { content: \(content) } } }
                """
            let schemes = mapping(3) { dice in
                let place = ["header", "query", "cookie"].randomElement(using: &dice) ?? ""
                let key = "{ type: apiKey, in: \(place), name: \(dice.escaped(dice.text())) }"
                let flow = "tokenUrl: \(dice.escaped(dice.text())), scopes: \(dice.mapping(2) { $0.escaped($0.text()) })"
                return Bool.random(using: &dice) ? key : "{ type: oauth2, flows: { clientCredentials: { \(flow) } } }"
            }
            return """
                openapi: 3.0.0
                info: { title: \(escaped(text())), version: \(escaped(text())) }
                servers: [{ url: \(escaped(["http://h.example/", "http://", "/", ""].randomElement(using: &self).map { $0 + text() } ?? "")) }]
                paths: { \(escaped("/" + text().prefix(200))): { post: \(operation) }, /plain: { post: \(operation) } }
                components: { securitySchemes: \(schemes) }
                """
        }
    }

    private static func keys(_ node: Node) -> Set<String> { Set((node.entries ?? []).map(\.key)) }

    /// Holds a file to what it may be: it can be loaded, it has no line and no key that the importer did not mean.
    private func check(_ made: ImportedFile, _ document: String) throws {
        try made.compiled()
        let known: Set = ["department", "name", "authority", "upstream", "codes", "defaults", "operations"]
        let tree = try made.tree
        #expect(Self.keys(tree).isSubset(of: known), "\(document)\n\(made.text)")
        #expect(tree["department"]?.text == "x" && tree["authority"]?.text == ImportedFile.authority)
        let operations = (tree["operations"]?.entries ?? []).map(\.key)
        let isLeftOut = made.notes.contains { $0.text.hasSuffix("is none that a file can hold") }
        #expect(operations == ["cases.get"] || isLeftOut && operations.isEmpty, "\(document)\n\(made.text)")
        let parts: Set = ["rest", "soap", "path", "query", "headers", "cookies", "request", "reply"]
        for operation in tree["operations"]?.entries ?? [] {
            #expect(Self.keys(operation.value).isSubset(of: parts), "\(made.text)")
        }
        let broken = made.notes.filter { note in note.description.contains { $0.isNewline } }
        #expect(broken.isEmpty, "\(broken)")
    }

    @Test("whatever an OpenAPI document's texts are, the file is the one that was meant", arguments: 0..<60)
    func openAPI(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let document = dice.openAPI()
        let made = try ImportedFile(openAPI: document, [("cases.get", "POST /plain")])
        try check(made, document)
        if let operation = try made.tree["operations"]?["cases.get"] {
            #expect(operation["rest"]?["path"]?.text?.hasSuffix("/plain") == true, "\(made.text)")
        }
    }

    @Test("whatever a WSDL's texts are, the file is the one that was meant", arguments: 0..<40)
    func wsdl(_ seed: UInt64) throws {
        var dice = Dice(state: seed &+ 1000)
        func text() -> String {
            var out = ""
            for scalar in dice.text().unicodeScalars {
                // XML has no control characters and not these two; everything else can be said by number.
                let isXML = scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE || [0x09, 0x0A, 0x0D].contains(scalar.value)
                out += isXML ? "&#\(scalar.value);" : ""
            }
            return out
        }
        let fields = (0..<5).map { _ in
            "<xs:element name='\(text())' nillable='true'><xs:annotation><xs:documentation>\(text())</xs:documentation></xs:annotation>"
                + "<xs:simpleType><xs:restriction base='\(text())'><xs:enumeration value='\(text())'><xs:annotation><xs:documentation>"
                + "\(text())</xs:documentation></xs:annotation></xs:enumeration></xs:restriction></xs:simpleType></xs:element>"
        }
        let document = """
            <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t"
             xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" name="\(text())">
            <types><xs:schema targetNamespace="urn:t">
            <xs:element name="q"><xs:complexType><xs:sequence>\(fields.joined())</xs:sequence>
            <xs:attribute name="\(text())" type="xs:string"/></xs:complexType></xs:element></xs:schema></types>
            <message name="i"><part name="p" element="t:q"/></message><message name="r"><part name="\(text())" type="xs:string"/></message>
            <portType name="P"><operation name="q"><documentation>\(text())</documentation><input message="t:i"/><output message="t:r"/>
            <fault name="\(text())" message="t:r"/></operation></portType>
            <binding name="B" type="t:P"><soap:binding style="document" transport="\(text())"/>
            <operation name="q"><soap:operation soapAction="\(text())"/><input><soap:body use="literal"/></input></operation></binding>
            <service name="S"><port name="\(text())" binding="t:B"><soap:address location="http://h.example/\(text())"/></port></service>
            </definitions>
            """
        try check(try ImportedFile(wsdl: document, [("cases.get", "q")]), document)
    }

    @Test("a title with line ends stays in its comment; names that a place cannot hold are listed")
    func examples() throws {
        let made = try ImportedFile(
            openAPI: """
                openapi: 3.0.0
                info: { title: "x\\nzone: gov\\n# ", version: "1" }
                servers: [{ url: "http://h.example" }]
                paths:
                  /c:
                    put:
                      operationId: "a\\nb"
                      parameters: [{ name: "sid: #", in: cookie, schema: { type: string } }, { name: "X Y", in: header, schema: { type: string } }]
                      requestBody: { content: { application/xml: { schema: { xml: { name: R }, properties: { "na me": {}, ok: {} } } } } }
                      responses: { "200": { content: { application/json: { schema: { properties: { "l\\u2028f": {} } } } } } }
                """, [("cases.get", "PUT /c")])
        try made.compiled()
        #expect(made.text.contains("'x zone: gov #'") && made.text.contains("# ---- a b, o.yaml:6"))
        #expect(made.text.contains("\"$['l\\u2028f']\""))
        #expect(made.notes("the field 'sid: #' is not taken over: its name is none of a cookie"))
        #expect(made.notes("the field 'X Y' is not taken over: its name is none of a header"))
        #expect(made.notes("the field 'na me' is not taken over: its name is none of an XML element"))
        let request = try made.tree["operations"]?["cases.get"]?["request"]
        #expect(request?.entries?.map(\.key) == ["ok"], "\(made.text)")
    }
}
