// The hot path: a mapping follows a singular path for every field of every reply.
extension Value {
    /// The node that `steps` lead to; nil when one of them leads nowhere. Allocates nothing.
    func following(_ steps: [JSONPath.Step]) -> Value? {
        steps.withUnsafeBufferPointer { Self.follow(self, $0[...]) }
    }

    /// Recursion rather than a loop: a parameter is borrowed, a variable would retain and release each node on the way.
    private static func follow(_ value: Value, _ steps: Slice<UnsafeBufferPointer<JSONPath.Step>>) -> Value? {
        guard let step = steps.first else { return value }
        switch (step, value) {
        case (.name(let name), .object(let object)):
            for field in object.fields where name.matches(field.name) { return follow(field.value, steps.dropFirst()) }
            return nil
        case (.index(let index), .array(let items)):
            guard let position = JSONPath.position(of: index, count: items.count) else { return nil }
            return follow(items[position], steps.dropFirst())
        default: return nil
        }
    }
}

extension JSONPath {
    /// Where an index points in a list of `count`: from the end when it is negative; nil outside.
    static func position(of index: Int, count: Int) -> Int? {
        let position = index < 0 ? count + index : index
        return position >= 0 && position < count ? position : nil
    }
}
