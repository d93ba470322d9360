import Glibc

/// A plan laid out as plain numbers in memory of its own: what runs for every reply follows it without counting a reference or copying a
/// list.
///
/// `@unchecked Sendable`: the memory behind the pointers is written while the program is made, before anyone else has it, and never again;
/// it is freed with the last reference, and what runs a program holds one. Everything else is immutable and `Sendable` by itself.
final class DirectProgram: @unchecked Sendable {
    /// What a step does.
    enum Action: UInt8 {
        /// The mapping does not name the field.
        case nothing
        case text, integer, code, date, copy, copyOpen, converted, first, object, list, constant, rule
        /// A path of a list, before the fields of its items.
        case source
    }

    /// What is done where nothing came of a value (`DirectField.Absence`).
    enum Absence: UInt8 {
        case leftOut, filled, count, paging, owed, owedList
    }

    /// A piece of `pool`.
    struct Piece {
        var start: Int32 = 0
        var count: Int32 = 0
    }

    /// A name or an index.
    struct Key {
        var name = Piece()
        var index: Int32 = 0
        var kind = Kind.none

        enum Kind: UInt8 { case none, name, index }
    }

    /// Where a value stands: from a place, over the keys that lead on, at the last one.
    struct Path {
        /// A number of `places`; -1 for the item of a list.
        var place: Int32 = 0
        /// The keys between the item and the last one, in `keys`; only relative paths have any.
        var way = Piece()
        var key = Key()
    }

    /// One field, or one value inside a field.
    struct Step {
        var action = Action.nothing
        var absence = Absence.leftOut
        var isRequired = false
        var isFact = false
        var isCompleted = false
        var isOpen = false
        /// `,"name":`; nothing for a step that is no field.
        var label = Piece()
        var path = Path()
        /// A number in the table that the action reads; of a list the count of its sources; a constant's first byte in the pool.
        var detail: Int32 = 0
        /// A constant's length.
        var length: Int32 = 0
        /// What the absence needs: a piece of the pool, or a list's number.
        var filling = Piece()
        /// The contract's schema of the field.
        var schema: Int32 = 0
        /// The field's number among the lists that are counted; -1 for none.
        var list: Int32 = -1
        /// The step behind this one and all inside it.
        var end: Int32 = 0
        /// The field's number in `names`.
        var name: Int32 = 0
    }

    /// A place, by the one that it is found from.
    struct Place {
        var from: Int32
        var key: Key
    }

    /// A code table's rows.
    struct Table {
        /// Its rows in `rows`, by the length of their codes and then by their bytes.
        var rows = Piece()
        /// What other codes become; a length of -1 where they are a fault.
        var otherwise = Piece(start: 0, count: -1)
    }

    /// A code and what it becomes; a word's length is -1 where the contract does not take that.
    struct Row {
        var code: Piece
        var word: Piece
    }

    /// A date in one of several forms, in another.
    struct Dates: Sendable {
        let inputs: [DateForm]
        let output: DateForm
        let offset: Int
    }

    /// Values that are converted as values.
    struct Conversions: Sendable {
        let steps: [Conversion]
        let origin: ValueOrigin
    }

    let pool: UnsafePointer<UInt8>
    let steps: UnsafePointer<Step>
    let stepCount: Int
    let places: UnsafePointer<Place>
    let placeCount: Int
    let keys: UnsafePointer<Key>
    let tables: UnsafePointer<Table>
    let rows: UnsafePointer<Row>
    let tests: UnsafePointer<DirectTest>
    /// The test that a reply is held to first; `DirectTest.yes` where there is none.
    let firstTest: Int32
    let listCount: Int
    let dates: ContiguousArray<Dates>
    let conversions: ContiguousArray<Conversions>
    let rules: ContiguousArray<ValueRule>
    let names: ContiguousArray<String>
    let comparisons: ContiguousArray<DirectComparison>

    init(_ made: DirectProgramBuilder) {
        func copy<Item>(_ items: [Item]) -> UnsafePointer<Item> {
            let memory = UnsafeMutableBufferPointer<Item>.allocate(capacity: max(1, items.count))
            _ = memory.initialize(from: items)
            return UnsafePointer(memory.baseAddress.unsafelyUnwrapped)
        }
        pool = copy(made.pool)
        steps = copy(made.steps)
        stepCount = made.steps.count
        places = copy(made.places)
        placeCount = made.places.count
        keys = copy(made.keys)
        tables = copy(made.tables)
        rows = copy(made.rows)
        tests = copy(made.tests)
        firstTest = made.firstTest
        listCount = made.listCount
        dates = made.dates
        conversions = made.conversions
        rules = made.rules
        names = made.names
        comparisons = made.comparisons
    }

    deinit {
        pool.deallocate()
        steps.deallocate()
        places.deallocate()
        keys.deallocate()
        tables.deallocate()
        rows.deallocate()
        tests.deallocate()
    }

    /// The bytes of a piece of the pool.
    @inline(__always)
    func bytes(_ piece: Piece) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: pool + Int(piece.start), count: Int(piece.count))
    }

    // MARK: Places

    /// Finds every place in a text.
    @inline(__always)
    func find(in nodes: JSONNodes, _ room: UnsafeMutablePointer<JSONPlace>) {
        room[0] = JSONPlace(node: 0, hint: 1)
        var number = 1
        while number < placeCount {
            let from = Int(places[number].from)
            var node = -1
            if room[from].node >= 0 {
                node = child(places[number].key, of: room[from].node, nodes, &room[from].hint) ?? -1
            }
            room[number] = JSONPlace(node: node, hint: node &+ 1)
            number &+= 1
        }
    }

    /// What a key leads to.
    @inline(__always)
    func child(_ key: Key, of node: Int, _ nodes: JSONNodes, _ hint: inout Int) -> Int? {
        switch key.kind {
        case .name: nodes.member(pool + Int(key.name.start), Int(key.name.count), of: node, hint: &hint)
        case .index: nodes.item(Int(key.index), of: node)
        case .none: node
        }
    }

    // MARK: Codes

    /// The JSON of what a code becomes; nil where that is a fault. What is not ASCII may be equivalent to a code, and is one too.
    func word(_ code: UnsafeBufferPointer<UInt8>, in number: Int) -> UnsafeBufferPointer<UInt8>? {
        let table = tables[number]
        guard let base = code.baseAddress else { return nil }
        var low = Int(table.rows.start)
        var high = low &+ Int(table.rows.count)
        while low < high {
            let middle = (low &+ high) >> 1
            let row = rows[middle]
            let order =
                Int(row.code.count) == code.count
                ? memcmp(pool + Int(row.code.start), base, code.count) : Int32(truncatingIfNeeded: Int(row.code.count) &- code.count)
            if order == 0 { return row.word.count < 0 ? nil : bytes(row.word) }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return table.otherwise.count >= 0 && UTF8Text.isASCII(code) ? bytes(table.otherwise) : nil
    }
}
