import Glibc

/// Writes one answer by a plan, from one tape. Throws `GivenUp` for everything that does not fit.
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

    let tape: JSONTape
    private let plan: DirectPlan
    private let schemas: SchemaTable
    private let call: AdapterCall
    private let reply: DepartmentReply
    var out = ByteSink()
    /// The nodes of the plan's parents, and where the last search in each ended; -1 for one that is not there.
    private var parents: [(node: Int, hint: Int)] = []
    /// The item that relative paths begin at, and where the last search in it ended.
    var item = 0
    var itemHint = 0
    var itemPosition = 0
    var counts: [Int: Int] = [:]
    /// The tree, made when a rule asks for it.
    private var tree: Value?
    private var facts = Object()
    private var regions: [String] = []

    init(_ tape: JSONTape, _ plan: DirectPlan, _ schemas: SchemaTable, _ call: AdapterCall, _ reply: DepartmentReply) {
        self.tape = tape
        self.plan = plan
        self.schemas = schemas
        self.call = call
        self.reply = reply
        parents.reserveCapacity(plan.parents.count)
        for steps in plan.parents {
            let node = DirectWriter.follow(steps, from: 0, tape) ?? -1
            parents.append((node, node + 1))
        }
    }

    /// The whole answer.
    consuming func answer() throws(GivenUp) -> DirectAnswer {
        out.append(UInt8(ascii: "{"))
        _ = try fields(plan.fields, isRoot: true)
        out.append(UInt8(ascii: "}"))
        return DirectAnswer(body: out.withBytes { Array($0) }, facts: facts, regions: regions)
    }

    // MARK: Objects

    /// Writes the fields of an object; whether the mapping gave any value.
    mutating func fields(_ fields: ContiguousArray<DirectField>, isRoot: Bool) throws(GivenUp) -> Bool {
        var isThere = false
        var isOwed = false
        for field in fields {
            let start = out.count
            begin(field)
            let valueStart = out.count
            switch try write(field) {
            case .value:
                isThere = true
                if field.isFact { note(field, from: valueStart, isRoot: isRoot) }
            case .dropped:
                isThere = true
                if !fill(field, from: start, isRoot: isRoot) { isOwed = true }
            case .nothing:
                if field.isRequired { throw GivenUp() }
                let isCompleted = isRoot ? try complete(field, from: valueStart) : false
                if isCompleted, field.isFact { note(field, from: valueStart, isRoot: true) }
                if !isCompleted, !fill(field, from: start, isRoot: isRoot) { isOwed = true }
            }
        }
        if isOwed, isThere || isRoot { throw GivenUp() }
        return isThere
    }

    @inline(__always)
    private mutating func begin(_ field: DirectField) {
        if out.last != UInt8(ascii: "{") { out.append(UInt8(ascii: ",")) }
        field.key.withUnsafeBufferPointer { out.append($0) }
    }

    /// Writes what stands in for a value that is not there; false when it is owed.
    private mutating func fill(_ field: DirectField, from start: Int, isRoot: Bool) -> Bool {
        out.truncate(to: start)
        let json: [UInt8]
        switch field.absence {
        case .leftOut: return true
        case .owed, .owedList: return false
        case .filled(let constant): json = constant
        case .count(let list): json = Array(String(counts[list] ?? 0).utf8)
        case .paging(let word): json = Array(String(word.number(for: call.input)).utf8)
        }
        begin(field)
        let valueStart = out.count
        out.append(json)
        if field.isFact { note(field, from: valueStart, isRoot: isRoot) }
        return true
    }

    /// Writes what the call says in the place of a field that the department did not repeat.
    private mutating func complete(_ field: DirectField, from start: Int) throws(GivenUp) -> Bool {
        guard let name = field.input, let value = call.input[name] else { return false }
        out.truncate(to: start)
        guard case .value = try write(value, typedBy: field.schema) else { throw GivenUp() }
        return true
    }

    private mutating func note(_ field: DirectField, from start: Int, isRoot: Bool) {
        let json = out.withBytes { Array($0[start...]) }
        guard let value = try? JSONCodec.decode(json) else { return }
        if isRoot { facts.append(field.name, value) } else if let region = value.string { regions.append(region) }
    }

    // MARK: Values

    private mutating func write(_ field: DirectField) throws(GivenUp) -> Written {
        guard let value = field.value else { return .nothing }
        return try write(value, field)
    }

    private mutating func write(_ value: DirectValue, _ field: DirectField) throws(GivenUp) -> Written {
        switch value {
        case .text(let path): return try text(path, field)
        case .integer(let path):
            guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
            guard tape.nodes[node].kind == .integer else { return try write(tape.value(node), typedBy: field.schema) }
            out.append(tape.slice(node))
            return .value
        case .code(let path, let table): return try code(path, table)
        case .date(let path, let inputs, let output, let offset): return try date(path, inputs, output, offset)
        case .copy(let path, let isOpen):
            guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
            guard isOpen else {
                copy(node)
                return .value
            }
            guard tape.nodes[node].kind == .object else { throw GivenUp() }
            return copyFields(of: node) ? .value : .dropped
        case .converted(let path, let conversions, let origin):
            guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
            return try convert(tape.value(node), conversions, origin, field.schema)
        case .first(let alternatives):
            let start = out.count
            for alternative in alternatives {
                out.truncate(to: start)
                let written = try write(alternative, field)
                if case .nothing = written { continue }
                return written
            }
            return .nothing
        case .object(let inner):
            let start = out.count
            out.append(UInt8(ascii: "{"))
            let isThere = try fields(inner, isRoot: false)
            if out.count > start + 1 {
                guard isThere else { return .nothing }
                out.append(UInt8(ascii: "}"))
                return .value
            }
            return isThere ? .dropped : .nothing
        case .list(let paths, let inner): return try list(paths, inner, field)
        case .constant(let json):
            out.append(json)
            return .value
        case .rule(let rule): return try evaluate(rule, field.schema)
        }
    }

    private mutating func text(_ path: DirectPath, _ field: DirectField) throws(GivenUp) -> Written {
        guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
        switch tape.nodes[node].kind {
        case .text:
            let bytes = tape.bytes[(Int(tape.nodes[node].start) &- 1)...Int(tape.nodes[node].end)]
            out.append(UnsafeBufferPointer(rebasing: bytes))
        case .integer:
            out.append(UInt8(ascii: "\""))
            out.append(tape.slice(node))
            out.append(UInt8(ascii: "\""))
        default: return try write(tape.value(node), typedBy: field.schema)
        }
        return .value
    }

    private mutating func code(_ path: DirectPath, _ table: DirectTable) throws(GivenUp) -> Written {
        guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
        let kind = tape.nodes[node].kind
        guard kind == .text || kind == .integer else { throw GivenUp() }
        let code = tape.slice(node)
        guard let json = table.word(code) else { throw GivenUp() }
        out.append(json)
        return .value
    }

    private mutating func date(
        _ path: DirectPath, _ inputs: [DateForm], _ output: DateForm, _ offset: Int
    ) throws(GivenUp) -> Written {
        guard let node = node(path), !tape.isEmpty(node) else { return .nothing }
        let kind = tape.nodes[node].kind
        guard kind == .text || kind == .integer else { throw GivenUp() }
        let text = tape.slice(node)
        for form in inputs {
            guard let time = form.time(text, offset: offset) else { continue }
            out.append(UInt8(ascii: "\""))
            output.write(time, to: &out)
            out.append(UInt8(ascii: "\""))
            return .value
        }
        throw GivenUp()
    }

    private mutating func convert(
        _ value: Value, _ conversions: [Conversion], _ origin: ValueOrigin, _ schema: Int
    ) throws(GivenUp) -> Written {
        var value = value
        for conversion in conversions {
            guard !value.isEmpty else { return .nothing }
            let made: Value?
            do { made = try conversion.apply(to: value, origin: origin, .reply) } catch { throw GivenUp() }
            guard let made else { return .nothing }
            value = made
        }
        return try value.isEmpty ? .nothing : write(value, typedBy: schema)
    }

    private mutating func write(_ value: Value, typedBy schema: Int) throws(GivenUp) -> Written {
        var typing = ReplyTyping(schemas)
        let typed: Value?
        do { typed = try typing.typed(value, schema) } catch { throw GivenUp() }
        guard let typed else { return .dropped }
        out.append(JSONCodec.encode(typed))
        return .value
    }

    private mutating func evaluate(_ rule: ValueRule, _ schema: Int) throws(GivenUp) -> Written {
        let root = root()
        var scope = MappingScope(reply: root, to: call, with: reply)
        if itemPosition > 0 {
            scope.item = tape.value(item)
            scope.position = itemPosition
        }
        let value: Value?
        do { value = try rule.value(in: scope) } catch { throw GivenUp() }
        guard let value else { return .nothing }
        return try write(value, typedBy: schema)
    }

    private mutating func root() -> Value {
        if let tree { return tree }
        let made = tape.value(0)
        tree = made
        return made
    }

    // MARK: Places

    @inline(__always)
    mutating func node(_ path: DirectPath) -> Int? {
        if path.isRelative {
            guard let parent = path.steps.isEmpty ? item : DirectWriter.follow(path.steps, from: item, tape) else { return nil }
            if parent != item { itemHint = parent &+ 1 }
            return DirectWriter.find(path, in: parent, tape, hint: &itemHint)
        }
        let parent = parents[path.parent].node
        return parent >= 0 ? DirectWriter.find(path, in: parent, tape, hint: &parents[path.parent].hint) : nil
    }

    @inline(__always)
    private static func find(_ path: DirectPath, in parent: Int, _ tape: JSONTape, hint: inout Int) -> Int? {
        if let name = path.name { return tape.member(name, of: parent, hint: &hint) }
        return path.index.map { tape.item($0, of: parent) } ?? parent
    }

    static func follow(_ steps: [JSONPath.Step], from start: Int, _ tape: JSONTape) -> Int? {
        var node = start
        for step in steps {
            guard let next = child(step, of: node, tape) else { return nil }
            node = next
        }
        return node
    }

    private static func child(_ step: JSONPath.Step, of node: Int, _ tape: JSONTape) -> Int? {
        if let index = step.index { return tape.item(index, of: node) }
        var hint = 0
        return tape.member(step.name.utf8, of: node, hint: &hint)
    }
}
