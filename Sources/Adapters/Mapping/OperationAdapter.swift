/// Translates one operation of the contract for one department. Immutable; safe to share.
public final class OperationAdapter: Sendable {
    /// Who cuts a list into pages.
    enum Paging: String, CaseIterable, Sendable {
        /// The department: its reply is one page.
        case department
        /// The gateway: the reply is the whole list.
        case gateway
    }

    /// The contract's operation, such as `cases.submit`.
    public let id: String
    /// Whether a request of the main call carries the department's session.
    public let usesSession: Bool
    /// Whether the operation changes something, so that it must not be sent twice.
    public let isWrite: Bool
    /// Whether calls travel as files, which HTTP does not carry.
    public var usesFiles: Bool { kind.usesFiles }
    /// The calls before the main call, in their order.
    public let steps: [CallStep]
    /// Values made once for a request.
    let lets: ObjectRule?
    let kind: any AdapterKind
    let signer: Signer?
    let reply: ReplyRule
    let answer: ObjectRule
    let paging: Paging?
    /// The numbers that a reply to a read must have, because the call asks by them and the file says where they stand: one without is not about
    /// what was asked. What a file has no rule for, and the number of what was just submitted, the gateway knows itself.
    let owed: [String]
    /// How the department gives a long list.
    let pages: PageRules
    /// What a list may be narrowed by, as far as the mapping does not use it.
    let criteria: Criteria

    init(
        id: String, usesSession: Bool, isWrite: Bool, steps: [CallStep], lets: ObjectRule?, kind: any AdapterKind, signer: Signer?,
        reply: ReplyRule, answer: ObjectRule, paging: Paging?, pages: PageRules = .none, criteria: Criteria = .none, owed: [String] = []
    ) {
        self.id = id
        self.usesSession = usesSession
        self.isWrite = isWrite
        self.steps = steps
        self.lets = lets
        self.kind = kind
        self.signer = signer
        self.reply = reply
        self.answer = answer
        self.paging = paging
        self.owed = owed
        self.pages = pages
        self.criteria = criteria
    }

    /// The department's request for a call. Throws INVALID_FIELD for a value that the department cannot take and for a criterion that it
    /// cannot search by, INTERNAL for a secret or session that is not there.
    public func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest {
        if let fault = refusal(of: call.input, by: "the department") { throw fault }
        return try DepartmentRequest.made(for: call, lets, kind, signer)
    }

    /// What the department's reply to a call means.
    public func outcome(of reply: DepartmentReply, to call: AdapterCall) -> ReplyOutcome {
        do {
            switch try settle(reply, to: call) {
            case .answer(let answer): return .answer(answer)
            case .sessionOver: return .sessionExpired
            case .pending: return .pending
            }
        } catch { return .failed(error) }
    }

