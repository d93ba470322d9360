/// What a reply must satisfy to be answered in one pass: that no verdict holds, and success and expectations do.
indirect enum DirectCondition {
    case always
    case not(DirectCondition)
    case all([DirectCondition])
    case any([DirectCondition])
    /// There is a node at these steps from the root.
    case exists([JSONPath.Step])
    case compare(DirectComparison)

    /// The condition of a reply's rule; nil where it needs the tree.
    init?(_ rule: ReplyRule) {
        var parts: [DirectCondition] = []
        for verdict in rule.verdicts {
            guard let part = DirectCondition(verdict.predicate) else { return nil }
            parts.append(.not(part))
        }
        if case .when(let predicate) = rule.success {
            guard let part = DirectCondition(predicate) else { return nil }
            parts.append(part)
        }
        for predicate in rule.expectations {
            guard let part = DirectCondition(predicate) else { return nil }
            parts.append(part)
        }
        self = .all(parts)
    }

    private init?(_ predicate: Predicate) { self.init(predicate.expression, isLoose: predicate.isLoose) }

    private init?(_ expression: JSONPath.LogicalExpression, isLoose: Bool) {
        func all(_ parts: [JSONPath.LogicalExpression]) -> [DirectCondition]? {
            let made = parts.compactMap { DirectCondition($0, isLoose: isLoose) }
            return made.count == parts.count ? made : nil
        }
        switch expression {
        case .any(let parts):
            guard let made = all(parts) else { return nil }
            self = .any(made)
        case .all(let parts):
            guard let made = all(parts) else { return nil }
            self = .all(made)
        case .not(let inner):
            guard let made = DirectCondition(inner, isLoose: isLoose) else { return nil }
            self = .not(made)
        case .exists(let query):
            guard let steps = query.steps else { return nil }
            self = .exists(steps)
        case .comparison(let left, let relation, let right):
            guard let left = DirectComparison.Side(left), let right = DirectComparison.Side(right) else { return nil }
            self = .compare(DirectComparison(left: left, relation: relation, right: right, isLoose: isLoose))
        case .text: return nil
        }
    }
}

/// A comparison of two values, each a literal or what stands somewhere in the reply.
struct DirectComparison: Sendable {
    /// One side.
    enum Side: Sendable {
        case literal(Value)
        case node([JSONPath.Step])

        /// A side; nil where it needs the tree.
        init?(_ operand: JSONPath.Operand) {
            switch operand {
            case .literal(let value): self = .literal(value)
            case .node(_, let steps): self = .node(steps)
            case .length, .count, .value: return nil
            }
        }

        fileprivate func value(in nodes: JSONNodes) -> Value? {
            switch self {
            case .literal(let value): value
            case .node(let steps): nodes.follow(steps).map(nodes.value)
            }
        }
    }

    let left: Side
    let relation: JSONPath.Comparison
    let right: Side
    let isLoose: Bool

    /// The usual form: a node on the left and a literal on the right.
    var nodeAndLiteral: ([JSONPath.Step], JSONPath.Comparison, Value)? {
        if case .node(let steps) = left, case .literal(let value) = right { (steps, relation, value) } else { nil }
    }

    /// Whether it holds of the values.
    func holds(in nodes: JSONNodes) -> Bool {
        ValueComparison(isLoose: isLoose).holds(left.value(in: nodes), relation, right.value(in: nodes))
    }
}

/// One test of a condition, and the tests behind it.
struct DirectTest {
    /// Where a condition ends.
    static let yes: Int32 = -1
    static let no: Int32 = -2

    enum Kind: UInt8 {
        /// There is a node.
        case exists
        /// A whole number compares with `number`.
        case number
        /// A text is `text`, or is not.
        case text
        /// As values.
        case values
    }

    var path: DirectProgram.Path
    var kind: Kind
    var relation = JSONPath.Comparison.equal
    var number: Int64 = 0
    var text = DirectProgram.Piece()
    /// The same as values, in `DirectProgram.comparisons`.
    var comparison: Int32 = 0
    var onYes = DirectTest.yes
    var onNo = DirectTest.no

    init(path: DirectProgram.Path, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

extension DirectProgram {
    /// Whether a text satisfies the condition.
    func isSatisfied(by nodes: JSONNodes, _ room: UnsafeMutablePointer<JSONPlace>) -> Bool {
        var number = firstTest
        while number >= 0 {
            let test = tests + Int(number)
            number = holds(test, nodes, room) ? test.pointee.onYes : test.pointee.onNo
        }
        return number == DirectTest.yes
    }

    @inline(__always)
    private func holds(_ test: UnsafePointer<DirectTest>, _ nodes: JSONNodes, _ room: UnsafeMutablePointer<JSONPlace>) -> Bool {
        if test.pointee.kind == .values { return comparisons[Int(test.pointee.comparison)].holds(in: nodes) }
        let place = room + Int(test.pointee.path.place)
        let node = place.pointee.node < 0 ? nil : child(test.pointee.path.key, of: place.pointee.node, nodes, &place.pointee.hint)
        if test.pointee.kind == .exists { return node.map { nodes.nodes[$0].kind != .null } ?? false }
        guard let node else { return comparisons[Int(test.pointee.comparison)].holds(in: nodes) }
        let kind = nodes.nodes[node].kind
        if test.pointee.kind == .number, kind == .integer {
            return nodes.integer(node).map { test.pointee.relation.holds($0, test.pointee.number) }
                ?? comparisons[Int(test.pointee.comparison)].holds(in: nodes)
        }
        if test.pointee.kind == .text, kind == .text {
            let text = nodes.slice(node)
            let isSame = text.count == Int(test.pointee.text.count) && text.elementsEqual(bytes(test.pointee.text))
            return isSame == (test.pointee.relation == .equal)
        }
        return comparisons[Int(test.pointee.comparison)].holds(in: nodes)
    }
}

extension JSONPath.Comparison {
    /// Whether it holds of two whole numbers.
    fileprivate func holds(_ left: Int64, _ right: Int64) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .greater: left > right
        case .lessOrEqual: left <= right
        case .greaterOrEqual: left >= right
        }
    }
}
