import Adapters
import NIOCore
import Synchronization

/// The session of one department, shared by all event loops. One login at a time; whoever comes meanwhile waits for its outcome. After
/// a failed login nobody logs in for a while: what it failed with is the answer. It outlives a reload that does not change the login.
final class SessionKeeper: Sendable {
    /// What a caller is to do.
    enum Turn {
        /// The session is there.
        case session(DepartmentSession)
        /// The last login failed a moment ago.
        case refused(AdapterFault)
        /// Log in, then call `finish`.
        case login
        /// Somebody else logs in; the caller hears of it.
        case wait
    }

    private struct Waiter: Sendable {
        let loop: any EventLoop
        let resume: @Sendable (Result<DepartmentSession, AdapterFault>) -> Void
    }

    private struct State {
        var session: DepartmentSession?
        /// Nanoseconds of the loops' clock.
        var expires = Int64.max
        var isLoggingIn = false
        var waiting: [Waiter] = []
        /// What the last login failed with, and until when it counts.
        var refusal: (fault: AdapterFault, until: Int64)?
        /// How many logins in a row the department refused.
        var refusals = 0
    }

    private let state = Mutex(State())

    /// Asks for the session. `resume` is called on `loop`, and only when the turn is `.wait`.
    func ask(now: Int64, loop: any EventLoop, resume: @escaping @Sendable (Result<DepartmentSession, AdapterFault>) -> Void) -> Turn {
        state.withLock { state in
            if let session = state.session, state.expires > now { return .session(session) }
            if state.isLoggingIn {
                state.waiting.append(Waiter(loop: loop, resume: resume))
                return .wait
            }
            if let refusal = state.refusal, refusal.until > now { return .refused(refusal.fault) }
            state.isLoggingIn = true
            return .login
        }
    }

    /// Ends a login; everybody who waited hears the same.
    func finish(_ result: Result<DepartmentSession, AdapterFault>, expires: Int64, now: Int64) {
        let waiting = state.withLock { state in
            switch result {
            case .success(let session):
                state.session = session
                state.expires = expires
                state.refusal = nil
                state.refusals = 0
            case .failure(let fault):
                // A department that refuses a credential may lock the account that keeps trying it.
                state.refusals = fault.code == .upstreamCredential ? state.refusals + 1 : 0
                state.refusal = (fault, now + Self.pause(after: state.refusals))
            }
            state.isLoggingIn = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.loop.execute { waiter.resume(result) } }
    }

    /// Nanoseconds without a login after one that failed: a quarter of a second; where the department refused the credential one second,
    /// doubled for each refusal in a row, to half a minute.
    static func pause(after refusals: Int) -> Int64 {
        refusals == 0 ? 250_000_000 : min(30, 1 << Int64(min(refusals - 1, 5))) * 1_000_000_000
    }

    /// The department no longer knows `session`. A newer one stays: several calls may report the same old one.
    func expire(_ session: DepartmentSession) {
        state.withLock { state in
            if state.session == session { state.session = nil }
        }
    }
}

/// The sessions of all departments by what their login is, so that a reload keeps those that did not change.
final class SessionRegistry: Sendable {
    private let keepers = Mutex<[String: SessionKeeper]>([:])

    /// The keeper of a login.
    func keeper(_ fingerprint: String) -> SessionKeeper {
        keepers.withLock { keepers in
            if let keeper = keepers[fingerprint] { return keeper }
            let keeper = SessionKeeper()
            keepers[fingerprint] = keeper
            return keeper
        }
    }

    /// Forgets the logins that no configuration uses any more.
    func keep(only fingerprints: Set<String>) {
        keepers.withLock { keepers in keepers = keepers.filter { fingerprints.contains($0.key) } }
    }
}
