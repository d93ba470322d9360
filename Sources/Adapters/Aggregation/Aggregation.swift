/// One operation of the contract that is answered by several calls: of one operation at many departments, or of several operations of
/// which later ones are fed by earlier ones. Compiled, immutable, safe to share.
public struct Aggregation: Sendable {
    /// Which departments a part asks.
    public enum Targets: Sendable, Hashable {
        /// The one that the part's own input names.
        case named
        /// Every one that offers the operation and that the consumer may ask.
        case every
        /// These, by their ids, as far as the consumer may ask them.
        case listed([String])
    }

    /// What must come of a part for the whole to be an answer.
    public enum Need: String, Sendable, Hashable, CaseIterable {
        /// Every department of it answers.
        case all
        /// At least one does.
        case one
        /// None needs to.
        case none
    }

    /// One call, or the same call at several departments.
    public struct Part: Sendable {
        /// Its name in the file; its answer stands at `$.parts.NAME`.
        public let name: String
        /// The contract's operation that is asked.
        public let operation: String
        /// Whom it asks.
        public let targets: Targets
        /// What must come of it.
        public let need: Need
        /// What is asked; nil hands on the whole request.
        let input: ObjectRule?
        /// Asked only when this holds of `$`.
        let condition: Predicate?
        /// How the lists of several departments become one.
        let merge: ListMerge
        /// What stands for the part when it fails.
        let fallback: ObjectRule?
        /// The part in whose place this one is asked when that one fails, by its index.
        let substituted: Int?
        /// The parts that must be settled before, by their indexes.
        let waitsFor: [Int]

        /// Whether the answers of several departments are put together.
        var isGathered: Bool { targets != .named }
    }

    /// The contract's operation that is answered.
    public let operation: String
    /// How long all parts may take together, in milliseconds; nil is as long as the slowest upstream's `timeout.total`.
    public let deadlineMilliseconds: Int64?
    /// The parts; each stands behind those it waits for.
    public let parts: [Part]
    /// The answer's fields; nil when the only part's answer is the answer.
    let answer: ObjectRule?
    /// Whether `items` of the answer are cut to the page that was asked for.
    let isPaged: Bool

    /// Whether the page is cut from a part's own list, in which entries that are left out must keep their places until then.
    var cutsMergedList: Bool { isPaged && answer == nil }

    /// Whether it is the same call at each department, so that a request that names one of them needs no aggregation.
    public var isOneCallAtEach: Bool {
        parts.count == 1 && parts[0].operation == operation && parts[0].input == nil && parts[0].targets == .every && answer == nil
    }

    /// The aggregation of an operation that asks every department when a request names none, and whose lists
    /// stand one behind the other.
    public static func everyDepartment(_ operation: String, isPaged: Bool) -> Aggregation {
        let part = Part(
            name: "departments", operation: operation, targets: .every, need: .one, input: nil, condition: nil,
            merge: ListMerge(order: [], distinct: nil), fallback: nil, substituted: nil, waitsFor: [])
        return Aggregation(operation: operation, deadlineMilliseconds: nil, parts: [part], answer: nil, isPaged: isPaged)
    }
}
