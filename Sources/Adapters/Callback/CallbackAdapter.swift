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
    let signature: CallbackSignature?
    let convention: CallbackConvention?
    let list: PathReference?
    let event: ObjectRule
    let key: [ValueRule]
    let accepted: CallbackAnswer
    let refused: CallbackAnswer?

    /// The events of a push.
    ///
    /// - Throws: BAD_REQUEST for what cannot be read or does not fit the mapping, BAD_SIGNATURE, INVALID_FIELD for a code in no table.
    public func receive(_ push: CallbackPush, _ call: AdapterCall) throws(AdapterFault) -> [Event] {
        do throws(AdapterFault) { return try events(push, call) } catch { throw CallbackAdapter.asRequest(error) }
    }

    private func events(_ push: CallbackPush, _ call: AdapterCall) throws(AdapterFault) -> [Event] {
        let whole = DepartmentReply(status: 200, fields: push.fields, body: push.body)
        // What is signed is the push as it came: nothing in it is opened, and nothing is said of it, before it is believed.
        var outer: Value?
        if let convention {
            let tree = try reader.outerTree(of: whole)
            try convention.check(push, whole.contentType, tree, call)
            outer = tree
        }
        guard case .success(let tree) = try reader.read(whole, to: call, usesSession: false, outer: outer) else { return [] }
        var scope = MappingScope(reply: tree, to: call)
        try signature?.check(in: scope)
        guard let list else { return [try event(in: scope)] }
        var events: [Event] = []
        for found in list.values(in: scope) {
            for item in found.array ?? [found] {
                scope.item = item
                scope.position += 1
                events.append(try event(in: scope))
            }
        }
        return events
    }

    private func event(in scope: MappingScope) throws(AdapterFault) -> Event {
        let value = try notification.typed(.object(try event.object(in: scope)))
        var identity: [Value] = []
        for rule in key { identity.append(try rule.value(in: scope) ?? .null) }
        // Without a key of the department's the event itself is what it is known by.
        let bytes = JSONCodec.encode(key.isEmpty ? value : .array(identity))
        return Event(key: Hex.encode(Digest.compute(.sha256, Array(id.utf8) + [0] + bytes)), value: value)
    }

    /// What the department is told when its events are kept, or when `fault` says why not; nil leaves the contract's own problem.
    public func answer(_ fault: AdapterFault?, _ call: AdapterCall) -> Answer? {
        guard let rule = fault == nil ? accepted : refused else { return nil }
        let verdict: Value =
            fault.map {
                ["code": .string($0.code.rawValue), "message": .string($0.detail), "status": .integer(Int64($0.code.status))]
            } ?? [:]
        return try? rule.answer(in: MappingScope(reply: verdict, to: call))
    }

    /// A push is the department's request, not its reply.
    private static func asRequest(_ fault: AdapterFault) -> AdapterFault {
        switch fault.code {
        case .upstreamBadReply, .upstreamRejected: AdapterFault(.badRequest, fault.detail.replacing("reply", with: "push"))
        case .unmappedCode: AdapterFault(.invalidField, fault.detail)
        default: fault
        }
    }
}

/// What a push must carry to be believed.
struct CallbackSignature: Sendable {
    /// What was sent.
    let received: ValueRule
    /// What it must be.
    let expected: ValueRule
    /// Whether upper and lower case are the same, as for hexadecimal digests.
    let ignoresCase: Bool

    /// What is said of every push that is not believed.
    static let fault = AdapterFault(.badSignature, "the push does not carry the signature of its content")

    /// Compares in a time that does not depend on where the texts differ.
    func check(in scope: MappingScope) throws(AdapterFault) {
        guard var received = try received.value(in: scope)?.scalarText, var expected = try expected.value(in: scope)?.scalarText else {
            throw CallbackSignature.fault
        }
        if ignoresCase {
            received = received.lowercased()
            expected = expected.lowercased()
        }
        guard !expected.isEmpty, ConstantTime.equal(Array(received.utf8), Array(expected.utf8)) else { throw CallbackSignature.fault }
    }
}

/// The words of one verdict.
struct CallbackAnswer: Sendable {
    /// The HTTP status.
    let status: Int
    /// The body.
    let body: RequestBody

    /// The answer; in `scope` `$` is the verdict: nothing, or `code`, `message` and `status` of the problem.
    func answer(in scope: MappingScope) throws(AdapterFault) -> CallbackAdapter.Answer {
        let draft = RequestDraft(method: "POST", path: "/")
        try body.write(into: draft, in: scope)
        draft.charset = body.charset
        return CallbackAdapter.Answer(status: status, mediaType: draft.headers.last?.value, body: try draft.bytes())
    }
}
