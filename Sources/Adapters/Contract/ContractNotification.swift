/// Something that the gateway tells others (a webhook of the document), compiled.
public struct ContractNotification: Sendable {
    /// The `operationId`, such as `cases.notification`.
    public let id: String
    let table: SchemaTable
    let schema: Int

    /// Types what a department pushed by the contract's schema, as the answer of an operation is typed.
    ///
    /// - Throws: UPSTREAM_BAD_REPLY with a pointer and what was expected, never the value.
    public func typed(_ event: Value) throws(AdapterFault) -> Value {
        var typing = ReplyTyping(table)
        return try typing.typed(event.isEmpty ? .object(Object()) : event, schema, isRoot: true) ?? .object(Object())
    }

    /// What a mapping is checked against at load.
    var shape: ContractShape { ContractShape(schema, table) }
}
