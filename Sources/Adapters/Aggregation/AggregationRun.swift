/// One request being answered by an aggregation: says what to ask next, takes what comes back, and makes the answer. Pure; whoever runs it
/// finds the departments and makes the calls.
public struct AggregationRun {
    /// A department that is asked.
    public struct Target: Sendable, Hashable {
        /// Its id.
        public let id: String
        /// Its name, for people.
        public let name: String

        /// Makes a target.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// A part to be asked now.
    public struct Ask: Sendable {
        /// The part's index.
        public let part: Int
        /// The contract's request for it.
        public let input: Value
    }

    /// What became of one department.
    struct Reply {
        let target: Target
        var result: Result<PartAnswer, AdapterFault>?
    }

    enum State {
        /// Not asked yet.
        case waiting
        /// Asked; replies are coming in.
        case asked([Reply])
        /// Its answer is there.
        case answered(PartValue, [Reply])
        /// It failed; `replies` say who.
        case failed(AdapterFault, [Reply])
        /// It failed and its fallback stands for it.
        case fellBack(PartValue, AdapterFault, [Reply])
        /// It was not asked: its condition does not hold, or what it needs is not there.
        case skipped
    }

    /// What is run.
    public let plan: Aggregation
    private let call: AdapterCall
    private(set) var states: [State]

    /// How many entries of one department are asked for at most for one page.
    static let entryLimit = 1000

    /// Begins a run; `call.input` is the contract's request.
    public init(_ plan: Aggregation, _ call: AdapterCall) {
        self.plan = plan
        self.call = call
        states = Array(repeating: .waiting, count: plan.parts.count)
    }

    // MARK: What to ask

    /// The parts whose turn has come; each is given once. Parts that are not to be asked are settled on the way.
    public mutating func next() -> [Ask] {
        var asks: [Ask] = []
        var hasSettled = true
        while hasSettled, !isOver {
            hasSettled = false
            for index in plan.parts.indices {
                guard case .waiting = states[index], plan.parts[index].waitsFor.allSatisfy({ isSettled($0, for: index) }) else { continue }
                if let input = request(index) {
                    states[index] = .asked([])
                    if let input { asks.append(Ask(part: index, input: input)) }
                } else {
                    skip(index)
                    hasSettled = true
                }
            }
        }
        return asks
    }

    /// The request of a part whose turn has come; nil when it is not to be asked at all.
    private mutating func request(_ index: Int) -> Value?? {
        let part = plan.parts[index]
        if let other = part.substituted {
            guard case .failed = states[other] else { return nil }
        }
        for needed in part.waitsFor where needed != part.substituted && value(of: needed) == nil { return nil }
        let root = self.root
        if let condition = part.condition, !condition.holds(on: root) { return nil }
        guard let rules = part.input else { return pageInput(part) }
        do throws(AdapterFault) {
            return .object(try rules.object(in: MappingScope(request: call(with: root))))
        } catch {
            settle(index, failure: error, [])
            return .some(nil)
        }
    }

    /// A part is not asked: that is its own failure when it is needed and what it needs has failed.
    private mutating func skip(_ index: Int) {
        let part = plan.parts[index]
        states[index] = .skipped
        guard part.need != .none, part.substituted == nil else { return }
        for needed in part.waitsFor {
            if case .failed(let fault, _) = states[needed], value(of: needed) == nil { return settle(index, failure: fault, []) }
        }
    }

    /// The whole request; where the gateway cuts the page, from the first entry to the last one that the page needs.
    private func pageInput(_ part: Aggregation.Part) -> Value {
        guard plan.isPaged, part.isGathered, var object = call.input.object else { return call.input }
        let (page, size) = PagingWord.asked(by: call.input)
        object["page"] = 1
        object["size"] = .integer(min(Int64(AggregationRun.entryLimit), page.multipliedReportingOverflow(by: size).partialValue))
        return .object(object)
    }

    /// How many entries of each department the page needs; nil where the gateway cuts none from what a part was asked for.
    func needed(_ part: Aggregation.Part) -> Int64? {
        guard plan.isPaged, part.isGathered, part.input == nil else { return nil }
        let (page, size) = PagingWord.asked(by: call.input)
        return page * size
    }

    /// The request that is answered.
    var input: Value { call.input }

    /// What the rules of the answer look at: conditions and filters at all that the departments said, and what is taken from there comes
    /// out as far as the caller may see it.
    var answerScope: MappingScope { MappingScope(reply: root, to: call).showing(root(\.shown)) }

    /// The request with what is there of the parts under `parts`.
    private var root: Value { root(\.full) }

    private func root(_ side: KeyPath<PartValue, Value>) -> Value {
        guard var object = call.input.object else { return call.input }
        var parts = Object(capacity: plan.parts.count)
        for index in plan.parts.indices {
            if let value = value(of: index) { parts[plan.parts[index].name] = value[keyPath: side] }
        }
        object["parts"] = .object(parts)
        return .object(object)
    }

