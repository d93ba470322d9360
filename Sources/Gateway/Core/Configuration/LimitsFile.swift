internal import Adapters

/// `limits.yaml`: how much whom. Compiled against the consumers, departments, operations and plain routes there are.
struct LimitsFile {
    /// What rows may name.
    struct Scope {
        let consumers: [String]
        let departments: [String]
        let operations: [String]
        let routes: [Route]
        /// Whether all files of departments could be read; otherwise a name that is missing may be in one of the others.
        var isWhole = true
    }

    private let scope: Scope
    private let store: LimitStore
    private let diagnostics: Diagnostics
    private var rows: [LimitRow] = []
    private var onHead: [[Int]]
    private var onCall: [[Int]]

    private init(_ scope: Scope, _ store: LimitStore, _ diagnostics: Diagnostics) {
        self.scope = scope
        self.store = store
        self.diagnostics = diagnostics
        onHead = Array(repeating: [], count: scope.routes.count)
        onCall = onHead
    }

    /// Reads the file.
    static func read(_ node: Node, _ scope: Scope, _ store: LimitStore, _ diagnostics: Diagnostics) -> LimitRows {
        var file = LimitsFile(scope, store, diagnostics)
        guard let section = Section(node, as: "limits.yaml", keys: ["limits"], diagnostics), let list = section.required("limits") else {
            return LimitRows(store: store)
        }
        guard let entries = list.entries else {
            diagnostics.error("wrong-type", "'limits' must be a mapping from names to limits, not \(list.kindName)", at: list.place)
            return LimitRows(store: store)
        }
        for entry in entries { file.add(entry) }
        return LimitRows(rows: file.rows, onHead: file.onHead, onCall: file.onCall, store: store)
    }

    private mutating func add(_ entry: Node.Entry) {
        guard DepartmentFile.isIdentifier(entry.key) else {
            diagnostics.error(
                "wrong-id", "'\(entry.key)' cannot be a limit's name", at: entry.place, help: "lower-case letters, digits and '-'")
            return
        }
        let keys = ["for", "per", "burst"] + LimitMeasure.allCases.map(\.rawValue)
        guard let section = Section(entry.value, as: "a limit", keys: keys, diagnostics) else { return }
        let whom = section["for"].flatMap {
            Section($0, as: "'for'", keys: ["consumers", "departments", "regions", "operations", "routes"], diagnostics)
        }
        let row = LimitRow(
            name: entry.key, subjects: subjects(section), measures: measures(entry.key, section),
            consumers: whom.flatMap { chosen($0, "consumers", among: scope.consumers) },
            departments: whom.flatMap { chosen($0, "departments", among: scope.departments) }, regions: whom.flatMap(regions))
        if row.measures.isEmpty, !diagnostics.hasErrors {
            diagnostics.error(
                "missing-key", "the limit '\(entry.key)' says of nothing how much", at: entry.place,
                help: "one of: \(LimitMeasure.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        enter(row, whom)
    }

    /// Enters a row at the routes that it counts for.
    private mutating func enter(_ row: LimitRow, _ whom: Section?) {
        let plain = scope.routes.filter { if case .plain = $0.target { true } else { false } }.map(\.id)
        let operations = whom.flatMap { chosen($0, "operations", among: scope.operations) }
        let routes = whom.flatMap { chosen($0, "routes", among: plain) }
        let index = rows.count
        rows.append(row)
        for (place, route) in scope.routes.enumerated() {
            switch route.target {
            case .contract(let operation):
                guard operations?[operation] ?? (routes == nil) else { continue }
                if row.needsDepartment { onCall[place].append(index) } else { onHead[place].append(index) }
            case .plain:
                let isNamed = routes.map { routes in plain.firstIndex(of: route.id).map { routes[$0] } ?? false }
                guard isNamed ?? (operations == nil) else { continue }
                onHead[place].append(index)
            case .callback:
                if operations == nil, routes == nil, !row.needsDepartment { onHead[place].append(index) }
            case .contractDocument: continue
            }
        }
    }

    private func subjects(_ section: Section) -> [LimitSubject] {
        (section.strings("per") ?? []).compactMap { text in
            if let subject = LimitSubject(rawValue: text) { return subject }
            let words = LimitSubject.allCases.map(\.rawValue)
            diagnostics.error(
                "unknown-value", "'\(text)' is nothing that a limit can count by", at: section.place(of: text, in: "per"),
                help: suggestion(for: text, among: words).map { "did you mean '\($0)'?" } ?? "one of: \(words.joined(separator: ", "))")
            return nil
        }
    }

    private func measures(_ name: String, _ section: Section) -> [LimitRow.Measure] {
        func measure(_ kind: LimitMeasure, _ count: Int, _ rule: RateRule?, _ fields: RateLimitFields?) -> LimitRow.Measure {
            LimitRow.Measure(
                kind: kind, count: count, rule: rule, key: LimitKey("\(name) \(kind.rawValue)"), fields: fields)
        }
        var measures: [LimitRow.Measure] = []
        // What is dear to the caller comes last: a request that the rate refuses has not touched its quota.
        if let count = section.integer("concurrent", in: 1...1_000_000) { measures.append(measure(.concurrent, count, nil, nil)) }
        let burst = section.integer("burst", in: 1...1_000_000_000)
        if let rule = section.rate("rate", burst: burst) {
            measures.append(measure(.rate, rule.count, rule, RateLimitFields(name: name, rule: rule)))
        } else if burst != nil, section["rate"] == nil {
            diagnostics.error("missing-key", "'burst' belongs to a 'rate'", at: section.place(of: "burst"))
        }
        let quotas: [(LimitMeasure, Int64?, String)] = [(.daily, 86_400, "day"), (.monthly, nil, "month")]
        for (kind, window, word) in quotas {
            guard let count = section.integer(kind.rawValue, in: 1...1_000_000_000) else { continue }
            measures.append(measure(kind, count, nil, RateLimitFields(name: "\(name)-\(word)", count: count, window: window)))
        }
        return measures
    }

    private func regions(_ section: Section) -> [Region]? {
        guard let texts = section.strings("regions"), !texts.contains("*") else { return nil }
        return texts.compactMap { text in
            if let region = Region(text) { return region }
            diagnostics.error(
                "wrong-code", "'\(text)' is no region", at: section.place(of: text, in: "regions"),
                help: "6 or 12 digits (GB/T 2260), quoted")
            return nil
        }
    }

    /// Which of some names the patterns of a key choose; nil where the key is absent, or chooses all.
    private func chosen(_ section: Section, _ key: String, among names: [String]) -> [Bool]? {
        guard let patterns = section.strings(key), !patterns.contains("*") else { return nil }
        // A file that is broken has said so, and its names are missing here for no fault of this one.
        let isJudged = key == "operations" || (key == "consumers" ? !names.isEmpty || !diagnostics.hasErrors : scope.isWhole)
        for pattern in patterns where isJudged && !names.contains(where: { OperationPattern.matches(pattern, $0) }) {
            let help =
                suggestion(for: pattern, among: names).map { "did you mean '\($0)'?" } ?? "known: \(names.joined(separator: ", "))"
            diagnostics.error(
                "unknown-value", "'\(pattern)' matches none of the \(key)", at: section.place(of: pattern, in: key), help: help)
        }
        return names.map { name in OperationPattern.any(of: patterns, matches: name) }
    }
}
