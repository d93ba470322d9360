internal import Adapters

/// A front machine: files over FTP or SFTP in place of calls.
extension DepartmentTemplate {
    /// What an upstream that is a file server has beside its endpoint; nothing for others.
    var fileServer: String {
        guard department.kind == .mailbox else { return "" }
        var lines: [String] = []
        if department.auth == .password {
            lines += [
                "  # Their login for us: references, the values come from the environment or mounted files. Over SFTP 'key' may stand for 'password'.",
                "  auth: { login: { user: { secret: \(department.secret("USER")) }, password: { secret: \(department.secret("PASSWORD")) } } }",
            ]
        }
        if department.endpoint.hasPrefix("sftp:") {
            lines += [
                "  # CHANGE: their host key, as 'ssh-keyscan HOST | ssh-keygen -lf -' prints it. No connection comes about until it is theirs.",
                "  ssh: { host-key: \"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\" }",
            ]
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The operations: a file for each call, and an answer that is picked up later.
    var mailboxOperations: String {
        let encoding = department.charset == .utf8 ? "" : "\n      charset: \(department.charset.name)"
        return """
            # ---- The contract's operations that the department offers: cases.submit, cases.get, cases.events, items.list, … -------------
            # A file is stored under a temporary name and then renamed, so that nobody sees half of one; the answer has a place of its own.
            operations:
              cases.submit:
                mailbox:
                  directory: in                        # from the login's directory; /in begins at the server's root
                  name: &file { concat: [$.caseNo, { const: ".xml" }] }
                  root: CASE                           # body: json, form, delimited or text for other files than XML\(encoding)
                  answer: { directory: out, name: *file, every: 500ms, within: 20s }    # then: delete, or move with to: DIRECTORY
                request:
            \(indented(submittedFields, 6))
                reply: &reply
                  # 202: the file was handed in, and no answer is there yet; the portal asks again later with cases.get.
                  success: "$.http.status == 202 || $.RESULT.code == 0"
                  not-found: "$.RESULT.code == 404"
                  # duplicate: "$.RESULT.code == 409"
                  failure: { code: $.RESULT.code, message: $.RESULT.msg }
                  fields:                              # what is not there is left out
                    caseNo: { call: $.caseNo }
                    deptCaseNo: $.RESULT.data.ywlsh
                    status: { from: $.RESULT.data.slzt, map: status, default: submitted }
                    acceptTime: { from: $.RESULT.data.slsj, date: yyyyMMddHHmmss }
                    # receiptNo: $.RESULT.data.slhzh

              cases.get:
                mailbox:
                  answer: { directory: out, name: *file }    # without a file of its own it looks once
                reply: *reply

            """
    }
}
