import Foundation
import Testing

@testable import Adapters

@Suite("Values cannot break out of where they land")
struct LandingTests {
    /// Values that mean something to some format, and some that only look odd.
    static let naughty: [String] = {
        let own = [
            "]]>", "a]]>b<c>&amp;", "<!DOCTYPE x>", "\"'", "&sign=x&appKey=y", "=?#%2F../..", "a+b c", "\\\"},\"x\":\"", "' OR 1=1 --",
            "𠮷野㐂䶮",
            "Ω≈ç√∫˜µ≤≥÷", "a\nb", "a\tb", "<![CDATA[x]]>", "</soapenv:Body>", "%00", "${jndi:ldap://x}", "{no}", "null", "007", "1e5",
            "a\rb", "a\r\nb", "\r", "a\u{0}b", "\u{1F}", "\u{7F}", "\u{FEFF}a", " a ", "\\", "\\'", "'; DROP TABLE x; --", "'\u{301}",
            "\"\u{301}", ",\u{301}",
            "||", "|", "##", "a,b;c|d", "\u{2028}", "&#13;", "?",
        ]
        let shared =
            ProcessInfo.processInfo.environment["TONGBAN_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? Project.root.deletingLastPathComponent().appendingPathComponent("shared")
        let file = shared.appendingPathComponent("suites/naughty-strings/blns.json")
        let suite = (try? Data(contentsOf: file)).flatMap { try? JSONCodec.decode(Array($0)).array?.compactMap(\.string) } ?? []
        return own + suite.filter { !$0.isEmpty }
    }()

    /// Whether XML 1.0 has every character of a text (§2.2).
    static func isXML(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            ($0.value >= 0x20 || $0 == "\t" || $0 == "\n" || $0 == "\r") && $0.value != 0xFFFE && $0.value != 0xFFFF
        }
    }

    func operation(_ yaml: String) throws -> OperationAdapter {
        let reply = "\n    reply: { success: http, fields: {} }"
        return try TranslationFixture("operations:\n  cases.submit:\n" + yaml + reply).operation("cases.submit")
    }

    func request(_ operation: OperationAdapter, _ text: String) throws -> DepartmentRequest {
        try operation.request(TranslationFixture.call(["v": .string(text)]))
    }

