/// What a department's reply can mean besides success and refusal; tried in this order.
enum Verdict: String, CaseIterable, Sendable {
    /// The session is over.
    case expired
    /// The gateway's own credential is refused.
    case credential
    /// There is no such case or item.
    case notFound = "not-found"
    /// The case number was used before.
    case duplicate
    /// The case is in another state.
    case conflict
    /// The department cannot answer now.
    case unavailable
    /// The department understood and says no, whatever the HTTP status.
    case rejected

    /// The contract's code.
    var code: ProblemCode {
        switch self {
        case .expired, .credential: .upstreamCredential
        case .notFound: .notFound
        case .duplicate: .duplicate
        case .conflict: .conflictState
        case .unavailable: .upstreamUnavailable
        case .rejected: .upstreamRejected
        }
    }

    /// What is wrong, for the problem's detail.
    var detail: String {
        switch self {
        case .expired: "the department does not accept the session"
        case .credential: "the department refuses the gateway's credential"
        case .notFound: "the department does not know it"
        case .duplicate: "the department already has a case of this number"
        case .conflict: "the department has the case in a state in which this cannot be done"
        case .unavailable: "the department says that it cannot answer now"
        case .rejected: "the department refused"
        }
    }
}

/// What a reply means: its format, the documents inside, and the predicates that tell success from failure.
struct ReplyRule: Sendable {
    /// What counts as success.
    enum Success: Sendable {
        /// Every HTTP status from 200 to 299.
        case http
        /// A predicate on the decoded reply.
        case when(Predicate)
    }

    /// What a decoded reply turned out to be.
    enum Reading {
        /// Success, with the tree that the fields are taken from.
        case success(Value)
        /// The session is over.
        case expired
        /// The department is not done, and is to be asked again.
        case pending(Polling, Value)
    }

    /// How the body becomes a tree; where the file names no charset, the reply's own declaration counts.
    let reader: DocumentReader
    /// Documents inside the reply, from the outside in.
    let unwraps: [UnwrapRule]
    /// Whether `$.http` is asked for.
    let asksHTTP: Bool
    /// Whether `$.call` is.
    let asksCall: Bool
    /// The predicates, in the order in which they are tried.
    let verdicts: [(verdict: Verdict, predicate: Predicate)]
    /// What is no answer yet; asked behind the verdicts.
    let polling: Polling?
    /// What counts as success.
    let success: Success
    /// Whether `success` looks at HTTP itself, and so decides of statuses outside 2xx too.
    let asksStatus: Bool
    /// What a success must also satisfy, with the words of the file.
    let expectations: [Predicate]
    /// The department's own code: the first that is there.
    let codes: [ValueRule]
    /// The department's own message.
    let messages: [ValueRule]
    /// In how many seconds it may be asked again, where the department says so itself.
    let waits: [ValueRule]
    /// Whether a SOAP Fault is looked for.
    let isSOAP: Bool
    /// What a success must carry to be believed; nil where it is believed as it comes. Of a push its adapter asks.
    let signature: MessageSignature?
    /// Where each key of the file's `reply` stands, for traces.
    let places: [String: Place]

