/// How the lists of several departments become one: in the departments' order or by a stated one, and each entry once.
struct ListMerge: Sendable {
    /// One field to sort by.
    struct Key: Sendable, Hashable {
        /// The entry's field.
        let field: String
        /// Whether the greatest comes first.
        let isDescending: Bool
    }

    /// An entry of a list: what the department said, and what the caller may see of it.
    struct Entry {
        /// All of it: what is compared.
        let full: Value
        /// What may come out; null where the whole entry is left out.
        let shown: Value

        /// Whether the caller may know of it.
        var isShown: Bool { shown != .null }
    }

    /// What to sort by, the first key first; none leaves the departments' order.
    let order: [Key]
    /// The field by which entries are the same; the first of them in the merged order stays.
    let distinct: String?

    /// One list of the lists of several departments, and how many entries were left out as duplicates.
    ///
    /// Each list keeps its own order: only the heads are compared. What stands first in the merged list then depends on the beginnings
    /// of the lists alone, so that the pages cut from ever longer beginnings are pieces of one sequence, however a department sorts.
    func merged(_ lists: [[Entry]]) -> (items: [Entry], duplicates: Int) {
        let items = order.isEmpty ? lists.flatMap(\.self) : merged(by: lists)
        guard let distinct else { return (items, 0) }
        var seen: Set<String> = []
        // An entry that is left out hides no other: whoever may see that one is to see it.
        let kept = items.filter { item in
            guard item.isShown, let text = item.full[distinct]?.scalarText else { return true }
            return seen.insert(text).inserted
        }
        return (kept, items.count - kept.count)
    }

    private func merged(by lists: [[Entry]]) -> [Entry] {
        var heads = lists.filter { !$0.isEmpty }.map { Head($0, order) }
        var items: [Entry] = []
        items.reserveCapacity(lists.reduce(0) { $0 + $1.count })
        while var least = heads.indices.first {
            // Among equals the department that stands first.
            for other in heads.indices.dropFirst() where comesBefore(heads[other], heads[least]) { least = other }
            items.append(heads[least].entry)
            if !heads[least].advance(order) { heads.remove(at: least) }
        }
        return items
    }

    /// Where one list has come to, with what its entry is compared by.
    private struct Head {
        private let list: [Entry]
        private var position = 0
        private(set) var keys: [Value?]

        var entry: Entry { list[position] }

        init(_ list: [Entry], _ order: [Key]) {
            self.list = list
            keys = order.map { list[0].full[$0.field] }
        }

        /// Goes on to the next entry; whether there is one.
        mutating func advance(_ order: [Key]) -> Bool {
            position += 1
            guard position < list.count else { return false }
            keys = order.map { list[position].full[$0.field] }
            return true
        }
    }

    private func comesBefore(_ a: Head, _ b: Head) -> Bool {
        for (index, key) in order.enumerated() {
            switch ListMerge.compare(a.keys[index], b.keys[index], key) {
            case .orderedBefore: return true
            case .orderedAfter: return false
            case .same: continue
            }
        }
        return false
    }

    private enum Comparison { case orderedBefore, orderedAfter, same }

    /// Numbers by size, everything else by its text; an entry without the field stands last either way.
    private static func compare(_ a: Value?, _ b: Value?, _ key: Key) -> Comparison {
        let (left, right) = (a?.scalarText, b?.scalarText)
        guard let left, let right else { return left == nil ? (right == nil ? .same : .orderedAfter) : .orderedBefore }
        let isLess: Bool
        if case .integer(let x)? = a, case .integer(let y)? = b {
            if x == y { return .same }
            isLess = x < y
        } else {
            if left == right { return .same }
            isLess = left < right
        }
        return isLess != key.isDescending ? .orderedBefore : .orderedAfter
    }
}
