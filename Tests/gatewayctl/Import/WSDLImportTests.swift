import Adapters
import Testing

@testable import IntegratorTools

@Suite("gatewayctl import wsdl")
struct WSDLImportTests {
    /// A WSDL of one operation `q`, whose message is the element or the parts given.
    private static func document(
        _ schema: String, parts: String = "<part name='p' element='t:q'/>", style: String = "document", use: String = "literal",
        location: String = "http://h.example/s"
    ) -> String {
        let body = "<soap:body use='\(use)' namespace='urn:t'/>"
        return """
            <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t"
             xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/"
             xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:t">
            <types><xs:schema targetNamespace="urn:t">\(schema)</xs:schema></types>
            <message name="i">\(parts)</message>
            <portType name="P"><operation name="q"><input message="t:i"/><output message="t:i"/></operation></portType>
            <binding name="B" type="t:P"><soap:binding style="\(style)" transport="http://schemas.xmlsoap.org/soap/http"/>
            <operation name="q"><soap:operation soapAction=""/><input>\(body)</input><output>\(body)</output></operation></binding>
            <service name="S"><port name="Pt" binding="t:B"><soap:address location="\(location)"/></port></service>
            </definitions>
            """
    }

    private static let types = """
        <xs:complexType name='C'><xs:sequence><xs:element name='a' type='xs:string'/></xs:sequence></xs:complexType>
        <xs:complexType name='L'><xs:complexContent><xs:restriction base='enc:Array'>
        <xs:attribute ref='enc:arrayType' wsdl:arrayType='t:C[]'/></xs:restriction></xs:complexContent></xs:complexType>
        <xs:complexType name='R'><xs:sequence><xs:element name='no' type='xs:string'/>
        <xs:element name='day' type='xs:date' nillable='true'/><xs:element name='list' type='t:L'/></xs:sequence></xs:complexType>
        """

    @Test("what must be there and may be nil is written as nil; what may be left out is left out")
    func nillable() throws {
        let schema = """
            <xs:element name='q'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' nillable='true'/>
            <xs:element name='b' type='xs:string' nillable='true' minOccurs='0'/><xs:element name='c' nillable='true'><xs:complexType>
            <xs:sequence><xs:element name='d' type='xs:int'/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
            """
        let made = try ImportedFile(wsdl: Self.document(schema), [("cases.get", "q")])
        #expect(made.text.contains("a: { const: \"\", nil: true }") && made.text.contains("# xs:string, required, may be nil; CHOOSE"))
        #expect(made.text.contains("b: { const: \"\" }") && made.text.contains("# xs:string, may be nil; CHOOSE"))
        // The declaration of the prefix stands before the attribute.
        let sent = try made.body().replacing(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"", with: "")
        #expect(sent.contains("<a xsi:nil=\"true\"") && sent.contains("<c xsi:nil=\"true\"") && !sent.contains("<b"), "\(sent)")
    }

    @Test("the query of the address goes with every call, and is listed where it cannot be told")
    func query() throws {
        let element = "<xs:element name='q' type='xs:string'/>"
        let made = try ImportedFile(
            wsdl: Self.document(element, location: "http://h.example/s?x=1&amp;wsdl"), [("cases.get", "q")])
        #expect(try made.body().hasPrefix("/s?x=1"))
        let other = try ImportedFile(wsdl: Self.document(element, location: "http://h.example/s?x=%31"), [("cases.get", "q")])
        #expect(other.notes("the address' query 'x=%31' is not taken over"))
        #expect(try other.body().hasPrefix("/s "))
    }

    @Test("the texts of an enumeration stand beside its values")
    func enumeration() throws {
        let value = { (code: String, text: String) in
            "<xs:enumeration value='\(code)'><xs:annotation><xs:documentation>\(text)</xs:documentation></xs:annotation></xs:enumeration>"
        }
        let schema = "<xs:element name='q' type='t:Z'/><xs:simpleType name='Z'><xs:restriction base='xs:string'>"
        let made = try ImportedFile(
            wsdl: Self.document(schema + value("A0", "已申报") + value("A1", "已受理\n了") + "</xs:restriction></xs:simpleType>"))
        #expect(made.text.contains("  Z:\n    \"A0\": \"A0\"   # 已申报\n    \"A1\": \"A1\"   # 已受理 了\n"))
        try made.compiled()
    }

    @Test("rpc/encoded: an array says how many items it has")
    func arrayType() throws {
        let made = try ImportedFile(
            wsdl: Self.document(Self.types, parts: "<part name='list' type='t:L'/>", style: "rpc", use: "encoded"), [("cases.get", "q")])
        #expect(try made.body().contains("soapenc:arrayType=\"ns1:C[1]\""))
        #expect(made.text.contains("# CHOOSE: { count: $.… } in place of \"1\""))
        let counted = made.text.replacing("{ const: \"1\" }", with: "{ count: $.caseNo }")
        #expect(counted != made.text)
        #expect(try made.body(counted).contains("soapenc:arrayType=\"ns1:C[1]\""))
    }

