extension Predicate {
    /// What the expression comes to when nothing of the root but one member of it is known: nil where it depends on the rest. A part that
    /// decides, such as one side of an `||`, decides here too.
    func outcome(on root: Value, knowingOnly member: String) -> Bool? {
        JSONPathEvaluator(root: root, isLoose: isLoose).outcome(expression, knowingOnly: member)
    }
}

extension JSONPathEvaluator {
    fileprivate func outcome(_ expression: JSONPath.LogicalExpression, knowingOnly member: String) -> Bool? {
        switch expression {
        case .any(let parts):
            let outcomes = parts.map { outcome($0, knowingOnly: member) }
            return outcomes.contains(true) ? true : outcomes.contains(nil) ? nil : false
        case .all(let parts):
            let outcomes = parts.map { outcome($0, knowingOnly: member) }
            return outcomes.contains(false) ? false : outcomes.contains(nil) ? nil : true
        case .not(let inner): return outcome(inner, knowingOnly: member).map { !$0 }
        case .exists(let query): return query.stays(in: member) ? holds(expression, current: root) : nil
        case .comparison(let left, _, let right):
            return left.stays(in: member) && right.stays(in: member) ? holds(expression, current: root) : nil
        case .text(let input, .compiled, _): return input.stays(in: member) ? holds(expression, current: root) : nil
        case .text(let input, .computed(let pattern), _):
            return input.stays(in: member) && pattern.stays(in: member) ? holds(expression, current: root) : nil
        }
    }
}

extension JSONPath.Query {
    /// Whether it looks at nothing outside one member of the root. Filters may look anywhere, and count as if they did.
    fileprivate func stays(in member: String) -> Bool {
        guard let first = segments.first, !first.isDescendant, first.selectors.count == 1, case .name(let name) = first.selectors[0],
            name.text == member
        else { return false }
        return segments.allSatisfy { $0.selectors.allSatisfy { if case .filter = $0 { false } else { true } } }
    }
}

extension JSONPath.Operand {
    fileprivate func stays(in member: String) -> Bool {
        switch self {
        case .literal: true
        case .node(_, let steps): steps.first.map { $0.index == nil && $0.name.text == member } ?? false
        case .length(let inner): inner.stays(in: member)
        case .count(let query), .value(let query): query.stays(in: member)
        }
    }
}
