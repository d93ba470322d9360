/// Which way a mapping translates.
enum MappingDirection: Sendable {
    /// The contract's request into the department's.
    case request
    /// The department's reply into the contract's answer.
    case reply
}

/// What a rule may look at while it is evaluated.
struct MappingScope {
    /// `$`: the contract's request, or the department's decoded reply.
    let root: Value
    /// `@`: the item of the list that is being mapped; outside lists the same as `$`.
    var item: Value
    /// The position of the item in its list, from 1; 0 outside lists.
    var position = 0
    /// The call: time, chance, secrets, and in replies the contract's request.
    let call: AdapterCall
    /// Which way.
    let direction: MappingDirection
    /// Notes where values come from, when somebody asked.
    let trace: MappingTrace?
    /// The reply as it came, where a rule may ask for what is not in its body.
    var reply: DepartmentReply?
    /// `$` as far as it may come out: what a path finds in `$` is taken from here. Nil where all of it may.
    private(set) var shown: Value?
    /// Where the last path in `root` ended; nil where few paths are asked for.
    let place: PathPlace?

    /// The scope of a request.
    init(request call: AdapterCall) {
        root = call.input
        item = call.input
        place = nil
        self.call = call
        direction = .request
        trace = call.trace
    }

    /// The scope where of `$` only `shown` may come out. Conditions, and the filters in paths, still look at all of `$`.
    func showing(_ shown: Value) -> MappingScope {
        var scope = self
        scope.shown = shown
        scope.item = shown
        return scope
    }

    /// The scope of a reply to `call`: its tree, and the reply as it came.
    init(reply: Value, to call: AdapterCall, with whole: DepartmentReply? = nil, place: PathPlace? = nil) {
        self.reply = whole
        root = reply
        item = reply
        self.place = place
        self.call = call
        direction = .reply
        trace = call.trace
    }
}

/// Where a rule's value comes from, in the words of a fault. Holds names from the route file only, never a value.
struct ValueOrigin: Sendable, Hashable {
    /// The path, or the name of the field that is filled when there is no path.
    let text: String
    /// The one field of the contract's request that it is about, as `FieldError` names it; nil when there is no such field. Of a path
    /// inside a list it is the path, `$.materials[*].code`, of which the list makes the pointer to its item.
    let pointer: String?
    /// Whether the value is that field's and no other's, so that nothing else need be looked for.
    var isExact: Bool { pointer != nil && !isSearched }
    /// Whether the field is where a path searches for several values.
    private let isSearched: Bool

    init(text: String, pointer: String?, isSearched: Bool = false) {
        self.text = text
        self.pointer = pointer
        self.isSearched = isSearched
    }

    /// A required value that is not there.
    func missing(_ direction: MappingDirection) -> AdapterFault {
        misfit(direction, rule: "required", expected: "a value", found: "nothing there")
    }

    /// A value that does not fit: the citizen's in a request (INVALID_FIELD), the department's in a reply (UPSTREAM_BAD_REPLY).
    func misfit(_ direction: MappingDirection, rule: String, expected: String, found: String? = nil) -> AdapterFault {
        switch direction {
        case .request: return refusal(rule, "the department needs \(expected) here")
        case .reply:
            let tail = found.map { ", found \($0)" } ?? ""
            return AdapterFault(
                .upstreamBadReply, "the department's reply does not fit its mapping: expected \(expected) at \(text)\(tail)")
        }
    }

    /// A code that is in no map.
    func unmapped(_ code: String, table: String?, _ direction: MappingDirection) -> AdapterFault {
        let map = table.map { "the map '\($0)'" } ?? "its map"
        switch direction {
        case .request: return refusal("map", "the department has no code for this value")
        case .reply:
            return AdapterFault(
                .unmappedCode, "the department's code at \(text) is not in \(map)", upstreamCode: ValueOrigin.presentable(code))
        }
    }

    /// What the department cannot take, with the field; where no one field of the call is to blame the detail says what is wrong.
    private func refusal(_ rule: String, _ message: String) -> AdapterFault {
        // What a step gave is the department's, and nobody who called can mend it.
        if text.hasPrefix("$.steps.") {
            return AdapterFault(.upstreamBadReply, "what a step gave does not fit the next call: \(message) (\(text))")
        }
        guard let pointer else { return AdapterFault(.invalidField, "the call does not fit what the department takes: \(message)") }
        let error = FieldError(field: pointer, rule: rule, message: message)
        return AdapterFault(.invalidField, "a field does not fit what the department takes", errors: [error])
    }

    /// A code short and plain enough that it cannot be a citizen's number or name; nil for anything else.
    private static func presentable(_ code: String) -> String? {
        let plain = code.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
        }
        return plain && (1...8).contains(code.utf8.count) ? code : nil
    }
}
