import Foundation
import GatewayCore
import Testing

@testable import Gateway

@Suite("The file of limits")
struct LimitFileTests {
    @Test("what is written is read again, to the last bit")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let file = LimitFile(path: directory.path + "/limits")
        #expect(try file.read() == nil)
        let kept = [
            KeptLimit(kind: .quota, high: .max, low: 0, value: (20_000 << 40) | 77),
            KeptLimit(kind: .rate, high: 1, low: 2, value: 5_000_000_000),
        ]
        let content = LimitFile.Content(seed: LimitSeed(high: 3, low: .max), written: 1_780_000_000_123, kept: kept)
        try file.write(content)
        #expect(try file.read() == content)
        try file.write(.init(seed: content.seed, written: 5, kept: []))
        #expect(try file.read()?.kept == [])
    }

    @Test("a file that is something else is not taken for an empty one")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/limits"
        for text in ["", "nonsense\n", "tongban-limits 1 1 2 3\nq 1 2\n", "tongban-limits 1 1 2 3\nx 1 2 3\n", "tongban-limits 2 1 2 3\n"] {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(throws: LimitFile.Fault.self) { try LimitFile(path: path).read() }
        }
    }
}
