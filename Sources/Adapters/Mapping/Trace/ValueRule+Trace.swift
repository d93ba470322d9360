extension ValueRule {
    /// The value, noted.
    func traced(in scope: MappingScope, _ trace: MappingTrace) throws(AdapterFault) -> Value? {
        trace.begin()
        let made: Value?
        do { made = try self.made(in: scope) } catch {
            trace.end(self, .failed(error.errors.first?.message ?? error.detail), scope.direction, isShown: !holdsOthers)
            throw error
        }
        let reason = missing(in: scope)
        switch (made, fallback) {
        case (nil, _):
            trace.end(self, .absent(reason ?? "none of its sources has a value"), scope.direction, isShown: reason != nil || !holdsOthers)
        case (let value?, let fallback?) where reason != nil && value == fallback:
            trace.end(self, .fallback(reason ?? ""), scope.direction, isShown: true)
        default: trace.end(self, lost(in: scope).map { .part($0) } ?? .value, scope.direction, isShown: !holdsOthers)
        }
        return made
    }

    /// How many of the values found have none after the conversions that are made item by item: what is added up or joined without them is
    /// another sum, and nothing else says so.
    private func lost(in scope: MappingScope) -> String? {
        guard case .all(let path) = source else { return nil }
        let single = conversions.prefix { !$0.isAboutWhole }
        let isSummed = conversions.contains { if case .sum = $0 { true } else { false } }
        let found = path.values(in: scope).flatMap { $0.array ?? [$0] }
        let lost = found.count { item in
            var value: Value? = item
            for conversion in single { value = value.flatMap { try? conversion.apply(to: $0, origin: origin, scope.direction) } }
            return value.map { isSummed && $0.isEmpty } ?? true
        }
        return lost == 0 ? nil : "\(lost) of \(found.count) found have no value then"
    }

    /// Whether the rule makes other fields, which have lines of their own.
    private var holdsOthers: Bool {
        switch source {
        case .object, .list, .document: true
        default: false
        }
    }

    /// Why there is no value; nil when that cannot be said in a few words.
    private func missing(in scope: MappingScope) -> String? {
        if let condition, !condition.holds(on: scope.root, current: scope.item) { return "'when' did not hold: \(condition.description)" }
        switch source {
        case .path(let path): return missing(path.first(in: scope), at: path.text)
        case .all(let path): return path.values(in: scope).isEmpty ? "nothing at \(path.text)" : nil
        case .call(let path): return missing(path.first(in: scope.call.input), at: "\(path.text) of the call")
        case .constant(let value) where value.isEmpty: return "its constant is empty; 'default: \"\"' beside it writes an empty one"
        case .cookie(let name): return scope.reply?.cookie(name) == nil ? "the reply sets no cookie '\(name)'" : nil
        case .list(let rule):
            guard rule.sources.allSatisfy({ $0.values(in: scope).isEmpty }) else { return nil }
            return "nothing at \(rule.sources.map(\.text).joined(separator: " or "))"
        default: return nil
        }
    }

    private func missing(_ found: Value?, at path: String) -> String? {
        switch found {
        case nil: return "nothing at \(path)"
        case .null?: return "null at \(path)"
        case let value? where value.isEmpty: return "it is empty at \(path)"
        default: break
        }
        for case .absent(let words) in conversions {
            if let text = found?.scalarText, words.contains(text) { return "'\(text)' stands for no value at \(path)" }
        }
        return conversions.isEmpty ? nil : "its conversions leave nothing of what is at \(path)"
    }
}