    private func call(with root: Value) -> AdapterCall { AdapterCall(input: root, secrets: call.secrets, moment: call.moment) }

    // MARK: What comes back

    /// A part's departments are being asked. None at all is a failure of the part.
    public mutating func began(_ part: Int, _ targets: Result<[Target], AdapterFault>) {
        guard case .asked = states[part] else { return }
        switch targets {
        case .failure(let fault): settle(part, failure: fault, [])
        case .success(let targets): states[part] = .asked(targets.map { Reply(target: $0, result: nil) })
        }
    }

    /// Takes what one department of a part answered.
    public mutating func take(_ part: Int, _ target: Int, _ result: Result<PartAnswer, AdapterFault>) {
        guard case .asked(var replies) = states[part], replies.indices.contains(target) else { return }
        replies[target].result = result
        states[part] = .asked(replies)
        if !replies.contains(where: { $0.result == nil }) { settle(part, replies) }
    }

    /// The time for all parts is over: what is still out has failed.
    public mutating func expire(_ fault: AdapterFault) {
        for index in states.indices {
            switch states[index] {
            case .asked(var replies):
                for position in replies.indices where replies[position].result == nil { replies[position].result = .failure(fault) }
                if replies.isEmpty { settle(index, failure: fault, []) } else { settle(index, replies) }
            case .waiting:
                if plan.parts[index].substituted == nil { settle(index, failure: fault, []) } else { states[index] = .skipped }
            case .answered, .failed, .fellBack, .skipped: continue
            }
        }
    }

    private mutating func settle(_ index: Int, _ replies: [Reply]) {
        let part = plan.parts[index]
        let failures = replies.compactMap { reply -> AdapterFault? in
            if case .failure(let fault)? = reply.result { fault } else { nil }
        }
        if let first = failures.first, part.need == .all || failures.count == replies.count {
            return settle(index, failure: first, replies)
        }
        let answers = replies.compactMap { try? $0.result?.get() }
        let value =
            part.isGathered
            ? PartValue(answers, part.merge, keepsPlaces: plan.cutsMergedList) : PartValue(answers.first ?? PartAnswer(whole: .null))
        states[index] = .answered(value, replies)
    }

    private mutating func settle(_ index: Int, failure: AdapterFault, _ replies: [Reply]) {
        // A fallback may copy what another part answered, and comes out: nothing goes into it that the caller may not see.
        if let rules = plan.parts[index].fallback,
            let value = try? rules.object(in: MappingScope(request: call(with: root)).showing(root(\.shown)))
        {
            states[index] = .fellBack(PartValue(full: .object(value), shown: .object(value)), failure, replies)
        } else {
            states[index] = .failed(failure, replies)
        }
    }

    // MARK: Where it stands

    /// The answer of a part, or of the one that was asked in its place.
    func value(of index: Int) -> PartValue? {
        switch states[index] {
        case .answered(let value, _), .fellBack(let value, _, _): return value
        case .waiting, .asked, .failed, .skipped:
            let stand = plan.parts.indices.first { other in
                guard plan.parts[other].substituted == index else { return false }
                return value(of: other) != nil
            }
            return stand.flatMap(value)
        }
    }

    /// Whether nothing more will come of a part, those that may stand for it included; one that may do so waits for its failure only.
    private func isSettled(_ index: Int, for asking: Int) -> Bool {
        switch states[index] {
        case .waiting, .asked: false
        case .answered, .fellBack, .skipped: true
        case .failed: plan.parts[asking].substituted == index || !mayBeSubstituted(index)
        }
    }

    /// Whether the answer can be made: every part is settled, or one that is needed has failed for good.
    public var isOver: Bool {
        fatal != nil
            || states.allSatisfy { state in
                switch state {
                case .waiting, .asked: false
                case .answered, .failed, .fellBack, .skipped: true
                }
            }
    }

    /// The failure that ends the whole: of a part that is needed, once nothing can stand for it.
    var fatal: (fault: AdapterFault, department: String?)? {
        for index in plan.parts.indices where plan.parts[index].need != .none && plan.parts[index].substituted == nil {
            guard case .failed(let fault, let replies) = states[index], value(of: index) == nil, !mayBeSubstituted(index) else { continue }
            return (fault, replies.first { $0.isFailure }?.target.id)
        }
        return nil
    }

    private func mayBeSubstituted(_ index: Int) -> Bool {
        plan.parts.indices.contains { other in
            guard plan.parts[other].substituted == index else { return false }
            switch states[other] {
            case .waiting, .asked: return true
            case .failed: return mayBeSubstituted(other)
            case .answered, .fellBack, .skipped: return false
            }
        }
    }
}

extension AggregationRun.Reply {
    /// Whether the department failed.
    var isFailure: Bool { if case .failure? = result { true } else { false } }
}
