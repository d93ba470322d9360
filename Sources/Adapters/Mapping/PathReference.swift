/// A path of the route file, compiled: `$…` from the root, `@…` from the item of a list.
final class PathReference: Sendable {
    /// The path as written, with the list's own path before a relative one, for messages.
    let text: String
    /// Whether it begins at the item of a list.
    let isRelative: Bool
    /// The names, when the path is a chain of names and nothing else; such a path can be checked against the contract.
    let names: [String]?
    private let path: JSONPath
    private let way: PathPlace.Way?

    /// Compiles a path; `list` is the path of the list around it.
    init(_ source: String, within list: String? = nil) throws(JSONPathSyntaxFault) {
        path = try JSONPath(source, allowingRelative: true)
        way = PathPlace.Way(path)
        isRelative = path.isRelative
        names = PathReference.names(of: source)
        text = isRelative ? (list.map { "\($0)[*]" } ?? "$") + source.dropFirst() : source
    }

    /// The origin for faults.
    var origin: ValueOrigin {
        ValueOrigin(text: text, pointer: isRelative ? text : pointer, isSearched: singularSteps == nil)
    }

    /// The field of the contract's request that the path is about: the place itself, or what it searches in. Nil for what no portal sends.
    private var pointer: String? {
        // Pointers have no way to count from the end.
        let steps = singularSteps.flatMap { $0.contains { $0.index ?? 0 < 0 } ? nil : $0 }
        let names =
            steps?.map { $0.index.map(String.init) ?? PathReference.escaped($0.name.text) } ?? leadingNames.map(PathReference.escaped)
        guard let first = names.first, !["let", "steps", "item"].contains(first) else { return nil }
        return names.map { "/" + $0 }.joined()
    }

    /// The names that the path begins with, up to the first step that is none.
    var leadingNames: [String] { path.query.leadingNames }

    /// What can be checked against the contract: the names of the path, and nil for each step into a list, up to the first step that searches.
    var checkableSteps: [String?] {
        var steps: [String?] = []
        for segment in segments {
            guard !segment.isDescendant, segment.selectors.count == 1 else { return steps }
            switch segment.selectors[0] {
            case .name(let name): steps.append(name.text)
            case .index, .wildcard, .slice: steps.append(nil)
            case .filter: return steps
            }
        }
        return steps
    }

    /// The path's own steps.
    var segments: [JSONPath.Segment] { path.query.segments }

    /// The steps of a path that finds one value at most; nil for any other.
    var singularSteps: [JSONPath.Step]? { path.query.steps }

    /// The first value that the path finds.
    func first(in scope: MappingScope) -> Value? {
        if let shown = scope.shown, !isRelative { return path.values(in: scope.root, shownBy: shown).first }
        if let way, let place = scope.place { return place.value(at: way, in: scope.root) }
        return path.first(in: scope.root, current: scope.item)
    }

    /// The first value that the path finds in a tree.
    func first(in tree: Value) -> Value? { path.first(in: tree) }

    /// All values that the path finds.
    func values(in scope: MappingScope) -> [Value] {
        if path.isSingular { return first(in: scope).map { [$0] } ?? [] }
        if let shown = scope.shown, !isRelative { return path.values(in: scope.root, shownBy: shown) }
        return path.values(in: scope.root, current: scope.item)
    }

    /// The names of `$.a.b`; nil when the path has anything but member names (RFC 9535 §2.5.1, shorthand).
    static func names(of source: String) -> [String]? {
        var names: [String] = []
        for part in source.dropFirst().split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            if part.offset == 0 {
                guard part.element.isEmpty else { return nil }
                continue
            }
            guard isName(part.element) else { return nil }
            names.append(String(part.element))
        }
        return names
    }

    /// Whether a name can stand in a path without brackets (RFC 9535 §2.5.1, member-name-shorthand).
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x80 || scalar == "_" || ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar)
                || ("A"..."Z").contains(scalar)
        }
    }

    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return name }
        return name.flatMap { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.map(String.init).joined()
    }
}
