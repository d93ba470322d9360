import Glibc

/// Writes one answer by a program, from one tape. Throws `GivenUp` for everything that does not fit.
struct DirectWriter: ~Copyable {
    /// The mapping itself has to deal with this reply.
    struct GivenUp: Error {}

    /// What came of a value.
    enum Written {
        /// It is there.
        case value
        /// The mapping gave something, and the contract keeps nothing of it.
        case dropped
        /// The mapping gave nothing.
        case nothing
    }

    typealias Step = UnsafePointer<DirectProgram.Step>

    let nodes: JSONNodes
    private let program: DirectProgram
    private let steps: Step
    private let places: UnsafeMutablePointer<JSONPlace>
    private let schemas: SchemaTable
    private let reply: DepartmentReply
    private let call: AdapterCall
    private let tape: JSONTape
    var out: ByteSink
    /// The item that relative paths begin at, and where the last search in it ended.
    var item = 0
    var itemHint = 0
    var itemPosition = 0
    /// How many items were written of each list that is counted.
    var counts: [Int]
    /// The tree, made when a rule asks for it.
    private var tree: Value?
    private var facts = Object()
    private var regions: [String] = []

    /// `places` are the program's, found in `nodes`; `tape` lends its room for the answer.
    init(
        _ nodes: JSONNodes, _ program: DirectProgram, _ places: UnsafeMutablePointer<JSONPlace>, _ schemas: SchemaTable,
        _ reply: DepartmentReply, _ call: AdapterCall, _ tape: JSONTape
    ) {
        self.nodes = nodes
        self.program = program
        self.places = places
        self.schemas = schemas
        self.reply = reply
        self.call = call
        self.tape = tape
        steps = program.steps
        counts = program.listCount == 0 ? [] : Array(repeating: 0, count: program.listCount)
        out = tape.takeSink()
    }

    /// The whole answer.
    consuming func answer() throws(GivenUp) -> DirectAnswer {
        out.append(UInt8(ascii: "{"))
        _ = try fields(0, program.stepCount, isRoot: true)
        out.append(UInt8(ascii: "}"))
        let answer = DirectAnswer(body: out.withBytes { Array($0) }, facts: facts, regions: regions, reply: reply, call: call)
        tape.keep(out)
        return answer
    }

    // MARK: Objects

    /// Writes the fields of an object, the steps from `first` to before `end`; whether the mapping gave any value.
    mutating func fields(_ first: Int, _ end: Int, isRoot: Bool) throws(GivenUp) -> Bool {
        var isThere = false
        var isOwed = false
        var number = first
        while number < end {
            let step = steps + number
            number = Int(step.pointee.end)
            if step.pointee.action == .nothing, step.pointee.absence == .leftOut, !step.pointee.isRequired, !step.pointee.isCompleted {
                continue
            }
            let start = out.count
            begin(step)
            let valueStart = out.count
            switch try write(step) {
            case .value:
                isThere = true
                if isRoot, step.pointee.isCompleted, !isAsked(step, from: valueStart) { throw GivenUp() }
                if step.pointee.isFact { note(step, from: valueStart, isRoot: isRoot) }
            case .dropped:
                isThere = true
                if !fill(step, from: start, isRoot: isRoot) { isOwed = true }
            case .nothing:
                if step.pointee.isRequired { throw GivenUp() }
                let isCompleted = isRoot && step.pointee.isCompleted ? try complete(step, from: valueStart) : false
                if isCompleted, step.pointee.isFact { note(step, from: valueStart, isRoot: true) }
                if !isCompleted, !fill(step, from: start, isRoot: isRoot) { isOwed = true }
            }
        }
        if isOwed, isThere || isRoot { throw GivenUp() }
        return isThere
    }

    /// Writes `"name":`, behind a comma unless it is the first.
    @inline(__always)
    private mutating func begin(_ step: Step) {
        let label = program.bytes(step.pointee.label)
        guard let base = label.baseAddress else { return }
        let skipped = out.last == UInt8(ascii: "{") ? 1 : 0
        out.append(UnsafeBufferPointer(start: base + skipped, count: label.count &- skipped))
    }

