internal import Adapters

/// `consumers.yaml`: who may call what. Compiled against the departments, the contract and the plain routes.
struct ConsumersFile {
    /// What grants may name.
    struct Scope {
        let departments: NamePatterns
        let operations: NamePatterns
        let routes: NamePatterns
        /// The index of each of those plain routes among all routes.
        let routeIndexes: [Int]
        /// Whether all files of departments could be read; otherwise a name that is missing may be in one of the others.
        var isWhole = true
        let zones: ZoneTable
        let contract: Contract
        /// Whether any listener asks callers for certificates.
        var asksCertificates = false
    }

    private(set) var consumers: [Consumer] = []
    private(set) var keys: [KeyDigest: ConsumerTable.Key] = [:]
    private(set) var signing: SigningFile?
    private(set) var issuers: IssuersFile?
    private(set) var certificates: CertificatesFile
    private(set) var lockout: LockoutRule?
    /// Grants and rates as they were read before: of many consumers most have the same, and share them.
    private var knownGrants: Set<DepartmentGrants> = []
    private var knownTerms: [RateRule: ConsumerRate.Terms] = [:]
    private let scope: Scope
    private let buckets: BucketRegistry
    private let diagnostics: Diagnostics

    init(
        _ node: Node, scope: Scope, buckets: BucketRegistry, references: ReferenceReader, memory: CredentialMemory,
        _ diagnostics: Diagnostics
    ) {
        self.scope = scope
        self.buckets = buckets
        self.diagnostics = diagnostics
        certificates = CertificatesFile(isAsked: scope.asksCertificates, diagnostics)
        guard let section = Section(node, as: "consumers.yaml", keys: ["consumers", "conventions", "issuers", "lockout"], diagnostics)
        else {
            return
        }
        signing = SigningFile(section, references: references, memory: memory, diagnostics)
        issuers = IssuersFile(section, references: references, memory: memory, diagnostics)
        lockout = LockoutFile.read(section, diagnostics)
        guard let list = section.required("consumers") else { return }
        guard let entries = list.entries else {
            diagnostics.error("wrong-type", "'consumers' must be a mapping from ids to consumers, not \(list.kindName)", at: list.place)
            return
        }
        for entry in entries { add(entry) }
    }

    private mutating func add(_ entry: Node.Entry) {
        guard DepartmentFile.isIdentifier(entry.key) else {
            diagnostics.error(
                "wrong-id", "'\(entry.key)' cannot be a consumer's id", at: entry.place, help: "lower-case letters, digits and '-'")
            return
        }
        let words = ["name", "keys", "signatures", "tokens", "certificates", "grants", "rate"]
        guard let section = Section(entry.value, as: "a consumer", keys: words, diagnostics) else { return }
        let rate = rule(section)
        var grants = DepartmentGrants()
        var routes: [Int: [RouteGrant]] = [:]
        for node in items("grants", section) { grant(node, &grants, &routes) }
        for node in items("keys", section) { key(node) }
        for node in items("tokens", section) { issuers?.add(node, consumer: consumers.count) }
        for node in items("certificates", section) { certificates.add(node, consumer: consumers.count) }
        for node in items("signatures", section) { signing?.add(node, consumer: consumers.count, id: entry.key) }
        consumers.append(
            Consumer(
                id: entry.key, name: section.string("name") ?? entry.key, grants: knownGrants.insert(grants).memberAfterInsert,
                routes: routes,
                rate: rate.flatMap { terms($0) }.map { terms in
                    ConsumerRate(terms, buckets.bucket(for: BucketKey(owner: entry.key, limit: "consumer")))
                }))
    }

    private mutating func terms(_ rule: RateRule) -> ConsumerRate.Terms? {
        if let known = knownTerms[rule] { return known }
        let made = RateLimitFields(name: "consumer", rule: rule).map { ConsumerRate.Terms(rule, $0) }
        knownTerms[rule] = made
        return made
    }

    private func items(_ key: String, _ section: Section) -> [Node] {
        guard let node = section[key] else { return [] }
        if let items = node.items { return items }
        diagnostics.error("wrong-type", "'\(key)' must be a list, not \(node.kindName)", at: node.place)
        return []
    }

    private mutating func key(_ node: Node) {
        guard let section = Section(node, as: "a key", keys: ["digest", "expires"], diagnostics),
            let text = section.requiredString("digest")
        else { return }
        guard text.hasPrefix("sha256:"), let digest = KeyDigest(hex: String(text.dropFirst(7))) else {
            diagnostics.error(
                "wrong-digest", "a key stands here as its digest only", at: section["digest"]?.place,
                help: "sha256: and 64 hex digits; make it with: printf %s THE-KEY | sha256sum")
            return
        }
        if keys[digest] != nil {
            diagnostics.error("duplicate-key", "another consumer has this key already", at: section["digest"]?.place)
        }
        keys[digest] = ConsumerTable.Key(consumer: consumers.count, expires: Self.expiry(section, diagnostics))
    }

