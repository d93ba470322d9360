extension Predicate {
    /// The chains of names that the expression follows from the root, as far as each is names: what can be checked against a contract.
    var namesFromRoot: [[String]] { Predicate.names(in: expression) }

    private static func names(in expression: JSONPath.LogicalExpression) -> [[String]] {
        switch expression {
        case .any(let parts), .all(let parts): parts.flatMap(names)
        case .not(let inner): names(in: inner)
        case .exists(let query): query.isRelative ? [] : [query.leadingNames]
        case .comparison(let left, _, let right): names(in: left) + names(in: right)
        case .text(let operand, _, _): names(in: operand)
        }
    }

    private static func names(in operand: JSONPath.Operand) -> [[String]] {
        switch operand {
        case .literal: []
        case .node(let isRelative, let steps): isRelative ? [] : [steps.prefix { $0.index == nil }.map(\.name.text)]
        case .length(let inner): names(in: inner)
        case .count(let query), .value(let query): query.isRelative ? [] : [query.leadingNames]
        }
    }
}

extension JSONPath.Query {
    /// The names that the query begins with, up to the first step that is none.
    var leadingNames: [String] {
        var names: [String] = []
        for segment in segments {
            guard !segment.isDescendant, segment.selectors.count == 1, case .name(let name) = segment.selectors[0] else { break }
            names.append(name.text)
        }
        return names
    }
}
