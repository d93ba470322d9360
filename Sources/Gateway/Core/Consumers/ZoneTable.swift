internal import Adapters

/// The networks that callers come from, by their addresses: `zones` of `gateway.yaml`.
public struct ZoneTable: Sendable, Hashable {
    /// A range of a zone.
    struct Range: Sendable, Hashable {
        let range: AddressRange
        let zone: Int
    }

    /// The names, by index.
    public private(set) var names: [String] = []
    /// The ranges, the narrowest first.
    private var ranges: [Range] = []

    /// No zones: nothing is asked about them.
    public init() {}

    /// Reads the section.
    init(_ node: Node, _ diagnostics: Diagnostics) {
        guard let entries = node.entries else {
            diagnostics.error("wrong-type", "'zones' must be a mapping from names to ranges of addresses", at: node.place)
            return
        }
        if entries.count > 64 { diagnostics.error("too-large", "there are \(entries.count) zones; 64 is the most", at: node.place) }
        for entry in entries.prefix(64) {
            guard DepartmentFile.isIdentifier(entry.key) else {
                diagnostics.error(
                    "wrong-id", "'\(entry.key)' cannot be a zone's name", at: entry.place, help: "lower-case letters, digits and '-'")
                continue
            }
            for item in entry.value.items ?? [entry.value] {
                if let range = item.text.flatMap(AddressRange.init) {
                    ranges.append(Range(range: range, zone: names.count))
                } else {
                    diagnostics.error(
                        "wrong-address", "this is no address and no range", at: item.place,
                        help: "such as 10.1.2.3, 10.1.0.0/16 or \"2001:db8::/32\"")
                }
            }
            names.append(entry.key)
        }
        ranges.sort { $0.range.width > $1.range.width }
    }

    /// Whether there are none.
    public var isEmpty: Bool { names.isEmpty }

    /// The zone of a caller's address, by the narrowest range; nil outside of all.
    public func zone(of client: ClientAddress?) -> Int? {
        guard let client else { return nil }
        return ranges.first { $0.range.contains(client) }?.zone
    }

    /// The zone of a name; nil, with a problem, for one that is not there.
    func index(of name: String, at place: Place?, _ diagnostics: Diagnostics) -> Int? {
        if let known = names.firstIndex(of: name) { return known }
        let help =
            suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
            ?? (names.isEmpty ? "name it under 'zones' of gateway.yaml" : "known: \(names.joined(separator: ", "))")
        diagnostics.error("unknown-value", "'\(name)' is no zone", at: place, help: help)
        return nil
    }
}
