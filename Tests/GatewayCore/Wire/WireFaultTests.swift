import Testing

@testable import GatewayCore

@Suite("Why a message is refused")
struct WireFaultTests {
    @Test("every reason has a sentence of its own, and none is the word for logs")
    func sentences() {
        let sentences = WireCause.allCases.map(\.sentence)
        #expect(Set(sentences).count == WireCause.allCases.count)
        for cause in WireCause.allCases {
            let sentence = cause.sentence
            #expect(sentence != cause.rawValue && sentence.contains(" ") && !sentence.hasSuffix("."), "\(cause)")
            #expect(WireFault(cause).sentence == sentence && WireFault(cause).reason == cause.rawValue)
        }
    }
}
