extension JSONPath {
    /// What stands in `shown` at the places that the path selects in `root`: filters look at all of a document of which only a part may
    /// come out. Places that are not there in `shown` give nothing.
    func values(in root: Value, shownBy shown: Value) -> [Value] {
        var found: [Value] = []
        _ = JSONPathEvaluator(root: root, isLoose: false).visit(query, current: root, at: .start) { _, location in
            if let location, let value = shown.following(location) { found.append(value) }
            return true
        }
        return found
    }
}

extension Value {
    /// The value at a place.
    fileprivate func following(_ location: JSONPath.Location) -> Value? {
        switch location {
        case .start: return self
        case .below(let parent, let name): return following(parent)?[name]
        case .inside(let parent, let position):
            guard let items = following(parent)?.array, items.indices.contains(position) else { return nil }
            return items[position]
        }
    }
}
