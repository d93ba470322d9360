/// The pieces that the JSON Schemas of the configuration's files are made of.
package enum SchemaText {
    /// A single value: what YAML reads as a number or a truth value is a text to the loader all the same.
    package static let text: Value = ["type": ["string", "number", "boolean"]]
    /// `true` or `false`.
    package static let bool: Value = ["type": "boolean"]
    /// A whole number.
    package static let number: Value = ["type": "integer"]
    /// Anything.
    package static let anything: Value = true
    /// A path (RFC 9535).
    package static let path: Value = ["type": "string", "pattern": "^[$@]"]
    /// A length of time.
    package static let duration: Value = ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"]
    /// A size in bytes.
    package static let size: Value = ["anyOf": [["type": "integer"], ["type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)?$"]]]

    /// A definition of the document.
    package static func ref(_ name: String) -> Value { ["$ref": .string("#/$defs/\(name)")] }

    /// One of a closed set of words; numbers among them may stand without quotes.
    package static func words(_ words: [String]) -> Value {
        let numbers = words.compactMap { word in Double(word).map(Value.double) }
        return ["enum": .array(words.map(Value.string) + numbers)]
    }

    /// One of several shapes.
    package static func any(_ shapes: Value...) -> Value { ["anyOf": .array(shapes)] }

    /// One, or a list of them.
    package static func some(_ shape: Value) -> Value { any(shape, list(shape)) }

    /// A list.
    package static func list(_ shape: Value) -> Value { ["type": "array", "items": shape] }

    /// Names that the writer of the file chooses, and what stands under each.
    package static func names(of shape: Value) -> Value { ["type": "object", "additionalProperties": shape] }

    /// A mapping with these keys and no others.
    package static func closed(_ keys: SchemaKeys, required: [String] = []) -> Value {
        closed(keys.pairs.map(\.key), keys, required: required)
    }

    /// A mapping with the loader's own list of keys. What is said of a key describes it; a key of which nothing is said yet takes anything,
    /// so that a new word of the loader is never an error in an editor.
    package static func closed(_ keys: [String], _ said: SchemaKeys, required: [String] = []) -> Value {
        var properties = Object(capacity: keys.count)
        for key in keys { properties[key] = said[key] ?? anything }
        var shape: Object = ["type": "object", "properties": .object(properties), "additionalProperties": false]
        if !required.isEmpty { shape["required"] = .array(required.map(Value.string)) }
        return .object(shape)
    }

    /// A whole document: its title, its root, and the definitions that it refers to.
    package static func document(_ title: String, _ root: Value, definitions: Object) -> Value {
        var document: Object = ["$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(title)]
        for field in root.object?.fields ?? [] { document[field.name] = field.value }
        if !definitions.isEmpty { document["$defs"] = .object(definitions) }
        return .object(document)
    }
}

/// Keys and what may stand under each.
package struct SchemaKeys: ExpressibleByDictionaryLiteral {
    /// The keys in their order.
    package let pairs: [(key: String, shape: Value)]

    /// Keys from a list.
    package init(_ pairs: [(key: String, shape: Value)]) { self.pairs = pairs }

    /// Keys as they are written in the code.
    package init(dictionaryLiteral elements: (String, Value)...) { pairs = elements.map { (key: $0.0, shape: $0.1) } }

    /// What may stand under a key.
    package subscript(key: String) -> Value? { pairs.first { $0.key == key }?.shape }

    /// These and those.
    package static func + (left: SchemaKeys, right: SchemaKeys) -> SchemaKeys { SchemaKeys(left.pairs + right.pairs) }
}
