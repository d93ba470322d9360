/// An answer of the contract as it is sent. A class: it is handed on through the results of several calls.
public final class DirectAnswer: Sendable {
    /// The answer's JSON, typed by the contract.
    public let body: [UInt8]
    /// The fields that the gateway looks at: the resource's number, what decides the status, the region.
    public let facts: Value
    /// The regions that the items of a list lie in, as far as they say so.
    public let regions: [String]
    /// The reply that it was made of.
    let reply: DepartmentReply
    /// The call that the reply answers.
    let call: AdapterCall

    init(body: [UInt8], facts: Object, regions: [String], reply: DepartmentReply, call: AdapterCall) {
        self.body = body
        self.facts = .object(facts)
        self.regions = regions
        self.reply = reply
        self.call = call
    }
}

/// A department's JSON turned into the contract's answer in one pass, without a tree in between.
///
/// It covers the replies that are what the mapping expects. For all others it gives nil, and the mapping says what is wrong, or makes of
/// them what the plan cannot: `OperationAdapter.settle` and `ContractOperation.typeReply` give the same answer for every reply that this
/// answers, byte for byte.
public final class DirectReply: Sendable {
    private let program: DirectProgram
    private let schemas: SchemaTable

    private static let tapes = ThreadLocal { JSONTape() }

    /// Prepares an operation; nil where its replies need more than one pass: other formats, documents inside documents, predicates on more
    /// than single values, a list that the gateway cuts into pages.
    init?(_ adapter: OperationAdapter, _ operation: ContractOperation) {
        guard adapter.reply.isPlainJSON, !operation.answersFile, let condition = DirectCondition(adapter.reply) else { return nil }
        var facts: Set<String> = ["region"]
        for success in operation.successes { if let field = success.field { facts.insert(field) } }
        for case .parameter(let name) in operation.location { facts.insert(name) }
        var compiler = DirectCompiler(operation.table, facts: facts)
        guard let plan = compiler.plan(adapter.answer.owing(adapter.owed), schema: operation.replySchema, paging: adapter.paging) else {
            return nil
        }
        program = DirectProgram(DirectProgramBuilder(plan, condition))
        schemas = operation.table
    }

    /// The answer in a reply; nil where the mapping has to look at it.
    public func answer(in reply: DepartmentReply, to call: AdapterCall) -> DirectAnswer? {
        // What a compressed body holds, or that it cannot be read, is the mapping's to say.
        guard call.trace == nil, !reply.isPending, (200...299).contains(reply.status), reply.isUTF8, !reply.hasContentEncoding else {
            return nil
        }
        return DirectReply.tapes.withObject { tape in
            reply.body.withUnsafeBufferPointer { bytes in
                guard let nodes = tape.open(bytes) else { return nil }
                defer { tape.close() }
                let places = tape.room(forPlaces: program.placeCount)
                program.find(in: nodes, places)
                guard program.isSatisfied(by: nodes, places) else { return nil }
                do { return try DirectWriter(nodes, program, places, schemas, reply, call, tape).answer() } catch { return nil }
            }
        }
    }
}

extension ReplyRule {
    /// Whether the body is JSON in UTF-8 that the fields are taken from as it stands.
    fileprivate var isPlainJSON: Bool {
        reader.format == .json && (reader.charset ?? .utf8) == .utf8 && !reader.replacesInvalid && reader.prefixes.isEmpty
            && reader.others.isEmpty
            && unwraps.isEmpty && !asksHTTP && !asksCall && !isSOAP && polling == nil && signature == nil
    }
}

extension DepartmentReply {
    /// Whether nothing declares another charset.
    fileprivate var isUTF8: Bool { !hasMediaParameters || (MediaType.charset(contentType) ?? .utf8) == .utf8 }
}
