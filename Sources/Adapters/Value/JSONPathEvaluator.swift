/// Follows compiled queries through one document. Nodes are handed on as they are found, depth first, which is the order of RFC 9535;
/// no list of nodes is built in between, and whoever needs only the first stops the walk.
struct JSONPathEvaluator {
    /// What `$` means.
    let root: Value
    /// Whether comparisons are loose, as `Predicate` describes it.
    let isLoose: Bool

    /// Receives a node and, where locations are wanted, its own; returns whether to go on.
    typealias Visitor = (Value, JSONPath.Location?) -> Bool

    /// The first node.
    func first(_ query: JSONPath.Query, current: Value) -> Value? {
        var found: Value?
        _ = visit(query, current: current) { value, _ in
            found = value
            return false
        }
        return found
    }

    /// Hands every node to `visitor` until it says stop; whether it never did. `start` is the location of the query's own beginning, nil
    /// where locations are not wanted.
    func visit(_ query: JSONPath.Query, current: Value, at start: JSONPath.Location? = nil, _ visitor: Visitor) -> Bool {
        visit(query.isRelative ? current : root, start, query.segments[...], visitor)
    }

    private func visit(_ value: Value, _ location: JSONPath.Location?, _ segments: ArraySlice<JSONPath.Segment>, _ visitor: Visitor) -> Bool
    {
        guard let segment = segments.first else { return visitor(value, location) }
        let rest = segments.dropFirst()
        if segment.isDescendant {
            return descend(value, location) { select(segment.selectors, in: $0, $1) { visit($0, $1, rest, visitor) } }
        }
        return select(segment.selectors, in: value, location) { visit($0, $1, rest, visitor) }
    }

    /// The value itself and all below it, parents first.
    private func descend(_ value: Value, _ location: JSONPath.Location?, _ visitor: Visitor) -> Bool {
        guard visitor(value, location) else { return false }
        return children(of: value, location) { descend($0, $1, visitor) }
    }

    private func children(of value: Value, _ location: JSONPath.Location?, _ visitor: Visitor) -> Bool {
        switch value {
        case .object(let object): object.fields.allSatisfy { visitor($0.value, location?.member($0.name)) }
        case .array(let items): items.indices.allSatisfy { visitor(items[$0], location?.item($0)) }
        case .null, .bool, .integer, .double, .decimal, .string: true
        }
    }

    private func select(
        _ selectors: [JSONPath.Selector], in value: Value, _ location: JSONPath.Location?, _ visitor: Visitor
    ) -> Bool {
        selectors.allSatisfy { select($0, in: value, location, visitor) }
    }

    private func select(
        _ selector: JSONPath.Selector, in value: Value, _ location: JSONPath.Location?, _ visitor: Visitor
    ) -> Bool {
        switch (selector, value) {
        case (.wildcard, _): return children(of: value, location, visitor)
        case (.filter(let test), _):
            return children(of: value, location) { holds(test, current: $0) ? visitor($0, $1) : true }
        case (.name(let name), .object(let object)):
            guard let field = object.fields.first(where: { name.matches($0.name) }) else { return true }
            return visitor(field.value, location?.member(field.name))
        case (.index(let index), .array(let items)):
            guard let position = JSONPath.position(of: index, count: items.count) else { return true }
            return visitor(items[position], location?.item(position))
        case (.slice(let slice), .array(let items)):
            return slice.positions(count: items.count).allSatisfy { visitor(items[$0], location?.item($0)) }
        case (.name, _), (.index, _), (.slice, _): return true
        }
    }
}

extension JSONPath.Slice {
    /// The positions it selects in a list of `count`, in order (RFC 9535 section 2.3.4.2.2). Bounds are within ±(2^53-1), so nothing
    /// overflows.
    func positions(count: Int) -> StrideTo<Int> {
        func normal(_ index: Int) -> Int { index < 0 ? count + index : index }
        if step > 0 {
            let lower = min(max(normal(start ?? 0), 0), count)
            let upper = min(max(normal(end ?? count), 0), count)
            return stride(from: lower, to: upper, by: step)
        }
        guard step < 0 else { return stride(from: 0, to: 0, by: 1) }
        let upper = min(max(start.map(normal) ?? count - 1, -1), count - 1)
        let lower = min(max(end.map(normal) ?? -1, -1), count - 1)
        return stride(from: upper, to: lower, by: step)
    }
}

extension JSONPath {
    /// Where a node is, as a chain that shares its beginning with its neighbours.
    indirect enum Location {
        case start
        case below(Location, member: String)
        case inside(Location, item: Int)

        func member(_ name: String) -> Location { .below(self, member: name) }
        func item(_ position: Int) -> Location { .inside(self, item: position) }

        /// The normalized path without its `$` (RFC 9535 section 2.7).
        var normalized: String {
            var parts: [String] = []
            var location = self
            while true {
                switch location {
                case .start: return parts.reversed().joined()
                case .below(let parent, let name):
                    parts.append("['" + Self.escaped(name) + "']")
                    location = parent
                case .inside(let parent, let position):
                    parts.append("[\(position)]")
                    location = parent
                }
            }
        }

        private static func escaped(_ name: String) -> String {
            var text = String.UnicodeScalarView()
            for scalar in name.unicodeScalars {
                switch scalar {
                case "\u{08}": text.append(contentsOf: "\\b".unicodeScalars)
                case "\t": text.append(contentsOf: "\\t".unicodeScalars)
                case "\n": text.append(contentsOf: "\\n".unicodeScalars)
                case "\u{0C}": text.append(contentsOf: "\\f".unicodeScalars)
                case "\r": text.append(contentsOf: "\\r".unicodeScalars)
                case "'": text.append(contentsOf: "\\'".unicodeScalars)
                case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
                case "\u{00}"..."\u{0F}": text.append(contentsOf: "\\u000\(String(scalar.value, radix: 16))".unicodeScalars)
                case "\u{10}"..."\u{1F}": text.append(contentsOf: "\\u00\(String(scalar.value, radix: 16))".unicodeScalars)
                default: text.append(scalar)
                }
            }
            return String(text)
        }
    }
}
