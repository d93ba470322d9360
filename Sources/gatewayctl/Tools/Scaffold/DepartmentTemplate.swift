internal import Adapters

/// The file that a new department begins with: it is valid as it is, and says in comments what to change.
struct DepartmentTemplate {
    let department: NewDepartment

    /// The whole file.
    var text: String {
        [head, codes, auth, defaults, operations].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var head: String {
        let region =
            department.region.map { "region: \"\($0)\"" }
            ?? "# region: \"230000\"                   # 6 or 12 digits; what a new case without one gets"
        return """
            # yaml-language-server: $schema=../schema/department.schema.json
            # \(department.name). Begun by 'gatewayctl new department'; every name of a field, a path and a code below is a guess until
            # the department's own page says so. docs/connecting-a-department.md walks through it, docs/routes.md explains every word.

            department: \(department.id)
            name: "\(department.name)"
            authority: \(department.authority)            # item codes that begin with it come here
            \(region)

            upstream:
              endpoints: [\(department.endpoint)]
              timeout: { connect: 2s, first-byte: 30s, total: 60s }    # what their page promises, and a little more
              # limits: { connections: 32, body: 10MiB }               # what their system can stand; the largest reply

            """
    }

    private var codes: String {
        """
        # ---- Code tables: the department's code on the left, the contract's word on the right. Quote codes: 01 would be a number. ----
        codes:
          status:
            "01": submitted
            "02": accepted
            "03": notAccepted
            "04": processing
            "05": correctionRequested
            "09": completed
            # default: processing              # without it a code that is not here is the problem UNMAPPED_CODE
          idType: { "10": idCard, "20": passport, "50": uscc, "99": other }
          applicantKind: { "1": person, "2": enterprise, "6": other }

        """
    }

    // MARK: Who we are

    private var auth: String {
        switch department.auth {
        case .none, .password: ""
        case .token: login
        case .signature: signing
        }
    }

    private var login: String {
        let call: String
        let token: String
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
        }
        let success = department.kind == .soap ? "\"\(token) != ''\"" : "\"$.code == 0\""
        let failure = department.kind == .soap ? "" : "\n    failure: { code: $.code, message: $.msg }"
        return """
            # ---- The session: asked for once, kept until it expires, put where `session: token` stands. --------------------------------
            login:
              \(call)
              request:
                account: { secret: \(department.secret("ACCOUNT")) }   # a reference; the value comes from the environment or a mounted file
                password: { secret: \(department.secret("PASSWORD")) }
              reply:
                success: \(success)\(failure)
                token: \(token)
                lifetime: 30m                  # or { from: $.data.expires, unit: s }

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

    // MARK: What all operations have in common

    private var charset: String { department.charset == .utf8 ? "" : ", charset: \(department.charset.name)" }

    private var defaults: String {
        var lines = [
            "# ---- What all operations have in common; an operation's own key wins -------------------------------------------------",
            "defaults:",
        ]
        switch department.kind {
        case .rest: lines.append("  rest: { method: POST\(charset) }")
        case .form: if !charset.isEmpty { lines.append("  form: { \(charset.dropFirst(2)) }") }
        case .soap:
            lines.append("  soap: { version: \"1.1\", path: /services/Service, namespace: \"http://service.example/\"\(charset) }")
            lines.append("  # action: \"…\" where they want a SOAPAction; qualified: true for elementFormDefault=\"qualified\"")
        }
        switch department.auth {
        case .password:
            lines += [
                "  request:", "    user: { secret: \(department.secret("USER")) }            # a reference, never the value itself",
                "    password: { digest: { md5: { secret: \(department.secret("PASSWORD")) }, as: hex } }",
            ]
        case .token: lines += ["  request:", "    token: { session: token }"]
        case .none, .signature: break
        }
        let root = department.kind == .soap ? "$.RESULT" : "$"
        lines += [
            "  reply:", "    # HTTP 200 says nothing with most departments: the verdict is inside. Texts and numbers compare loosely.",
            "    success: \"\(root).code == 0\"", "    not-found: \"\(root).code == 404\"", "    # duplicate: \"\(root).code == 409\"",
        ]
        if department.auth == .token {
            lines.append("    expired: \"\(root).code == 401\"             # log in again and send the call once more")
        }
        lines.append("    failure: { code: \(root).code, message: \(root).msg }")
        if department.charset != .utf8 {
            lines.append("    # encoding: \(department.charset.name)                   # where their replies do not say it themselves")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Operations

    private var operations: String {
        """
        # ---- The contract's operations that the department offers: cases.submit, cases.get, cases.events, items.list, … -------------
        operations:
          cases.submit:
        \(call("submit", "/api/case/submit", "submitCase"))
            request:
        \(submitted)
            reply:
        \(unwrap("submitCase"))      fields: &answer                        # the same fields answer cases.get; what is not there is left out
        \(answer)

          cases.get:
        \(call("get", "/api/case/get", "queryCase"))
            request:
        \(asked)
            reply:
        \(unwrap("queryCase"))      fields: *answer

        """
    }

    private func call(_ action: String, _ path: String, _ operation: String) -> String {
        switch department.kind {
        case .rest: "    rest: { path: \(path) }"
        case .form: "    form: { path: /\(action).do }"
        case .soap: "    soap: { operation: \(operation) }"
        }
    }

    private func unwrap(_ operation: String) -> String {
        guard department.kind == .soap else { return "" }
        return "      # The answer is a document in a string; from here on $ is that document.\n"
            + "      unwrap: { at: $.Envelope.Body.\(operation)Response.return, as: xml }\n"
    }

    private var submitted: String {
        let fields = """
            sblsh: { from: $.caseNo, required: true }
            sxbm: $.itemCode
            sxmc: $.itemName
            sqrlx: { from: $.applicant.kind, reverse-map: applicantKind }
            sqrmc: $.applicant.name
            sqrzjlx: { from: $.applicant.idType, reverse-map: idType }
            sqrzjhm: { from: $.applicant.idNo, case: upper }
            lxdh: $.applicant.mobile
            sbsj: { from: $.applyTime, date: "yyyy-MM-dd HH:mm:ss" }
            """
        return wrapped(fields, document: "CASE")
    }

    private var asked: String { wrapped("sblsh: { from: $.caseNo, required: true }", document: "QUERY") }

    /// Fields as they stand, or in a document that is a string argument.
    private func wrapped(_ fields: String, document: String) -> String {
        guard department.kind == .soap else { return indented(fields, 6) }
        let encoding = department.charset == .utf8 ? "" : ", encoding: \(department.charset.name)"
        // CDATA has no escapes, so its envelope must be able to hold every character.
        let wrapping = [.utf8, .gb18030].contains(department.charset) ? "cdata" : "escaped"
        let own = "dataXml:\n  document: { xml: \(document)\(encoding), in: \(wrapping) }\n  fields:"
        return indented(own, 6) + "\n" + indented(fields, 10)
    }

    private var answer: String {
        let data = department.kind == .soap ? "$.RESULT.data" : "$.data"
        return indented(
            """
            caseNo: { from: \(data).sblsh, required: true }
            deptCaseNo: \(data).ywlsh
            status: { from: \(data).slzt, map: status, required: true }
            acceptTime: { from: \(data).slsj, date: yyyyMMddHHmmss }
            # receiptNo: \(data).slhzh
            # promisedDueDate: { from: \(data).cnbjrq, date: { in: yyyyMMdd, out: yyyy-MM-dd } }
            """, 8)
    }

    private func indented(_ text: String, _ count: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String(repeating: " ", count: count) + $0 }
            .joined(separator: "\n")
    }
}