    /// The answer in a reply.
    public func settle(_ reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Settlement<Value> {
        switch try self.reply.read(reply, to: call, usesSession: usesSession) {
        case .expired: return .sessionOver
        case .pending(let polling, let tree): return .pending(polling, polling.answers ? try? answer(tree, reply, call) : nil)
        case .success(let tree): return .answer(try answer(tree, reply, call))
        }
    }

    private func answer(_ tree: Value, _ reply: DepartmentReply, _ call: AdapterCall) throws(AdapterFault) -> Value {
        let object = try answer.object(in: MappingScope(reply: tree, to: call, with: reply, place: PathPlace()))
        if !reply.body.isEmpty, let missing = owed.first(where: { object[$0] == nil }) {
            throw AdapterFault(.upstreamBadReply, "the department's reply does not fit its mapping: nothing gives '/\(missing)'")
        }
        var whole = paged(object, call)
        if let rule = pages.cursor, call.input[PageWalk.cursorName] != nil {
            let cursor = try rule.value(in: MappingScope(reply: tree, to: call, with: reply))
            if let cursor, cursor.scalarText == nil, !cursor.isEmpty {
                throw rule.origin.misfit(.reply, rule: "type", expected: "a single value for the cursor", found: "a list or an object")
            }
            whole[PageWalk.cursorName] = cursor
        }
        return .object(whole)
    }

    /// How a call that asks for more entries than the department gives at once is made; nil where one call will do.
    /// Where as much as the calls give is an answer too, it is asked for with `takingPart`.
    public func pages(for input: Value, takingPart: Bool = false) -> PageWalk? {
        PageWalk(pages.largest, input: input, byCursor: pages.cursor != nil, takesPart: takingPart)
    }

    /// Why a call is not made at all: it names a criterion that the department cannot search by, or a page that cannot be had. Nil when it is made.
    func refusal(of input: Value, by department: String, takingPart: Bool = false) -> AdapterFault? {
        // A page of a walk is one already.
        criteria.refusal(of: input, by: department)
            ?? (input[PageWalk.cursorName] == nil && !takingPart ? pages.refusal(of: input) : nil)
    }

    /// What the items of an answer are still to be looked at for; nil where the department or the mapping has done so.
    public func filter(for input: Value) -> ItemFilter? { paging == .gateway ? nil : criteria.filter(for: input) }

    /// A step by its name.
    public func step(_ name: String) -> CallStep? { steps.first { $0.name == name } }

    /// Whether any call of the operation carries the department's session.
    public var asksSession: Bool { usesSession || steps.contains { $0.call.usesSession } }

    /// The answer with `page` and `size` of the call; where the department gives the whole list, cut to the page, with its `total`.
    private func paged(_ answer: Object, _ call: AdapterCall) -> Object {
        guard let paging else { return answer }
        var answer = answer
        let (page, size) = PagingWord.asked(by: call.input)
        if paging == .gateway, var items = answer["items"]?.array {
            if let filter = criteria.filter(for: call.input) { items.removeAll { !filter.passes($0) } }
            let start = Int(min((page - 1) * size, Int64(items.count)))
            answer["items"] = .array(Array(items[start..<min(start + Int(size), items.count)]))
            answer["total"] = .integer(Int64(items.count))
        }
        // Where a department counts none, it may leave the list out.
        if answer["items"] == nil, (answer["total"]?.scalarText).flatMap({ Int64($0.trimmingBlanks) }) == 0 { answer["items"] = .array([]) }
        if answer["page"] == nil { answer["page"] = .integer(page) }
        if answer["size"] == nil { answer["size"] = .integer(size) }
        return answer
    }
}

extension DepartmentRequest {
    /// The request of a call: its values made, drafted by its kind, signed.
    static func made(
        for call: AdapterCall, _ lets: ObjectRule?, _ kind: any AdapterKind, _ signer: Signer?
    ) throws(AdapterFault) -> DepartmentRequest {
        do throws(AdapterFault) {
            let call = if let lets { try call.making(lets) } else { call }
            let draft = try kind.draft(in: MappingScope(request: call))
            try signer?.sign(draft, call)
            return try draft.request()
        } catch { throw error.located(in: call.input) }
    }
}

extension AdapterCall {
    /// The call with values that are made once, at `$.let`; a value sees those above it.
    fileprivate func making(_ rules: ObjectRule) throws(AdapterFault) -> AdapterCall {
        var made = Object(capacity: rules.fields.count)
        var call = adding(.object(made), as: "let")
        for field in rules.fields {
            guard let value = try field.rule.value(in: MappingScope(request: call)) else { continue }
            made.append(field.name, value)
            call = adding(.object(made), as: "let")
        }
        return call
    }
}

extension Signer {
    /// Signs a draft: what the convention adds lands in its query, its form, its JSON body or its headers.
    func sign(_ draft: RequestDraft, _ call: AdapterCall) throws(AdapterFault) {
        let parameters = draft.form ?? draft.json?.fields.compactMap { field in field.value.scalarText.map { (field.name, $0) } }
        var request = SignableRequest(
            method: draft.method, path: draft.path, query: draft.query,
            parameters: parameters ?? [], headers: draft.headers.map { ($0.name, $0.value) },
            body: try draft.form == nil ? draft.bytes() : [], hasForm: parameters != nil)
        request.json = draft.json.map(Value.object)
        request.soapHeader = draft.soapHeader
        try sign(&request, secrets: call.secrets, moment: call.moment, trace: call.trace)
        draft.query = request.query
        if let header = request.soapHeader { draft.soapHeader = header }
        if let json = request.json?.object { draft.json = json }
        draft.headers = request.headers.map { DepartmentRequest.Field($0.0, $0.1) }
        if draft.form != nil {
            draft.form = request.parameters
        } else if draft.json != nil {
            for (name, value) in request.parameters where draft.json?[name]?.scalarText != value { draft.json?[name] = .string(value) }
        }
    }
}
