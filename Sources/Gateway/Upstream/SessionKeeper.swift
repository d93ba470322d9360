import Adapters
import NIOCore
import Synchronization

/// The session of one department: its token, shared by all event loops. One login at a time; whoever comes meanwhile waits
/// for its outcome. It outlives a reload that does not change the login.
final class SessionKeeper: Sendable {
    /// What a caller is to do.
    enum Turn {
        /// The token is there.
        case token(String)
        /// Log in, then call `finish`.
        case login
        /// Somebody else logs in; the caller hears of it.
        case wait
    }

    private struct Waiter: Sendable {
        let loop: any EventLoop
        let resume: @Sendable (Result<String, AdapterFault>) -> Void
    }

    private struct State {
        var token: String?
        /// Nanoseconds of the loops' clock.
        var expires = Int64.max
        var isLoggingIn = false
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())

    /// Asks for the token. `resume` is called on `loop`, and only when the turn is `.wait`.
    func ask(now: Int64, loop: any EventLoop, resume: @escaping @Sendable (Result<String, AdapterFault>) -> Void) -> Turn {
        state.withLock { state in
            if let token = state.token, state.expires > now { return .token(token) }
            if state.isLoggingIn {
                state.waiting.append(Waiter(loop: loop, resume: resume))
                return .wait
            }
            state.isLoggingIn = true
            return .login
        }
    }

    /// Ends a login; everybody who waited hears the same.
    func finish(_ result: Result<String, AdapterFault>, expires: Int64) {
        let waiting = state.withLock { state in
            if case .success(let token) = result {
                state.token = token
                state.expires = expires
            }
            state.isLoggingIn = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.loop.execute { waiter.resume(result) } }
    }

    /// The department no longer knows `token`. A newer one stays: several calls may report the same old one.
    func expire(_ token: String) {
        state.withLock { state in
            if state.token == token { state.token = nil }
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