    private func encoded() throws -> ImportedFile {
        try ImportedFile(
            wsdl: Self.document(Self.types, parts: "<part name='ret' type='t:R'/>", style: "rpc", use: "encoded"), [("cases.get", "q")])
    }

    /// The imported file with one more field of the answer, as one of its comments says it.
    private func choosing(_ rule: String, in made: ImportedFile) throws -> String {
        let comment = try #require(
            made.text.split(separator: "\n").first { $0.contains("#   { from: ") && $0.contains(rule) }, "\(made.text)")
        let path = try #require(comment.firstMatch(of: /#   (\{ from: \[.*?\] \})/)).1
        return made.text.replacing("status: { const: \"draft\" }", with: "status: { const: accepted }\n        summary: \(path)")
    }

    private func envelope(_ body: String) -> String {
        """
        <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xmlns:n="urn:t"><e:Body>\(body)</e:Body></e:Envelope>
        """
    }

    @Test("rpc/encoded: the paths of a reply find values with and without their types")
    func typed() throws {
        let made = try encoded()
        let chosen = try choosing("ret.no", in: made)
        for no in ["<no xsi:type='xsd:string' xmlns:xsd='http://www.w3.org/2001/XMLSchema'>7</no>", "<no>7</no>"] {
            let reply = envelope("<n:qResponse xmlns:n='urn:t'><ret>\(no)</ret></n:qResponse>")
            #expect(try made.answer(chosen, to: reply, type: "text/xml")?["summary"]?.string == "7", "\(no)")
        }
    }

    @Test("rpc/encoded: values behind a reference are found by the path that the comment gives")
    func references() throws {
        let made = try encoded()
        #expect(made.notes("rpc/encoded: a reply may hold references (href and multiRef"))
        let chosen = try choosing("multiRef", in: made)
        let whole = "<n:qResponse><ret href='#id0'/></n:qResponse>"
        let item = { (type: String, no: String) in
            "<multiRef id='id0' xsi:type='n:\(type)'><no xsi:type='xs:string' xmlns:xs='http://www.w3.org/2001/XMLSchema'>\(no)</no></multiRef>"
        }
        for values in [item("R", "7"), item("C", "6") + item("R", "7")] {
            #expect(try made.answer(chosen, to: envelope(whole + values), type: "text/xml")?["summary"]?.string == "7", "\(values)")
        }
        let condition = try #require(made.text.firstMatch(of: /in a condition  (value\(.*\)) == …/)).1
        let held = made.text.replacing("success: http ", with: "success: \"\(condition) == 7\" ")
        #expect(try made.answer(held, to: envelope(whole + item("C", "6") + item("R", "7")), type: "text/xml") != nil)
        #expect(throws: AdapterFault.self) { try made.answer(held, to: envelope(whole + item("R", "6")), type: "text/xml") }
    }

    @Test("rpc/encoded: what may be nil says how, and nothing else is taken for a value")
    func encodedNil() throws {
        let made = try encoded()
        #expect(
            made.text.contains(
                "# CHOOSE: where there may be no value put  \"@xsi:nil\": { const: \"true\", when: \"!$.…\" }  under 'fields'"))
        #expect(!made.text.contains("nil: true"))
        try made.compiled()
    }

    @Test("names that XML or a header cannot hold are listed, and the rest stays")
    func names() throws {
        let schema = """
            <xs:element name='q'><xs:complexType><xs:sequence><xs:element name='a b' type='xs:string'/><xs:element name='c' type='xs:string'/>
            <xs:element name='c' type='xs:string'/></xs:sequence></xs:complexType></xs:element>
            """
        let made = try ImportedFile(
            wsdl: Self.document(schema).replacing("soapAction=\"\"", with: "soapAction=\"a&#10;b\""), [("cases.get", "q")])
        #expect(made.notes("the field 'a b' is not taken over: its name is none of an XML element"))
        #expect(made.notes("a second field 'c' is not taken over"))
        #expect(made.notes("the soapAction 'a b' is no URI"))
        #expect(try made.tree["operations"]?["cases.get"]?["request"]?.entries?.map(\.key) == ["c"])
        try made.compiled()
    }

    @Test("where there are several ports, the list says how they come into one file")
    func ports() {
        let one = Self.document("<xs:element name='q' type='xs:string'/>")
        let two = one.replacing(
            "</service>", with: "<port name='Other' binding='t:B'><soap:address location='http://h.example/o'/></port></service>")
        let fault = #expect(throws: ToolFault.self) { try ImportedFile(wsdl: two) }
        #expect(fault?.description.contains("a port's own path stands in its operations, soap: { path: … }") == true)
    }
}
