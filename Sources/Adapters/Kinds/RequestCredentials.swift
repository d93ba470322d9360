/// What a request shows beside its content: credentials of HTTP's own (`auth`) and cookies (`cookies`). Written by construction, so that
/// no value can make a second header or a second cookie.
struct RequestCredentials: Sendable {
    /// The keys of an operation that fill these parts.
    static let keys = ["auth", "cookies"]

    private let basic: (user: ValueRule, password: ValueRule)?
    private let cookies: ObjectRule?

    /// Compiles `auth` and `cookies` of an operation; problems are reported, and what has one is left out.
    init(_ operation: Section, _ compiler: MappingCompiler) {
        basic = operation["auth"].flatMap { RequestCredentials.basic($0, compiler) }
        cookies = operation["cookies"].flatMap { compiler.object($0, landing: .header) }
        for (key, header) in [("auth", "authorization"), ("cookies", "cookie")] where operation[key] != nil {
            for entry in operation["headers"]?.entries ?? [] where entry.key.lowercased() == header {
                compiler.diagnostics.error(
                    "two-sources", "'\(key)' writes the header '\(entry.key)' too", at: entry.place, help: "keep one")
            }
        }
    }

    private static func basic(_ node: Node, _ compiler: MappingCompiler) -> (user: ValueRule, password: ValueRule)? {
        guard let auth = Section(node, as: "'auth'", keys: ["basic"], compiler.diagnostics),
            let basic = auth.required("basic").flatMap({
                Section($0, as: "'basic'", keys: ["user", "password"], compiler.diagnostics)
            })
        else { return nil }
        let user = basic.required("user").flatMap { compiler.rule($0, for: "user", landing: .header) }
        let password = basic.required("password").flatMap { compiler.rule($0, for: "password", landing: .header) }
        guard let user, let password else { return nil }
        return (user, password)
    }

    /// The header fields.
    func fields(in scope: MappingScope) throws(AdapterFault) -> [DepartmentRequest.Field] {
        var fields: [DepartmentRequest.Field] = []
        if let basic {
            scope.trace?.step("Authorization")
            defer { scope.trace?.back() }
            let user = try RequestCredentials.text(basic.user, scope)
            // RFC 7617 §2: the first colon ends the user's name.
            guard !user.contains(":") else {
                throw basic.user.origin.misfit(.request, rule: "basic-user", expected: "a user's name without a colon")
            }
            let pair = user + ":" + (try RequestCredentials.text(basic.password, scope))
            fields.append(.init("Authorization", "Basic " + Base64Codec.encode(Array(pair.utf8))))
        }
        if let cookies {
            var pairs: [String] = []
            scope.trace?.step("Cookie")
            defer { scope.trace?.back() }
            for field in cookies.fields {
                scope.trace?.step(field.name)
                defer { scope.trace?.back() }
                guard let value = try field.rule.value(in: scope) else { continue }
                let text = try Landing.header(value, name: "Cookie", origin: field.rule.origin)
                guard !text.utf8.contains(0x3B) else {
                    throw field.rule.origin.misfit(.request, rule: "cookie", expected: "a value without a semicolon")
                }
                pairs.append("\(field.name)=\(text)")
            }
            if !pairs.isEmpty { fields.append(.init("Cookie", pairs.joined(separator: "; "))) }
        }
        return fields
    }

    private static func text(_ rule: ValueRule, _ scope: MappingScope) throws(AdapterFault) -> String {
        guard let text = try rule.value(in: scope)?.scalarText else { throw rule.origin.missing(.request) }
        return text
    }
}
