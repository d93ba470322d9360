// What a department may put into an answer as it likes, written from the nodes.
extension DirectWriter {
    /// Writes a node as `JSONCodec` would write it, had it read it.
    mutating func copy(_ node: Int) {
        switch nodes.nodes[node].kind {
        case .text: out.append(nodes.quoted(node))
        case .integer, .null, .yes, .no: out.append(nodes.slice(node))
        case .number, .escaped: out.append(JSONCodec.encode(nodes.value(node)))
        case .array:
            out.append(UInt8(ascii: "["))
            var at = node &+ 1
            while at < Int(nodes.nodes[node].next) {
                if at > node &+ 1 { out.append(UInt8(ascii: ",")) }
                copy(at)
                at = Int(nodes.nodes[at].next)
            }
            out.append(UInt8(ascii: "]"))
        case .object:
            out.append(UInt8(ascii: "{"))
            var at = node &+ 1
            while at < Int(nodes.nodes[node].next) {
                if at > node &+ 1 { out.append(UInt8(ascii: ",")) }
                copyField(at)
                at = Int(nodes.nodes[at].next)
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
        while at < Int(nodes.nodes[node].next) {
            if !nodes.isEmpty(at &+ 1) {
                if !isEmpty { out.append(UInt8(ascii: ",")) }
                copyField(at)
                isEmpty = false
            }
            at = Int(nodes.nodes[at].next)
        }
        out.append(UInt8(ascii: "}"))
        return !isEmpty
    }
}
