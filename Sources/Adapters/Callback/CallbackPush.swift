/// What a department pushed, as it came.
public struct CallbackPush: Sendable {
    /// The method in capitals.
    public let method: String
    /// The path as it was sent: percent-encoded, without the query.
    public let path: String
    /// The query's parameters, percent-decoded, in order.
    public let query: [(name: String, value: String)]
    /// The header fields in order.
    public let fields: [DepartmentRequest.Field]
    /// The body.
    public let body: [UInt8]

    /// Makes a push.
    public init(
        method: String = "POST", path: String = "/", query: [(name: String, value: String)] = [], fields: [DepartmentRequest.Field] = [],
        body: [UInt8]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }
}
