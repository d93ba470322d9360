import Adapters
import Testing

@testable import IntegratorTools

/// Descriptions that contain themselves, lead to each other without end, or are larger than anybody reads.
@Suite("gatewayctl import: bounds")
struct ImportBoundsTests {
    /// A document whose one reply is the schema `A`.
    private static func openAPI(_ schemas: String) -> String {
        """
        openapi: 3.0.3
        info: { title: t, version: "1" }
        servers: [{ url: "http://h.example" }]
        paths:
          /q:
            post:
              operationId: q
              parameters: [{ name: p, in: query, schema: { $ref: "#/components/schemas/A" } }]
              requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } }
              responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } } }
        components: { schemas: { \(schemas) } }
        """
    }

    @Test(
        "a schema that contains itself by any way is followed once, and listed",
        arguments: [
            "A: { allOf: [{ $ref: '#/components/schemas/A' }] }",
            "A: { properties: { p: { nullable: true, allOf: [{ $ref: '#/components/schemas/A' }] } } }",
            "A: { properties: { p: { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { q: { $ref: '#/components/schemas/A' } } }] } } }",
            "A: { oneOf: [{ $ref: '#/components/schemas/A' }, { type: string }] }",
            "A: { anyOf: [{ $ref: '#/components/schemas/A' }] }",
            "A: { type: array, items: { $ref: '#/components/schemas/A' } }",
            "A: { properties: { p: { items: { $ref: '#/components/schemas/A' } } } }",
            "A: { allOf: [{ $ref: '#/components/schemas/B' }] }, B: { anyOf: [{ $ref: '#/components/schemas/A' }, { type: string }] }",
            "A: { properties: { p: { properties: { q: { $ref: '#/components/schemas/A/properties/p' } } } } }",
        ])
    func itself(_ schemas: String) throws {
        let made = try ImportedFile(openAPI: Self.openAPI(schemas), [("cases.get", "q")])
        #expect(made.notes.contains { $0.text.hasSuffix("contains itself; it is followed once") }, "\(made.notes.map(\.text))")
        try made.compiled()
    }

    @Test("references that lead to each other and nowhere else are listed")
    func circle() throws {
        let made = try ImportedFile(
            openAPI: Self.openAPI("A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' }"), [("cases.get", "q")])
        #expect(made.notes("the reference '#/components/schemas/A' of 'p' leads nowhere"))
        try made.compiled()
    }

    @Test("schemas one inside the other are followed to a depth, and the file can be loaded")
    func deep() throws {
        let chain = (0..<10_000).map { "S\($0): { properties: { p: { $ref: '#/components/schemas/S\($0 + 1)' } } }" }
        let made = try ImportedFile(
            openAPI: Self.openAPI((["A: { $ref: '#/components/schemas/S0' }"] + chain).joined(separator: ", ")), [("cases.get", "q")])
        #expect(made.notes("'p' is nested deeper than 24 levels"))
        try made.compiled()
    }

    @Test("a document that is nested too deep itself is refused")
    func deepText() throws {
        for document in [
            String(repeating: "[", count: 10_000), "openapi: 3.0.0\na: " + String(repeating: "{a: ", count: 10_000),
        ] {
            #expect(throws: ToolFault.self) { try ImportedFile(openAPI: document) }
        }
        let elements = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        #expect(throws: ToolFault.self) { try ImportedFile(wsdl: elements) }
    }

    @Test("schemas that double at every level end at a number of fields")
    func wide() throws {
        let twice = (0..<20).map { level in
            let next = "{ $ref: '#/components/schemas/S\(level + 1)' }"
            return "S\(level): { properties: { a: \(next), b: \(next) }, allOf: [\(next), \(next)] }"
        }
        let schemas = (["A: { $ref: '#/components/schemas/S0' }"] + twice + ["S20: { type: string }"]).joined(separator: ", ")
        let made = try ImportedFile(openAPI: Self.openAPI(schemas), [("cases.get", "q")])
        #expect(made.notes("more than 5000 fields in one body"))
        try made.compiled()
    }

    // MARK: WSDL