    /// Writes what stands in for a value that is not there; false when it is owed.
    private mutating func fill(_ step: Step, from start: Int, isRoot: Bool) -> Bool {
        out.truncate(to: start)
        switch step.pointee.absence {
        case .leftOut: return true
        case .owed, .owedList: return false
        case .filled, .count, .paging: break
        }
        begin(step)
        let valueStart = out.count
        switch step.pointee.absence {
        case .filled: out.append(program.bytes(step.pointee.filling))
        case .count: out.append(text: String(counts[Int(step.pointee.filling.start)]))
        case .paging: out.append(text: String(PagingWord.allCases[Int(step.pointee.filling.start)].number(for: call.input)))
        case .leftOut, .owed, .owedList: break
        }
        if step.pointee.isFact { note(step, from: valueStart, isRoot: isRoot) }
        return true
    }

    /// Writes what the call says in the place of a field that the department did not repeat.
    private mutating func complete(_ step: Step, from start: Int) throws(GivenUp) -> Bool {
        guard let value = call.input[program.names[Int(step.pointee.name)]] else { return false }
        out.truncate(to: start)
        guard case .value = try write(value, typedBy: step) else { throw GivenUp() }
        return true
    }

    /// Whether a number that was written is the one that the call asks by, where it asks by one.
    private func isAsked(_ step: Step, from start: Int) -> Bool {
        guard let asked = call.input[program.names[Int(step.pointee.name)]] else { return true }
        guard case .string(let text) = asked else { return false }
        return out.withBytes { written in
            UTF8Text.withBytes(of: text) { text in
                guard let base = written.baseAddress, let asked = text.baseAddress, written.count &- start == text.count &+ 2 else {
                    return false
                }
                return memcmp(base + start + 1, asked, text.count) == 0
            }
        }
    }

    /// Remembers a value that the gateway looks at.
    private mutating func note(_ step: Step, from start: Int, isRoot: Bool) {
        let value: Value? = out.withBytes { written in
            let json = UnsafeBufferPointer(rebasing: written[start...])
            if json.count > 2, json[0] == UInt8(ascii: "\""), memchr(json.baseAddress.unsafelyUnwrapped, 0x5C, json.count) == nil {
                return .string(UTF8Text.string(validated: UnsafeBufferPointer(rebasing: json[1..<(json.count &- 1)])))
            }
            return try? JSONCodec.decode(UnsafeRawBufferPointer(json))
        }
        guard let value else { return }
        if isRoot {
            facts.append(program.names[Int(step.pointee.name)], value)
        } else if let region = value.string {
            regions.append(region)
        }
    }

    // MARK: Values

    private mutating func write(_ step: Step) throws(GivenUp) -> Written {
        switch step.pointee.action {
        case .nothing, .source: return .nothing
        case .object: return try object(step)
        case .list: return try list(step)
        case .first: return try first(step)
        case .constant:
            out.append(program.bytes(.init(start: step.pointee.detail, count: step.pointee.length)))
            return .value
        case .rule: return try evaluate(program.rules[Int(step.pointee.detail)], step)
        case .text, .integer, .code, .date, .copy, .copyOpen, .converted:
            guard let node = node(step.pointee.path), !nodes.isEmpty(node) else { return .nothing }
            return try scalar(step, node)
        }
    }

    @inline(__always)
    private mutating func scalar(_ step: Step, _ node: Int) throws(GivenUp) -> Written {
        let kind = nodes.nodes[node].kind
        switch step.pointee.action {
        case .text:
            switch kind {
            case .text: out.append(nodes.quoted(node))
            case .integer: quote(nodes.slice(node))
            default: return try write(nodes.value(node), typedBy: step)
            }
        case .integer:
            guard kind == .integer else { return try write(nodes.value(node), typedBy: step) }
            out.append(nodes.slice(node))
        case .code:
            guard kind == .text || kind == .integer, let json = program.word(nodes.slice(node), in: Int(step.pointee.detail)) else {
                throw GivenUp()
            }
            out.append(json)
        case .date:
            guard kind == .text || kind == .integer else { throw GivenUp() }
            try date(nodes.slice(node), program.dates[Int(step.pointee.detail)])
        case .copy: copy(node)
        case .copyOpen:
            guard kind == .object else { throw GivenUp() }
            return copyFields(of: node) ? .value : .dropped
        default: return try convert(nodes.value(node), program.conversions[Int(step.pointee.detail)], step)
        }
        return .value
    }