    /// Reads a reply to a call: decodes, unwraps, and tells success from failure. `outer` is its outer tree, where that is known.
    func read(
        _ reply: DepartmentReply, to call: AdapterCall, usesSession: Bool, outer: Value? = nil
    ) throws(AdapterFault) -> Reading {
        let trace = call.trace
        if reply.isPending { return try readPending(reply) }
        let isSuccessStatus = (200...299).contains(reply.status)
        var tree: Value
        do throws(AdapterFault) {
            if let outer { tree = outer } else { tree = try outerTree(of: reply) }
        } catch {
            if let reading = try readUnread(reply, usesSession: usesSession, trace: trace) { return reading }
            throw statusFault(reply, nil, usesSession) ?? error
        }
        let roots = ReplyRoots(http: asksHTTP ? reply.http : nil, call: asksCall ? call.input : nil)
        tree = roots.added(to: tree)
        if isSOAP, let fault = SoapFault(in: tree) {
            trace?.note(tree: tree)
            trace?.note(decisions(on: tree, reply))
            let verdict = verdict(on: tree)
            if verdict == .expired, usesSession { return .expired }
            var problem = fault.fault(
                verdict?.code ?? .upstreamRejected, verdict?.detail ?? "the department answered with a SOAP Fault", code: text(codes, tree),
                message: text(messages, tree))
            if verdict == .unavailable { problem.retryAfter = wait(tree, reply) }
            throw problem
        }
        if let convention = signature?.convention, try !isKept(convention, by: reply, tree, call) {
            return try readUnsigned(reply, tree, usesSession: usesSession, trace: trace)
        }
        do {
            for unwrap in unwraps { tree = try unwrap.apply(to: tree, roots, call.secrets) }
        } catch {
            trace?.note(tree: tree)
            // What a document stands in may say already that there is none.
            if unwraps.allSatisfy({ $0.place != nil }), let verdict = verdict(on: tree) {
                return try settle(verdict, tree, usesSession, reply)
            }
            if let reading = try readUnread(reply, usesSession: usesSession, trace: trace) { return reading }
            throw statusFault(reply, nil, usesSession) ?? error
        }
        trace?.note(tree: tree)
        trace?.note(decisions(on: tree, reply))
        if let verdict = verdict(on: tree) { return try settle(verdict, tree, usesSession, reply) }
        if let polling, polling.predicate.holds(on: tree) { return .pending(polling, tree) }
        if isSuccess(tree, isSuccessStatus) {
            if let carried = signature?.carried, try !carried.isRight(in: MappingScope(reply: tree, to: call, with: reply)) {
                throw unsigned(trace, decisions(on: tree, reply))
            }
            guard let broken = expectations.first(where: { !$0.holds(on: tree) }) else { return .success(tree) }
            throw AdapterFault(.upstreamBadReply, "the department's reply does not fit its mapping: expected \(broken.description)")
        }
        if !isSuccessStatus, let fault = statusFault(reply, tree, usesSession) {
            if usesSession, reply.status == 401 { return .expired }
            throw fault
        }
        throw rejection(tree)
    }

    func isSuccess(_ tree: Value, _ isSuccessStatus: Bool) -> Bool {
        switch success {
        case .http: isSuccessStatus
        case .when(let predicate): (isSuccessStatus || asksStatus) && predicate.holds(on: tree)
        }
    }

    // MARK: Verdicts

    func verdict(on tree: Value) -> Verdict? {
        verdicts.first { $0.predicate.holds(on: tree) }?.verdict
    }

    func settle(_ verdict: Verdict, _ tree: Value, _ usesSession: Bool, _ reply: DepartmentReply) throws(AdapterFault) -> Reading {
        if verdict == .expired, usesSession { return .expired }
        var fault = AdapterFault(verdict.code, verdict.detail, upstreamCode: text(codes, tree), upstreamMessage: text(messages, tree))
        if verdict == .unavailable { fault.retryAfter = wait(tree, reply) }
        throw fault
    }

    /// In how many seconds the department may be asked again: by its own words, or by `Retry-After` (RFC 9110 §10.2.3) in seconds. Nil where
    /// it does not say, or says something that nobody would wait for: a day at most.
    private func wait(_ tree: Value?, _ reply: DepartmentReply) -> Int64? {
        let said = tree.flatMap { text(waits, $0) } ?? reply.fields.first { $0.name.lowercased() == "retry-after" }?.value
        guard let said, let seconds = Int64(said.trimmingBlanks), (0...86_400).contains(seconds) else { return nil }
        return max(1, seconds)
    }