    @Test("JSON gives every value back, also as a document in a text")
    func json() throws {
        let operation = try operation(
            """
                rest: { path: /a }
                request:
                  x: $.v
                  d: { document: { json: object }, fields: { y: $.v } }
                  b: { document: { json: object, in: [base64, base64] }, fields: { y: $.v } }
            """)
        for text in Self.naughty {
            let body = try JSONCodec.decode(request(operation, text).body)
            #expect(body["x"] == .string(text))
            #expect(try JSONCodec.decode(text: #require(body["d"]?.string)) == ["y": .string(text)])
            let outer = try Base64Codec.decode(#require(body["b"]?.string))
            #expect(try JSONCodec.decode(Base64Codec.decode(String(decoding: outer, as: UTF8.self))) == ["y": .string(text)])
        }
    }

    @Test("SOAP gives every value back: as text, as an attribute, in CDATA, escaped, and in Base64 of GBK")
    func soap() throws {
        let operation = try operation(
            """
                soap: { path: /s, operation: f, namespace: "urn:x" }
                request:
                  plain: $.v
                  attribute: { fields: { "@a": $.v, "#text": { const: t } } }
                  cdata: { document: { xml: R, encoding: GBK, in: cdata }, fields: { y: $.v } }
                  escaped: { document: { xml: R, in: escaped, declaration: false }, fields: { y: $.v } }
                  bytes: { document: { xml: R, encoding: GBK, in: base64 }, fields: { y: $.v } }
            """)
        for text in Self.naughty where Self.isXML(text) {
            let tree = try XMLCodec.decode(request(operation, text).body)
            let arguments = try #require(tree["Envelope"]?["Body"]?["f"])
            let expected = Value.object(["R": ["y": .string(text)]])
            #expect(arguments["plain"] == .string(text))
            #expect(arguments["attribute"]?["@a"] == .string(text))
            #expect(try XMLCodec.decode(text: #require(arguments["cdata"]?.string)) == expected)
            #expect(try XMLCodec.decode(text: #require(arguments["escaped"]?.string)) == expected)
            #expect(try XMLCodec.decode(Base64Codec.decode(#require(arguments["bytes"]?.string))) == expected)
        }
    }

    @Test("a character that XML forbids is INVALID_FIELD", arguments: ["a\u{0}b", "\u{8}", "\u{FFFE}"])
    func forbidden(text: String) throws {
        let operation = try operation("    soap: { path: /s, operation: f, namespace: \"urn:x\" }\n    request: { x: $.v }")
        let fault = #expect(throws: AdapterFault.self) { try request(operation, text) }
        #expect(fault?.code == .invalidField)
    }

    @Test("forms and queries give every value back, in GB18030 too")
    func forms() throws {
        let operation = try operation(
            "    form: { path: /a, charset: GB18030, label: GBK }\n    query: { q: $.v }\n    request: { before: { const: \"1\" }, x: $.v, after: { const: \"2\" } }"
        )
        for text in Self.naughty {
            let request = try request(operation, text)
            #expect(request.target.hasPrefix("/a?q=") && !request.target.dropFirst(5).contains { "&=#? ".contains($0) })
            #expect(request.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            let query = try FormCodec.decode(Array(request.target.dropFirst(3).utf8), charset: .gb18030)
            #expect(query == ["q": .string(text)])
            let form = try FormCodec.decode(request.body, charset: .gb18030)
            #expect(form == ["before": "1", "x": .string(text), "after": "2"])
            #expect(request.fields.contains(.init("Content-Type", "application/x-www-form-urlencoded; charset=GBK")))
        }
    }

    @Test("a path keeps its segments whatever fills them")
    func path() throws {
        let operation = try operation("    rest: { method: GET, path: \"/a/{no}/b\" }\n    path: { no: $.v }")
        for text in Self.naughty where text != "." && text != ".." {
            let target = try request(operation, text).target
            let segments = target.split(separator: "/", omittingEmptySubsequences: false)
            #expect(segments.count == 4 && segments[1] == "a" && segments[3] == "b")
            #expect(try FormCodec.percentDecode(String(segments[2])) == Array(text.utf8))
            #expect(!target.contains("?") && !target.contains("#"))
        }
    }

    @Test("a path segment is never empty, . or ..", arguments: ["", ".", ".."])
    func dots(text: String) throws {
        let operation = try operation("    rest: { method: GET, path: \"/a/{no}\" }\n    path: { no: $.v }")
        let fault = #expect(throws: AdapterFault.self) { try request(operation, text) }
        #expect(fault?.code == .invalidField)
    }

    @Test("a header takes no control character, and says so without the value", arguments: ["a\r\nX-Admin: 1", "a\u{0}", "\u{7F}", "a\nb"])
    func header(text: String) throws {
        let operation = try operation("    rest: { method: GET, path: /a }\n    headers: { X-Name: $.v }")
        let fault = #expect(throws: AdapterFault.self) { try request(operation, text) }
        #expect(fault?.code == .invalidField && fault?.errors.first?.field == "/v")
        #expect(fault?.detail.contains("Admin") == false)
        #expect(try request(operation, "王 五").fields == [.init("X-Name", "王 五")])
    }

    @Test("a character that the charset lacks is INVALID_FIELD in a form, and a reference in XML")
    func charsets() throws {
        let form = try operation("    form: { path: /a, charset: Big5 }\n    request: { x: $.v }")
        let fault = #expect(throws: AdapterFault.self) { try request(form, "𠮷") }
        #expect(fault?.code == .invalidField && fault?.detail.contains("𠮷") == false)
        let xml = try operation("    soap: { path: /s, operation: f, namespace: \"urn:x\", charset: Big5 }\n    request: { x: $.v }")
        let body = try request(xml, "𠮷").body
        #expect(try XMLCodec.decode(body)["Envelope"]?["Body"]?["f"]?["x"] == "𠮷")
    }

    /// The department's request, or nil where the value is INVALID_FIELD; any other fault fails the test.
    func requestUnlessRefused(_ operation: OperationAdapter, _ text: String) throws -> DepartmentRequest? {
        do { return try request(operation, text) } catch let fault as AdapterFault {
            #expect(fault.code == .invalidField, "\(fault)")
            #expect(text.count < 4 || !fault.detail.contains(text), "a fault never quotes the value")
            return nil
        }
    }

    @Test(
        "text, documents and CDATA in XML of every charset come back or are refused",
        arguments: ["UTF-8", "GBK", "GB2312", "GB18030", "Big5"])
    func xmlCharsets(charset: String) throws {
        let operation = try operation(
            """
                soap: { path: /s, operation: f, namespace: "urn:x", charset: \(charset) }
                request:
                  plain: $.v
                  raw: { document: { text: $.v, in: cdata } }
                  nested: { document: { xml: R, encoding: \(charset), in: base64 }, fields: { y: { document: { text: $.v, in: cdata } } } }
                  twice: { document: { text: $.v, in: [escaped, escaped] } }
            """)
        var kept = 0
        for text in Self.naughty {
            guard let body = try requestUnlessRefused(operation, text)?.body else {
                #expect(!Self.isXML(text))
                continue
            }
            kept += 1
            let arguments = try #require(XMLCodec.decode(body)["Envelope"]?["Body"]?["f"])
            #expect(arguments["plain"] == .string(text))
            #expect(arguments["raw"] == .string(text))
            #expect(try XMLCodec.decode(Base64Codec.decode(#require(arguments["nested"]?.string))) == ["R": ["y": .string(text)]])
            #expect(arguments["twice"] == .string(XMLCodec.escapeText(text)))
        }
        #expect(kept > 30)
    }

    @Test(
        "delimited text gives every value back, or refuses it",
        arguments: [
            "{ path: /a }", "{ path: /a, separator: \"|\", escape: \"\\\\\", quote: none }",
            "{ path: /a, separator: \"||\", rows: \"##\", quote: none }",
            "{ path: /a, separator: \"||\", rows: \"##\", charset: GB18030 }",
        ])
    func delimited(kind: String) throws {
        let operation = try operation("    delimited: \(kind)\n    request: { b: { const: \"1\" }, v: $.v, a: { const: \"2\" } }")
        let dialect = DelimitedDialect(
            separator: kind.contains("\"||\"") ? "||" : kind.contains("\"|\"") ? "|" : ",", rowEnd: kind.contains("##") ? "##" : nil,
            quote: kind.contains("none") ? nil : "\"", escape: kind.contains("escape") ? "\\" : nil)
        let charset: Charset = kind.contains("GB18030") ? .gb18030 : .utf8
        var kept = 0
        for text in Self.naughty {
            guard let body = try requestUnlessRefused(operation, text)?.body else {
                #expect(dialect.quote == nil && dialect.escape == nil)
                continue
            }
            kept += 1
            #expect(
                try DelimitedCodec.decode(charset.decode(body), dialect) == [["b": "1", "v": .string(text), "a": "2"]],
                "\(text.debugDescription)")
        }
        #expect(kept > 30)
    }

