extension Conversion {
    /// Whether the step is about a list or an object as a whole.
    var isAboutWhole: Bool {
        switch self {
        case .json, .join, .pick, .flatten, .unique, .pairs, .entries, .sum: true
        default: false
        }
    }

    /// The steps about lists and objects as a whole. A single value counts as a list of one.
    func whole(_ value: Value, _ origin: ValueOrigin, _ direction: MappingDirection) throws(AdapterFault) -> Value? {
        switch self {
        case .json(let encode): return try Conversion.json(value, encode, origin, direction)
        case .join(let mark):
            guard case .array(let items) = value else { break }
            guard items.allSatisfy({ $0.scalarText != nil || $0.isEmpty }) else {
                throw origin.misfit(direction, rule: "type", expected: "a list of single values", found: "a list or an object in it")
            }
            return .string(items.compactMap(\.scalarText).joined(separator: mark))
        case .sum: return .string(try Conversion.sum(value.array ?? [value], origin, direction))
        case .pick(let index):
            guard case .array(let items) = value else { return index == 0 || index == -1 ? value : nil }
            return JSONPath.position(of: index, count: items.count).map { items[$0] }
        case .flatten(let mark):
            if case .object(let object) = value { return .object(Conversion.flat(object, mark)) }
            if case .array(let items) = value { return .array(Conversion.flat(items)) }
        case .unique(let name):
            if case .array(let items) = value { return .array(Conversion.unique(items, by: name)) }
        case .pairs(let list):
            guard case .object(let object) = value else {
                throw origin.misfit(direction, rule: "type", expected: "an object", found: "a single value or a list")
            }
            return .string(Conversion.written(object, list))
        case .entries(let name, let content):
            switch value {
            case .object(let object):
                return .array(object.fields.map { .object([name: .string($0.name), content: $0.value]) })
            case .array(let items): return .object(try Conversion.collected(items, name, content, origin, direction))
            default: break
            }
        default: return value
        }
        if case .entries = self { throw origin.misfit(direction, rule: "type", expected: "an object or a list", found: "a single value") }
        guard value.scalarText != nil || value.isEmpty else {
            throw origin.misfit(direction, rule: "type", expected: "a list", found: "an object")
        }
        return value
    }

    /// The exact sum of those that are there.
    private static func sum(_ items: [Value], _ origin: ValueOrigin, _ direction: MappingDirection) throws(AdapterFault) -> String {
        var sum = DecimalText.zero
        for item in items where !item.isEmpty {
            guard let number = item.scalarText.flatMap(DecimalText.init) else {
                throw origin.misfit(direction, rule: "type", expected: "a list of decimal numbers", found: "another value in it")
            }
            sum = sum.adding(number)
        }
        return sum.text
    }

    private static func flat(_ items: [Value]) -> [Value] {
        items.flatMap { item -> [Value] in if case .array(let inner) = item { flat(inner) } else { [item] } }
    }

    private static func flat(_ object: Object, _ mark: String) -> Object {
        var out = Object(capacity: object.fields.count)
        for field in object.fields {
            guard case .object(let inner) = field.value else {
                out[field.name] = field.value
                continue
            }
            for deeper in flat(inner, mark).fields { out[field.name + mark + deeper.name] = deeper.value }
        }
        return out
    }

    private static func unique(_ items: [Value], by name: String?) -> [Value] {
        var seen: Set<Value> = []
        return items.filter { item in
            guard let name else { return seen.insert(item).inserted }
            // What does not have the field is told apart by nothing, and stays.
            guard let key = item[name]?.scalarText else { return true }
            return seen.insert(.string(key)).inserted
        }
    }

    /// The fields of an object as `name=value&…`; what is a list or an object itself stands there as JSON.
    private static func written(_ object: Object, _ list: ParameterList) -> String {
        StringToSign.text(
            of: list,
            parameters: object.fields.map { field in
                let text =
                    field.value.scalarText ?? (field.value == .null ? "" : String(decoding: JSONCodec.encode(field.value), as: UTF8.self))
                return (field.name, text)
            })
    }

    /// The object of a list of names and values; a name that stands twice keeps all its values.
    private static func collected(
        _ items: [Value], _ name: String, _ content: String, _ origin: ValueOrigin, _ direction: MappingDirection
    ) throws(AdapterFault) -> Object {
        var out = Object(capacity: items.count)
        for item in items {
            guard let key = item[name]?.scalarText else {
                throw origin.misfit(direction, rule: "type", expected: "items with a '\(name)'", found: "one without")
            }
            let value = item[content] ?? .null
            out[key] = out[key].map { .array(($0.array ?? [$0]) + [value]) } ?? value
        }
        return out
    }

    private static func json(
        _ value: Value, _ encode: Bool, _ origin: ValueOrigin, _ direction: MappingDirection
    ) throws(AdapterFault) -> Value? {
        if encode { return .string(String(decoding: JSONCodec.encode(value), as: UTF8.self)) }
        guard let text = value.string else { return value }
        do { return try JSONCodec.decode(text: text) } catch {
            throw origin.misfit(direction, rule: "type", expected: "JSON as a text", found: error.description)
        }
    }
}
