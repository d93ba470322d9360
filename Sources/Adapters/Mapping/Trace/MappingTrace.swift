internal import Synchronization

/// Notes where each value of a mapping came from, for whoever explains a call to a person. A call carries one or none; without one
/// nothing is noted, and nothing is spent but a look at a nil.
public final class MappingTrace: Sendable {
    private struct Frame {
        /// How many steps stood when the rule began: a rule inside it with as many is a part of its value.
        let depth: Int
        var parts: [TraceLine] = []
    }

    private struct State {
        var part = "body"
        var steps: [String] = []
        var frames: [Frame] = []
        var lines: [TraceLine] = []
        var decisions: [ReplyDecision] = []
        var documents: [TraceDocument] = []
        var signatures: [TraceSignature] = []
        var tree: Value?
    }

    private let state = Mutex(State())

    /// An empty trace, for one call.
    public init() {}

    /// What was made, in the order in which it was made.
    public var lines: [TraceLine] { state.withLock { $0.lines } }

    /// The conditions that were tried on the last reply, in their order; the last of them decided.
    public var decisions: [ReplyDecision] { state.withLock { $0.decisions } }

    /// The documents inside a request that nobody can read as they are sent: compressed, in Base64 or in ciphertext.
    public var documents: [TraceDocument] { state.withLock { $0.documents } }

    /// What signatures were made of and held to, in their order: a request's, then that of what came.
    public var signatures: [TraceSignature] { state.withLock { $0.signatures } }

    /// The last reply as the paths see it, with the documents inside it opened; nil when it could not be read.
    public var tree: Value? { state.withLock { $0.tree } }

    /// Notes a document before it is wrapped.
    func note(document: [UInt8], _ charset: Charset) {
        state.withLock { $0.documents.append(TraceDocument(part: $0.part, steps: $0.steps, bytes: document, charset: charset)) }
    }

    /// Notes what a signature is about.
    func note(signature: TraceSignature) { state.withLock { $0.signatures.append(signature) } }

    /// Notes what a reply was read as.
    func note(tree: Value) { state.withLock { $0.tree = tree } }

    /// Says which part of a request is being made: its path, its query, its header, its body.
    func begin(part: String) { state.withLock { $0.part = part } }

    /// Goes into a field or an item.
    func step(_ name: String) { state.withLock { $0.steps.append(name) } }

    /// Leaves it.
    func back() { state.withLock { _ = $0.steps.popLast() } }

    /// Notes what a reply was held to.
    func note(_ decisions: [ReplyDecision]) { state.withLock { $0.decisions = decisions } }

    /// A rule begins.
    func begin() { state.withLock { $0.frames.append(Frame(depth: $0.steps.count)) } }

    /// The rule that began last has ended. `isShown` is false for what only holds other values. A rule without a note, which stands
    /// behind a word that says all itself, hands its parts on.
    func end(_ rule: ValueRule, _ outcome: TraceLine.Outcome, _ direction: MappingDirection, isShown: Bool) {
        state.withLock { state in
            guard let frame = state.frames.popLast(), isShown, let note = rule.note else { return }
            var line = TraceLine(
                part: direction == .reply ? "answer" : state.part, steps: state.steps, source: note.source, conversions: note.words,
                place: note.place, outcome: outcome)
            if case .first = rule.source { line.take(frame.parts) }
            if let outer = state.frames.indices.last, state.frames[outer].depth == frame.depth {
                state.frames[outer].parts.append(line)
            } else {
                state.lines.append(line)
            }
        }
    }
}

/// A document inside a request, before it is wrapped.
public struct TraceDocument: Sendable {
    /// What it is a part of, as in a line.
    public let part: String
    /// The names and positions down to the field that it stands in.
    public let steps: [String]
    /// What is wrapped.
    public let bytes: [UInt8]
    /// The charset that they are in.
    public let charset: Charset

    /// The place of the field as a JSON pointer (RFC 6901).
    public var pointer: String { TraceLine.pointer(steps) }
}

/// Where one value came from, or why there is none.
public struct TraceLine: Sendable, Hashable {
    /// What became of a rule.
    public enum Outcome: Sendable, Hashable {
        /// It gave a value.
        case value
        /// It gave a value in which not all has a part that was found; which.
        case part(String)
        /// Its `default` stands in, for this reason.
        case fallback(String)
        /// It gave nothing, for this reason.
        case absent(String)
        /// It could not be made.
        case failed(String)
    }

    /// What the value is a part of: `answer`, or of a request `path`, `query`, `header` or `body`.
    public let part: String
    /// The names and positions down to the value.
    public let steps: [String]
    /// Where it was taken from: a path, or another source in the file's words.
    public private(set) var source: String
    /// The words of the conversions, in the order in which they are applied.
    public private(set) var conversions: [String]
    /// Where the rule stands.
    public private(set) var file: String
    /// The rule's line in the file.
    public private(set) var line: Int
    /// What became of it.
    public let outcome: Outcome

    init(part: String, steps: [String], source: String, conversions: [String], place: Place, outcome: Outcome) {
        self.part = part
        self.steps = steps
        self.source = source
        self.conversions = conversions
        file = place.file.path
        line = place.line
        self.outcome = outcome
    }

    /// The place of the value as a JSON pointer (RFC 6901).
    public var pointer: String { TraceLine.pointer(steps) }

    fileprivate static func pointer(_ steps: [String]) -> String {
        steps.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }

    /// Of several sources the one that gave the value says where it came from.
    fileprivate mutating func take(_ parts: [TraceLine]) {
        guard outcome == .value, let chosen = parts.last, chosen.outcome.gaveValue else { return }
        source = chosen.source
        conversions = chosen.conversions + conversions
        (file, line) = (chosen.file, chosen.line)
    }
}

extension TraceLine.Outcome {
    fileprivate var gaveValue: Bool {
        switch self {
        case .value, .part, .fallback: true
        case .absent, .failed: false
        }
    }
}

/// One condition that a reply was held to.
public struct ReplyDecision: Sendable, Hashable {
    /// The word of the file: `expired`, `success`, `expect` and so on; or what decides without one, such as `http` or `fault`.
    public let word: String
    /// The condition.
    public let text: String
    /// The file of the condition, when it stands in one.
    public let file: String?
    /// The line.
    public let line: Int?
    /// Whether it held.
    public let held: Bool

    init(_ word: String, _ text: String, at place: Place?, held: Bool) {
        self.word = word
        self.text = text
        file = place?.file.path
        line = place?.line
        self.held = held
    }
}
