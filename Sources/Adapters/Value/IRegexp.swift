/// A regular expression of RFC 9485, as `match` and `search` take them.
///
/// It runs as a set of states moving over the text together: time is at most the text's length times the program's, whatever the pattern
/// and the text are; nothing backtracks. `^` and `$` outside a class mean the text's start and end, as the RFC's translation to other
/// dialects (section 5) and the JSONPath compliance suite have it.
struct IRegexp: Sendable {
    /// Why a text is not one; `offset` counts Unicode scalars.
    typealias Fault = JSONPathSyntaxFault

    /// How large a pattern may be.
    struct Bounds: Sendable {
        /// Scalars of its text.
        let length: Int
        /// Instructions it compiles to; `a{100}` are a hundred.
        let instructions: Int

        /// For a pattern in the configuration.
        static let configuration = Bounds(length: 2048, instructions: 4096)
        /// For a pattern that comes with a document, compiled for each test.
        static let document = Bounds(length: 256, instructions: 512)
    }

    /// One step of the program.
    enum Instruction: Sendable {
        /// One scalar.
        case scalar(Unicode.Scalar)
        /// One scalar of a class.
        case member(Int)
        /// The text's start.
        case start
        /// The text's end.
        case end
        /// Go on there.
        case jump(Int)
        /// Go on at both.
        case split(Int, Int)
        /// The text matches.
        case accept
    }

    private let program: [Instruction]
    private let classes: [IRegexpClass]

    /// Compiles a pattern.
    init(_ text: String, within bounds: Bounds = .configuration) throws(Fault) {
        var parser = try IRegexpParser(text, within: bounds)
        let tree = try parser.pattern()
        var compiler = IRegexpCompiler(limit: bounds.instructions)
        try compiler.add(tree)
        try compiler.emit(.accept)
        program = compiler.program
        classes = compiler.classes
    }

    /// Whether the whole text matches or, without `whole`, some part of it.
    func matches(_ text: String, whole: Bool) -> Bool {
        var scalars = text.unicodeScalars.makeIterator()
        var upcoming = scalars.next()
        var states = StateSet(count: program.count)
        var following = StateSet(count: program.count)
        enter(0, of: &states, atStart: true, atEnd: upcoming == nil)
        while let scalar = upcoming {
            if !whole && states.accepts { return true }
            upcoming = scalars.next()
            following.clear()
            for state in states.members where consumes(state, scalar) {
                enter(state + 1, of: &following, atStart: false, atEnd: upcoming == nil)
            }
            if !whole { enter(0, of: &following, atStart: false, atEnd: upcoming == nil) }
            swap(&states, &following)
            if states.members.isEmpty && !states.accepts && whole { return false }
        }
        return states.accepts
    }

    private func consumes(_ state: Int, _ scalar: Unicode.Scalar) -> Bool {
        switch program[state] {
        case .scalar(let expected): expected == scalar
        case .member(let index): classes[index].contains(scalar)
        case .start, .end, .jump, .split, .accept: false
        }
    }

    /// Adds a state and all that follow from it without consuming anything.
    private func enter(_ state: Int, of set: inout StateSet, atStart: Bool, atEnd: Bool) {
        set.pending.append(state)
        while let state = set.pending.popLast() {
            guard set.mark(state) else { continue }
            switch program[state] {
            case .scalar, .member: set.members.append(state)
            case .start: if atStart { set.pending.append(state + 1) }
            case .end: if atEnd { set.pending.append(state + 1) }
            case .jump(let target): set.pending.append(target)
            case .split(let first, let second):
                set.pending.append(second)
                set.pending.append(first)
            case .accept: set.accepts = true
            }
        }
    }

    /// The states the program is in; cleared in constant time.
    private struct StateSet {
        /// Those that wait for a scalar.
        var members: [Int] = []
        /// Whether the accepting state is one.
        var accepts = false
        /// Yet to be entered.
        var pending: [Int] = []
        private var marks: [UInt32]
        private var generation: UInt32 = 1

        init(count: Int) { marks = Array(repeating: 0, count: count) }

        /// Notes a state; whether it is new.
        mutating func mark(_ state: Int) -> Bool {
            guard marks[state] != generation else { return false }
            marks[state] = generation
            return true
        }

        mutating func clear() {
            members.removeAll(keepingCapacity: true)
            accepts = false
            if generation == .max {
                generation = 0
                for index in marks.indices { marks[index] = 0 }
            }
            generation += 1
        }
    }
}

/// Lays a pattern's tree out as a program.
struct IRegexpCompiler {
    private(set) var program: [IRegexp.Instruction] = []
    private(set) var classes: [IRegexpClass] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Adds one instruction.
    mutating func emit(_ instruction: IRegexp.Instruction) throws(IRegexp.Fault) {
        guard program.count < limit else {
            throw IRegexp.Fault(message: "the pattern is too large once its repetitions are written out (\(limit) steps)", offset: 0)
        }
        program.append(instruction)
    }

    /// Adds a tree.
    mutating func add(_ tree: IRegexpTree) throws(IRegexp.Fault) {
        switch tree {
        case .scalar(let scalar): try emit(.scalar(scalar))
        case .member(let members):
            classes.append(members)
            try emit(.member(classes.count - 1))
        case .start: try emit(.start)
        case .end: try emit(.end)
        case .sequence(let parts): for part in parts { try add(part) }
        case .alternatives(let branches): try addAlternatives(branches)
        case .repeated(let inner, let least, let most): try addRepeated(inner, least, most)
        }
    }

    private mutating func addAlternatives(_ branches: [IRegexpTree]) throws(IRegexp.Fault) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try add(branch)
                break
            }
            let split = program.count
            try emit(.split(split + 1, 0))
            try add(branch)
            ends.append(program.count)
            try emit(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }

    private mutating func addRepeated(_ inner: IRegexpTree, _ least: Int, _ most: Int?) throws(IRegexp.Fault) {
        // A piece that takes nothing, such as (), adds no instruction: repeating it 10^9 times must not loop that long.
        let before = program.count
        for _ in 0..<least {
            try add(inner)
            if program.count == before { return }
        }
        guard let most else {
            let split = program.count
            try emit(.split(split + 1, 0))
            try add(inner)
            try emit(.jump(split))
            program[split] = .split(split + 1, program.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(program.count)
            try emit(.split(program.count + 1, 0))
            try add(inner)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}
