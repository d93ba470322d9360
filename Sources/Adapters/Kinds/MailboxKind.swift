/// A front machine's mailbox: a file for each call, put into a directory, and an answer that is picked up from another.
struct MailboxKind: AdapterKind {
    static let word = "mailbox"
    static let keys: [String] = []
    private static let sectionKeys = ["directory", "name", "temporary", "body", "root", "charset", "delimited", "each", "answer"]
    static let bodies: [RequestBody.Format] = [.xml, .json, .form, .delimited, .text]
    private static let answerKeys = ["directory", "name", "every", "within", "then", "to"]

    private struct Answer: Sendable {
        let directory: String
        let name: ValueRule
        let every: Duration
        let within: Duration
        /// Nil keeps it, an empty text removes it, anything else is the directory it goes to.
        let destination: String?
    }

    private let file: (directory: String, name: ValueRule, body: RequestBody)?
    private let temporary: String
    private let answer: Answer?
    let replyFormat: ReplyFormat
    let isSOAP = false
    let usesFiles = true
    var handsIn: Bool { file != nil }

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        guard let node = operation[Self.word], let kind = Section(node, as: "'mailbox'", keys: Self.sectionKeys, compiler.diagnostics)
        else {
            return nil
        }
        let request = operation["request"]
        let before = compiler.diagnostics.problems.count
        file = request == nil && kind["directory"] == nil ? nil : Self.file(kind, request, compiler)
        temporary = Self.suffix(kind)
        answer = kind["answer"].flatMap { Self.answer($0, compiler) }
        replyFormat = file?.body.format.replyFormat ?? .xml
        if file == nil, kind["answer"] == nil {
            compiler.diagnostics.error(
                "missing-key", "the mailbox neither puts a file anywhere nor looks for an answer", at: node.place,
                help: "directory, name and 'request' for a file; 'answer' to look for one")
        }
        guard !compiler.diagnostics.problems[before...].contains(where: { $0.severity == .error }) else { return nil }
    }

    // MARK: Compiling

    private static func file(
        _ kind: Section, _ request: Node?, _ compiler: MappingCompiler
    ) -> (directory: String, name: ValueRule, body: RequestBody)? {
        let charset = compiler.charset(kind, "charset") ?? .utf8
        if request == nil {
            compiler.diagnostics.error("missing-key", "a file needs 'request', its content", at: kind.node.place)
        }
        let directory = directory(kind, "directory")
        let name = kind.required("name").flatMap { compiler.rule($0, for: "name", landing: .form) }
        let format = kind.choice("body", of: bodies.map(\.rawValue)).flatMap(RequestBody.Format.init) ?? .xml
        let body = RequestBody(format, kind, dialect: RequestBody.dialect(kind, format), request: request, compiler, charset: charset)
        guard let directory, let name, let body else { return nil }
        return (directory, name, body)
    }

    private static func answer(_ node: Node, _ compiler: MappingCompiler) -> Answer? {
        guard let section = Section(node, as: "'answer'", keys: answerKeys, compiler.diagnostics) else { return nil }
        let range = Duration.milliseconds(50)...Duration.seconds(3600)
        let directory = directory(section, "directory")
        let name = section.required("name").flatMap { compiler.rule($0, for: "name", landing: .form) }
        let then = section.choice("then", of: ["keep", "delete", "move"]) ?? "keep"
        var destination: String?
        if then == "delete" { destination = "" }
        if then == "move" { destination = self.directory(section, "to") }
        if then != "move", section["to"] != nil {
            compiler.diagnostics.error("wrong-place", "'to' belongs to then: move", at: section.place(of: "to"))
        }
        guard let directory, let name else { return nil }
        return Answer(
            directory: directory, name: name, every: section.duration("every", in: range) ?? .milliseconds(500),
            within: section.duration("within", in: .zero...Duration.seconds(3600)) ?? .zero, destination: destination)
    }

    /// A directory: no step upwards, nothing that an FTP server could take for the end of a command.
    private static func directory(_ section: Section, _ key: String) -> String? {
        guard var text = section.requiredString(key) else { return nil }
        while text.hasSuffix("/"), text.count > 1 { text.removeLast() }
        let steps = text.split(separator: "/")
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C }
        if isPlain, !text.isEmpty, !steps.contains(".."), !steps.contains("."), !text.contains("//") { return text }
        section.diagnostics.error(
            "bad-path", "'\(text)' is no directory of a mailbox", at: section[key]?.place,
            help: "such as in or /data/in, without blanks, quotes, '.' and '..'")
        return nil
    }

    private static func suffix(_ kind: Section) -> String {
        guard let text = kind.string("temporary") else { return ".part" }
        if isSafe(text) || isSafe("x" + text) { return text }
        kind.diagnostics.error(
            "bad-name", "'\(text)' cannot stand at the end of a file's name", at: kind["temporary"]?.place, help: "such as .part")
        return text
    }

    // MARK: A call

    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        let look = try answer.map { answer throws(AdapterFault) -> FileDelivery.Answer in
            let name = try Self.name(answer.name, scope)
            let afterwards: FileDelivery.Afterwards =
                switch answer.destination {
                case nil: .keep
                case "": .delete
                case let directory?: .move(Self.path(directory, name))
                }
            return FileDelivery.Answer(
                path: Self.path(answer.directory, name), every: answer.every, within: answer.within, afterwards: afterwards)
        }
        guard let file else {
            let draft = RequestDraft(method: "GET", path: look?.path ?? "")
            draft.delivery = FileDelivery(path: nil, temporary: temporary, answer: look)
            return draft
        }
        let path = Self.path(file.directory, try Self.name(file.name, scope))
        let draft = RequestDraft(method: "PUT", path: path)
        draft.charset = file.body.charset
        try file.body.write(into: draft, in: scope)
        // A file has no media type.
        draft.headers = []
        draft.delivery = FileDelivery(path: path, temporary: temporary, answer: look)
        return draft
    }

    private static func path(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    private static func name(_ rule: ValueRule, _ scope: MappingScope) throws(AdapterFault) -> String {
        guard let text = try rule.value(in: scope)?.scalarText, isSafe(text) else {
            let message = "the department needs a value of letters, digits, '.', '-' and '_' here"
            let errors = rule.origin.pointer.map { [FieldError(field: $0, rule: "file-name", message: message)] }
            throw AdapterFault(.invalidField, "a value cannot stand in the name of the department's file", errors: errors ?? [])
        }
        return text
    }

    /// Letters and digits of any script, `.`, `-` and `_`; not hidden, not long, no step upwards.
    private static func isSafe(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.hasPrefix("-") && name.utf8.count <= 200
            && name.unicodeScalars.allSatisfy { scalar in
                scalar == "." || scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            }
    }
}
