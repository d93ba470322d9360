import Testing

@testable import Adapters

@Suite("The case of ASCII letters")
struct ASCIICaseTests {
    private func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { ASCIICase.isSame(a, $0) } }
    }

    @Test("any two bytes are the same exactly when they are one letter or one byte, alone and among eight")
    func everyPair() {
        let around: [UInt8] = [0x5B, 0x40, 0xC1, 0x7A]
        var wrong: [(UInt8, UInt8)] = []
        for one in UInt8.min...UInt8.max {
            for other in UInt8.min...UInt8.max {
                let expected = ASCIICase.lower(one) == ASCIICase.lower(other)
                let among = isSame(around + [one] + around, around + [other] + around)
                if isSame([one], [other]) != expected || among != expected { wrong.append((one, other)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("names of every length, and of different lengths")
    func lengths() {
        let name = Array("X-Ca-Signature-Headers".utf8)
        for length in 0...name.count {
            let text = Array(name[..<length])
            #expect(isSame(text, text.map(ASCIICase.lower)))
            #expect(!isSame(text, text + [0x61]))
            for at in text.indices {
                var changed = text
                changed[at] ^= 0x01
                #expect(!isSame(text, changed))
            }
        }
    }
}
