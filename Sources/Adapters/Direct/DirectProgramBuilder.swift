/// Lays a plan out as a program.
struct DirectProgramBuilder {
    private(set) var pool: [UInt8] = []
    private(set) var steps: [DirectProgram.Step] = []
    private(set) var places: [DirectProgram.Place] = []
    private(set) var keys: [DirectProgram.Key] = []
    private(set) var tables: [DirectProgram.Table] = []
    private(set) var rows: [DirectProgram.Row] = []
    private(set) var dates: ContiguousArray<DirectProgram.Dates> = []
    private(set) var conversions: ContiguousArray<DirectProgram.Conversions> = []
    private(set) var rules: ContiguousArray<ValueRule> = []
    private(set) var names: ContiguousArray<String> = []
    private(set) var listCount = 0
    private(set) var tests: [DirectTest] = []
    private(set) var comparisons: ContiguousArray<DirectComparison> = []
    private(set) var firstTest = DirectTest.yes
    private var placeNames: [[String]] = [[]]
    private let plan: DirectPlan

    /// Lays out `plan`, whose replies must satisfy `condition`.
    init(_ plan: DirectPlan, _ condition: DirectCondition) {
        self.plan = plan
        places = [.init(from: 0, key: .init())]
        for field in plan.fields { add(field) }
        firstTest = add(condition, yes: DirectTest.yes, no: DirectTest.no)
    }

    // MARK: Fields

    private mutating func add(_ field: DirectField) {
        var step = DirectProgram.Step()
        var label: [UInt8] = [UInt8(ascii: ",")]
        JSONCodec.quote(field.name, into: &label)
        step.label = piece(label + [UInt8(ascii: ":")])
        step.isRequired = field.isRequired
        step.isFact = field.isFact
        step.isCompleted = field.input != nil
        step.list = Int32(field.list ?? -1)
        listCount = max(listCount, (field.list ?? -1) + 1)
        step.schema = Int32(field.schema)
        step.name = Int32(names.count)
        names.append(field.name)
        switch field.absence {
        case .leftOut: step.absence = .leftOut
        case .filled(let json): (step.absence, step.filling) = (.filled, piece(json))
        case .count(let list): (step.absence, step.filling.start) = (.count, Int32(list))
        case .paging(let word): (step.absence, step.filling.start) = (.paging, Int32(PagingWord.allCases.firstIndex(of: word) ?? 0))
        case .owed: step.absence = .owed
        case .owedList: step.absence = .owedList
        }
        add(field.value, as: step)
    }

    /// Adds a step for a value, with everything else that `step` says already.
    private mutating func add(_ value: DirectValue?, as step: DirectProgram.Step) {
        let number = steps.count
        steps.append(step)
        describe(value, at: number)
        steps[number].end = Int32(steps.count)
    }

    private mutating func describe(_ value: DirectValue?, at number: Int) {
        switch value {
        case nil: steps[number].action = .nothing
        case .text(let path): set(number, .text, path)
        case .integer(let path): set(number, .integer, path)
        case .code(let path, let table): set(number, .code, path, detail: add(table))
        case .date(let path, let inputs, let output, let offset):
            dates.append(.init(inputs: inputs, output: output, offset: offset))
            set(number, .date, path, detail: dates.count - 1)
        case .copy(let path, let isOpen): set(number, isOpen ? .copyOpen : .copy, path)
        case .converted(let path, let list, let origin):
            conversions.append(.init(steps: list, origin: origin))
            set(number, .converted, path, detail: conversions.count - 1)
        case .first(let alternatives):
            steps[number].action = .first
            var inner = DirectProgram.Step()
            inner.schema = steps[number].schema
            inner.absence = steps[number].absence
            inner.list = steps[number].list
            for alternative in alternatives { add(alternative, as: inner) }
        case .object(let fields):
            steps[number].action = .object
            for field in fields { add(field) }
        case .list(let paths, let fields):
            steps[number].action = .list
            steps[number].detail = Int32(paths.count)
            for path in paths {
                let source = steps.count
                steps.append(DirectProgram.Step())
                set(source, .source, path)
                steps[source].end = Int32(steps.count)
            }
            for field in fields { add(field) }
        case .constant(let json):
            steps[number].action = .constant
            let piece = piece(json)
            (steps[number].detail, steps[number].length) = (piece.start, piece.count)
        case .rule(let rule):
            rules.append(rule)
            steps[number].action = .rule
            steps[number].detail = Int32(rules.count - 1)
        }
    }

