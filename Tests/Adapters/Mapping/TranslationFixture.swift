import Testing

@testable import Adapters

/// A department compiled from YAML in a test, and calls to it.
struct TranslationFixture {
    let translation: DepartmentTranslation?
    let problems: [Problem]

    /// A contract without rules: every operation takes and answers anything.
    static let anything = Dictionary(
        uniqueKeysWithValues: [
            ("cases.submit", true), ("cases.get", false), ("cases.events", false), ("items.list", false), ("items.get", false),
        ].map { ($0.0, OperationShape(input: .any, answer: .any, isWrite: $0.1)) })

    init(_ yaml: String, path: String = "x.yaml", shapes: [String: OperationShape] = anything) {
        let diagnostics = Diagnostics()
        let other = ["department", "name", "authority", "region", "upstream"]
        if let node = Node.read(Array(yaml.utf8), path: path, diagnostics),
            let file = Section(node, as: "a department", keys: other + DepartmentTranslation.keys, diagnostics)
        {
            translation = DepartmentTranslation(file, shapes: shapes, diagnostics)
        } else {
            translation = nil
        }
        problems = diagnostics.sorted
    }

    /// One operation with a JSON body whose only field is made by `rule`.
    init(field rule: String) {
        self.init(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                request:
                  x: \(rule)
                reply: { success: http, fields: {} }
            """)
    }

    /// One operation whose answer's only field is made by `rule`.
    init(answer rule: String, reply: String = "") {
        self.init(
            """
            operations:
              cases.get:
                rest: { path: /a }
                reply: { success: http, \(reply) fields: { x: \(rule) } }
            """)
    }

    /// The operation; the test fails with the problems when it did not compile.
    func operation(_ id: String) throws -> OperationAdapter {
        let errors = problems.filter { $0.severity == .error }
        try #require(errors.isEmpty, "\(errors.map(\.description).joined())")
        return try #require(translation?.operations[id])
    }

    /// The `cases.submit` of a file.
    static func compiled(_ yaml: String) throws -> OperationAdapter { try TranslationFixture(yaml).operation("cases.submit") }

    /// The body that the only field gives, as text.
    func body(_ input: Value, session: String? = nil) throws -> String {
        let request = try operation("cases.submit").request(TranslationFixture.call(input, session: session))
        return String(decoding: request.body, as: UTF8.self)
    }

    /// The answer's only field, from a JSON reply.
    func answer(_ json: String, input: Value = [:]) throws -> Value? {
        let reply = DepartmentReply(status: 200, fields: [.init("Content-Type", "application/json")], body: Array(json.utf8))
        switch try operation("cases.get").outcome(of: reply, to: TranslationFixture.call(input)) {
        case .answer(let value): return value["x"]
        case .failed(let fault): throw fault
        case .sessionExpired: throw AdapterFault(.upstreamCredential, "expired")
        case .pending: throw AdapterFault(.upstreamTimeout, "pending")
        }
    }

    static func call(_ input: Value, session: String? = nil, secrets: [String: String] = [:]) -> AdapterCall {
        let moment = CallMoment(epochMilliseconds: 1_700_000_000_123, random: (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))
        return AdapterCall(input: input, secrets: Secrets(secrets), moment: moment, session: session)
    }
}
