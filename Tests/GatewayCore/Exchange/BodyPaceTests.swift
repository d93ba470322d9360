import GatewayCore
import Testing

@Suite("The pace of a body") struct BodyPaceTests {
    private static let second: Int64 = 1_000_000_000

    /// When a body ends that brings `bytes` every `interval` seconds, at 256 bytes a second and 30 s of silence; nil when it may go on for an hour.
    private func ends(bytes: Int, every interval: Int64, rate: Int = 256) -> Int64? {
        var pace = BodyPace()
        pace.begin(now: 0, silence: 30 * Self.second)
        var deadline = pace.deadline(received: 0, now: 0, silence: 30 * Self.second, rate: rate)
        var received = 0
        for now in stride(from: interval, through: 3600, by: Int(interval)) {
            guard now * Self.second < deadline else { return deadline / Self.second }
            received += bytes
            deadline = pace.deadline(received: received, now: now * Self.second, silence: 30 * Self.second, rate: rate)
        }
        return nil
    }

    @Test("ends a body that drips, and none that keeps its pace")
    func drip() {
        #expect(ends(bytes: 1, every: 1) == 30)
        #expect(ends(bytes: 32, every: 10) == 30)
        #expect(ends(bytes: 128, every: 1).map { (59...61).contains($0) } == true)
        #expect(ends(bytes: 256, every: 1) == nil)
        #expect(ends(bytes: 256 * 25, every: 25) == nil)
        #expect(ends(bytes: 1, every: 29, rate: 0) == nil)
    }

    @Test("ends one that is silent, however quick it was before")
    func silence() {
        var pace = BodyPace()
        pace.begin(now: 0, silence: 30 * Self.second)
        #expect(pace.deadline(received: 1 << 30, now: Self.second, silence: 30 * Self.second, rate: 256) == 31 * Self.second)
        // Nothing more comes: looking at it again changes nothing.
        #expect(pace.deadline(received: 1 << 30, now: 20 * Self.second, silence: 30 * Self.second, rate: 256) == 31 * Self.second)
        #expect(pace.deadline(received: 1 << 30, now: 20 * Self.second, silence: 30 * Self.second, rate: 0) == 31 * Self.second)
    }

    @Test("does not run while the gateway does not read")
    func pause() {
        var pace = BodyPace()
        pace.begin(now: 0, silence: 30 * Self.second)
        pace.pause(now: 10 * Self.second)
        pace.pause(now: 15 * Self.second)
        #expect(pace.resume(now: 1000 * Self.second) == 1020 * Self.second)
        #expect(pace.resume(now: 1001 * Self.second) == 1020 * Self.second)
    }

    @Test("takes the largest numbers")
    func extremes() {
        var pace = BodyPace()
        pace.begin(now: .max - 1, silence: 1)
        #expect(pace.deadline(received: .max, now: 5, silence: 3600 * Self.second, rate: 1 << 30) == 5 + 3600 * Self.second)
        #expect(pace.deadline(received: 0, now: 5, silence: 1, rate: 1) <= 6)
    }
}
