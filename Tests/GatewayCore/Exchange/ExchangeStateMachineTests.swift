import GatewayCore
import Testing

@Suite("The exchange") struct ExchangeStateMachineTests {
    @Test("goes on to the next request when both halves are complete, in either order")
    func next() {
        var machine = ExchangeStateMachine(keepAlive: true)
        #expect(machine.requestComplete() == .wait)
        machine.replyBegins(as: .completed, closing: false)
        #expect(machine.hasBegun)
        #expect(machine.replyComplete() == .next(.completed))
    }

    @Test("reads the rest of a request that is answered before it was complete, unless the reply was to be the last")
    func early() {
        var machine = ExchangeStateMachine(keepAlive: true)
        machine.replyBegins(as: .failed, closing: false)
        #expect(machine.replyComplete() == .readRest)
        #expect(machine.isAnswered)
        #expect(machine.requestComplete() == .next(.failed))
        var last = ExchangeStateMachine(keepAlive: true)
        last.replyBegins(as: .failed, closing: true)
        #expect(last.replyComplete() == .close(.failed))
    }

    @Test("has ended as it was answered, when the rest of the request does not come")
    func earlyAndBroken() {
        var stalled = ExchangeStateMachine(keepAlive: true)
        stalled.replyBegins(as: .completed, closing: false)
        _ = stalled.replyComplete()
        #expect(stalled.requestBroken(.stalled) == .close(.completed))
        #expect(stalled.clientGone() == nil)
        var left = ExchangeStateMachine(keepAlive: true)
        left.replyBegins(as: .completed, closing: false)
        _ = left.replyComplete()
        #expect(left.clientGone() == .completed)
        #expect(left.clientGone() == nil)
    }

    @Test("closes when either side said so", arguments: [(false, false), (true, true)])
    func closing(_ keepAlive: Bool, _ replyCloses: Bool) {
        var machine = ExchangeStateMachine(keepAlive: keepAlive)
        _ = machine.requestComplete()
        machine.replyBegins(as: .completed, closing: replyCloses)
        #expect(!machine.mayContinue)
        #expect(machine.replyComplete() == .close(.completed))
    }

    @Test("answers a failure with a problem before the reply, and cuts the connection after its head")
    func failure() {
        var before = ExchangeStateMachine(keepAlive: true)
        #expect(before.failed() == .problem)
        var after = ExchangeStateMachine(keepAlive: true)
        after.replyBegins(as: .completed, closing: false)
        #expect(after.failed() == .abort(.truncated))
        #expect(after.failed() == .wait)
        #expect(after.clientGone() == nil)
    }

    @Test("never goes on after a request that broke")
    func broken() {
        var machine = ExchangeStateMachine(keepAlive: true)
        #expect(machine.requestBroken(.malformed) == .problem)
        machine.replyBegins(as: .malformed, closing: false)
        #expect(machine.requestComplete() == .wait)
        #expect(machine.replyComplete() == .close(.malformed))
        var late = ExchangeStateMachine(keepAlive: true)
        late.replyBegins(as: .completed, closing: false)
        #expect(late.requestBroken(.stalled) == .abort(.stalled))
    }

    @Test("lets a client that closed its half read its answer, and no more")
    func halfClosed() {
        var machine = ExchangeStateMachine(keepAlive: true)
        _ = machine.requestComplete()
        machine.clientSendsNoMore()
        machine.replyBegins(as: .completed, closing: false)
        #expect(machine.replyComplete() == .close(.completed))
    }

    @Test("says once that the client is gone")
    func gone() {
        var machine = ExchangeStateMachine(keepAlive: true)
        #expect(machine.clientGone() == .abandoned)
        #expect(machine.clientGone() == nil)
    }

    @Test("has a place and a meaning for every end")
    func table() {
        #expect(ExchangeEnd.allCases.map(\.index) == Array(0..<ExchangeEnd.allCases.count))
        #expect(ExchangeEnd.allCases.allSatisfy { !$0.meaning.isEmpty })
    }
}

@Suite("The trace context") struct TraceContextTests {
    private func parse(_ text: String) -> TraceContext? {
        Array(text.utf8).withUnsafeBytes { TraceContext(traceparent: $0, span: 7) }
    }

    @Test("continues the caller's trace with a span of its own")
    func goodOne() throws {
        let trace = try #require(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.parent == 0x00f0_67aa_0ba9_02b7)
        #expect(trace.span == 7)
        #expect(trace.flags == 1)
        #expect(parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later") != nil)
    }

    @Test(
        "does not take what is no trace",
        arguments: [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
        ])
    func badOne(_ text: String) { #expect(parse(text) == nil) }
}
