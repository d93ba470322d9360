import Adapters
import Testing

@Suite(
    "W3C documents that are not well-formed",
    .enabled(if: CodecSuites.has("xml/not-well-formed"), "suites/xml is not there; set TONGBAN_SHARED"))
struct XMLSuiteTests {
    @Test("each is a fault with a place inside the document")
    func refused() throws {
        let names = try CodecSuites.names("xml/not-well-formed").filter { $0.hasSuffix(".xml") }
        #expect(names.count == 137)
        for name in names {
            let bytes = try CodecSuites.bytes("xml/not-well-formed/" + name)
            let fault = codecFault { () throws(CodecFault) in try XMLCodec.decode(bytes) }
            let found = try #require(fault, "\(name) was accepted")
            let offset = try #require(found.offset, "\(name): \(found.reason)")
            #expect((0...bytes.count).contains(offset), "\(name)")
            #expect(!found.reason.contains("libxml2 error"), "\(name): \(found.reason)")
        }
    }
}
