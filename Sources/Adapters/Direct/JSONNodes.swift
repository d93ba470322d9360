/// The nodes of an open tape where they lie, and the text that they speak of.
///
/// Two pointers and a length: reading them costs no count of references. Valid until the tape is closed.
struct JSONNodes {
    let nodes: UnsafeMutablePointer<JSONTape.Node>
    let base: UnsafePointer<UInt8>
    let length: Int

    /// The whole text.
    @inline(__always)
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: length) }

    /// A node's text or digits as they stand.
    @inline(__always)
    func slice(_ node: Int) -> UnsafeBufferPointer<UInt8> {
        let node = nodes[node]
        return UnsafeBufferPointer(start: base + Int(node.start), count: Int(node.end &- node.start))
    }

    /// A text with its quotation marks.
    @inline(__always)
    func quoted(_ node: Int) -> UnsafeBufferPointer<UInt8> {
        let node = nodes[node]
        return UnsafeBufferPointer(start: base + Int(node.start) - 1, count: Int(node.end &- node.start) &+ 2)
    }

    /// The value of a name in the object at `object`; nil when there is none. The search begins behind `hint`, where the last one ended:
    /// fields are mostly asked for in the order in which they stand.
    @inline(__always)
    func member(_ name: UnsafePointer<UInt8>, _ length: Int, of object: Int, hint: inout Int) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        let end = Int(nodes[object].next)
        let start = hint > object && hint < end ? hint : object &+ 1
        return find(name, length, from: start, to: end, &hint) ?? find(name, length, from: object &+ 1, to: start, &hint)
    }

    @inline(__always)
    private func find(_ name: UnsafePointer<UInt8>, _ length: Int, from start: Int, to end: Int, _ hint: inout Int) -> Int? {
        var at = start
        while at < end {
            let node = nodes[at]
            if Int(node.end &- node.start) == length, UTF8Text.isSame(base + Int(node.start), name, length) {
                hint = Int(node.next)
                return at &+ 1
            }
            at = Int(node.next)
        }
        return nil
    }

    /// The node that steps lead to; nil when there is none.
    func follow(_ steps: [JSONPath.Step]) -> Int? {
        var node = 0
        for step in steps {
            var hint = 0
            let next: Int?
            if let index = step.index {
                next = item(index, of: node)
            } else {
                next = step.name.utf8.withUnsafeBufferPointer { member($0.baseAddress ?? base, $0.count, of: node, hint: &hint) }
            }
            guard let next else { return nil }
            node = next
        }
        return node
    }

    /// The item at a position of the array at `array`, counted from its end when it is negative.
    func item(_ index: Int, of array: Int) -> Int? {
        guard nodes[array].kind == .array else { return nil }
        let end = Int(nodes[array].next)
        var position = index
        if index < 0 {
            var length = 0
            var at = array &+ 1
            while at < end {
                length &+= 1
                at = Int(nodes[at].next)
            }
            position = length &+ index
            if position < 0 { return nil }
        }
        var at = array &+ 1
        while at < end {
            if position == 0 { return at }
            position &-= 1
            at = Int(nodes[at].next)
        }
        return nil
    }

    /// Null, an empty text, list or object.
    @inline(__always)
    func isEmpty(_ node: Int) -> Bool {
        switch nodes[node].kind {
        case .null: true
        case .text: nodes[node].start == nodes[node].end
        case .array, .object: Int(nodes[node].next) == node &+ 1
        case .yes, .no, .integer, .number, .escaped: false
        }
    }

    /// The number of an `integer` node: at most eighteen digits.
    @inline(__always)
    func integer(_ node: Int) -> Int64? {
        let digits = slice(node)
        guard let first = digits.first else { return nil }
        var number: Int64 = 0
        var at = first == UInt8(ascii: "-") ? 1 : 0
        while at < digits.count {
            number = number &* 10 &+ Int64(digits[at] &- UInt8(ascii: "0"))
            at &+= 1
        }
        return first == UInt8(ascii: "-") ? -number : number
    }

    /// A node as the value that `JSONCodec` would read.
    func value(_ node: Int) -> Value {
        switch nodes[node].kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .text: return .string(UTF8Text.string(validated: slice(node)))
        case .escaped: return .string(unescaped(node))
        case .integer, .number:
            var number = JSONNumber(bytes: bytes, at: Int(nodes[node].start))
            return number.parse() ?? .null
        case .array:
            var items: [Value] = []
            var at = node &+ 1
            while at < Int(nodes[node].next) {
                items.append(value(at))
                at = Int(nodes[at].next)
            }
            return .array(items)
        case .object:
            var object = Object(capacity: 8)
            var at = node &+ 1
            while at < Int(nodes[node].next) {
                object.append(UTF8Text.string(validated: slice(at)), value(at &+ 1))
                at = Int(nodes[at].next)
            }
            return .object(object)
        }
    }

    private func unescaped(_ node: Int) -> String {
        // The escapes were checked when the tape was made.
        (try? JSONCodec.decode(UnsafeRawBufferPointer(quoted(node))))?.string ?? ""
    }
}
