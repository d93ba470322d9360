internal import Adapters

/// A plain reverse-proxy route as its file says it, before its upstream has an index.
struct PlainRouteDraft {
    let id: String
    let place: Place
    let pattern: PathPattern
    let methods: [String]
    let hosts: [String]
    let access: Route.Access
    let rewrite: [UInt8]?
    let bodyLimit: Int
    /// The zones from which anyone may call it, and where they stand.
    let zones: (names: [String], place: Place?)
    /// Its own upstream; nil takes the department's.
    let upstream: UpstreamSettings?
    /// How urgently and how often it is called.
    let rules: CallRules
    /// Whether fields with a `_` in their names go on to the upstream.
    let underscores: Bool
    /// The protocols that its callers may change to.
    let upgrades: [String]

    private static let keys = [
        "id", "match", "upstream", "rewrite", "access", "zones", "body-limit", "retry", "priority", "underscores", "upgrades",
    ]

    /// Reads one item of `routes`.
    init?(_ node: Node, _ references: ReferenceReader) {
        let diagnostics = references.diagnostics
        guard
            let section = Section(node, as: "a route", keys: Self.keys, diagnostics)
        else { return nil }
        let id = section.requiredString("id")
        if let id, !DepartmentFile.isIdentifier(id) {
            diagnostics.error(
                "wrong-id", "'\(id)' cannot be a route's id", at: section["id"]?.place,
                help: "lower-case letters, digits and '-', beginning with a letter")
        }
        let match = section.required("match").flatMap { Section($0, as: "'match'", keys: ["host", "path", "methods"], diagnostics) }
        let pattern = match?.requiredString("path").flatMap { Self.pattern($0, match, diagnostics) }
        methods = match?.strings("methods") ?? []
        for method in methods where !method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) || method.isEmpty {
            diagnostics.error("unknown-value", "'\(method)' is no method", at: match?["methods"]?.place, help: "upper case, such as GET")
        }
        hosts = (match?.strings("host") ?? ["*"]).map { $0.lowercased() }
        access = section.choice("access", of: ["granted", "anyone"]) == "anyone" ? .anyone : .granted
        zones = (section.strings("zones") ?? [], section["zones"]?.place)
        if section["zones"] != nil, access == .granted {
            diagnostics.error(
                "wrong-place", "'zones' belongs to a route with 'access: anyone'", at: section.place(of: "zones"),
                help: "grants in consumers.yaml name zones for the others")
        }
        rewrite = Self.rewrite(section)
        underscores = section.bool("underscores") ?? false
        upgrades = Self.upgrades(section)
        bodyLimit = section.byteCount("body-limit", in: 0...(1 << 40)) ?? 1 << 30
        upstream = section["upstream"].flatMap { UpstreamSettings(id: id ?? "?", $0, references) }
        rules = Self.rules(section)
        guard let id, let pattern else { return nil }
        self.id = id
        place = section["id"]?.place ?? node.place
        self.pattern = pattern
    }

    private static func rules(_ section: Section) -> CallRules {
        var rules = CallRules()
        if let word = section.choice("priority", of: CallPriority.allCases.map(\.name)), let priority = CallPriority(name: word) {
            rules.priority = priority
        }
        rules.retry = section["retry"].flatMap { Section($0, as: "'retry'", keys: RetryRule.plainKeys, section.diagnostics) }
            .flatMap { RetryRule.read($0, forMappings: false) }
        return rules
    }

    private static func upgrades(_ section: Section) -> [String] {
        (section.strings("upgrades") ?? []).map { $0.lowercased() }.filter { name in
            guard let objection = ProtocolUpgrade.objection(to: name) else { return true }
            section.diagnostics.error(
                "unknown-value", objection, at: section.place(of: name, in: "upgrades"),
                help: "a protocol such as websocket (RFC 9110 §7.8)")
            return false
        }
    }

    /// The pattern of a path in a file.
    static func pattern(_ text: String, _ match: Section?, _ diagnostics: Diagnostics) -> PathPattern? {
        do { return try PathPattern(text) } catch {
            diagnostics.error("wrong-path", "'\(text)' is no path: \(error.message)", at: match?["path"]?.place, help: "such as /open/*")
            return nil
        }
    }

    private static func rewrite(_ section: Section) -> [UInt8]? {
        guard let node = section["rewrite"], let part = Section(node, as: "'rewrite'", keys: ["prefix"], section.diagnostics),
            let prefix = part.requiredString("prefix")
        else { return nil }
        do {
            var text = try PathPattern(prefix).description
            while text.hasSuffix("/") { text.removeLast() }
            return Array(text.utf8)
        } catch {
            section.diagnostics.error("wrong-path", "'\(prefix)' is no path: \(error.message)", at: part["prefix"]?.place)
            return nil
        }
    }
}
