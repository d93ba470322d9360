public import Adapters

/// The fields of an answer that a consumer may see: names, and names within them.
public struct GrantedFields: Sendable, Hashable {
    /// Fields of an object; one without fields of its own is seen whole.
    private var fields: [String: GrantedFields] = [:]

    /// The fields of paths such as `caseNo` and `applicant.name`.
    public init(_ paths: [String]) {
        for path in paths { add(path.split(separator: ".").map(String.init)[...]) }
    }

    private mutating func add(_ names: ArraySlice<String>) {
        guard let name = names.first else { return }
        // What is seen whole stays so.
        if let known = fields[name], known.fields.isEmpty { return }
        if names.count == 1 {
            fields[name] = GrantedFields([])
        } else {
            fields[name, default: GrantedFields([])].add(names.dropFirst())
        }
    }

    /// What either of two may see.
    public func union(_ other: GrantedFields) -> GrantedFields {
        var both = self
        for (name, rest) in other.fields {
            guard let known = both.fields[name] else {
                both.fields[name] = rest
                continue
            }
            both.fields[name] = known.fields.isEmpty || rest.fields.isEmpty ? GrantedFields([]) : known.union(rest)
        }
        return both
    }

    /// What is left of an answer; of a list, of each of its entries.
    public func visible(_ answer: Value, isList: Bool) -> Value {
        guard isList, var object = answer.object, let items = object["items"]?.array else { return of(answer) ?? .object(Object()) }
        object["items"] = .array(items.compactMap(of))
        return .object(object)
    }

    private func of(_ value: Value) -> Value? {
        if let items = value.array { return .array(items.compactMap(of)) }
        guard let object = value.object else { return nil }
        var seen = Object()
        for field in object.fields {
            guard let rest = fields[field.name] else { continue }
            seen[field.name] = rest.fields.isEmpty ? field.value : rest.of(field.value)
        }
        return .object(seen)
    }

    /// The paths, sorted.
    public var paths: [String] {
        fields.sorted { $0.key < $1.key }.flatMap { name, rest in
            rest.fields.isEmpty ? [name] : rest.paths.map { "\(name).\($0)" }
        }
    }
}