    /// The department understood and refused; a reply without the code that a refusal must have, or without words where a refusal has no code,
    /// fits no mapping.
    func rejection(_ tree: Value) -> AdapterFault {
        let code = text(codes, tree)
        let message = text(messages, tree)
        let (what, owed) = codes.isEmpty ? ("message", messages) : ("code", codes)
        if !owed.isEmpty, (codes.isEmpty ? message : code) == nil {
            let places = owed.map(\.origin.text).joined(separator: " or ")
            return AdapterFault(
                .upstreamBadReply, "the department's reply is no success, and has no \(what) of a failure at \(places)",
                upstreamMessage: message)
        }
        return AdapterFault(.upstreamRejected, "the department refused", upstreamCode: code, upstreamMessage: message)
    }

    /// What an HTTP status outside 200–299 means when no predicate says so; nil when the reply's own words count.
    func statusFault(_ reply: DepartmentReply, _ tree: Value?, _ usesSession: Bool) -> AdapterFault? {
        let status = reply.status
        guard !(200...299).contains(status) else { return nil }
        let code = tree.flatMap { text(codes, $0) }
        let message = tree.flatMap { text(messages, $0) }
        switch status {
        case 401, 403:
            return AdapterFault(
                .upstreamCredential, "the department answered with HTTP status \(status)", upstreamCode: code, upstreamMessage: message)
        case 429, 502, 503, 504:
            var fault = AdapterFault(
                .upstreamUnavailable, "the department answered with HTTP status \(status)", upstreamCode: code, upstreamMessage: message)
            fault.retryAfter = wait(tree, reply)
            return fault
        case 400...499 where code != nil: return nil
        default:
            return AdapterFault(
                .upstreamBadReply, "the department answered with HTTP status \(status)", upstreamCode: code, upstreamMessage: message)
        }
    }

    func text(_ rules: [ValueRule], _ tree: Value) -> String? {
        let scope = MappingScope(reply: tree, to: ReplyRule.nobody)
        for rule in rules {
            // What does not fit its conversions is no word of the department's.
            if let text = (try? rule.value(in: scope))?.scalarText, !text.isEmpty { return String(text.prefix(500)) }
        }
        return nil
    }

    /// A failure's words are taken from the reply alone.
    private static let nobody = AdapterCall(
        input: .object(Object()), secrets: Secrets([:]), moment: CallMoment(epochMilliseconds: 0, random: (0, 0)))

    // MARK: Decoding

    /// The tree with `http` in it.
    func withHTTP(_ tree: Value, _ reply: DepartmentReply) -> Value { ReplyRoots(http: reply.http).added(to: tree) }

    /// The body as a tree, before any document in it is opened.
    func outerTree(of reply: DepartmentReply) throws(AdapterFault) -> Value {
        if let empty = treeWithoutBody(reply) { return empty }
        return try decode(try reply.expanded())
    }

    private func decode(_ reply: DepartmentReply) throws(AdapterFault) -> Value {
        let format = reader.format
        if reply.body.isEmpty, !format.isLax { throw AdapterFault(.upstreamBadReply, "expected \(format.title), found an empty body") }
        // Servers call everything text/html that nobody gave a type.
        if format.isLax, format != .html, MediaType.name(reply.contentType) == "text/html", MediaType.looksLikeMarkup(reply.body) {
            throw AdapterFault(.upstreamBadReply, "expected \(format.title), found a page of markup")
        }
        let tree: Value
        do {
            tree = try reader.tree(reply.body, declared: MediaType.charset(reply.contentType))
        } catch {
            let type = MediaType.name(reply.contentType)
            let found = format != .xml && MediaType.looksLikeMarkup(reply.body) ? "a page of markup" : type
            let words = found.map { ", found \($0)" } ?? ""
            throw AdapterFault(.upstreamBadReply, "expected \(format.title)\(words): \(error.description)")
        }
        // A page can be well-formed; a document whose root is `html` is one all the same.
        if format == .xml, let root = tree.object?.fields.first?.name, root.lowercased() == "html" {
            throw AdapterFault(.upstreamBadReply, "expected \(format.title), found a page of markup")
        }
        return tree
    }
}
