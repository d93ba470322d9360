import GatewayCore
import Testing

@Suite(
    "The 215 raw requests of suites/http1, read by the parser",
    .enabled(if: RawRequestSuite.isPresent, "../shared/suites/http1 is not here"))
struct ConsensusTests {
    let suite: RawRequestSuite

    init() throws { suite = try RawRequestSuite.load() }

    @Test("what nginx, HAProxy, Envoy and Caddy all refuse is refused, before a whole message was read")
    func refuses() {
        let cases = suite.cases.filter { suite.toRefuse.contains($0.id) }
        #expect(cases.count == suite.toRefuse.count)
        for item in cases {
            let received = ReceivedMessages.requests(item.bytes)
            #expect(received.fault != nil && received.whole == 0, "\(item.id): \(received)")
            #expect([400, 414, 431, 501, 505].contains(received.fault?.status ?? 0), "\(item.id): \(received)")
        }
    }

    @Test("what all four forward is read to its end, but for the four chunk lines that break the grammar")
    func accepts() {
        let cases = suite.cases.filter { suite.toAccept.contains($0.id) }
        #expect(cases.count == suite.toAccept.count)
        for item in cases {
            let received = ReceivedMessages.requests(item.bytes)
            if RawRequestSuite.brokenExtensions.contains(item.id) {
                #expect(received.whole == 0 && received.fault?.reason == "chunk-extension", "\(item.id): \(received)")
            } else {
                #expect(received.whole >= 1, "\(item.id): \(received)")
            }
        }
    }

    @Test("with broken chunk extensions dropped, every case that all four forward is read to its end")
    func acceptsBrokenExtensions() {
        var limits = WireLimits()
        limits.brokenChunkExtensions = .dropped
        for item in suite.cases where suite.toAccept.contains(item.id) {
            let received = ReceivedMessages.requests(item.bytes, limits: limits)
            #expect(received.whole >= 1, "\(item.id): \(received)")
        }
        for item in suite.cases where suite.toRefuse.contains(item.id) {
            #expect(ReceivedMessages.requests(item.bytes, limits: limits).whole == 0, "\(item.id)")
        }
    }

    @Test("no case is refused with a status, or read to its end, where the suite calls that a failure")
    func agreesWithTheSuite() {
        for item in suite.cases where !item.statuses.isEmpty {
            let received = ReceivedMessages.requests(item.bytes)
            let first = received.messages.first { $0.isWhole }
            guard let status = first != nil ? 200 : received.fault?.status else { continue }
            let closes = first?.keepAlive != true && !item.statusesThenClose.isEmpty
            let word = (closes ? item.statusesThenClose : item.statuses).first { $0.0.contains(status) }?.1
            #expect(word != "Fail", "\(item.id): \(status)")
        }
    }

    @Test("a byte at a time, or three, gives what the whole gives")
    func inPieces() {
        for item in suite.cases {
            let whole = ReceivedMessages.requests(item.bytes)
            #expect(ReceivedMessages.requests(item.bytes, pieces: 3) == whole, "\(item.id)")
            // Byte by byte through 100 KB costs a copy per byte in this harness, and shows nothing more.
            if item.bytes.count < 20_000 { #expect(ReceivedMessages.requests(item.bytes, pieces: 1) == whole, "\(item.id)") }
        }
    }
}
