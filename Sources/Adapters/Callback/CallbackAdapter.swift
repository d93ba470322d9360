/// Translates what a department pushes: its own format into the contract's events, and the gateway's verdict into the words that the
/// department expects. Immutable; safe to share.
public struct CallbackAdapter: Sendable {
    /// One event of a push.
    public struct Event: Sendable, Hashable {
        /// What makes it the same event when it is pushed again: a SHA-256 in hex.
        public let key: String
        /// The event, typed by the contract.
        public let value: Value
    }

    /// A push that is believed.
    public struct Receipt: Sendable, Hashable {
        /// Its events.
        public let events: [Event]
        /// What the department is told when they are kept: made before, so that nothing is kept of a push that cannot be answered.
        public let answer: Answer
    }

    /// What the department is told.
    public struct Answer: Sendable, Hashable {
        /// The HTTP status.
        public let status: Int
        /// The media type; nil for an empty body.
        public let mediaType: String?
        /// The body.
        public let body: [UInt8]
    }

    /// Its id, unique among routes.
    public let id: String
    /// The secrets that it names, with the place of each mention.
    public let secretNames: [SecretMention]
    let notification: ContractNotification
    let reader: ReplyRule
    let signature: MessageSignature?
    let list: PathReference?
    let event: ObjectRule
    let key: [ValueRule]
    let accepted: CallbackAnswer
    let refused: CallbackAnswer?

    /// What a push says.
    ///
    /// - Throws: BAD_REQUEST for what cannot be read or does not fit the mapping, BAD_SIGNATURE, INVALID_FIELD for a code in no table.
    public func receive(_ push: CallbackPush, _ call: AdapterCall) throws(AdapterFault) -> Receipt {
        do throws(AdapterFault) { return try receipt(push, call) } catch { throw CallbackAdapter.asRequest(error) }
    }

    private func receipt(_ push: CallbackPush, _ call: AdapterCall) throws(AdapterFault) -> Receipt {
        let whole = DepartmentReply(status: 200, fields: push.fields, body: push.body)
        // What is signed is the push as it came: nothing in it is opened, and nothing is said of it, before it is believed.
        var outer: Value?
        if let convention = signature?.convention {
            let tree = try reader.outerTree(of: whole)
            guard try convention.isKept(by: push, tree, call) else { throw CallbackAdapter.unsigned }
            outer = tree
        }
        guard case .success(let tree) = try reader.read(whole, to: call, usesSession: false, outer: outer) else {
            throw AdapterFault(.badRequest, "the push cannot be read")
        }
        var scope = MappingScope(reply: tree, to: call)
        if let carried = signature?.carried, try !carried.isRight(in: scope) { throw CallbackAdapter.unsigned }
        let answer: Answer
        do { answer = try accepted.answer(in: scope) } catch {
            // A key that is not there is nobody's mistake out there.
            if error.code == .internal { throw error }
            throw AdapterFault(.badRequest, "the push does not give what its answer holds: \(error.detail)")
        }
        guard let list else { return Receipt(events: [try event(in: scope)], answer: answer) }
        var events: [Event] = []
        for found in list.values(in: scope) {
            for item in found.array ?? [found] {
                scope.item = item
                scope.position += 1
                events.append(try event(in: scope))
            }
        }
        return Receipt(events: events, answer: answer)
    }

    private func event(in scope: MappingScope) throws(AdapterFault) -> Event {
        let value = try notification.typed(.object(try event.object(in: scope)))
        var identity: [Value] = []
        for rule in key { identity.append(try rule.value(in: scope) ?? .null) }
        // Without a key of the department's, or where it gives none, the event itself is what it is known by.
        let isKnown = identity.contains { !$0.isEmpty }
        let bytes = JSONCodec.encode(isKnown ? .array(identity) : value)
        return Event(key: Hex.encode(Digest.compute(.sha256, Array(id.utf8) + [0] + bytes)), value: value)
    }

    /// What the department is told when `fault` says why its events are not kept; nil leaves the contract's own problem.
    public func answer(refusing fault: AdapterFault, _ call: AdapterCall) -> Answer? {
        let verdict: Value = [
            "code": .string(fault.code.rawValue), "message": .string(fault.detail), "status": .integer(Int64(fault.code.status)),
        ]
        return try? refused?.answer(in: MappingScope(reply: verdict, to: call))
    }

    /// What is said of every push that is not believed.
    private static let unsigned = AdapterFault(.badSignature, "the push does not carry the signature of its content")

    /// A push is the department's request, not its reply.
    private static func asRequest(_ fault: AdapterFault) -> AdapterFault {
        switch fault.code {
        case .upstreamBadReply, .upstreamRejected: AdapterFault(.badRequest, fault.detail.replacing("reply", with: "push"))
        case .unmappedCode: AdapterFault(.invalidField, fault.detail)
        default: fault
        }
    }
}

/// The words of one verdict.
struct CallbackAnswer: Sendable {
    /// The HTTP status.
    let status: Int
    /// The body.
    let body: RequestBody

    /// The answer; in `scope` `$` is the push that was kept, or `code`, `message` and `status` of the problem.
    func answer(in scope: MappingScope) throws(AdapterFault) -> CallbackAdapter.Answer {
        let draft = RequestDraft(method: "POST", path: "/")
        try body.write(into: draft, in: scope)
        draft.charset = body.charset
        return CallbackAdapter.Answer(status: status, mediaType: draft.headers.last?.value, body: try draft.bytes())
    }
}
