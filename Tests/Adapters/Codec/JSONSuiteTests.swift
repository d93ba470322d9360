import Adapters
import Testing

@Suite("JSON parsing suite", .enabled(if: CodecSuites.has("json/test_parsing"), "suites/json is not there; set TONGBAN_SHARED"))
struct JSONSuiteTests {
    /// The implementation-defined texts that are accepted, and written back as they were: numbers beyond a double, whole numbers beyond 64
    /// bits, and an empty object behind a byte order mark. All others (broken encodings, half surrogates, 500 levels) are refused.
    static let acceptedAsWritten: Set<String> = [
        "i_number_double_huge_neg_exp", "i_number_huge_exp", "i_number_neg_int_huge_exp", "i_number_pos_double_huge_exp",
        "i_number_real_neg_overflow", "i_number_real_pos_overflow", "i_number_real_underflow", "i_number_too_big_neg_int",
        "i_number_too_big_pos_int", "i_number_very_big_negative_int", "i_structure_UTF-8_BOM_empty_object",
    ]

    @Test("every text that must be accepted is accepted and survives a round trip")
    func accepted() throws {
        let names = try CodecSuites.names("json/test_parsing").filter { $0.hasPrefix("y_") }
        #expect(names.count == 95)
        for name in names {
            let bytes = try CodecSuites.bytes("json/test_parsing/" + name)
            do {
                let value = try JSONCodec.decode(bytes)
                #expect(try JSONCodec.decode(JSONCodec.encode(value)) == value, "\(name)")
                #expect(try JSONCodec.decode(JSONCodec.encode(value, indented: true)) == value, "\(name)")
            } catch { Issue.record("\(name): \(error)") }
        }
    }

    @Test("every text that must be refused is refused, with a place inside it")
    func refused() throws {
        let names = try CodecSuites.names("json/test_parsing").filter { $0.hasPrefix("n_") }
        #expect(names.count == 188)
        for name in names {
            let bytes = try CodecSuites.bytes("json/test_parsing/" + name)
            let fault = codecFault { () throws(CodecFault) in try JSONCodec.decode(bytes) }
            #expect(fault?.format == "JSON", "\(name) was accepted")
            let offset = try #require(fault?.offset, "\(name): \(fault?.reason ?? "")")
            #expect((0...bytes.count).contains(offset), "\(name)")
        }
    }

    @Test("every implementation-defined text does what is documented")
    func implementationDefined() throws {
        let names = try CodecSuites.names("json/test_parsing").filter { $0.hasPrefix("i_") }
        #expect(names.count == 35)
        for name in names {
            let bytes = try CodecSuites.bytes("json/test_parsing/" + name)
            let written = (try? JSONCodec.decode(bytes)).map { String(decoding: JSONCodec.encode($0), as: UTF8.self) }
            let source = String(decoding: bytes, as: UTF8.self).trimmingPrefix("\u{FEFF}").filter { !$0.isWhitespace }
            #expect(written == (Self.acceptedAsWritten.contains(String(name.dropLast(5))) ? source : nil), "\(name)")
        }
    }
}
