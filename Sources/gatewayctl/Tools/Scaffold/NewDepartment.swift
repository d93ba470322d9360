package import Adapters
internal import GatewayCore

/// What has to be known of a department before its file can be begun.
package struct NewDepartment: Sendable, Hashable {
    /// How it is called.
    package enum Kind: String, Sendable, CaseIterable {
        /// JSON over HTTP.
        case rest
        /// SOAP with a document in a string.
        case soap
        /// Form fields.
        case form
        /// Rows of delimited text over HTTP.
        case delimited
        /// Files on a front machine, over FTP or SFTP.
        case mailbox
    }

    /// How the gateway shows who it is.
    package enum Auth: String, Sendable, CaseIterable {
        /// Not at all, or by its address.
        case none
        /// A user and the MD5 of a password among the fields.
        case password
        /// A login for a token that every call carries.
        case token
        /// A signature on every call.
        case signature
    }

    /// The id, for logs, grants and metrics.
    package var id: String
    /// The name, for people.
    package var name: String
    /// The unified social credit code that its item codes begin with.
    package var authority: String
    /// Its region, 6 or 12 digits.
    package var region: String?
    /// How it is called.
    package var kind: Kind
    /// Where it is.
    package var endpoint: String
    /// The charset of its texts.
    package var charset: Charset
    /// How the gateway shows who it is.
    package var auth: Auth

    /// The name of one of its secrets.
    func secret(_ suffix: String) -> String { id.uppercased().replacing("-", with: "_") + "_" + suffix }

    /// An item code of its authority, and a case of it, for the example.
    var exampleItem: String { authority + "2000125005000" }
    var exampleCase: String { exampleItem + "202611240001" }
}

/// One thing to know of a new department: the flag that says it, the question that asks it, and what may be answered.
package struct DepartmentQuestion: Sendable {
    /// The flag's name without dashes.
    package let flag: String
    /// The question.
    package let question: String
    /// What an empty answer means; nil when there must be one.
    package let standard: String?
    /// What is wrong with an answer; nil for nothing.
    package let flaw: @Sendable (String) -> String?

    /// All of them, in the order in which they are asked.
    package static let all: [DepartmentQuestion] = [
        DepartmentQuestion(flag: "id", question: "Id, for logs and grants, such as hlj-rst", standard: nil) { text in
            text.wholeMatch(of: /[a-z][a-z0-9-]{0,63}/) == nil ? "lower-case letters, digits and '-', beginning with a letter" : nil
        },
        DepartmentQuestion(flag: "name", question: "Name, for people", standard: nil) { text in
            text.contains("\n") || text.contains("\"") ? "one line without double quotes" : nil
        },
        DepartmentQuestion(flag: "authority", question: "Unified social credit code that its item codes begin with", standard: nil) {
            text in
            Identifier.uscc.flaw(in: text) == nil ? nil : "18 digits and letters with a right check digit (GB 32100)"
        },
        DepartmentQuestion(flag: "region", question: "Region, 6 or 12 digits (GB/T 2260)", standard: "") { text in
            text.isEmpty || Region(text) != nil ? nil : "6 or 12 digits, such as 230100; or nothing"
        },
        DepartmentQuestion(flag: "kind", question: "How it is called: rest, soap, form, delimited or mailbox", standard: "rest") {
            flaw($0, among: NewDepartment.Kind.allCases.map(\.rawValue))
        },
        DepartmentQuestion(
            flag: "endpoint", question: "Endpoint, such as http://10.1.2.3:8080, or of a mailbox ftp://10.1.2.3", standard: nil
        ) { text in
            text.wholeMatch(of: /(https?|ftps?|sftp):\/\/[^\/\s?#]+/) == nil ? "http://host or http://host:port, without a path" : nil
        },
        DepartmentQuestion(flag: "charset", question: "Charset of its texts: UTF-8, GBK, GB18030 or Big5", standard: "UTF-8") { text in
            Charset(named: text) == nil ? "UTF-8, GBK, GB2312, GB18030 or Big5" : nil
        },
        DepartmentQuestion(flag: "auth", question: "How the gateway shows who it is: none, password, token or signature", standard: "none")
        {
            flaw($0, among: NewDepartment.Auth.allCases.map(\.rawValue))
        },
    ]

    private static func flaw(_ text: String, among words: [String]) -> String? {
        if words.contains(text) { return nil }
        return suggestion(for: text, among: words).map { "did you mean '\($0)'?" } ?? "one of: \(words.joined(separator: ", "))"
    }

    /// Finds the answers: what a flag gave, then what a person answers. `ask` puts a question and gives the line; nil means that nobody can
    /// be asked. `tell` says what is wrong with an answer.
    package static func answers(
        given: [String: String], ask: ((String) -> String?)?, tell: (String) -> Void = { _ in }
    ) throws(ToolFault) -> NewDepartment {
        var found: [String: String] = [:]
        var faults: [String] = []
        for item in all {
            if let text = given[item.flag] {
                if let flaw = item.flaw(text) { faults.append("--\(item.flag) '\(text)': \(flaw)") } else { found[item.flag] = text }
            } else if ask == nil, let standard = item.standard {
                found[item.flag] = standard
            } else if ask == nil {
                faults.append("--\(item.flag) is missing: \(item.question)")
            }
        }
        guard faults.isEmpty else { throw ToolFault(faults.joined(separator: "\n  ")) }
        if let ask {
            for item in all where found[item.flag] == nil { found[item.flag] = try asked(item, ask, tell) }
        }
        return try department(found)
    }

    private static func asked(_ item: DepartmentQuestion, _ ask: (String) -> String?, _ tell: (String) -> Void) throws(ToolFault) -> String
    {
        while true {
            let hint = item.standard.map { $0.isEmpty ? " (may be empty)" : " [\($0)]" } ?? ""
            guard let line = ask("\(item.question)\(hint): ") else {
                throw ToolFault("no answer to '\(item.question)'; nothing was written")
            }
            let text = line.split(separator: " ").joined(separator: " ")
            let answer = text.isEmpty ? item.standard ?? "" : text
            guard let flaw = item.flaw(answer) ?? (answer.isEmpty && item.standard == nil ? "an answer is needed" : nil) else {
                return answer
            }
            tell("  \(flaw)")
        }
    }

    private static func department(_ found: [String: String]) throws(ToolFault) -> NewDepartment {
        guard let kind = NewDepartment.Kind(rawValue: found["kind"] ?? ""), let auth = NewDepartment.Auth(rawValue: found["auth"] ?? ""),
            let charset = Charset(named: found["charset"] ?? "")
        else { throw ToolFault("the answers are not complete") }
        let endpoint = found["endpoint"] ?? ""
        if (kind == .mailbox) == endpoint.hasPrefix("http") {
            throw ToolFault(
                kind == .mailbox
                    ? "--endpoint '\(endpoint)': a mailbox is reached over ftp://, ftps:// or sftp://"
                    : "--endpoint '\(endpoint)': \(kind.rawValue) is called over http:// or https://; a front machine with files is --kind mailbox"
            )
        }
        if kind == .mailbox, auth == .token || auth == .signature {
            throw ToolFault("--auth \(auth.rawValue): a mailbox has 'password', the file server's login, or 'none'")
        }
        let region = found["region"] ?? ""
        return NewDepartment(
            id: found["id"] ?? "", name: found["name"] ?? "", authority: found["authority"] ?? "", region: region.isEmpty ? nil : region,
            kind: kind, endpoint: endpoint, charset: charset, auth: auth)
    }
}
