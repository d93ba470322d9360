import Testing

@testable import Adapters

/// A tape holds what `JSONCodec` reads, or there is none.
@Suite("JSON tapes")
struct JSONTapeTests {
    private let tape = JSONTape()

    /// The value that a tape of a text holds; nil when it has none.
    private func value(_ text: [UInt8]) -> Value? {
        text.withUnsafeBufferPointer { bytes in
            defer { tape.close() }
            return tape.open(bytes).map { $0.value(0) }
        }
    }

    private func value(_ text: String) -> Value? { value(Array(text.utf8)) }

    @Test(
        "plain texts have a tape",
        arguments: [
            "{}", "[]", "null", "true", " false ", "0", "-1", "12345678901234567", "1.5", "-0", "1e3", "\"\"",
            "\"a\\n\\u4e2d\\ud83d\\ude00\"",
            "[1,[2,[]],{}]", "{\"a\":1,\"b\":{\"c\":[{\"d\":null},\"x\"]},\"e\":\"\"}", "{ \"a\" : [ ] , \"中文\" : \"名\" }",
            "{\"\":1}", "{\"abcdefgh\":1,\"abcdefgi\":2,\"abcdefghi\":3,\"abc\":4,\"ab\":5,\"a\":6}", "123456789012345678901234567890",
        ])
    func plain(_ text: String) throws { #expect(value(text) == (try JSONCodec.decode(Array(text.utf8)))) }

    @Test(
        "texts that are no JSON, or that a tape cannot show, have none",
        arguments: [
            "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{1:2}",
            "{\"a\" 1}", "{\"a\",1}", "[1}", "{\"a\":1]", "[1 2]", "1 2", "{}{}", "nul", "truE", "01", "-", "1.", "+1", ".5", "\"", "\"a",
            "\"\\x\"", "\"\\ud83d\"", "[\"a\":1]", "{\"a\":1,\"a\":2}", "{\"\\u0061\":1}", "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", ":", ",",
        ])
    func none(_ text: String) { #expect(value(text) == nil) }

    @Test("a name may stand again in another object, before, inside and behind")
    func scopes() throws {
        let text = "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}],\"b\":1},\"b\":{\"a\":1}}"
        #expect(value(text) == (try JSONCodec.decode(Array(text.utf8))))
        #expect(value("{\"a\":{\"b\":1},\"c\":[{}],\"a\":1}") == nil)
    }

    @Test("as deep as JSONCodec reads, and no deeper")
    func depth() throws {
        for (levels, isRead) in [(64, true), (65, false)] {
            let text = Array(String(repeating: "[", count: levels).utf8) + Array(String(repeating: "]", count: levels).utf8)
            #expect((value(text) != nil) == isRead)
            #expect(((try? JSONCodec.decode(text)) != nil) == isRead)
        }
    }

    @Test("objects of many names: a name that stands twice is found, and a text too long to say so has no tape")
    func manyNames() throws {
        func object(_ count: Int, _ more: String = "") -> String {
            "{" + (0..<count).map { "\"name\($0)\":\($0)" }.joined(separator: ",") + more + "}"
        }
        #expect(value(object(200)) == (try JSONCodec.decode(Array(object(200).utf8))))
        for name in [0, 99, 199] { #expect(value(object(200, ",\"name\(name)\":0")) == nil) }
        // More than 256 names are JSONCodec's to read as soon as one has to be compared with all before it.
        if let found = value(object(2000)) { #expect(found == (try JSONCodec.decode(Array(object(2000).utf8)))) }
    }

    @Test("a member is found from any hint, an item from both ends")
    func members() throws {
        let text = Array("{\"a\":1,\"long name here\":2,\"c\":[10,20,30],\"d\":{}}".utf8)
        text.withUnsafeBufferPointer { bytes -> Void in
            defer { tape.close() }
            guard let nodes = tape.open(bytes) else {
                Issue.record("no tape")
                return
            }
            func find(_ name: String, _ hint: Int) -> Value? {
                var hint = hint
                return Array(name.utf8).withUnsafeBufferPointer {
                    nodes.member($0.baseAddress ?? bytes.baseAddress.unsafelyUnwrapped, $0.count, of: 0, hint: &hint).map(nodes.value)
                }
            }
            for hint in -1...20 {
                #expect(find("a", hint) == 1)
                #expect(find("long name here", hint) == 2)
                #expect(find("long name herf", hint) == nil)
                #expect(find("", hint) == nil)
            }
            let list = nodes.follow([.name(.init("c"))])
            #expect(list.flatMap { nodes.item(0, of: $0) }.map(nodes.value) == 10)
            #expect(list.flatMap { nodes.item(-1, of: $0) }.map(nodes.value) == 30)
            #expect(list.flatMap { nodes.item(3, of: $0) } == nil)
            #expect(list.flatMap { nodes.item(-4, of: $0) } == nil)
            #expect(nodes.follow([.name(.init("c")), .index(1)]).map(nodes.value) == 20)
            #expect(nodes.follow([.name(.init("a")), .name(.init("b"))]) == nil)
        }
    }

    @Test("texts and names of every length up to 40 compare as they are")
    func lengths() throws {
        for length in 0...40 {
            let name = String((0..<length).map { "abcdefghij"[String.Index(utf16Offset: $0 % 10, in: "abcdefghij")] })
            let text = "{\"\(name)\":\(length),\"\(name)x\":1,\"y\(name)\":2}"
            #expect(value(text) == (try JSONCodec.decode(Array(text.utf8))), "\(length)")
            #expect(value("{\"\(name)\":1,\"z\":0,\"\(name)\":2}") == nil, "\(length)")
        }
    }

    @Test("every text of the JSON suite is read as JSONCodec reads it, or has no tape", .enabled(if: CodecSuites.has("json/test_parsing")))
    func suite() throws {
        var count = 0
        for name in try CodecSuites.names("json/test_parsing") {
            let bytes = try CodecSuites.bytes("json/test_parsing/" + name)
            guard let found = value(bytes) else { continue }
            #expect(found == (try? JSONCodec.decode(bytes)), "\(name)")
            count += 1
        }
        #expect(count >= 85)
    }
}
