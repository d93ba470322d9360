import Adapters
import Testing

/// One megabyte each; the bound in release is 50 ms, here it is generous for debug builds and busy machines, and quadratic work takes minutes.
@Suite("Hostile XML of one megabyte costs linear time", .serialized)
struct XMLHostileTests {
    static let megabyte = 1 << 20

    private static func fill(_ head: String, _ tail: String, _ part: (Int) -> String) -> [UInt8] {
        var out = Array(head.utf8)
        var number = 0
        while out.count < megabyte {
            out.append(contentsOf: part(number).utf8)
            number += 1
        }
        return out + Array(tail.utf8)
    }

    static let documents: [(name: String, make: @Sendable () -> [UInt8])] = [
        ("attributes of one element", { fill("<a ", "/>") { "a\($0)='' " } }),
        (
            "attributes of many elements",
            { fill("<a>", "</a>") { "<b \((0..<128).map { "a\($0)=''" }.joined(separator: " "))/><c\($0)/>" } }
        ),
        ("equal attributes", { fill("<a ", "/>") { _ in "a='' " } }),
        ("depth", { fill("", "") { _ in "<a>" } }),
        ("distinct siblings", { fill("<a>", "</a>") { "<b\($0)/>" } }),
        ("equal siblings", { fill("<a>", "</a>") { _ in "<b/>" } }),
        ("alternating siblings", { fill("<a>", "</a>") { "<b\($0 % 40)/>" } }),
        ("namespace declarations of one element", { fill("<a ", "/>") { "xmlns:a\($0)='u' " } }),
        (
            "namespaces in scope for many elements",
            { fill("<a \((0..<120).map { "xmlns:a\($0)='u'" }.joined(separator: " "))>", "</a>") { _ in "<q:b q:c=''/>" } }
        ),
        (
            "namespace declarations on every level",
            {
                fill((0..<60).map { level in "<a \((0..<120).map { "xmlns:a\(level)x\($0)='u'" }.joined(separator: " "))>" }.joined(), "") {
                    _ in "<q:b/>"
                }
            }
        ),
        ("unfinished attributes", { fill("<a>", "") { "<b a\($0)=" } }),
        ("unclosed comment", { fill("<a><!--", "") { _ in "- -->x<!--" } }),
        ("entity references", { fill("<a>", "</a>") { _ in "&lt;" } }),
        ("character references", { fill("<a>", "</a>") { _ in "&#20013;" } }),
        ("references in an attribute", { fill("<a b='", "'/>") { _ in "&amp;" } }),
        ("a long name", { fill("<a", "/>") { _ in "a" } }),
        ("a long attribute name", { fill("<a a", "=''/>") { _ in "a" } }),
        ("processing instructions", { fill("<a>", "</a>") { _ in "<?p ?>" } }),
        ("CDATA sections", { fill("<a>", "</a>") { _ in "<![CDATA[]]>" } }),
        ("text between children", { fill("<a>", "</a>") { _ in "t<b/>" } }),
        ("white space between children", { fill("<a>", "</a>") { _ in " <b/>" } }),
        ("quotation marks outside tags", { fill("<a>", "</a>") { _ in "'\"" } }),
        ("brackets", { fill("<a>", "</a>") { _ in "]] " } }),
        ("a declaration that never ends", { fill("<?xml version='1.0' ", "") { _ in " encoding" } }),
    ]

    @Test("each is read or refused in time", arguments: 0..<24)
    func cost(position: Int) throws {
        let (name, make) = Self.documents[position]
        let document = make()
        var outcome = ""
        let spent = cpuMilliseconds {
            do { outcome = try XMLCodec.decode(document).object == nil ? "no root" : "read" } catch { outcome = "\(error)" }
        }
        #expect(outcome != "no root", "\(name)")
        #expect(spent < 2000, "\(name): \(spent) ms")
    }

    @Test("the list is complete")
    func count() { #expect(Self.documents.count == 24) }
}