    /// The second at which something ends; never when the section does not say.
    static func expiry(_ section: Section, _ diagnostics: Diagnostics) -> Int64 {
        guard let text = section.string("expires") else { return .max }
        if let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/), let year = Int(match.1), let month = Int(match.2),
            let day = Int(match.3), let end = CivilTime(year: year, month: month, day: day)?.epochSeconds
        {
            return end
        }
        diagnostics.error(
            "wrong-date", "'\(text)' is no date", at: section["expires"]?.place,
            help: "yyyy-MM-dd; it ends when that day begins in Asia/Shanghai")
        return 0
    }

    private func rule(_ section: Section) -> RateRule? {
        guard let node = section["rate"], let part = Section(node, as: "'rate'", keys: ["limit", "burst"], diagnostics),
            let text = part.requiredString("limit")
        else { return nil }
        guard let match = text.wholeMatch(of: /([0-9]{1,9})\/(s|m|h)/), let count = Int(match.1), count > 0 else {
            diagnostics.error("wrong-rate", "'\(text)' is no rate", at: part["limit"]?.place, help: "a count per s, m or h, such as 200/s")
            return nil
        }
        let seconds = match.2 == "s" ? 1 : match.2 == "m" ? 60 : 3600
        if let rule = RateRule(count: count, per: .seconds(seconds), burst: part.integer("burst", in: 1...1_000_000_000)) { return rule }
        diagnostics.error("wrong-rate", "'\(text)' with this burst is out of range", at: part["limit"]?.place, help: "a smaller burst")
        return nil
    }

    private func grant(_ node: Node, _ grants: inout DepartmentGrants, _ routes: inout [Int: [RouteGrant]]) {
        let keys = ["departments", "operations", "regions", "zones", "fields", "routes", "expires"]
        guard let section = Section(node, as: "a grant", keys: keys, diagnostics) else { return }
        let end = Self.expiry(section, diagnostics)
        let named = section.strings("zones") ?? []
        let zones = named.compactMap { scope.zones.index(of: $0, at: section.place(of: $0, in: "zones"), diagnostics) }
            .reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1) }
        // Zones of which none is known must not turn into "from everywhere".
        if !named.isEmpty, zones == 0 { return }
        for index in chosen(section, "routes", among: scope.routes).indexes {
            routes[scope.routeIndexes[index], default: []].append(RouteGrant(zones: zones, expires: end))
        }
        let departments = chosen(section, "departments", among: scope.departments)
        if section["departments"] == nil, section["routes"] == nil {
            diagnostics.error(
                "missing-key", "a grant names 'departments' or 'routes'", at: node.place, help: "departments: [\"*\"] is all of them")
        }
        if section["departments"] != nil, section["operations"] == nil {
            diagnostics.error(
                "missing-key", "a grant for departments names 'operations'", at: node.place, help: "operations: [\"*\"] is all of them")
        }
        let mask = chosen(section, "operations", among: scope.operations).indexes.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1) }
        let regions = section.strings("regions") ?? []
        let known = regions.filter { $0 != "*" }.compactMap { code -> Region? in
            if let region = Region(code) { return region }
            diagnostics.error(
                "wrong-code", "'\(code)' is no region", at: section.place(of: code, in: "regions"),
                help: "6 or 12 digits (GB/T 2260), quoted")
            return nil
        }
        // A list of regions of which none can be read must not turn into "everywhere".
        if !regions.isEmpty, known.isEmpty, !regions.contains("*") { return }
        let fields = self.fields(section, mask)
        grants.add(
            DepartmentGrant(operations: mask, regions: regions.contains("*") ? [] : known, zones: zones, fields: fields, expires: end),
            for: departments)
    }

    /// The fields of answers that a grant opens; nil for all. Each must be one of an operation that it names.
    private func fields(_ section: Section, _ operations: UInt64) -> GrantedFields? {
        guard let paths = section.strings("fields") else { return nil }
        var known: [String] = []
        for (index, operation) in scope.contract.operations.enumerated() where operations & (1 << UInt64(index)) != 0 {
            known += operation.answerFields.filter { !known.contains($0) }
        }
        for path in paths where !known.contains(path) {
            let help =
                suggestion(for: path, among: known).map { "did you mean '\($0)'?" }
                ?? "such as: \(known.prefix(12).joined(separator: ", "))"
            diagnostics.error(
                "unknown-value", "'\(path)' is a field of no answer of these operations", at: section.place(of: path, in: "fields"),
                help: help)
        }
        return GrantedFields(paths)
    }

    /// The names that a list of patterns chooses.
    private func chosen(_ section: Section, _ key: String, among names: NamePatterns) -> ChosenIndexes {
        let patterns = section.strings(key) ?? []
        for pattern in patterns where pattern != "*" && (scope.isWhole || key == "operations") && !names.matchesAny(pattern) {
            let help =
                suggestion(for: pattern, among: names.names).map { "did you mean '\($0)'?" }
                ?? (names.names.isEmpty ? "there are none yet" : "known: \(names.names.joined(separator: ", "))")
            diagnostics.error(
                "unknown-value", "'\(pattern)' matches none of the \(key)", at: section.place(of: pattern, in: key), help: help)
        }
        return names.chosen(patterns)
    }
}
