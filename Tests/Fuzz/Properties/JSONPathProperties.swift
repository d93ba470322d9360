internal import Adapters

/// An input is a path, the byte 1E, and a document; without that byte the document is one of our own. Every path either is refused at a place
/// inside it, or gives nodes whose normalized paths lead back to them.
enum JSONPathProperties {
    private static let ownDocument: Value = [
        "a": [1, 2.5, "x", .null, true, ["b": [["c": "1"], ["c": 1]]], .decimal("1e400")], "b": ["a": ["a": "a"]], "办": "件", "": [[], [:]],
    ]

    static func check(_ input: [UInt8]) throws(Finding) {
        let mark = input.lastIndex(of: 0x1E)
        let text = String(decoding: input[..<(mark ?? input.endIndex)], as: UTF8.self)
        let document = mark.map { Array(input[($0 + 1)...]) }.flatMap { try? JSONCodec.decode($0) } ?? ownDocument
        let isCheap = cost(of: text, in: document) <= 200_000
        if let path = try compiled(text, { (text) throws(JSONPathSyntaxFault) in try JSONPath(text) }), isCheap {
            try checkNodes(path, document)
        }
        if let path = try compiled(text, { (text) throws(JSONPathSyntaxFault) in try JSONPath(text, allowingRelative: true) }), isCheap,
            path.isRelative
        {
            let found = path.values(in: .null, current: document)
            try claim(path.first(in: .null, current: document) == found.first, "the first node is not the first of all")
        }
        for loose in [false, true] {
            let predicate = try compiled(text) { (text) throws(JSONPathSyntaxFault) in try Predicate(text, loose: loose) }
            guard let predicate, isCheap else { continue }
            // What is no condition by itself, such as a text with an unclosed parenthesis, was refused above.
            guard let opposite = try? Predicate("!(\(text))", loose: loose) else { continue }
            try claim(predicate.holds(on: document) != opposite.holds(on: document), "a condition and its opposite are the same")
        }
    }

    private static func compiled<Result>(_ text: String, _ compile: (String) throws(JSONPathSyntaxFault) -> Result) throws(Finding)
        -> Result?
    {
        do { return try compile(text) } catch {
            let length = text.unicodeScalars.count
            try claim(
                (0...length).contains(error.offset) && !error.message.isEmpty, "offset \(error.offset) of \(length): \(error.message)")
            return nil
        }
    }

    private static func checkNodes(_ path: JSONPath, _ document: Value) throws(Finding) {
        let values = path.values(in: document)
        let nodes = path.nodes(in: document)
        try claim(nodes.map(\.value) == values, "the nodes with their places are others than those without")
        try claim(path.first(in: document) == values.first, "the first node is not the first of all")
        try claim(!path.isSingular || values.count <= 1, "a singular path has \(values.count) nodes")
        for node in nodes.prefix(20) {
            let normal: JSONPath
            do { normal = try JSONPath(node.path) } catch { throw Finding("the normalized path is refused: \(error.description)") }
            try claim(normal.isSingular, "a normalized path is not singular")
            try claim(normal.first(in: document) == node.value, "a normalized path leads to another node")
            try claim(normal.nodes(in: document).map(\.path) == [node.path], "a normalized path is normalized to another")
        }
    }

    /// How many nodes a path can come to at most, roughly, by the signs in it. The number of nodes that RFC 9535 wants grows with the power of
    /// its `..`, filters and lists of selectors; only whoever writes a route file can ask for that.
    private static func cost(of text: String, in document: Value) -> Int {
        let size = max(2, size(document))
        var cost = 1
        var selectors = 1
        var last: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "["):
                cost = cost.multipliedReportingOverflow(by: selectors).partialValue
                selectors = 1
            case UInt8(ascii: ","): selectors += 1
            case UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: ":"): cost = min(cost, 1 << 24) * size
            case UInt8(ascii: ".") where last == byte: cost = min(cost, 1 << 24) * size
            default: break
            }
            last = byte
            if cost > 1 << 24 { return cost }
        }
        return cost * selectors
    }

    private static func size(_ value: Value) -> Int {
        switch value {
        case .array(let items): items.reduce(1) { $0 + size($1) }
        case .object(let object): object.fields.reduce(1) { $0 + size($1.value) }
        case .null, .bool, .integer, .double, .decimal, .string: 1
        }
    }
}