    @Test("a condition gives every value back, or refuses it")
    func condition() throws {
        let operation = try operation(
            "    rest: { path: /a }\n    request: { c: { condition: \"XM = ? AND LX = '1'\", values: [$.v], backslash: keep } }")
        var kept = 0
        for text in Self.naughty {
            guard let body = try requestUnlessRefused(operation, text)?.body else {
                #expect(text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
                continue
            }
            kept += 1
            let condition = Array(try #require(JSONCodec.decode(body)["c"]?.string).unicodeScalars)
            // Reads the quoted value as a database does.
            var at = 6
            var value = String.UnicodeScalarView()
            while at < condition.count {
                if condition[at] == "'" {
                    guard at + 1 < condition.count, condition[at + 1] == "'" else { break }
                    at += 1
                }
                value.append(condition[at])
                at += 1
            }
            #expect(String(value) == text)
            #expect(String(String.UnicodeScalarView(condition[at...])) == "' AND LX = '1'")
        }
        #expect(kept > 30)
    }

    @Test("a header gives every value back, or refuses it")
    func headers() throws {
        let operation = try operation("    rest: { method: GET, path: /a }\n    headers: { X-Name: $.v }")
        for text in Self.naughty {
            guard let request = try requestUnlessRefused(operation, text) else { continue }
            #expect(request.fields == [.init("X-Name", text)])
            #expect(!text.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F })
            #expect(text.first != " " && text.last != " ")
        }
    }

    @Test("a form inside a field gives every value back")
    func nestedForm() throws {
        let operation = try operation(
            "    form: { path: /a, charset: GB18030 }\n    request: { x: { document: { form: object, encoding: GB18030 }, fields: { a: { const: \"1\" }, v: $.v } } }"
        )
        for text in Self.naughty {
            let outer = try FormCodec.decode(request(operation, text).body, charset: .gb18030)
            let inner = try FormCodec.decode(Array(#require(outer["x"]?.string).utf8), charset: .gb18030)
            #expect(inner == ["a": "1", "v": .string(text)])
        }
    }
}
