internal import Adapters

/// The file that a new department begins with: it is valid as it is, and says in comments what to change.
struct DepartmentTemplate {
    let department: NewDepartment

    /// The whole file.
    var text: String {
        let parts =
            department.kind == .mailbox ? [head, codes, mailboxOperations] : [head, codes, auth, defaults, operations]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
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
            \(fileServer)  timeout: { connect: 2s, first-byte: 30s, total: 60s }    # what their page promises, and a little more
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

    // MARK: What all operations have in common

    var charset: String { department.charset == .utf8 ? "" : ", charset: \(department.charset.name)" }

    private var defaults: String {
        var lines = [
            "# ---- What all operations have in common; an operation's own key wins -------------------------------------------------",
            "defaults:",
        ]
        switch department.kind {
        case .rest: lines.append("  rest: { method: POST\(charset) }")
        case .delimited:
            lines += [
                "  # How a row is written: separator, quotes or an escape, and whether the first row names the columns (docs/routes.md).",
                "  delimited: { \(dialect), header: false\(charset) }",
            ]
        case .mailbox: break
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
        let root = verdictRoot
        lines += [
            "  reply:", "    # HTTP 200 says nothing with most departments: the verdict is inside. Texts and numbers compare loosely.",
            "    success: \"\(root).code == 0\"", "    not-found: \"\(root).code == 404\"", "    # duplicate: \"\(root).code == 409\"",
        ]
        if department.auth == .token {
            lines.append("    expired: \"\(root).code == 401\"             # log in again and send the call once more")
        }
        lines.append("    failure: { code: \(quoted("\(root).code")), message: \(quoted("\(root).msg")) }")
        if department.kind == .delimited {
            lines.append(
                "    # Their reply begins with a row of its own for the verdict, row 0; what is asked for stands in the rows below.")
            lines.append("    delimited: { \(dialect), first: [code, msg], columns: [sblsh, ywlsh, slzt, slsj] }")
        }
        if department.charset != .utf8 {
            lines.append("    # encoding: \(department.charset.name)                   # where their replies do not say it themselves")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How delimited text is written.
    var dialect: String { "separator: \"|\", quote: none, escape: \"\\\\\"" }

    /// Where the verdict stands.
    private var verdictRoot: String {
        switch department.kind {
        case .rest, .form: "$"
        case .soap, .mailbox: "$.RESULT"
        case .delimited: "$[0]"
        }
    }

    /// A path as YAML takes it inside braces.
    func quoted(_ path: String) -> String { path.contains("[") ? "\"\(path)\"" : path }

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
        case .delimited, .mailbox: "    delimited: { path: \(path) }"
        }
    }

    private func unwrap(_ operation: String) -> String {
        guard department.kind == .soap else { return "" }
        return "      # The answer is a document in a string; from here on $ is that document.\n"
            + "      unwrap: { at: $.Envelope.Body.\(operation)Response.return, as: xml }\n"
    }

    private var submitted: String { wrapped(submittedFields, document: "CASE") }

    /// What a new case tells the department.
    var submittedFields: String {
        """
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
        let data =
            switch department.kind {
            case .rest, .form: "$.data"
            case .soap, .mailbox: "$.RESULT.data"
            case .delimited: "$[1]"
            }
        return indented(
            """
            caseNo: { from: \(quoted("\(data).sblsh")), required: true }
            deptCaseNo: \(data).ywlsh
            status: { from: \(quoted("\(data).slzt")), map: status, required: true }
            acceptTime: { from: \(quoted("\(data).slsj")), date: yyyyMMddHHmmss }
            # receiptNo: \(data).slhzh
            # promisedDueDate: { from: \(quoted("\(data).cnbjrq")), date: { in: yyyyMMdd, out: yyyy-MM-dd } }
            """, 8)
    }

    func indented(_ text: String, _ count: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String(repeating: " ", count: count) + $0 }
            .joined(separator: "\n")
    }
}
