internal import Glibc
internal import Synchronization

/// Where a department's calls are answered, one at a time; shared by its connections.
final class Desk: Sendable {
    private let department: MockDepartment
    private let dialect: any Dialect
    private let state: Mutex<DepartmentState>

    init(_ department: MockDepartment, settings: MockSettings) {
        self.department = department
        let dialect: any Dialect =
            switch department {
            case .scjg: ScjgDialect()
            case .fgw: FgwDialect()
            case .hrb: HrbDialect()
            case .tysl: TyslDialect()
            case .share: ShareDialect()
            case .qyxx: QyxxDialect()
            case .zzk: ZzkDialect()
            case .zjt: ZjtDialect()
            }
        self.dialect = dialect
        state = Mutex(DepartmentState(settings: settings, seeds: dialect.seeds))
    }

    /// What the department offers.
    var functions: [MockFunction] { dialect.functions }

    /// Whether this department has plain paths beside its interface.
    var hasPlainPaths: Bool { department == .hrb }

    /// Whether a path belongs to the department's interface.
    func serves(path: String) -> Bool { dialect.serves(path: path) }

    /// The answer to a call.
    func answer(_ request: MockRequest) -> MockReply {
        var clock = timespec()
        clock_gettime(CLOCK_REALTIME, &clock)
        let now = Int64(clock.tv_sec) * 1000 + Int64(clock.tv_nsec) / 1_000_000
        return state.withLock { dialect.answer(request, in: &$0, now: now) }
    }

    /// A call came in.
    func entered() { state.withLock { $0.entered() } }

    /// A call's answer went out.
    func left() { state.withLock { $0.left() } }

    var calls: [MockFunction: Int] { state.withLock { $0.calls } }
    var maxConcurrent: Int { state.withLock { $0.maxConcurrent } }

    var settings: MockSettings {
        get { state.withLock { $0.settings } }
        set { state.withLock { $0.settings = newValue } }
    }

    func misbehave(_ mode: Misbehaviour, times: Int, seconds: Double?, only: MockFunction?) {
        let duration = seconds ?? (mode == .hang ? 600 : 1)
        // Where there is a login, a refused credential shows there.
        let atLogin = [.fgw, .zzk].contains(department) && mode == .badCredential
        state.withLock {
            if atLogin { $0.forgetTokens() }
            $0.plan = MisbehaviourPlan(mode: mode, times: times, seconds: duration, only: atLogin ? .login : only)
        }
    }

    func behave() { state.withLock { $0.plan = nil } }

    func forgetTokens() { state.withLock { $0.forgetTokens() } }

    func reset() {
        let seeds = dialect.seeds
        state.withLock { $0.reset(seeds: seeds) }
    }

    /// Answers a call under `/_mock/`; nil where there is no such path.
    func control(method: String, path: String, body: [UInt8]) -> (status: Int, body: JSON)? {
        switch (method, path) {
        case ("GET", "/_mock/calls"): return (200, report)
        case ("POST", "/_mock/reset"):
            reset()
            return (200, ["reset": true])
        case ("GET", "/_mock/settings"): return (200, describe(settings))
        case ("POST", "/_mock/settings"): return change(body)
        case ("POST", "/_mock/misbehave"): return order(body)
        default: return nil
        }
    }

    private var report: JSON {
        let calls = calls
        let counts = MockFunction.allCases.compactMap { function in
            calls[function].map { JSON.Member(name: function.rawValue, value: .number($0)) }
        }
        return ["calls": .object(counts), "total": .number(calls.values.reduce(0, +)), "maxConcurrent": .number(maxConcurrent)]
    }

    private func describe(_ settings: MockSettings) -> JSON {
        [
            "tokenLifetime": .number(settings.tokenLifetime), "checkClock": .flag(settings.checkClock),
            "checkNonce": .flag(settings.checkNonce),
        ]
    }

    private func change(_ body: [UInt8]) -> (status: Int, body: JSON) {
        guard let members = JSON(parsing: body)?.members else { return (400, ["error": "a JSON object is expected"]) }
        var changed = settings
        for member in members {
            switch (member.name, member.value) {
            case ("tokenLifetime", .number(let seconds)) where (0...864_000).contains(seconds): changed.tokenLifetime = seconds
            case ("checkClock", .flag(let flag)): changed.checkClock = flag
            case ("checkNonce", .flag(let flag)): changed.checkNonce = flag
            default: return (400, ["error": .text("unknown or unusable setting: \(member.name)")])
            }
        }
        settings = changed
        return (200, describe(changed))
    }

    private func order(_ body: [UInt8]) -> (status: Int, body: JSON) {
        let known = ["mode", "times", "seconds", "only"]
        guard let order = JSON(parsing: body), let members = order.members, members.allSatisfy({ known.contains($0.name) }),
            let name = order["mode"]?.string
        else { return (400, ["error": "expected {\"mode\",\"times\",\"seconds\",\"only\"}"]) }
        if name == "none" {
            behave()
            return (200, ["mode": "none"])
        }
        guard let mode = Misbehaviour(rawValue: name) else {
            return (400, ["error": "unknown mode", "modes": .list(Misbehaviour.allCases.map { .text($0.rawValue) })])
        }
        let times = order["times"].map { $0.integer ?? -1 } ?? 1
        let only = order["only"].flatMap { MockFunction(rawValue: $0.string ?? "") }
        let seconds: Double? =
            switch order["seconds"] {
            case .number(let whole): Double(whole)
            case .real(let real): real
            default: nil
            }
        guard times >= 0, (0...3600).contains(seconds ?? 0), order["only"] == nil || only != nil else {
            return (400, ["error": "times, seconds or only is unusable"])
        }
        misbehave(mode, times: times, seconds: seconds, only: only)
        return (200, ["mode": .text(name), "times": .number(times)])
    }
}
