/// The unified contract: an OpenAPI 3.1 document, compiled. Requests are validated against it and replies typed by it.
public struct Contract: Sendable {
    /// The operations in the order of the document.
    public let operations: [ContractOperation]
    /// What the gateway tells others, in the order of the document.
    public let notifications: [ContractNotification]
    /// The document as compact JSON, for `/v1/openapi.json`.
    public let json: [UInt8]
    /// What each operation says, as far as the mappings of departments are checked against it: the same for all of them.
    let shapes: [String: OperationShape]
    private let byID: [String: Int]

    /// Compiles a document. Everything wrong or not supported goes to `diagnostics` with its place; nil when anything is.
    public init?(_ document: Node, _ diagnostics: Diagnostics) {
        let problems = diagnostics.problems.count
        var compiler = ContractCompiler(document: document, diagnostics)
        let operations = compiler.operations()
        guard !diagnostics.problems.dropFirst(problems).contains(where: { $0.severity == .error }) else { return nil }
        self.operations = operations
        notifications = compiler.notifications
        byID = Dictionary(operations.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        shapes = Dictionary(operations.map { ($0.id, OperationShape($0)) }) { first, _ in first }
        json = JSONCodec.encode(document.value)
    }

    /// The operation of an `operationId`.
    public func operation(_ id: String) -> ContractOperation? { byID[id].map { operations[$0] } }
}