    private static func wsdl(_ schema: String) -> String {
        """
        <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t"
         xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
        <types><xs:schema targetNamespace="urn:t">\(schema)</xs:schema></types>
        <message name="i"><part name="p" element="t:q"/></message>
        <portType name="P"><operation name="q"><input message="t:i"/><output message="t:i"/></operation></portType>
        <binding name="B" type="t:P"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
        <operation name="q"><soap:operation soapAction=""/><input><soap:body use="literal"/></input></operation></binding>
        <service name="S"><port name="Pt" binding="t:B"><soap:address location="http://h.example/s"/></port></service>
        </definitions>
        """
    }

    @Test(
        "a type, an element or a group that contains itself is followed once, and listed",
        arguments: [
            "<xs:element name='q' type='t:T'/><xs:complexType name='T'><xs:complexContent><xs:extension base='t:T'/></xs:complexContent></xs:complexType>",
            "<xs:element name='q' type='t:T'/><xs:complexType name='T'><xs:sequence><xs:element name='a' type='t:T'/></xs:sequence></xs:complexType>",
            "<xs:element name='q'><xs:complexType><xs:sequence><xs:element ref='t:q'/></xs:sequence></xs:complexType></xs:element>",
            "<xs:element name='q'><xs:complexType><xs:group ref='t:G'/></xs:complexType></xs:element><xs:group name='G'><xs:sequence><xs:group ref='t:G'/></xs:sequence></xs:group>",
            "<xs:element name='q'><xs:complexType><xs:attributeGroup ref='t:G'/></xs:complexType></xs:element><xs:attributeGroup name='G'><xs:attributeGroup ref='t:G'/></xs:attributeGroup>",
            "<xs:element name='q' type='t:T'/><xs:complexType name='T'><xs:simpleContent><xs:extension base='t:T'/></xs:simpleContent></xs:complexType>",
        ])
    func typeItself(_ schema: String) throws {
        let made = try ImportedFile(wsdl: Self.wsdl(schema), [("cases.get", "q")])
        #expect(made.notes.contains { $0.text.hasSuffix("contains itself; it is followed once") }, "\(made.notes.map(\.text))")
        try made.compiled()
    }

    @Test("types one inside the other are followed to a depth, and those that double to a number")
    func deepTypes() throws {
        let chain = (0..<1000).map { level in
            "<xs:complexType name='T\(level)'><xs:sequence><xs:element name='a' type='t:T\(level + 1)'/></xs:sequence></xs:complexType>"
        }
        let deep = try ImportedFile(wsdl: Self.wsdl("<xs:element name='q' type='t:T0'/>" + chain.joined()), [("cases.get", "q")])
        #expect(deep.notes.contains { $0.text.hasSuffix("is nested deeper than 60 levels; what is inside is not in the file") })
        try deep.compiled()
        let twice = (0..<18).map { level in
            let element = { (name: String) in "<xs:element name='\(name)' type='t:T\(level + 1)'/>" }
            return "<xs:complexType name='T\(level)'><xs:sequence>\(element("a"))\(element("b"))</xs:sequence></xs:complexType>"
        }
        let wide = try ImportedFile(wsdl: Self.wsdl("<xs:element name='q' type='t:T0'/>" + twice.joined()), [("cases.get", "q")])
        #expect(wide.notes("more than 10000 parts of one message"))
        try wide.compiled()
    }

    @Test("files that import each other, by whatever path, are read once; a chain of files ends")
    func files() throws {
        let including = { (other: String) in
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:t'><xs:include schemaLocation='\(other)'/></xs:schema>"
        }
        let schema = "<xs:include schemaLocation='./a.xsd'/><xs:element name='q' type='xs:string'/>"
        let circle = try ImportedFile(
            wsdl: Self.wsdl(schema), beside: ["a.xsd": including("./b.xsd"), "b.xsd": including("x/.././a.xsd")])
        #expect(circle.notes.isEmpty, "\(circle.notes.map(\.text))")
        let itself = try ImportedFile(wsdl: Self.wsdl(schema), beside: ["a.xsd": including("./a.xsd")])
        #expect(itself.notes.isEmpty, "\(itself.notes.map(\.text))")
        var files = ["a.xsd": including("f0.xsd")]
        for number in 0..<100 { files["f\(number).xsd"] = including("f\(number + 1).xsd") }
        #expect(try ImportedFile(wsdl: Self.wsdl(schema), beside: files).notes("f49.xsd is more than 50 files away"))
    }
}
