package import Adapters
internal import GatewayCore

/// One place where two trees differ. What it shows of them is masked.
package struct TreeDifference: Sendable, Hashable {
    /// The place, as a JSON pointer; `(inside)` marks a document in a text.
    package let pointer: String
    /// What should have been there; nil for nothing.
    package let expected: String?
    /// What is there; nil for nothing.
    package let found: String?

    /// Everything in which two trees differ; the order of fields does not count.
    package static func between(_ expected: Value, _ found: Value, at pointer: String = "") -> [TreeDifference] {
        switch (expected, found) {
        case (.object(let left), .object(let right)):
            let missing = left.fields.flatMap { field -> [TreeDifference] in
                let inner = pointer + "/" + escaped(field.name)
                guard let other = right[field.name] else {
                    return [TreeDifference(pointer: inner, expected: shown(field.value), found: nil)]
                }
                return between(field.value, other, at: inner)
            }
            return missing
                + right.fields.filter { left[$0.name] == nil }.map {
                    TreeDifference(pointer: pointer + "/" + escaped($0.name), expected: nil, found: shown($0.value))
                }
        case (.array(let left), .array(let right)):
            let both = zip(left, right).enumerated().flatMap { between($1.0, $1.1, at: "\(pointer)/\($0)") }
            let fewer = left.enumerated().dropFirst(right.count).map {
                TreeDifference(pointer: "\(pointer)/\($0.offset)", expected: shown($0.element), found: nil)
            }
            let more = right.enumerated().dropFirst(left.count).map {
                TreeDifference(pointer: "\(pointer)/\($0.offset)", expected: nil, found: shown($0.element))
            }
            return both + fewer + more
        case (.string(let left), .string(let right)) where left != right:
            if let (left, right) = documents(left, right) { return between(left, right, at: pointer + "(inside)") }
            return [TreeDifference(pointer: pointer, expected: shown(expected), found: shown(found))]
        default:
            if isSame(expected, found) { return [] }
            return [TreeDifference(pointer: pointer, expected: shown(expected), found: shown(found))]
        }
    }

    /// Two texts that hold documents of the same format.
    private static func documents(_ left: String, _ right: String) -> (Value, Value)? {
        if let left = try? XMLCodec.decode(text: left), let right = try? XMLCodec.decode(text: right) { return (left, right) }
        guard "{[".contains(left.first ?? " "), let left = try? JSONCodec.decode(text: left), let right = try? JSONCodec.decode(text: right)
        else { return nil }
        return (left, right)
    }

    private static func isSame(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.integer, .double), (.double, .integer), (.decimal, .double), (.double, .decimal), (.integer, .decimal), (.decimal, .integer):
            left.scalarText == right.scalarText
        default: left == right
        }
    }

    private static func escaped(_ name: String) -> String { name.replacing("~", with: "~0").replacing("/", with: "~1") }

    /// A value as JSON, masked and cut.
    static func shown(_ value: Value) -> String {
        let text = Masking.text(String(decoding: JSONCodec.encode(value), as: UTF8.self))
        return text.count > 160 ? text.prefix(159) + "…" : text
    }

    /// The difference in lines for a person.
    package var lines: [String] {
        let place = pointer.isEmpty ? "the whole" : pointer
        switch (expected, found) {
        case (let expected?, let found?): return ["  \(place)", "    - \(expected)", "    + \(found)"]
        case (let expected?, nil): return ["  \(place) is missing", "    - \(expected)"]
        default: return ["  \(place) is not expected", "    + \(found ?? "")"]
        }
    }
}
