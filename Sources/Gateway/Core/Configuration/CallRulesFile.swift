internal import Adapters

/// The words of a department's file that say when, how urgently and how often its operations are called: `hours`, `priority`, `retry`.
struct CallRulesFile {
    static let keys = ["hours", "priority", "retry"]

    /// By the operation's index in the contract.
    let rules: [CallRules]
    /// The hours of the department's plain routes; nil for always.
    let plainHours: OpeningHours?

    init(_ file: Section, _ contract: Contract) {
        let names = contract.operations.map(\.id)
        var rules = contract.operations.map { operation in
            var rules = CallRules()
            rules.priority = !operation.isSafe ? .high : operation.answersList ? .low : .normal
            return rules
        }
        let hours = file["hours"].flatMap { DepartmentHours.read($0, names, file.diagnostics) }
        let table = Self.table(file, names)
        let priorities = Self.priorities(file, names)
        for index in rules.indices {
            if let hours, hours.count(for: names[index]) { rules[index].hours = hours.hours }
            rules[index].retry = table.first { OperationPattern.any(of: $0.operations, matches: names[index]) }?.rule
            if let priority = priorities.first(where: { OperationPattern.matches($0.pattern, names[index]) })?.priority {
                rules[index].priority = priority
            }
        }
        self.rules = rules
        plainHours = hours.flatMap { $0.count(for: nil) ? $0.hours : nil }
    }

    /// The rows of `retry`; the first that names an operation counts.
    private static func table(_ file: Section, _ names: [String]) -> [(operations: [String], rule: RetryRule)] {
        guard let node = file["retry"] else { return [] }
        guard let items = node.items else {
            file.diagnostics.error("wrong-type", "'retry' must be a list of rows, not \(node.kindName)", at: node.place)
            return []
        }
        return items.compactMap { item in
            guard let section = Section(item, as: "a row of 'retry'", keys: ["operations"] + RetryRule.keys, file.diagnostics) else {
                return nil
            }
            let operations = section.operations("operations", among: names) ?? ["*"]
            return RetryRule.read(section, forMappings: true).map { (operations, $0) }
        }
    }

    private static func priorities(_ file: Section, _ names: [String]) -> [(pattern: String, priority: CallPriority)] {
        let words = CallPriority.allCases.map(\.name)
        guard let node = file["priority"], let section = Section(node, as: "'priority'", keys: words, file.diagnostics) else { return [] }
        return CallPriority.allCases.flatMap { priority in
            (section.operations(priority.name, among: names) ?? []).map { ($0, priority) }
        }
    }
}

extension RetryRule {
    static let keys = plainKeys + ["idempotent"]
    static let plainKeys = ["on", "attempts", "wait"]
    private static let words = ["connect", "closed", "timeout", "unavailable"]

    /// Reads a row; a plain route has no mapping whose `unavailable` could be asked.
    static func read(_ section: Section, forMappings: Bool) -> RetryRule? {
        let words = forMappings ? words : words.filter { $0 != "unavailable" }
        let reasons = (section.strings("on") ?? ["connect"]).compactMap { reason($0, words, section) }
        let attempts = section.integer("attempts", in: 2...10) ?? 2
        let wait = section.nanoseconds("wait", in: .zero...Duration.seconds(60)) ?? 100_000_000
        let isIdempotent = forMappings ? section.bool("idempotent") ?? false : false
        return reasons.isEmpty ? nil : RetryRule(reasons: reasons, attempts: attempts, wait: wait, isIdempotent: isIdempotent)
    }

    private static func reason(_ text: String, _ words: [String], _ section: Section) -> Reason? {
        switch text {
        case "connect": return .connect
        case "closed": return .closed
        case "timeout": return .timeout
        case "unavailable" where words.contains(text): return .unavailable
        default: break
        }
        if let status = Int(text), (400...599).contains(status) { return .status(status) }
        let known = "one of: \(words.joined(separator: ", ")), or a status from 400 to 599"
        section.diagnostics.error(
            "unknown-value", "'\(text)' is no reason to call again", at: section.place(of: text, in: "on"),
            help: suggestion(for: text, among: words).map { "did you mean '\($0)'?" } ?? known)
        return nil
    }
}

extension DepartmentHours {
    /// Reads `hours`; nil when they cannot be used.
    static func read(_ node: Node, _ names: [String], _ diagnostics: Diagnostics) -> DepartmentHours? {
        guard
            let section = Section(
                node, as: "'hours'", keys: ["open", "days", "holidays", "workdays", "operations"], diagnostics),
            section.required("open") != nil, let texts = section.strings("open")
        else { return nil }
        let stretches = section.each("open", texts, help: "such as 08:30-17:30, one or several") { OpeningHours.Stretch($0) }
        let weekdays = OpeningHours.weekdays
        let days = section.strings("days").map { texts in
            section.each("days", texts, help: "one of: \(weekdays.joined(separator: ", "))") { weekdays.firstIndex(of: $0) }
        }
        func list(_ key: String) -> [OpeningHours.Days] {
            section.each(key, section.strings(key) ?? [], help: "a date or several in a row, such as 2026-10-01..2026-10-08") {
                OpeningHours.Days($0)
            }
        }
        let hours = OpeningHours(
            stretches: stretches, days: Set(days ?? [1, 2, 3, 4, 5]), holidays: list("holidays"), workdays: list("workdays"))
        return DepartmentHours(hours: hours, operations: section.operations("operations", among: names) ?? [])
    }
}

extension Section {
    /// The texts of a key, read one by one; what cannot be read is a problem.
    fileprivate func each<Read>(_ key: String, _ texts: [String], help: String, _ read: (String) -> Read?) -> [Read] {
        texts.compactMap { text in
            if let value = read(text) { return value }
            diagnostics.error("unknown-value", "'\(text)' is no value of '\(key)'", at: place(of: text, in: key), help: help)
            return nil
        }
    }

    /// Patterns of operations: a name, or a beginning followed by `*`. One that chooses none of `names` is a problem.
    fileprivate func operations(_ key: String, among names: [String]) -> [String]? {
        strings(key).map { patterns in
            for pattern in patterns where pattern != "*" && !names.contains(where: { OperationPattern.matches(pattern, $0) }) {
                let help =
                    suggestion(for: pattern, among: names).map { "did you mean '\($0)'?" } ?? "one of: \(names.joined(separator: ", "))"
                diagnostics.error(
                    "unknown-operation", "the contract has no operation '\(pattern)'", at: place(of: pattern, in: key), help: help)
            }
            return patterns
        }
    }
}
