package import Adapters
package import GatewayCore

/// What differs between two configurations: in meaning, by department, operation, route and consumer, and in their lines.
package struct ConfigurationDiff: Sendable {
    /// What happened to a thing.
    package enum Change: String, Sendable {
        case added, removed, changed
    }

    /// One thing that differs.
    package struct Entry: Sendable, Hashable {
        /// `department`, `operation`, `aggregation`, `route`, `consumer`, `contract` or `setting`.
        package let kind: String
        /// Its name; an operation's begins with its department's.
        package let name: String
        /// What happened to it.
        package let change: Change
        /// Which keys of it changed.
        package var keys: [String] = []
    }

    /// The things that differ.
    package let entries: [Entry]
    /// The files that differ, with their lines.
    package let files: [FileDifference]

    /// Whether anything differs at all, comments included.
    package var isEmpty: Bool { files.isEmpty }

    /// The differences from one configuration to another.
    package init(from old: RouteSources, to new: RouteSources) {
        let (left, right) = (ConfigurationOutline(old), ConfigurationOutline(new))
        var entries: [Entry] = []
        for kind in ConfigurationOutline.kinds {
            let (before, after) = (left.things[kind] ?? [:], right.things[kind] ?? [:])
            for name in Set(before.keys).union(after.keys).sorted() {
                switch (before[name], after[name]) {
                case (nil, _?): entries.append(Entry(kind: kind, name: name, change: .added))
                case (_?, nil): entries.append(Entry(kind: kind, name: name, change: .removed))
                case (let before?, let after?) where before != after:
                    entries.append(Entry(kind: kind, name: name, change: .changed, keys: Self.keys(before, after)))
                default: break
                }
            }
        }
        // The operations of a department that comes or goes say nothing that it does not.
        let whole = Set(entries.filter { $0.kind == "department" && $0.change != .changed }.map(\.name))
        self.entries = entries.filter {
            $0.kind != "operation" || !whole.contains($0.name.split(separator: " ").first.map(String.init) ?? "")
        }
        files = FileDifference.all(old, new)
    }

    private static func keys(_ before: Value, _ after: Value) -> [String] {
        guard let left = before.object, let right = after.object else { return [] }
        let names = left.fields.map(\.name) + right.fields.map(\.name).filter { left[$0] == nil }
        return names.filter { left[$0] != right[$0] }
    }

    /// Keys of `gateway.yaml` that a reload does not apply.
    private static let restart: Set<String> = ["admin", "state", "access-log", "workers"]

    /// The differences for a person; empty when there are none.
    package var text: String {
        var lines: [String] = []
        for kind in ConfigurationOutline.kinds {
            let some = entries.filter { $0.kind == kind }
            guard !some.isEmpty else { continue }
            lines.append("\(kind)s")
            lines += some.map { entry in
                let mark = entry.change == .added ? "+" : entry.change == .removed ? "-" : "~"
                let keys = entry.keys.isEmpty ? "" : ": " + entry.keys.joined(separator: ", ")
                let late = kind == "setting" && Self.restart.contains(entry.name) ? "  (takes a restart)" : ""
                return "  \(mark) \(entry.name)\(keys)\(late)"
            }
        }
        if entries.isEmpty, !files.isEmpty { lines.append("comments or layout only; nothing that is served changes") }
        return (lines + files.flatMap { [""] + $0.lines }).joined(separator: "\n")
    }

    /// The same for programs.
    package var value: Value {
        [
            "changes": .array(
                entries.map { entry in
                    [
                        "kind": .string(entry.kind), "name": .string(entry.name), "change": .string(entry.change.rawValue),
                        "keys": .array(entry.keys.map(Value.string)),
                    ]
                }), "files": .array(files.map(\.value)),
        ]
    }
}

/// The things of a configuration by kind and name, each with what the files say of it.
struct ConfigurationOutline {
    static let kinds = ["department", "operation", "aggregation", "route", "consumer", "contract", "setting"]
    private(set) var things: [String: [String: Value]] = [:]

    init(_ sources: RouteSources) {
        func root(_ text: RouteSources.Text?) -> Value? {
            text.flatMap { Node.read($0.bytes, path: $0.path, Diagnostics()) }?.value
        }
        for text in sources.departments { if let file = root(text)?.object { add(department: file) } }
        for text in sources.aggregations {
            guard let file = root(text)?.object else { continue }
            things["aggregation", default: [:]][file["operation"]?.scalarText ?? "?"] = .object(file)
        }
        for field in root(sources.consumers)?["consumers"]?.object?.fields ?? [] {
            things["consumer", default: [:]][field.name] = field.value
        }
        for field in root(sources.gateway)?.object?.fields ?? [] { things["setting", default: [:]][field.name] = field.value }
        add(contract: root(sources.contract))
    }

    private mutating func add(department file: Object) {
        let id = file["department"]?.scalarText ?? "?"
        var own = file
        own["operations"] = nil
        own["routes"] = nil
        things["department", default: [:]][id] = .object(own)
        for field in file["operations"]?.object?.fields ?? [] { things["operation", default: [:]]["\(id) \(field.name)"] = field.value }
        for route in file["routes"]?.array ?? [] { things["route", default: [:]][route["id"]?.scalarText ?? "?"] = route }
    }

    /// The operations of the contract, and its schemas as one thing each.
    private mutating func add(contract: Value?) {
        for path in contract?["paths"]?.object?.fields ?? [] {
            for method in path.value.object?.fields ?? [] {
                let id = method.value["operationId"]?.string ?? "\(method.name.uppercased()) \(path.name)"
                if method.value.object != nil { things["contract", default: [:]][id] = method.value }
            }
        }
        for schema in contract?["components"]?["schemas"]?.object?.fields ?? [] {
            things["contract", default: [:]]["schema \(schema.name)"] = schema.value
        }
    }
}
