/// What a caller asks of a department, read from its dialect.
enum Inquiry: Sendable {
    case submit(Application)
    case query(String)
    case events(String)
    case items(page: Int, size: Int, keyword: String, code: String)
    case item(String)

    /// The function asked for.
    var function: MockFunction {
        switch self {
        case .submit: .submit
        case .query: .query
        case .events: .events
        case .items: .items
        case .item: .item
        }
    }
}

/// What was submitted with a new case.
struct Application: Sendable {
    let number: String
    let itemCode: String
    let applied: CivilTime
    /// Every field, under the department's own names.
    let members: [JSON.Member]
}

/// What a department finds for an inquiry, before it is written in its dialect.
enum Finding: Sendable {
    case file(CaseFile)
    case items([ServiceItem], total: Int, page: Int, size: Int)
    case item(ServiceItem)
    case notFound
    case duplicate
    case foreignItem
    case suspendedItem
}

/// Everything a department remembers; a pure struct that is told the time.
struct DepartmentState: Sendable {
    var settings: MockSettings
    var plan: MisbehaviourPlan?
    private(set) var calls: [MockFunction: Int] = [:]
    private(set) var maxConcurrent = 0
    private var concurrent = 0
    private var cases: [String: CaseFile] = [:]
    private var tokens: [String: Int64] = [:]
    private var logins = 0
    private var nonces: [String: Int64] = [:]

    /// A department as it is at the start.
    init(settings: MockSettings, seeds: [CaseFile]) {
        self.settings = settings
        for seed in seeds { cases[seed.number] = seed }
    }

    /// Forgets everything since the start but the settings and the calls that are open.
    mutating func reset(seeds: [CaseFile]) {
        let open = concurrent
        self = DepartmentState(settings: settings, seeds: seeds)
        concurrent = open
    }

    /// A business call or a login came in.
    mutating func entered() {
        concurrent += 1
        maxConcurrent = max(maxConcurrent, concurrent)
    }

    /// Its answer went out, or its connection is gone.
    mutating func left() { concurrent -= 1 }

    /// A case by its number.
    func file(_ number: String) -> CaseFile? { cases[number] }

    /// Every case, in the order of the numbers.
    var files: [CaseFile] { cases.values.sorted { $0.number < $1.number } }

    /// Puts a case in the place of the one with its number.
    mutating func replace(_ file: CaseFile) { cases[file.number] = file }

    /// Counts a call and gives its quirk.
    mutating func quirk(for function: MockFunction) -> Quirk? {
        calls[function, default: 0] += 1
        return plan?.take(for: function)
    }

    /// A new token; `now` in milliseconds.
    mutating func login(now: Int64) -> String {
        logins += 1
        let token = Digest.md5(Array("token-\(logins)".utf8))
        tokens[token] = now + Int64(settings.tokenLifetime) * 1000
        return token
    }

    /// Whether a token is known and has not expired.
    mutating func admits(token: String, now: Int64) -> Bool {
        tokens = tokens.filter { $0.value > now }
        return tokens[token] != nil
    }

    /// Makes every token unknown.
    mutating func forgetTokens() { tokens = [:] }

    /// Whether a nonce is new in the last ten minutes; remembers it.
    mutating func admits(nonce: String, now: Int64) -> Bool {
        guard settings.checkNonce else { return true }
        if nonces.count > 10000 { nonces = nonces.filter { $0.value > now - 600_000 } }
        if let seen = nonces[nonce], seen > now - 600_000 { return false }
        nonces[nonce] = now
        return true
    }

    /// Answers an inquiry; a new case is opened by `open`, which is given the serial number.
    mutating func find(_ inquiry: Inquiry, among items: [ServiceItem], open: (Application, ServiceItem, Int) -> CaseFile) -> Finding {
        switch inquiry {
        case .submit(let application):
            guard let item = items.first(where: { $0.code == application.itemCode }) else { return .foreignItem }
            if item.suspended { return .suspendedItem }
            if cases[application.number] != nil { return .duplicate }
            let file = open(application, item, cases.count + 1)
            cases[file.number] = file
            return .file(file)
        case .query(let number), .events(let number):
            return cases[number].map { .file($0) } ?? .notFound
        case .items(let page, let size, let keyword, let code):
            let found = items.filter { (keyword.isEmpty || $0.name.contains(keyword)) && (code.isEmpty || $0.code == code) }
            let start = (page - 1).multipliedReportingOverflow(by: size)
            let shown = start.overflow ? [] : Array(found.dropFirst(start.partialValue).prefix(size))
            return .items(shown, total: found.count, page: page, size: size)
        case .item(let code):
            return items.first { $0.code == code }.map { .item($0) } ?? .notFound
        }
    }
}
