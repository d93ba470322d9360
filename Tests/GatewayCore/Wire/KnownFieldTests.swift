import GatewayCore
import Testing

@Suite("Known fields")
struct KnownFieldTests {
    private func known(_ name: String, behind: String = "") -> KnownField? {
        let bytes = Array("GET / HTTP/1.0\r\n\(name): \(behind)\r\n\r\n".utf8)
        var parser = RequestHeadParser(limits: WireLimits())
        _ = bytes.withUnsafeBytes { parser.parse($0) }
        return parser.head.fields.first?.known
    }

    @Test("each is recognised by its name in any case, in the middle of the bytes and at their end", arguments: KnownField.allCases)
    func recognised(_ field: KnownField) {
        let name = field.name.description
        guard field != .other else {
            #expect(name.isEmpty)
            return
        }
        let mixed = String(
            name.enumerated().map { $0.offset.isMultiple(of: 2) ? Character($0.element.uppercased()) : Character($0.element.lowercased()) })
        for spelling in [name, name.lowercased(), name.uppercased(), mixed] {
            // Some values make the head refused or its line a slow one; the field is known before that.
            #expect(known(spelling) == field, "\(spelling)")
            #expect(known(spelling, behind: "\t1234567890 ") == field, "\(spelling)")
        }
    }

    @Test(
        "a name that differs in one character, or by one more or less, is another", arguments: KnownField.allCases.filter { $0 != .other })
    func neighbours(_ field: KnownField) {
        let name = field.name.description
        #expect(known(name + "s") != field && known("x" + name) != field && known(String(name.dropLast())) != field)
        for index in name.indices {
            var other = name
            other.replaceSubrange(index...index, with: name[index] == "q" ? "z" : "q")
            #expect(known(other) != field, "\(other)")
        }
    }

    @Test("have names of their own, few enough for one word")
    func names() {
        let names = KnownField.allCases.map { $0.name.description.lowercased() }
        #expect(Set(names).count == names.count && names.count <= 64)
    }

    @Test("a set holds what was put in")
    func sets() {
        var set = KnownFieldSet(.host, .acceptRanges)
        #expect(set.contains(.host) && set.contains(.acceptRanges) && !set.contains(.te))
        set.insert(.te)
        #expect(set.contains(.te) && set != KnownFieldSet(.host, .acceptRanges))
    }
}
