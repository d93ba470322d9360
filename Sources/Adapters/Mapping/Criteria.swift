/// What a list or a search may be narrowed by, and which of it a department's mapping has no use for. A criterion that nobody looks at must
/// not be passed over in silence: the answer would be everybody's.
struct Criteria: Sendable {
    /// A field of the call that narrows the list.
    struct Criterion: Sendable, Hashable {
        /// Its names, from the call's own fields on.
        let path: [String]
        /// Where it stands in a call, as a fault names it.
        let field: String
        /// Whether the items of the answer have a field of the same name, so that the gateway can look itself.
        let isShown: Bool

        /// As the contract writes it.
        var name: String { path.joined(separator: ".") }
    }

    /// The criteria that the mapping does not use.
    let unused: [Criterion]
    /// What it does use.
    private let used: Set<[String]>

    /// An operation without criteria.
    static let none = Criteria(unused: [], used: [])

    init(unused: [Criterion], used: Set<[String]>) {
        self.unused = unused
        self.used = used
    }

    /// Whether the mapping hands a criterion on.
    func uses(_ name: String) -> Bool { used.contains([name]) }

    /// Why a call cannot be made: it names what the department cannot search by. Nil when it can.
    func refusal(of input: Value, by department: String = "the department") -> AdapterFault? {
        let wanted = unused.filter { !$0.isShown && !isDescribed($0, input) && input.following($0.path) != nil }
        guard let first = wanted.first else { return nil }
        let errors = wanted.map {
            FieldError(field: $0.field, rule: "unsearchable", message: "the department cannot search by it")
        }
        return AdapterFault(.invalidField, "\(department) cannot search by '\(first.name)'", errors: errors)
    }

    /// What the gateway itself looks for in the items of the answer; nil where the department has looked for all.
    func filter(for input: Value) -> ItemFilter? {
        let tests = unused.compactMap { criterion -> ItemFilter.Test? in
            guard criterion.isShown, let text = input.following(criterion.path)?.scalarText else { return nil }
            return ItemFilter.Test(path: criterion.path, text: text, isStrict: !isDescribed(criterion, input))
        }
        return tests.isEmpty ? nil : ItemFilter(tests: tests)
    }

    /// Whether the criterion only describes somebody whose number the department is asked by: the kind of a document beside its number. A
    /// region is one too, for the gateway asks no department elsewhere.
    private func isDescribed(_ criterion: Criterion, _ input: Value) -> Bool {
        if criterion.path == ["region"] { return true }
        let around = Array(criterion.path.dropLast())
        guard !around.isEmpty else { return false }
        return Criteria.numbers.contains { number in
            let path = around + [number]
            return path != criterion.path && used.contains(path) && input.following(path) != nil
        }
    }

    /// The fields that name one person or organisation.
    static let numbers = ["idNo", "code"]
    /// The fields that choose a page or a department, or say what for: none narrows a list.
    static let others: Set<String> = ["page", "size", "authority", "purpose", "user"]
}

/// What the items of an answer are looked at for, where the department was not asked for it.
public struct ItemFilter: Sendable {
    /// One criterion.
    struct Test: Sendable {
        let path: [String]
        let text: String
        /// Whether an item that does not say is none that was asked for.
        let isStrict: Bool

        func holds(of item: Value) -> Bool {
            guard let said = item.following(path)?.scalarText else { return !isStrict }
            switch path {
            case ["region"]: return said.hasPrefix(Test.stem(of: text))
            // An item has a shorter code and a longer one that begins with it.
            case ["itemCode"]: return said.hasPrefix(text) || text.hasPrefix(said)
            default: return said == text
            }
        }

        /// What all codes of a region begin with (GB/T 2260: two digits for each level, three below the counties).
        private static func stem(of region: String) -> String {
            let significant = region.utf8.reversed().drop { $0 == 0x30 }.count
            let length = significant > 6 ? (significant + 2) / 3 * 3 : max(2, (significant + 1) / 2 * 2)
            return String(region.prefix(length))
        }
    }

    let tests: [Test]

    /// Whether an item is one that was asked for.
    public func passes(_ item: Value) -> Bool { tests.allSatisfy { $0.holds(of: item) } }

    /// A list of which only the items that pass are shown, and counted.
    public func applied(to answer: PartAnswer) -> PartAnswer {
        guard var object = answer.shown.object, let shown = object["items"]?.array, let items = answer.full["items"]?.array else {
            return answer
        }
        object["items"] = .array(zip(items, shown).map { passes($0) ? $1 : .null })
        return PartAnswer(full: answer.full, shown: .object(object), isCounted: true)
    }
}

extension Value {
    /// What stands at a chain of names.
    fileprivate func following(_ path: [String]) -> Value? {
        path.reduce(Optional(self)) { value, name in value?[name] }
    }
}
