import Adapters
import Testing

@testable import GatewayCore

/// A request as bytes, and what the policies say of it.
struct SignedCall {
    var method = "POST"
    var target = "/gov/v1/cases?region=230100&empty="
    var fields: [(String, String)] = []
    var body = ""
    /// Seconds since 1970.
    var now: Int64 = 1_700_000_000
    /// Nanoseconds of the monotonic clock.
    var uptime: Int64 = 1_000_000_000
    var client = "203.0.113.7"
    /// The certificate of the connection.
    var certificate: CallerCertificate?

    var text: String {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: gateway.example\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n"
    }

    /// What comes of it: the facts, and the fault. A content that is asked for is given.
    func ask(_ snapshot: Snapshot) throws -> (facts: ExchangeFacts, fault: AdapterFault?) {
        var facts = ExchangeFacts(now: uptime, epochSeconds: now, trace: TraceContext(high: 1, low: 2, span: 3))
        facts.client = ClientAddress(client)
        facts.certificate = certificate
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes { bytes in
            var parser = RequestHeadParser(limits: WireLimits())
            try #require(parser.parse(bytes) == .complete, "\(text)")
            let head = parser.head
            let path = UnsafeRawBufferPointer(rebasing: bytes[head.path.range])
            let method = UnsafeRawBufferPointer(rebasing: bytes[head.methodSpan.range])
            guard case .found(let route, _) = snapshot.table.lookup(host: path, path: path, method: method) else {
                Issue.record("no route")
                return (facts, nil)
            }
            facts.route = route
            var fault = PolicyCatalog.onHead(head, bytes, &facts, snapshot)
            if fault == nil, facts.awaitsContent { fault = PolicyCatalog.onContent(Array(body.utf8), head, bytes, &facts, snapshot) }
            if fault == nil, let content = facts.credential?.content {
                let running = try #require(content.running())
                Array(body.utf8).withUnsafeBytes { running.append($0) }
                if !content.matches(running) { fault = PolicyCatalog.contentIsWrong(&facts, snapshot) }
            }
            return (facts, fault)
        }
    }

    /// The code of the fault, and the inner reason.
    func outcome(_ snapshot: Snapshot) throws -> Outcome {
        let (facts, fault) = try ask(snapshot)
        return Outcome(code: fault?.code, reason: facts.credential?.failure, isKnown: facts.consumer >= 0)
    }

    struct Outcome: Hashable {
        let code: ProblemCode?
        let reason: AuthenticationFailure?
        var isKnown = false

        static let admitted = Outcome(code: nil, reason: nil, isKnown: true)
        static func refused(_ code: ProblemCode, _ reason: AuthenticationFailure) -> Outcome { Outcome(code: code, reason: reason) }
    }
}

extension SignedCall {
    /// The worked example of the x-ca convention (domain facts, section 5), to the byte.
    static let xca = SignedCall(
        fields: [
            ("Accept", "application/json; charset=UTF-8"), ("Content-Type", "application/json; charset=UTF-8"),
            ("Content-MD5", "WmpZgjICZZ5r+tYTPmZ1CA=="), ("X-Ca-Key", "60030305"), ("X-Ca-Timestamp", "1700000000000"),
            ("X-Ca-Nonce", "550e8400-e29b-41d4-a716-446655440000"), ("X-Ca-Stage", "RELEASE"),
            ("X-Ca-Signature-Headers", "x-ca-key,x-ca-nonce,x-ca-stage,x-ca-timestamp"),
            ("X-Ca-Signature", "qeEHKZxEKYF8EKMqRclBGO0S5Sw2bNQzRkZ9tWnP3wY="),
        ], body: #"{"projectNo":"11230000MB1A0001XM2000125005000202311140001"}"#)

    /// The same request with a header field set to something else, or left out.
    func with(_ name: String, _ value: String?) -> SignedCall {
        var copy = self
        copy.fields.removeAll { $0.0.lowercased() == name.lowercased() }
        if let value { copy.fields.append((name, value)) }
        return copy
    }

    /// The request signed by a convention's text.
    func signed(_ convention: String = SigningConvention.xca, key: String, secret: String, nonce: UInt64 = 7) throws -> SignedCall {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(convention.utf8), path: "convention", diagnostics)?["signing"])
        let signer = try #require(Signer(node, diagnostics), "\(diagnostics.problems)")
        let isForm = fields.contains { $0.0 == "Content-Type" && $0.1.contains("urlencoded") }
        let halves = target.split(separator: "?", maxSplits: 1).map(String.init)
        func pairs(_ text: String) -> [(String, String)] {
            Array(text.utf8).withUnsafeBytes { RequestText.pairs($0) }.map { ($0.name, $0.value) }
        }
        var request = SignableRequest(
            method: method, path: halves[0], query: halves.count > 1 ? pairs(halves[1]) : [], parameters: isForm ? pairs(body) : [],
            headers: fields, body: isForm ? [] : Array(body.utf8), hasForm: isForm)
        try signer.sign(
            &request, secrets: Secrets(["KEY": key, "SECRET": secret]),
            moment: CallMoment(epochMilliseconds: now * 1000, random: (nonce, nonce)))
        var copy = self
        copy.fields = request.headers
        if isForm { copy.body = request.parameters.map { "\($0.0)=\($0.1)" }.joined(separator: "&") }
        return copy
    }

    /// A department with plain routes, and a consumer that may call them.
    static func snapshot(
        _ credentials: String, top: String = "", secrets: [String: String] = ["CA": "demoAppSecret"]
    ) throws -> Snapshot {
        let (snapshot, problems) = configuration(credentials, top: top).compile(secrets: secrets)
        return try #require(snapshot, "\(problems)")
    }

    static func configuration(_ credentials: String, top: String = "") -> Sources {
        let lines = credentials.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        return Sources(
            consumers: """
                \(top)
                consumers:
                  city:
                    keys: [{ digest: "sha256:3fa004cc9eba0d1d1dae72e69d246d74b6cfdad92b60f0d4d549465988ff85dd" }]
                \(lines)
                    grants: [{ routes: [everything] }]
                """,
            departments: [
                (
                    "lab.yaml",
                    """
                    department: lab
                    upstream: { endpoints: [http://127.0.0.1:1] }
                    routes: [{ id: everything, match: { path: "/*" } }]
                    """
                )
            ])
    }
}
