/// An answer of the contract as it is sent.
public struct DirectAnswer: Sendable {
    /// The answer's JSON, typed by the contract.
    public let body: [UInt8]
    /// The fields that the gateway looks at: the resource's number, what decides the status, the region.
    public let facts: Value
    /// The regions that the items of a list lie in, as far as they say so.
    public let regions: [String]

    init(body: [UInt8], facts: Object, regions: [String]) {
        self.body = body
        self.facts = .object(facts)
        self.regions = regions
    }
}

/// A department's JSON turned into the contract's answer in one pass, without a tree in between.
///
/// It covers the replies that are what the mapping expects. For all others it gives nil, and the mapping says what is wrong, or makes of
/// them what the plan cannot: `OperationAdapter.settle` and `ContractOperation.typeReply` give the same answer for every reply that this
/// answers, byte for byte.
public final class DirectReply: Sendable {
    private let reply: ReplyRule
    private let plan: DirectPlan
    private let schemas: SchemaTable

    private static let tapes = ThreadLocal { JSONTape() }

    /// Prepares an operation; nil where its replies need more than one pass: other formats, documents inside documents, a list that the
    /// gateway cuts into pages.
    init?(_ adapter: OperationAdapter, _ operation: ContractOperation) {
        let rule = adapter.reply
        guard rule.isPlainJSON, !operation.answersFile else { return nil }
        var facts: Set<String> = ["region"]
        for success in operation.successes { if let field = success.field { facts.insert(field) } }
        for case .parameter(let name) in operation.location { facts.insert(name) }
        var compiler = DirectCompiler(operation.table, facts: facts)
        guard let plan = compiler.plan(adapter.answer, schema: operation.replySchema, paging: adapter.paging) else { return nil }
        self.plan = plan
        reply = rule
        schemas = operation.table
    }

    /// The answer in a reply; nil where the mapping has to look at it.
    public func answer(in reply: DepartmentReply, to call: AdapterCall) -> DirectAnswer? {
        guard call.trace == nil, !reply.isPending, (200...299).contains(reply.status), reply.isUTF8 else { return nil }
        return DirectReply.tapes.withObject { tape in
            reply.body.withUnsafeBufferPointer { bytes in
                guard tape.open(bytes) else { return nil }
                defer { tape.close() }
                guard isSuccess(tape) else { return nil }
                do { return try DirectWriter(tape, plan, schemas, call, reply).answer() } catch { return nil }
            }
        }
    }

    private func isSuccess(_ tape: JSONTape) -> Bool {
        let judge = TapePredicates(tape)
        for verdict in self.reply.verdicts where judge.holds(verdict.predicate) { return false }
        if case .when(let predicate) = self.reply.success, !judge.holds(predicate) { return false }
        return self.reply.expectations.allSatisfy(judge.holds)
    }
}

extension ReplyRule {
    /// Whether the body is JSON in UTF-8 that the fields are taken from as it stands.
    fileprivate var isPlainJSON: Bool {
        reader.format == .json && (reader.charset ?? .utf8) == .utf8 && !reader.replacesInvalid && reader.prefixes.isEmpty
            && unwraps.isEmpty && !asksHTTP && !isSOAP
    }
}

extension DepartmentReply {
    /// Whether nothing declares another charset.
    fileprivate var isUTF8: Bool { (MediaType.charset(contentType) ?? .utf8) == .utf8 }
}

/// Tells what is true of a tape.
struct TapePredicates {
    private let tape: JSONTape

    init(_ tape: JSONTape) { self.tape = tape }

    /// Whether a predicate holds at the root.
    func holds(_ predicate: Predicate) -> Bool {
        holds(predicate.expression, ValueComparison(isLoose: predicate.isLoose)) ?? predicate.holds(on: tape.value(0))
    }

    /// Nil where the expression needs the tree.
    private func holds(_ expression: JSONPath.LogicalExpression, _ comparison: ValueComparison) -> Bool? {
        switch expression {
        case .any(let parts):
            for part in parts {
                guard let holds = holds(part, comparison) else { return nil }
                if holds { return true }
            }
            return false
        case .all(let parts):
            for part in parts {
                guard let holds = holds(part, comparison) else { return nil }
                if !holds { return false }
            }
            return true
        case .not(let inner): return holds(inner, comparison).map { !$0 }
        case .exists(let query): return query.steps.map { DirectWriter.follow($0, from: 0, tape) != nil }
        case .comparison(let left, let relation, let right):
            guard let left = operand(left), let right = operand(right) else { return nil }
            return comparison.holds(left, relation, right)
        case .text: return nil
        }
    }

    /// The value of an operand, or Nothing; nil where it needs the tree.
    private func operand(_ operand: JSONPath.Operand) -> Value?? {
        switch operand {
        case .literal(let value): .some(value)
        case .node(_, let steps): .some(DirectWriter.follow(steps, from: 0, tape).map(tape.value))
        case .length, .count, .value: nil
        }
    }
}
