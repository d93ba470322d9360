// What a department may put into an answer as it likes, written from the tape.
extension DirectWriter {
    /// Writes a node as `JSONCodec` would write it, had it read it.
    mutating func copy(_ node: Int) {
        switch tape.nodes[node].kind {
        case .text:
            out.append(UnsafeBufferPointer(rebasing: tape.bytes[(Int(tape.nodes[node].start) &- 1)...Int(tape.nodes[node].end)]))
        case .integer, .null, .yes, .no: out.append(tape.slice(node))
        case .number, .escaped: out.append(JSONCodec.encode(tape.value(node)))
        case .array:
            out.append(UInt8(ascii: "["))
            var at = node &+ 1
            while at < Int(tape.nodes[node].next) {
                if at > node &+ 1 { out.append(UInt8(ascii: ",")) }
                copy(at)
                at = Int(tape.nodes[at].next)
            }
            out.append(UInt8(ascii: "]"))
        case .object:
            out.append(UInt8(ascii: "{"))
            var at = node &+ 1
            while at < Int(tape.nodes[node].next) {
                if at > node &+ 1 { out.append(UInt8(ascii: ",")) }
                copyField(at)
                at = Int(tape.nodes[at].next)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    @inline(__always)
    private mutating func copyField(_ name: Int) {
        copy(name)
        out.append(UInt8(ascii: ":"))
        copy(name &+ 1)
    }

    /// Writes an object's fields without those that are empty; whether there are any.
    mutating func copyFields(of node: Int) -> Bool {
        out.append(UInt8(ascii: "{"))
        var isEmpty = true
        var at = node &+ 1
        while at < Int(tape.nodes[node].next) {
            if !tape.isEmpty(at &+ 1) {
                if !isEmpty { out.append(UInt8(ascii: ",")) }
                copyField(at)
                isEmpty = false
            }
            at = Int(tape.nodes[at].next)
        }
        out.append(UInt8(ascii: "}"))
        return !isEmpty
    }
}
