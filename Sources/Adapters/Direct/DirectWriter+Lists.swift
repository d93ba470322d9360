extension DirectWriter {
    /// Writes a list of objects, item by item.
    mutating func list(_ paths: [DirectPath], _ inner: ContiguousArray<DirectField>, _ field: DirectField) throws(GivenUp)
        -> Written
    {
        let outer = (item, itemHint, itemPosition)
        defer { (item, itemHint, itemPosition) = outer }
        out.append(UInt8(ascii: "["))
        var isThere = false
        var count = 0
        var position = 0
        for path in paths {
            (item, itemHint, itemPosition) = outer
            guard let node = node(path) else { continue }
            guard tape.nodes[node].kind == .array else {
                if tape.isEmpty(node) { continue }
                position += 1
                let made = try add(node, position, inner, &count)
                isThere = made || isThere
                continue
            }
            isThere = true
            var at = node &+ 1
            let end = Int(tape.nodes[node].next)
            while at < end {
                position += 1
                _ = try add(at, position, inner, &count)
                at = Int(tape.nodes[at].next)
            }
        }
        if let number = field.list { counts[number] = count }
        guard isThere else { return .nothing }
        if count == 0 {
            guard case .owedList = field.absence else { return .dropped }
        }
        out.append(UInt8(ascii: "]"))
        return .value
    }

    /// Writes one item; whether the mapping made anything of it.
    private mutating func add(_ node: Int, _ position: Int, _ inner: ContiguousArray<DirectField>, _ count: inout Int) throws(GivenUp)
        -> Bool
    {
        (item, itemHint, itemPosition) = (node, node &+ 1, position)
        let start = out.count
        if count > 0 { out.append(UInt8(ascii: ",")) }
        out.append(UInt8(ascii: "{"))
        let opened = out.count
        let isThere = try fields(inner, isRoot: false)
        guard isThere, out.count > opened else {
            out.truncate(to: start)
            return isThere
        }
        out.append(UInt8(ascii: "}"))
        count += 1
        return true
    }
}
