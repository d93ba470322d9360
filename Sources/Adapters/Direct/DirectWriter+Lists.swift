extension DirectWriter {
    /// Writes a list of objects, item by item.
    mutating func list(_ step: Step) throws(GivenUp) -> Written {
        let outer = (item, itemHint, itemPosition)
        defer { (item, itemHint, itemPosition) = outer }
        out.append(UInt8(ascii: "["))
        var isThere = false
        var count = 0
        var position = 0
        let sources = Int(step.pointee.detail)
        for source in 1...max(1, sources) where source <= sources {
            (item, itemHint, itemPosition) = outer
            guard let node = node((step + source).pointee.path) else { continue }
            guard nodes.nodes[node].kind == .array else {
                if nodes.isEmpty(node) {
                    isThere = true
                    continue
                }
                position += 1
                let made = try add(node, position, step, &count)
                isThere = made || isThere
                continue
            }
            isThere = true
            var at = node &+ 1
            let end = Int(nodes.nodes[node].next)
            while at < end {
                position += 1
                _ = try add(at, position, step, &count)
                at = Int(nodes.nodes[at].next)
            }
        }
        if step.pointee.list >= 0 { counts[Int(step.pointee.list)] = count }
        guard isThere else { return .nothing }
        if count == 0, step.pointee.absence != .owedList { return .dropped }
        out.append(UInt8(ascii: "]"))
        return .value
    }

    /// Writes one item; whether the mapping made anything of it.
    private mutating func add(_ node: Int, _ position: Int, _ step: Step, _ count: inout Int) throws(GivenUp) -> Bool {
        guard nodes.nodes[node].kind == .object else {
            // Nothing is left out; of anything else the mapping says what is wrong.
            if nodes.isEmpty(node) { return false }
            throw GivenUp()
        }
        if nodes.isEmpty(node) { return false }
        (item, itemHint, itemPosition) = (node, node &+ 1, position)
        let start = out.count
        if count > 0 { out.append(UInt8(ascii: ",")) }
        out.append(UInt8(ascii: "{"))
        let opened = out.count
        let isThere = try fields(number(of: step) + 1 + Int(step.pointee.detail), Int(step.pointee.end), isRoot: false)
        guard isThere, out.count > opened else {
            // Something is there, and nothing was made of it: what the contract says to that is the mapping's to find out.
            if !isThere, !nodes.isEmpty(node) { throw GivenUp() }
            out.truncate(to: start)
            return isThere
        }
        out.append(UInt8(ascii: "}"))
        count += 1
        return true
    }
}
