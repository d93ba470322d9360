package import Adapters
package import GatewayCore
internal import Glibc

/// A call in a file, `{"operation": "cases.get", "input": {"caseNo": "…"}}`, resolved against a configuration.
package struct CallFile {
    /// The department that it goes to.
    package let department: Department
    /// The contract's operation.
    package let operation: ContractOperation
    /// How the department translates it.
    package let adapter: OperationAdapter
    /// The department's login, where that is tried in place of the operation.
    package let login: LoginAdapter?
    /// The call.
    package let call: AdapterCall
    /// Whether the adapter is that of a step of the operation.
    package let isStep: Bool
    /// The calls that one page takes; nil where one call gives it.
    private let pages: PageWalk?

    /// What to say of a request that cannot be made because the file does not give the results of steps; nil where it does, or there are none.
    package private(set) var stepsAdvice: String?

    /// The keys of a call's file.
    static let keys = ["operation", "input", "now", "random", "session", "steps", "department", "user", "login", "step"]

    /// Reads a call. `department` names one where the call itself does not; `login`, there or in the file, tries the department's login in place
    /// of the operation; `step` names a step of the operation, or of the login, which is tried in its place; `trace` notes where values come from. A call that breaks the contract is a fault, unless `mayBreak` says that it is meant to.
    package init(
        _ bytes: [UInt8], in snapshot: Snapshot, department wanted: String? = nil, login asksLogin: Bool = false, step: String? = nil,
        trace: MappingTrace? = nil, mayBreak: Bool = false
    ) throws(ToolFault) {
        let file = try CallFile.object(bytes, keys: CallFile.keys)
        let asksLogin = asksLogin ? true : try CallFile.asksLogin(file)
        let named = wanted ?? file["department"]?.string
        // A login belongs to a department, whatever is to be asked behind it.
        let any = asksLogin && file["operation"] == nil ? CallFile.anyOperation(of: named, snapshot) : nil
        let operation = if let any { any } else { try CallFile.operation(file, snapshot) }
        let id = operation.id
        let step = if let step { step } else { try CallFile.step(file) }
        let moment = try CallFile.moment(file)
        let given = try CallFile.input(file["input"] ?? .object(Object()), operation, mayBreak || asksLogin)
        department = try CallFile.department(named, given, operation, snapshot)
        let whole = department.completed(given, of: operation, epochSeconds: moment.epochMilliseconds / 1000)
        guard let adapter = department.translation.operations[id] else {
            let offered = department.translation.operations.keys.sorted().joined(separator: ", ")
            throw ToolFault("\(department.id) does not offer \(id); it offers: \(offered)")
        }
        self.operation = operation
        // Of several calls for one large page the first is shown.
        pages = adapter.pages(for: whole)
        let input = pages?.input ?? whole
        let login = asksLogin ? department.translation.login : nil
        if asksLogin, login == nil { throw ToolFault("\(department.id) has no login") }
        let chosen = try CallFile.chosen(step, among: login?.steps ?? adapter.steps, of: login == nil ? id : "the login")
        self.adapter = chosen?.call ?? adapter
        isStep = step != nil
        self.login = isStep ? nil : login
        let user = try CallFile.user(file["user"])
        let call = AdapterCall(
            input: login == nil ? CallerUser.stand(user, in: input) : .object(Object()), secrets: department.secrets,
            moment: moment, trace: trace
        )
        .with(session: CallFile.session(file["session"], adapter, department))
        .with(steps: try CallFile.results(file["steps"], of: adapter, department))
        if file["steps"] == nil, !isStep, login == nil, let first = adapter.steps.first {
            let field = first.resultNames.first ?? "…"
            stepsAdvice = "the call's file gives no results of its steps: \"steps\": { \"\(first.name)\": { \"\(field)\": \"…\" } }"
        }
        // Of several calls for the items of a list the first is shown.
        self.call = chosen?.forFirstItem(of: call) ?? call
    }

    /// The request that is sent: the login's, a step's, or the operation's.
    package func request() throws(AdapterFault) -> DepartmentRequest {
        if let login { try login.request(call) } else { try adapter.request(call) }
    }

    /// The answer of what a reply gives as a recording holds it: without the numbers of the call, which the gateway repeats itself.
    func typed(_ made: Value) throws(AdapterFault) -> Value {
        guard var pages else { return try operation.typeReply(made) }
        let whole = try pages.take(made)
        return try operation.typeReply(whole ?? pages.whole)
    }

    /// What is asked, for a person.
    var subject: String { login != nil ? "login" : isStep ? "\(operation.id), a step" : operation.id }

    /// The contract's answer of what a reply gives, and whether the gateway would ask the department for more of a page.
    package func answer(of made: Value) throws(AdapterFault) -> (answer: Value, goesOn: Bool) {
        guard var pages else { return (try operation.answer(from: made, to: call.input), false) }
        if let whole = try pages.take(made) { return (try operation.answer(from: whole, to: call.input), false) }
        return (try operation.answer(from: pages.whole, to: call.input), true)
    }

    private static func anyOperation(of department: String?, _ snapshot: Snapshot) -> ContractOperation? {
        let offered = snapshot.departments.first { $0.id == department }?.translation.operations.keys.sorted().first
        return offered.flatMap { snapshot.contract.operation($0) }
    }

    private static func asksLogin(_ file: Value) throws(ToolFault) -> Bool {
        guard let given = file["login"] else { return false }
        guard case .bool(let isAsked) = given else { throw ToolFault("'login' is true where the login is meant and not the operation") }
        return isAsked
    }

    private static func step(_ file: Value) throws(ToolFault) -> String? {
        guard let given = file["step"] else { return nil }
        guard let name = given.string else { throw ToolFault("'step' is the name of a step") }
        return name
    }

    /// The results of steps that the file gives. One that no step of the operation or of the login makes would be looked for in vain.
    static func results(_ given: Value?, of adapter: OperationAdapter, _ department: Department) throws(ToolFault) -> Object? {
        guard let given else { return nil }
        guard let object = given.object else { throw ToolFault("'steps' is no object, such as {\"ticket\": {\"code\": \"…\"}}") }
        let steps = adapter.steps + (department.translation.login?.steps ?? [])
        for field in object.fields {
            let made = steps.filter { $0.name == field.name }.flatMap(\.resultNames)
            guard steps.contains(where: { $0.name == field.name }) else {
                throw unknown(field.name, "'steps' names a step '\(field.name)', and there is none", among: steps.map(\.name))
            }
            let given = (field.value.array ?? [field.value]).flatMap { $0.object?.fields ?? [] }
            for result in given where !made.contains(result.name) {
                throw unknown(result.name, "the step '\(field.name)' gives no result '\(result.name)'", among: made)
            }
        }
        return object
    }

    private static func unknown(_ word: String, _ message: String, among known: [String]) -> ToolFault {
        let near = suggestion(for: word, among: known).map { "did you mean '\($0)'?" }
        return ToolFault("\(message); \(near ?? (known.isEmpty ? "there are none" : "known: \(known.joined(separator: ", "))"))")
    }

    /// The file's JSON, which has no other keys than these.
    static func object(_ bytes: [UInt8], keys: [String]) throws(ToolFault) -> Value {
        let file: Value
        do { file = try JSONCodec.decode(bytes) } catch { throw ToolFault("the call is no JSON: \(error.description)") }
        for field in file.object?.fields ?? [] where !keys.contains(field.name) {
            let near = suggestion(for: field.name, among: keys).map { "did you mean '\($0)'?" }
            throw ToolFault("the call has an unknown key '\(field.name)'; \(near ?? "allowed: \(keys.joined(separator: ", "))")")
        }
        return file
    }

    /// The contract's operation that a file names.
    static func operation(_ file: Value, _ snapshot: Snapshot) throws(ToolFault) -> ContractOperation {
        if let id = file["operation"]?.string, let operation = snapshot.contract.operation(id) { return operation }
        let known = snapshot.contract.operations.map(\.id)
        let near = file["operation"]?.string.flatMap { suggestion(for: $0, among: known) }.map { "did you mean '\($0)'?" }
        throw ToolFault("the call names no operation of the contract; \(near ?? "one of: \(known.joined(separator: ", "))")")
    }

    /// The call of a step; nil when none is asked for.
    private static func chosen(_ step: String?, among steps: [CallStep], of owner: String) throws(ToolFault) -> CallStep? {
        guard let step else { return nil }
        if let chosen = steps.first(where: { $0.name == step }) { return chosen }
        let known = steps.map(\.name)
        let near = suggestion(for: step, among: known).map { "did you mean '\($0)'?" }
        let help = near ?? (known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))")
        throw ToolFault("\(owner) has no step '\(step)'; \(help)")
    }

    /// The session that the file gives, a token or values by name; else a stand-in, where the operation asks for one.
    static func session(_ given: Value?, _ adapter: OperationAdapter, _ department: Department) -> DepartmentSession? {
        if let values = given?.object {
            let pairs = values.fields.compactMap { field in field.value.scalarText.map { (field.name, $0) } }
            return DepartmentSession(Dictionary(pairs) { first, _ in first })
        }
        if let token = given?.string { return DepartmentSession(token: token) }
        guard adapter.asksSession else { return nil }
        let names = department.translation.login?.valueNames ?? []
        return DepartmentSession(Dictionary(names.map { ($0, "SESSION-\($0.uppercased())") }) { first, _ in first })
    }

    private static func department(
        _ wanted: String?, _ input: Value, _ operation: ContractOperation, _ snapshot: Snapshot
    ) throws(ToolFault) -> Department {
        let known = snapshot.departments.map(\.id)
        if let wanted {
            if let index = known.firstIndex(of: wanted) { return snapshot.departments[index] }
            let near = suggestion(for: wanted, among: known).map { "did you mean '\($0)'?" }
            throw ToolFault("no department '\(wanted)'; \(near ?? "known: \(known.joined(separator: ", "))")")
        }
        let code = operation.departmentCode(in: input)?.code
        guard let index = code.flatMap({ snapshot.department(of: $0, offering: operation.id) ?? snapshot.department(of: $0) }) else {
            throw ToolFault(
                "the call names no department by an item code or a case number; give --department, one of: \(known.joined(separator: ", "))"
            )
        }
        return snapshot.departments[index]
    }

    /// The user behind the call, as a token would tell it: `{"kind": "operator", "id": "…", "name": "…"}`.
    static func user(_ given: Value?) throws(ToolFault) -> CallerUser? {
        guard let given else { return nil }
        guard let object = given.object else { throw ToolFault("'user' is no object, such as {\"kind\": \"operator\", \"id\": \"…\"}") }
        let known = ["kind", "issuer"] + TokenUserRule.names
        for field in object.fields where !known.contains(field.name) {
            let near = suggestion(for: field.name, among: known).map { "did you mean '\($0)'?" }
            throw ToolFault("'user' has an unknown key '\(field.name)'; \(near ?? "allowed: \(known.joined(separator: ", "))")")
        }
        guard let user = CallerUser(object) else {
            throw ToolFault("'user' needs 'kind', one of: \(CallerUser.Kind.allCases.map(\.rawValue).joined(separator: ", ")), and 'id'")
        }
        return user
    }

    /// The input as the contract reads it: path and query parameters by name, the rest is the body.
    static func input(_ value: Value, _ operation: ContractOperation, _ mayBreak: Bool) throws(ToolFault) -> Value {
        var rest = value.object ?? Object()
        var path: [(name: String, value: String)] = []
        for case .parameter(let name) in operation.pathSegments {
            path.append((name, rest[name]?.scalarText ?? ""))
            rest[name] = nil
        }
        var query: [(name: String, value: String)] = []
        if !operation.takesBody { query = rest.fields.compactMap { field in field.value.scalarText.map { (field.name, $0) } } }
        let read = operation.readRequest(path: path, query: query, body: operation.takesBody ? .object(rest) : nil)
        guard read.errors.isEmpty else {
            if mayBreak { return value }
            let lines = read.errors.map { "  \($0.field): \($0.rule): \($0.message)" }
            throw ToolFault("the call breaks the contract:\n" + lines.joined(separator: "\n"))
        }
        return read.input
    }

    static func moment(_ file: Value) throws(ToolFault) -> CallMoment {
        var milliseconds = Int64(time(nil)) * 1000
        if let text = file["now"]?.string {
            guard let stated = epochMilliseconds(text) else {
                throw ToolFault("'now' is no RFC 3339 time, such as 2026-11-24T10:00:00+08:00")
            }
            milliseconds = stated
        }
        var generator = SystemRandomNumberGenerator()
        var random: (UInt64, UInt64) = (generator.next(), generator.next())
        if let text = file["random"]?.string {
            guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16) else {
                throw ToolFault("'random' must be 32 hex digits")
            }
            random = (high, low)
        }
        return CallMoment(epochMilliseconds: milliseconds, random: random)
    }

    /// Milliseconds since 1970 of an RFC 3339 time; what is finer is dropped.
    private static func epochMilliseconds(_ text: String) -> Int64? {
        let form = /([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))/
        guard let match = text.wholeMatch(of: form) else { return nil }
        func number(_ text: Substring?) -> Int { text.flatMap { Int($0) } ?? 0 }
        let offset = (number(match.9) * 3600 + number(match.10) * 60) * (match.8 == "-" ? -1 : 1)
        let time = CivilTime(
            year: number(match.1), month: number(match.2), day: number(match.3), hour: number(match.4), minute: number(match.5),
            second: number(match.6), offsetSeconds: offset)
        let fraction = ((match.7 ?? "") + "000").prefix(3)
        return time.map { $0.epochSeconds * 1000 + Int64(number(fraction)) }
    }
}
