/// What a path compiles to (RFC 9535 section 2).
extension JSONPath {
    /// A member's name. Two names are the same when their UTF-8 is.
    struct Name: Sendable {
        let text: String
        /// The name's UTF-8.
        let utf8: [UInt8]

        init(_ text: String) {
            self.text = text
            utf8 = Array(text.utf8)
        }

        /// Whether a field where it lies has this name.
        @inline(__always)
        func matches(_ field: UnsafePointer<Object.Field>) -> Bool {
            // A length can be told without a reference to the name.
            field.pointee.name.utf8.count == utf8.count && matches(field.pointee.name)
        }

        /// Whether `other` is this name. Most fields that are not have another length, and cost no look at their bytes.
        @inline(__always)
        func matches(_ other: String) -> Bool {
            guard utf8.count == other.utf8.count else { return false }
            return UTF8Text.withBytes(of: other) { other in
                utf8.withUnsafeBufferPointer { mine in
                    guard let mine = mine.baseAddress, let other = other.baseAddress else { return true }
                    return UTF8Text.isSame(mine, other, utf8.count)
                }
            }
        }
    }

    /// One step of a singular query. A struct, not an enum: its name is compared where it lies, without a copy.
    struct Step: Sendable {
        let name: Name
        /// The index; nil when the step is a name.
        let index: Int?

        static func name(_ name: Name) -> Step { Step(name: name, index: nil) }
        static func index(_ index: Int) -> Step { Step(name: Name(""), index: index) }
    }

    /// `start:end:step`, each as written.
    struct Slice: Sendable {
        let start: Int?
        let end: Int?
        let step: Int
    }

    /// What picks children of a node.
    enum Selector: Sendable {
        case name(Name)
        case wildcard
        case index(Int)
        case slice(Slice)
        case filter(LogicalExpression)
    }

    /// Selectors applied to the nodes so far or, for `..`, to them and all their descendants.
    struct Segment: Sendable {
        let isDescendant: Bool
        let selectors: [Selector]
    }

    /// `$…` or `@…`.
    struct Query: Sendable {
        /// Whether it begins with `@`.
        let isRelative: Bool
        let segments: [Segment]
        /// The same as steps, when it is a singular query.
        let steps: [Step]?

        init(isRelative: Bool, segments: [Segment]) {
            self.isRelative = isRelative
            self.segments = segments
            var steps: [Step] = []
            for segment in segments {
                guard !segment.isDescendant, segment.selectors.count == 1 else { break }
                switch segment.selectors[0] {
                case .name(let name): steps.append(.name(name))
                case .index(let index): steps.append(.index(index))
                case .wildcard, .slice, .filter: break
                }
            }
            self.steps = steps.count == segments.count ? steps : nil
        }
    }

    /// What is true or false about a node.
    indirect enum LogicalExpression: Sendable {
        case any([LogicalExpression])
        case all([LogicalExpression])
        case not(LogicalExpression)
        /// The query selects something.
        case exists(Query)
        case comparison(Operand, Comparison, Operand)
        /// `match` where the whole text has to match, else `search`.
        case text(Operand, Pattern, whole: Bool)
    }

    /// What stands on a side of a comparison or is a function's argument: one value or nothing.
    indirect enum Operand: Sendable {
        case literal(Value)
        /// A singular query.
        case node(isRelative: Bool, [Step])
        case length(Operand)
        case count(Query)
        case value(Query)
    }

    /// The second argument of `match` and `search`.
    enum Pattern: Sendable {
        /// A literal, compiled with the path.
        case compiled(IRegexp)
        /// Found in the document; compiled each time, within tighter bounds.
        case computed(Operand)
    }

    /// A comparison operator.
    enum Comparison: String, Sendable, CaseIterable {
        // In the order of recognition: the longer ones first.
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
    }
}
