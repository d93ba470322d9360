import Adapters
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("The session of a department")
struct SessionKeeperTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func turn(_ keeper: SessionKeeper, now: Int64 = 0) -> String {
        switch keeper.ask(now: now, loop: loop, resume: { _ in }) {
        case .token(let token): token
        case .login: "login"
        case .wait: "wait"
        }
    }

    @Test("the first logs in, whoever comes meanwhile waits, and all hear the same")
    func oneLogin() async throws {
        let keeper = SessionKeeper()
        #expect(turn(keeper) == "login")
        let promise = loop.makePromise(of: String.self)
        guard case .wait = keeper.ask(now: 0, loop: loop, resume: { promise.completeWith($0.mapError { $0 as any Error }) }) else {
            promise.succeed("")
            Issue.record("a second login at the same time")
            return
        }
        keeper.finish(.success("t1"), expires: 100)
        #expect(try await promise.futureResult.get() == "t1")
        #expect(turn(keeper, now: 99) == "t1")
    }

    @Test("a token whose time is up is not given out")
    func expiry() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.success("t1"), expires: 100)
        #expect(turn(keeper, now: 100) == "login")
    }

    @Test("a late report about an old token leaves the new one alone")
    func lateReport() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.success("t1"), expires: .max)
        keeper.expire("t1")
        #expect(turn(keeper) == "login")
        keeper.finish(.success("t2"), expires: .max)
        keeper.expire("t1")
        #expect(turn(keeper) == "t2")
    }

    @Test("a refused login is told to those who wait, and the next caller logs in again")
    func refusedLogin() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.failure(AdapterFault(.upstreamCredential, "refused")), expires: 0)
        #expect(turn(keeper) == "login")
    }
}