    private mutating func first(_ step: Step) throws(GivenUp) -> Written {
        let start = out.count
        var number = number(of: step) + 1
        while number < Int(step.pointee.end) {
            out.truncate(to: start)
            let written = try write(steps + number)
            number = Int(steps[number].end)
            if case .nothing = written { continue }
            return written
        }
        return .nothing
    }

    private mutating func object(_ step: Step) throws(GivenUp) -> Written {
        let start = out.count
        out.append(UInt8(ascii: "{"))
        let isThere = try fields(number(of: step) + 1, Int(step.pointee.end), isRoot: false)
        guard out.count > start + 1 else { return isThere ? .dropped : .nothing }
        guard isThere else { return .nothing }
        out.append(UInt8(ascii: "}"))
        return .value
    }

    @inline(__always)
    private mutating func quote(_ digits: UnsafeBufferPointer<UInt8>) {
        out.append(UInt8(ascii: "\""))
        out.append(digits)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func date(_ text: UnsafeBufferPointer<UInt8>, _ dates: DirectProgram.Dates) throws(GivenUp) {
        for form in dates.inputs {
            guard let time = form.time(text, offset: dates.offset) else { continue }
            out.append(UInt8(ascii: "\""))
            dates.output.write(time, to: &out)
            out.append(UInt8(ascii: "\""))
            return
        }
        throw GivenUp()
    }

    private mutating func convert(_ value: Value, _ conversions: DirectProgram.Conversions, _ step: Step) throws(GivenUp) -> Written {
        var value = value
        for conversion in conversions.steps {
            guard !value.isEmpty else { return .nothing }
            let made: Value?
            do { made = try conversion.apply(to: value, origin: conversions.origin, .reply) } catch { throw GivenUp() }
            guard let made else { return .nothing }
            value = made
        }
        return try value.isEmpty ? .nothing : write(value, typedBy: step)
    }

    private mutating func write(_ value: Value, typedBy step: Step) throws(GivenUp) -> Written {
        var typing = ReplyTyping(schemas)
        let typed: Value?
        do { typed = try typing.typed(value, Int(step.pointee.schema)) } catch { throw GivenUp() }
        guard let typed else { return .dropped }
        out.append(JSONCodec.encode(typed))
        return .value
    }

    private mutating func evaluate(_ rule: ValueRule, _ step: Step) throws(GivenUp) -> Written {
        let root = root()
        var scope = MappingScope(reply: root, to: call, with: reply)
        if itemPosition > 0 {
            scope.item = nodes.value(item)
            scope.position = itemPosition
        }
        let value: Value?
        do { value = try rule.value(in: scope) } catch { throw GivenUp() }
        guard let value else { return .nothing }
        return try write(value, typedBy: step)
    }

    private mutating func root() -> Value {
        if let tree { return tree }
        let made = nodes.value(0)
        tree = made
        return made
    }

    // MARK: Places

    /// A step's number.
    @inline(__always)
    func number(of step: Step) -> Int { step - steps }

    /// The node at the end of a path.
    @inline(__always)
    mutating func node(_ path: DirectProgram.Path) -> Int? {
        if path.place >= 0 {
            let place = places + Int(path.place)
            return place.pointee.node < 0 ? nil : program.child(path.key, of: place.pointee.node, nodes, &place.pointee.hint)
        }
        guard path.way.count > 0 else { return program.child(path.key, of: item, nodes, &itemHint) }
        var node = item
        for number in 0..<path.way.count {
            var hint = 0
            guard let next = program.child(program.keys[Int(path.way.start + number)], of: node, nodes, &hint) else { return nil }
            node = next
        }
        var hint = 0
        return program.child(path.key, of: node, nodes, &hint)
    }
}
