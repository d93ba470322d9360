import Adapters
import Testing

@Suite("Random texts as paths")
struct JSONPathFuzzTests {
    private let document: Value = [
        "a": [1, 2.5, "x", .null, true, ["b": [["c": "1"], ["c": 1]]], .decimal("1e400")], "b": ["a": ["a": "a"]], "办": "件", "": [[], [:]],
    ]

    private let seeds = [
        "$.a[5].b[?@.c == '1'].c", "$..*", "$['a','b'][0:-1:2]", "$[?count(@.*) > 1 && !(@.b || @ == 1.5e3)]",
        "$[?match(@.a, '[a-z]{1,3}(b|c)*')]",
        "$[?search(@, \"\\u4e2d\\n\")]", "$.办[-1][::-1]", "$[?length(value(@..c)) >= length(@) , ?$.b.a]", "$..[?@.c<=1 || null!=@]",
    ]

    /// What has to be true of every text, whether it is a path or not.
    private func check(_ text: String) {
        let length = text.unicodeScalars.count
        do {
            let path = try JSONPath(text)
            let nodes = path.nodes(in: document)
            let values = path.values(in: document)
            #expect(nodes.count == values.count && zip(nodes, values).allSatisfy { $0.value == $1 }, "\(text)")
            #expect(path.first(in: document) == values.first, "\(text)")
            #expect(!path.isSingular || nodes.count <= 1, "\(text)")
            for node in nodes.prefix(5) { #expect((try? JSONPath(node.path))?.first(in: document) == node.value, "\(text)") }
            // A path stands for its own existence.
            #expect((try? Predicate(text, loose: false))?.holds(on: document) == !nodes.isEmpty, "\(text)")
        } catch {
            #expect((0...length).contains(error.offset) && !error.message.isEmpty, "\(text)")
        }
        do {
            let loose = try Predicate(text, loose: true)
            let opposite = try Predicate("!(\(text))", loose: true)
            #expect(loose.holds(on: document) != opposite.holds(on: document), "\(text)")
        } catch {
            #expect((0...length + 3).contains(error.offset) && !error.message.isEmpty, "\(text)")
        }
    }

    @Test("6,000 texts of random bytes are refused or work, and never crash")
    func randomBytes() {
        var random = SplitMix64(state: 1)
        for _ in 0..<6_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            check("$" + String(decoding: bytes, as: UTF8.self))
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("6,000 texts of the language's own signs are refused or work, and never crash")
    func randomSigns() {
        var random = SplitMix64(state: 2)
        let signs = [
            "$", "@", ".", "..", "[", "]", "(", ")", "?", "!", "*", ",", ":", "'", "\"", "\\", "\\u", "D83D", "-", "0", "1", "9", "e", "==",
            "<", ">=", "&&",
            "||", " ", "\n", "a", "b", "办", "true", "null", "length(", "count(", "match(", "value(", "{", "}", "|", "+", "^", "\\p{L}",
            "1e400",
        ]
        var accepted = 0
        for _ in 0..<6_000 {
            let text = "$" + (0..<Int.random(in: 0...12, using: &random)).map { _ in signs.randomElement(using: &random) ?? "" }.joined()
            if (try? JSONPath(text)) != nil { accepted += 1 }
            check(text)
        }
        #expect(accepted > 150, "the generator has to reach valid paths too")
    }

    @Test("6,000 changed copies of valid paths are refused or work, and never crash")
    func mutations() throws {
        var random = SplitMix64(state: 3)
        for seed in seeds { _ = try JSONPath(seed) }
        let scalars = seeds.map { Array($0.unicodeScalars) }
        for _ in 0..<6_000 {
            var text = scalars.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0...text.count, using: &random)
                let donor = scalars.randomElement(using: &random) ?? []
                let start = Int.random(in: 0..<donor.count, using: &random)
                let end = min(donor.count, start + Int.random(in: 1...6, using: &random))
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(contentsOf: donor[start..<end], at: position)
                case 1: text.removeSubrange(position..<min(text.count, position + end - start))
                default: text.replaceSubrange(position..<min(text.count, position + 1), with: donor[start..<end])
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: text)
            check(String(view))
        }
    }
}
