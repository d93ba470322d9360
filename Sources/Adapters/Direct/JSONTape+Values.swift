import Glibc

// What is made of single nodes, for everything that is not copied as it stands.
extension JSONTape {
    /// A node's text or digits as they stand.
    @inline(__always)
    func slice(_ node: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(nodes[node].start)..<Int(nodes[node].end)])
    }

    /// The value of a name in the object at `object`; nil when there is none. The search begins behind `hint`, where the last one ended:
    /// fields are mostly asked for in the order in which they stand.
    @inline(__always)
    func member(_ name: [UInt8], of object: Int, hint: inout Int) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        let end = Int(nodes[object].next)
        let start = hint > object && hint < end ? hint : object &+ 1
        return find(name, from: start, to: end, &hint) ?? find(name, from: object &+ 1, to: start, &hint)
    }

    @inline(__always)
    private func find(_ name: [UInt8], from start: Int, to end: Int, _ hint: inout Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        return name.withUnsafeBufferPointer { wanted in
            var at = start
            while at < end {
                let node = nodes[at]
                let length = Int(node.end &- node.start)
                if length == wanted.count, length == 0 || memcmp(base + Int(node.start), wanted.baseAddress.unsafelyUnwrapped, length) == 0
                {
                    hint = Int(node.next)
                    return at &+ 1
                }
                at = Int(node.next)
            }
            return nil
        }
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
        let quoted = UnsafeBufferPointer(rebasing: bytes[(Int(nodes[node].start) &- 1)...Int(nodes[node].end)])
        // The escapes were checked when the tape was made.
        return (try? JSONCodec.decode(UnsafeRawBufferPointer(quoted)))?.string ?? ""
    }
}
