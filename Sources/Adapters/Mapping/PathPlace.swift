/// Where the last path of a mapping ended: fields of one object are mostly asked for one after the other, and in the order in which they
/// stand. Confined to whoever maps.
final class PathPlace {
    /// What a path leads through before its last name, when it is names and indexes from the root and ends with a name.
    struct Way: Sendable {
        /// The same for all paths that lead through the same object, and for no other. Bytes: names that are canonically equivalent are
        /// different names (RFC 9535 §2.1).
        let key: [UInt8]
        let steps: [JSONPath.Step]
        let name: JSONPath.Name

        /// The way of a path's steps; nil for a path that is relative, searches, or ends otherwise.
        init?(_ path: JSONPath) {
            guard !path.isRelative, let steps = path.query.steps, let last = steps.last, last.index == nil else { return nil }
            self.steps = Array(steps.dropLast())
            name = last.name
            key = self.steps.flatMap { step in
                step.index.map { Array("#\($0)/".utf8) } ?? Array(".\(step.name.utf8.count):".utf8) + step.name.utf8
            }
        }
    }

    private var key: [UInt8]?
    private var object: Object?
    /// The field behind the one that was found last.
    private var next = 0

    /// The value at the end of a way in a tree, which is the same at every call.
    func value(at way: Way, in root: Value) -> Value? {
        if key != way.key {
            key = way.key
            object = root.following(way.steps)?.object
            next = 0
        }
        guard let object else { return nil }
        return object.fields.withUnsafeBufferPointer { fields in
            let start = next < fields.count ? next : 0
            guard let found = PathPlace.find(way.name, fields, start, fields.count) ?? PathPlace.find(way.name, fields, 0, start) else {
                return nil
            }
            next = found &+ 1
            return fields[found].value
        }
    }

    @inline(__always)
    private static func find(_ name: JSONPath.Name, _ fields: UnsafeBufferPointer<Object.Field>, _ start: Int, _ end: Int) -> Int? {
        guard let base = fields.baseAddress else { return nil }
        var at = start
        while at < end {
            if name.matches(base.advanced(by: at)) { return at }
            at &+= 1
        }
        return nil
    }
}
