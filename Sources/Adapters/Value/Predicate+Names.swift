extension Predicate {
    /// Whether the expression asks for `@` outside of filters.
    var asksForItem: Bool { Predicate.asksForItem(expression) }

    private static func asksForItem(_ expression: JSONPath.LogicalExpression) -> Bool {
        switch expression {
        case .any(let parts), .all(let parts): parts.contains(where: asksForItem)
        case .not(let inner): asksForItem(inner)
        case .exists(let query): query.isRelative
        case .comparison(let left, _, let right): asksForItem(left) || asksForItem(right)
        case .text(let operand, _, _): asksForItem(operand)
        }
    }

    private static func asksForItem(_ operand: JSONPath.Operand) -> Bool {
        switch operand {
        case .literal: false
        case .node(let isRelative, _): isRelative
        case .length(let inner): asksForItem(inner)
        case .count(let query), .value(let query): query.isRelative
        }
    }

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
