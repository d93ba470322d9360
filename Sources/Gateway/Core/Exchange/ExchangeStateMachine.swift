/// Decides how one exchange on a client's connection ends: what may still be said, and whether the connection goes on.
/// Events go in, an action comes out; the connection's handler does it.
public struct ExchangeStateMachine: Sendable {
    /// Where the client's half stands; `unread` is one that still arrives when its answer is whole.
    private enum Request: Sendable { case arriving, unread, complete, broken }
    /// Where our half stands.
    private enum Reply: Sendable { case nothing, begun, complete }

    /// What to do next.
    public enum Action: Sendable, Hashable {
        /// Nothing yet.
        case wait
        /// The exchange has ended; the next request may be read from the same connection.
        case next(ExchangeEnd)
        /// The exchange has ended; flush what is written, then close.
        case close(ExchangeEnd)
        /// Write a problem: no byte of a reply has left yet.
        case problem
        /// The reply is whole before its request: read on and drop what comes, up to the request's end.
        case readRest
        /// A reply has begun and cannot be finished: close at once, so that the client sees it is cut off.
        case abort(ExchangeEnd)
    }

    private var request = Request.arriving
    private var reply = Reply.nothing
    private var end = ExchangeEnd.completed
    private var keepAlive: Bool

    /// A new exchange; `keepAlive` is what the request allows.
    public init(keepAlive: Bool) { self.keepAlive = keepAlive }

    /// Whether the connection may serve another request after this one, as far as is known now.
    public var mayContinue: Bool { keepAlive && request != .broken }

    /// Whether the reply is whole.
    public var isAnswered: Bool { reply == .complete }

    /// Whether the head of a reply has been written.
    public var hasBegun: Bool { reply != .nothing }

    /// The client has closed its half of the connection after a whole request: it still reads, but asks nothing more.
    public mutating func clientSendsNoMore() { keepAlive = false }

    /// The last byte of the request has arrived.
    public mutating func requestComplete() -> Action {
        if request == .arriving || request == .unread { request = .complete }
        return settle()
    }

    /// A reply begins; `end` is what the exchange will have been once it is written whole. `closing` when the reply is
    /// delimited by the end of the connection, or says `Connection: close`, as it must when the rest of the request is not to be read.
    public mutating func replyBegins(as end: ExchangeEnd, closing: Bool) {
        reply = .begun
        self.end = end
        if closing { keepAlive = false }
    }

    /// The last byte of the reply has been written.
    public mutating func replyComplete() -> Action {
        guard reply == .begun else { return .wait }
        reply = .complete
        if request == .arriving, keepAlive {
            request = .unread
            return .readRest
        }
        return settle()
    }

    /// The upstream, the mapping or the gateway failed.
    public mutating func failed() -> Action {
        switch reply {
        case .nothing: return .problem
        case .begun:
            reply = .complete
            return .abort(.truncated)
        case .complete: return .wait
        }
    }

    /// The client's bytes cannot be understood any further, or did not come in time.
    public mutating func requestBroken(_ reason: ExchangeEnd) -> Action {
        let isAnswered = request == .unread
        request = .broken
        keepAlive = false
        if isAnswered { return .close(end) }
        switch reply {
        case .nothing: return .problem
        case .begun:
            reply = .complete
            return .abort(reason)
        case .complete: return .wait
        }
    }

    /// The client's connection is gone.
    public mutating func clientGone() -> ExchangeEnd? {
        if request == .unread {
            request = .broken
            return end
        }
        if reply == .complete { return nil }
        reply = .complete
        return .abandoned
    }

    private func settle() -> Action {
        guard reply == .complete else { return .wait }
        return keepAlive && request == .complete ? .next(end) : .close(end)
    }
}
