/// How a department knows who calls, as far as its description says so.
struct ImportedSecurity {
    /// What a call carries.
    enum Proof {
        /// OAuth 2 client credentials (RFC 6749 section 4.4): where tokens are asked for, and for which scopes.
        case clientCredentials(path: String, scopes: [String])
        /// A key in `headers`, `query` or `cookies`.
        case key(part: String, name: String)
        /// HTTP Basic.
        case basic
        /// A token that somebody else hands out.
        case bearer
    }

    /// The scheme's name in the description.
    let name: String
    let proof: Proof
}

extension ImportedText {
    /// The login and what calls carry, in comments: which of the schemes hold, and whether their secrets are known, a person must say.
    var security: [String] {
        guard !department.security.isEmpty else { return [] }
        var lines: [String] = []
        var parts: [String: [String]] = [:]
        for scheme in department.security {
            switch scheme.proof {
            case .clientCredentials(let path, let scopes):
                if !lines.isEmpty { continue }
                lines = login(path, scopes)
                parts["headers", default: []].append("Authorization: { concat: [{ const: \"Bearer \" }, { session: token }] }")
            case .key(let part, let name):
                parts[part, default: []].append("\(YAMLText.key(name)): { secret: \(secret(scheme.name)) }")
            case .basic:
                let user = secret(scheme.name + "_USER")
                parts["auth"] = ["basic: { user: { secret: \(user) }, password: { secret: \(secret(scheme.name + "_PASSWORD")) } }"]
            case .bearer:
                parts["headers", default: []].append(
                    "Authorization: { concat: [{ const: \"Bearer \" }, { secret: \(secret(scheme.name)) }] }")
            }
        }
        lines.append("defaults:")
        for part in ["headers", "query", "cookies", "auth"] {
            if let own = parts[part] { lines.append("  \(part): { \(own.joined(separator: ", ")) }") }
        }
        let head =
            "# What a call shows of itself, after the security schemes \(department.security.map { YAMLText.remark($0.name) }.joined(separator: ", "))."
        return [head, "# CHOOSE: take the marks away from what holds, and set the secrets."] + lines.map { "# " + $0 } + [""]
    }

    /// As docs/routes.md has it under Login.
    private func login(_ path: String, _ scopes: [String]) -> [String] {
        let scope = scopes.isEmpty ? "" : ", scope: { const: \(JSONText.quoted(scopes.joined(separator: " "))) }"
        return [
            "login:",
            "  form: { path: \(YAMLText.address(path)) }",
            "  auth: { basic: { user: { secret: \(secret("CLIENT_ID")) }, password: { secret: \(secret("CLIENT_SECRET")) } } }",
            "  request: { grant_type: { const: client_credentials }\(scope) }",
            "  reply:",
            "    success: \"$.http.status == 200 && $.access_token\"",
            "    failure: { code: $.error, message: $.error_description }",
            "    token: $.access_token",
            "    lifetime: { from: $.expires_in, unit: s }",
        ]
    }

    /// A secret's name: letters, digits and `_`.
    private func secret(_ name: String) -> String {
        let text = "\(choices.id)_\(name.prefix(40))".uppercased()
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