    private mutating func set(_ number: Int, _ action: DirectProgram.Action, _ path: DirectPath, detail: Int = 0) {
        steps[number].action = action
        steps[number].detail = Int32(detail)
        steps[number].path = self.path(path)
    }

    // MARK: What steps speak of

    private mutating func path(_ path: DirectPath) -> DirectProgram.Path {
        var made = DirectProgram.Path()
        if let last = path.last { made.key = key(last) }
        guard path.isRelative else {
            made.place = place(plan.parents[path.parent])
            return made
        }
        made.place = -1
        made.way = DirectProgram.Piece(start: Int32(keys.count), count: Int32(path.steps.count))
        for step in path.steps { keys.append(key(step)) }
        return made
    }

    /// The place at the end of steps; those before it come to stand before it.
    private mutating func place(_ steps: [JSONPath.Step]) -> Int32 {
        guard let last = steps.last else { return 0 }
        let name = steps.map { $0.index.map { "[\($0)]" } ?? ".\($0.name.text)" }
        if let known = placeNames.firstIndex(of: name) { return Int32(known) }
        let from = place(Array(steps.dropLast()))
        let key = key(last)
        placeNames.append(name)
        places.append(.init(from: from, key: key))
        return Int32(places.count - 1)
    }

    private mutating func key(_ step: JSONPath.Step) -> DirectProgram.Key {
        var key = DirectProgram.Key()
        if let index = step.index {
            key.kind = .index
            key.index = Int32(clamping: index)
        } else {
            key.kind = .name
            key.name = piece(step.name.utf8)
        }
        return key
    }

    private mutating func add(_ table: DirectTable) -> Int {
        var made = DirectProgram.Table()
        made.rows = DirectProgram.Piece(start: Int32(rows.count), count: Int32(table.words.count))
        if let otherwise = table.otherwise { made.otherwise = piece(otherwise) }
        let sorted = table.words.sorted { left, right in
            left.key.count == right.key.count ? left.key.lexicographicallyPrecedes(right.key) : left.key.count < right.key.count
        }
        for (code, word) in sorted {
            rows.append(.init(code: piece(code), word: word.map { piece($0) } ?? .init(start: 0, count: -1)))
        }
        tables.append(made)
        return tables.count - 1
    }

    private mutating func piece(_ bytes: [UInt8]) -> DirectProgram.Piece {
        let piece = DirectProgram.Piece(start: Int32(pool.count), count: Int32(bytes.count))
        pool += bytes
        return piece
    }

    // MARK: The condition

    /// The number of the test that a condition begins with, where the tests behind it are known.
    private mutating func add(_ condition: DirectCondition, yes: Int32, no: Int32) -> Int32 {
        switch condition {
        case .always: return yes
        case .not(let inner): return add(inner, yes: no, no: yes)
        case .all(let parts): return parts.reversed().reduce(yes) { next, part in add(part, yes: next, no: no) }
        case .any(let parts): return parts.reversed().reduce(no) { next, part in add(part, yes: yes, no: next) }
        case .exists(let steps): return add(DirectTest(path: path(steps), kind: .exists), yes, no)
        case .compare(let comparison):
            var test = DirectTest(path: DirectProgram.Path(), kind: .values)
            if let (steps, relation, literal) = comparison.nodeAndLiteral {
                switch literal {
                case .integer(let number): (test.kind, test.number, test.path) = (.number, number, path(steps))
                case .string(let text) where relation == .equal || relation == .notEqual:
                    (test.kind, test.text, test.path) = (.text, piece(Array(text.utf8)), path(steps))
                default: break
                }
                test.relation = relation
            }
            test.comparison = Int32(comparisons.count)
            comparisons.append(comparison)
            return add(test, yes, no)
        }
    }

    private mutating func add(_ test: DirectTest, _ yes: Int32, _ no: Int32) -> Int32 {
        var test = test
        (test.onYes, test.onNo) = (yes, no)
        tests.append(test)
        return Int32(tests.count - 1)
    }

    private mutating func path(_ steps: [JSONPath.Step]) -> DirectProgram.Path {
        var made = DirectProgram.Path()
        guard let last = steps.last else { return made }
        made.place = place(Array(steps.dropLast()))
        made.key = key(last)
        return made
    }
}
