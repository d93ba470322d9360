/// What one department answered for a part: all of it, which rules, orders and conditions look at, and what the caller may see, which is
/// all that comes out.
public struct PartAnswer: Sendable {
    /// The department's answer, typed by the contract.
    public let full: Value
    /// The same as far as the caller may see it; an entry of a list that is left out is null there, so that all others keep their places.
    public let shown: Value
    /// Whether the caller is told of the entries that it sees and of no others, so that the department's own total says too much.
    public let isCounted: Bool

    /// An answer of which the caller sees a part.
    public init(full: Value, shown: Value, isCounted: Bool) {
        self.full = full
        self.shown = shown
        self.isCounted = isCounted
    }

    /// An answer that the caller sees whole.
    public init(whole: Value) { self.init(full: whole, shown: whole, isCounted: false) }

    /// The entries of a list.
    var entries: [ListMerge.Entry] {
        let shown = self.shown["items"]?.array ?? []
        return (full["items"]?.array ?? []).enumerated().map { position, item in
            ListMerge.Entry(full: item, shown: shown.indices.contains(position) ? shown[position] : .null)
        }
    }

    /// How many entries the department gave.
    var given: Int64 { Int64(full["items"]?.array?.count ?? 0) }

    /// How many entries the department says it has; never fewer than it gave.
    var stated: Int64 {
        if case .integer(let stated)? = full["total"] { return max(given, stated) }
        return given
    }

    /// How many entries the caller is told of.
    var total: Int64 { isCounted ? Int64(entries.count(where: \.isShown)) : stated }

    /// The answer for a caller who asked this department alone: without the entries that are left out, and counted.
    public var alone: Value {
        guard var object = shown.object, let items = object["items"]?.array else { return shown }
        object["items"] = .array(items.filter { $0 != .null })
        if isCounted, object["total"] != nil { object["total"] = .integer(total) }
        return .object(object)
    }
}

/// The answer of a part, of whatever many departments: all of it, and what the caller may see.
struct PartValue {
    /// What rules and conditions look at.
    let full: Value
    /// What may come out.
    let shown: Value

    init(full: Value, shown: Value) {
        self.full = full
        self.shown = shown
    }

    /// The answer of one department.
    init(_ answer: PartAnswer) {
        shown = answer.alone
        guard var object = answer.full.object, object["items"]?.array != nil else {
            full = answer.full
            return
        }
        object["items"] = .array(answer.entries.filter(\.isShown).map(\.full))
        if answer.isCounted, object["total"] != nil { object["total"] = .integer(answer.total) }
        full = .object(object)
    }

    /// The lists of several departments as one list with the sum of their totals; answers that are no lists become one object, in which
    /// what the first department says stands. `keepsPlaces`: entries that are left out stand as null, for a page to be cut.
    init(_ answers: [PartAnswer], _ merge: ListMerge, keepsPlaces: Bool) {
        guard answers.isEmpty || answers.contains(where: { $0.full["items"] != nil }) else {
            full = answers.dropFirst().reduce(answers[0].full) { PartValue.united($0, $1.full) }
            shown = answers.dropFirst().reduce(answers[0].shown) { PartValue.united($0, $1.shown) }
            return
        }
        let (entries, duplicates) = merge.merged(answers.map(\.entries))
        let visible = entries.filter(\.isShown)
        let total = answers.reduce(Int64(0)) { $0 + $1.total } - Int64(duplicates)
        let count = Value.integer(max(Int64(visible.count), total))
        full = ["items": .array(visible.map(\.full)), "total": count]
        shown = ["items": .array((keepsPlaces ? entries : visible).map(\.shown)), "total": count]
    }

    private static func united(_ first: Value, _ second: Value) -> Value {
        guard var object = first.object, let other = second.object else { return first }
        for field in other.fields { object[field.name] = object[field.name].map { united($0, field.value) } ?? field.value }
        return .object(object)
    }
}
