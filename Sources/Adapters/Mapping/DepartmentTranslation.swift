/// What a department's file says about translation, compiled: login, signing, code tables and operations. Immutable; safe to share.
public struct DepartmentTranslation: Sendable {
    /// The keys of a department's file that are read here.
    public static let keys = ["codes", "absent", "signing", "login", "defaults", "operations"]

    /// The login, when the department has one.
    public let login: LoginAdapter?
    /// The operations by the contract's name.
    public let operations: [String: OperationAdapter]
    /// What a call of each operation leads to, in the contract's order; nil for one that the file does not have.
    public private(set) var goals: [ContractGoal?] = []
    /// The secrets that the file names, with the place of each mention; whoever resolves them reports the unknown ones.
    public let secretNames: [SecretMention]

    /// What a call of an operation leads to, by the contract's name of it.
    public func goal(of operation: String) -> ContractGoal? { goals.first { $0?.operation == operation } ?? nil }

    /// Compiles what a department's file says about translation. `file` is the whole department; its other keys are read elsewhere.
    /// Problems go to `diagnostics`; nil only when `operations` cannot be read at all, so ask `diagnostics` too.
    public init?(_ file: Section, contract: Contract, _ diagnostics: Diagnostics) {
        self.init(file, shapes: contract.shapes, diagnostics)
        goals = contract.operations.map { operation in
            operations[operation.id].map { ContractGoal($0, DirectReply($0, operation)) }
        }
    }

    /// Compiles; `file` is the whole department. `shapes` are the contract's operations. Problems go to `diagnostics`; nil only when
    /// `operations` cannot be read at all.
    init?(_ file: Section, shapes: [String: OperationShape], _ diagnostics: Diagnostics) {
        // What stands in `defaults` or behind an alias is compiled once for each operation, and reported once.
        let found = Diagnostics()
        found.observer = diagnostics.observer
        defer { found.forward(to: diagnostics) }
        var context = DepartmentCompiler(file, shapes, found)
        login = context.login()
        guard let operations = context.operations() else { return nil }
        self.operations = operations
        if login == nil, file["login"] == nil, let user = operations.values.first(where: \.asksSession) {
            found.error(
                "missing-key", "the operation '\(user.id)' uses the session, and the department has no 'login'",
                at: file.place(of: "operations"))
        }
        secretNames = context.secrets
    }
}

extension Diagnostics {
    /// Hands its problems on, each once.
    fileprivate func forward(to other: Diagnostics) {
        var seen: Set<String> = []
        for problem in problems where seen.insert(problem.description).inserted { other.add(problem) }
    }
}

extension Node {
    /// The node's content in one spelling, for comparison: the same for two nodes that mean the same.
    var canonical: String {
        switch content {
        case .scalar(let text, let plain): plain ? text : JSONCodec.text(quoting: text)
        case .sequence(let items): "[" + items.map(\.canonical).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(JSONCodec.text(quoting: $0.key)):\($0.value.canonical)" }.joined(separator: ",") + "}"
        }
    }
}

extension JSONCodec {
    fileprivate static func text(quoting text: String) -> String {
        var out: [UInt8] = []
        quote(text, into: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
