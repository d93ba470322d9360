/// How fast a client's body must come: nothing may stay out for longer than the silence that is allowed, and on average there must be
/// so many bytes a second. Somebody who sends a byte now and then keeps within the first bound for ever; the second ends it. Pure.
public struct BodyPace: Sendable, Hashable {
    /// When time is up, if nothing more comes.
    private var ends: Int64 = 0
    /// How many bytes were counted.
    private var counted = 0
    /// What was left of the time when the gateway stopped reading: that it waits is not the client's fault.
    private var left: Int64?

    /// Before a body.
    public init() {}

    /// A body begins.
    public mutating func begin(now: Int64, silence: Int64) {
        ends = now &+ silence
        counted = 0
        left = nil
    }

    /// When time is up, now that `received` bytes have come in all. Each byte earns the time in which it should come; never more than the
    /// silence that is allowed, so that a quick beginning buys no slow end. A rate of 0 asks for none.
    public mutating func deadline(received: Int, now: Int64, silence: Int64, rate: Int) -> Int64 {
        let latest = now &+ silence
        if rate <= 0 {
            if received > counted { ends = latest }
        } else {
            let earned = min(Double(silence), Double(max(0, received - counted)) / Double(rate) * 1e9)
            let (next, isBeyond) = ends.addingReportingOverflow(Int64(earned))
            ends = isBeyond ? latest : min(latest, next)
        }
        counted = received
        return ends
    }

    /// The gateway stops reading.
    public mutating func pause(now: Int64) {
        if left == nil { left = max(0, ends &- now) }
    }

    /// The gateway reads on; when time is up then.
    public mutating func resume(now: Int64) -> Int64 {
        if let left { ends = now &+ left }
        left = nil
        return ends
    }
}
