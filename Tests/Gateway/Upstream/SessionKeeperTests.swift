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
        case .session(let session): session["token"] ?? "no token"
        case .refused(let fault): "refused: \(fault.detail)"
        case .login: "login"
        case .wait: "wait"
        }
    }

    @Test("the first logs in, whoever comes meanwhile waits, and all hear the same")
    func oneLogin() async throws {
        let keeper = SessionKeeper()
        #expect(turn(keeper) == "login")
        let promise = loop.makePromise(of: DepartmentSession.self)
        guard case .wait = keeper.ask(now: 0, loop: loop, resume: { promise.completeWith($0.mapError { $0 as any Error }) }) else {
            promise.succeed(DepartmentSession(token: ""))
            Issue.record("a second login at the same time")
            return
        }
        keeper.finish(.success(DepartmentSession(token: "t1")), expires: 100, now: 0)
        #expect(try await promise.futureResult.get()["token"] == "t1")
        #expect(turn(keeper, now: 99) == "t1")
    }

    @Test("a token whose time is up is not given out")
    func expiry() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.success(DepartmentSession(token: "t1")), expires: 100, now: 0)
        #expect(turn(keeper, now: 100) == "login")
    }

    @Test("a late report about an old token leaves the new one alone")
    func lateReport() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.success(DepartmentSession(token: "t1")), expires: .max, now: 0)
        keeper.expire(DepartmentSession(token: "t1"))
        #expect(turn(keeper) == "login")
        keeper.finish(.success(DepartmentSession(token: "t2")), expires: .max, now: 0)
        keeper.expire(DepartmentSession(token: "t1"))
        #expect(turn(keeper) == "t2")
    }

    private let second: Int64 = 1_000_000_000

    @Test("after a failed login nobody logs in for a quarter of a second, and hears why; then the next one does")
    func failedLogin() {
        let keeper = SessionKeeper()
        _ = turn(keeper)
        keeper.finish(.failure(AdapterFault(.upstreamUnavailable, "closed")), expires: 0, now: 0)
        for moment in 0..<100 { #expect(turn(keeper, now: Int64(moment)) == "refused: closed") }
        #expect(turn(keeper, now: second / 4 - 1) == "refused: closed")
        #expect(turn(keeper, now: second / 4) == "login")
        #expect(turn(keeper, now: second / 4) == "wait")
    }

    @Test("a credential that is refused again and again is tried ever more seldom, down to twice a minute")
    func refusedCredential() {
        let keeper = SessionKeeper()
        var now: Int64 = 0
        for pause in [1, 2, 4, 8, 16, 30, 30] as [Int64] {
            #expect(turn(keeper, now: now) == "login")
            keeper.finish(.failure(AdapterFault(.upstreamCredential, "wrong")), expires: 0, now: now)
            #expect(turn(keeper, now: now + pause * second - 1) == "refused: wrong")
            now += pause * second
        }
        #expect(turn(keeper, now: now) == "login")
        keeper.finish(.success(DepartmentSession(token: "t1")), expires: now + 1, now: now)
        #expect(turn(keeper, now: now) == "t1")
        #expect(turn(keeper, now: now + 1) == "login")
        keeper.finish(.failure(AdapterFault(.upstreamCredential, "wrong")), expires: 0, now: now + 1)
        #expect(turn(keeper, now: now + 1 + second) == "login")
    }
}
