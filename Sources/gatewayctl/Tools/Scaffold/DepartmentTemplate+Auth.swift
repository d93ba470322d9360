internal import Adapters

/// How the gateway shows who it is.
extension DepartmentTemplate {
    var auth: String {
        switch department.auth {
        case .none, .password: ""
        case .token: login
        case .signature: signing
        }
    }

    private var login: String {
        let call: String
        let token: String
        var verdict = "\"$.code == 0\""
        var failure = "\n    failure: { code: $.code, message: $.msg }"
        switch department.kind {
        case .rest:
            call = "rest: { method: POST, path: /api/login\(charset) }"
            token = "$.data.token"
        case .form:
            call = "form: { path: /login.do\(charset) }"
            token = "$.data.token"
        case .soap:
            call = "soap: { path: /services/Service, operation: login, namespace: \"http://service.example/\"\(charset) }"
            token = "$.Envelope.Body.loginResponse.return"
            verdict = "\"\(token) != ''\""
            failure = ""
        case .delimited, .mailbox:
            call = "delimited: { path: /api/login, \(dialect), header: false\(charset) }"
            token = "$[0].token"
            verdict = "\"$[0].code == 0\""
            failure =
                "\n    failure: { code: \"$[0].code\", message: \"$[0].msg\" }\n    delimited: { \(dialect), columns: [code, msg, token] }"
        }
        return """
            # ---- The session: asked for once, kept until it expires, put where `session: token` stands. --------------------------------
            login:
              \(call)
              request:
                account: { secret: \(department.secret("ACCOUNT")) }   # a reference; the value comes from the environment or a mounted file
                password: { secret: \(department.secret("PASSWORD")) }
              reply:
                success: \(verdict)\(failure)
                token: \(token)
                lifetime: 30m                  # or { from: a path, unit: s }

            """
    }

    private var signing: String {
        let secret = department.secret("APP_SECRET")
        guard department.kind == .form else {
            return """
                # ---- The signature: what is signed, in which order, and where it goes. docs/signing.md has four whole conventions. -----
                signing:
                  set:
                    - { header: X-App-Key, secret: \(department.secret("APP_KEY")) }
                    - { header: X-Timestamp, clock: milliseconds }
                    - { header: X-Nonce, random: hex }
                  algorithm: hmac-sha256
                  secret: \(secret)
                  parts: [ header: X-App-Key, header: X-Timestamp, header: X-Nonce, body ]
                  output: hex
                  place: { header: X-Sign }

                """
        }
        return """
            # ---- The signature: what is signed, in which order, and where it goes. docs/signing.md has four whole conventions. -----
            signing:
              set:
                - { parameter: appKey, secret: \(department.secret("APP_KEY")) }
                - { parameter: timestamp, clock: yyyyMMddHHmmss }
                - { parameter: nonce, random: hex }
              algorithm: md5
              charset: \(department.charset.name)
              parts: [ form: { empty: skip }, literal: "&key=", secret: \(secret) ]
              output: HEX
              place: { parameter: sign }

            """
    }
}
