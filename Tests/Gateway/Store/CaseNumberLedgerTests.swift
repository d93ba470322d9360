import Foundation
import Testing

@testable import Gateway

private let scjg = "11230000MB1A0001XM2000125005000"
private let fgw = "11230000MB1A00028M2000104033000"
private let day = "20231114"

extension CaseNumberLedger {
    /// As the proxy does it: from memory, else by a reservation.
    func number(_ itemCode: String, _ day: String) throws -> String {
        if let number = next(itemCode: itemCode, day: day) { return number }
        return try reserve(itemCode: itemCode, day: day)
    }
}

@Suite struct CaseNumberLedgerTests {
    let directory: TemporaryDirectory
    var path: String { directory.file("cases.ledger") }

    init() throws { directory = try TemporaryDirectory() }

    @Test("A number is the item code, the day and a serial of four digits, from 0001 on")
    func form() throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        #expect(ledger.next(itemCode: scjg, day: day) == nil)
        #expect(try ledger.reserve(itemCode: scjg, day: day) == scjg + "202311140001")
        #expect(ledger.next(itemCode: scjg, day: day) == scjg + "202311140002")
        #expect(try ledger.number(fgw, day) == fgw + "202311140001")
        #expect(try ledger.number(scjg, "20231115") == scjg + "202311150001")
        #expect(ledger.next(itemCode: scjg, day: day) == scjg + "202311140003")
    }

    @Test("A restart goes on after the last reserved serial")
    func restart() throws {
        for round in 0..<5 {
            let ledger = try CaseNumberLedger(path: path, today: day)
            #expect(try ledger.number(scjg, day) == scjg + day + String(format: "%04d", 1 + round * CaseNumberLedger.blockSize))
            ledger.close()
            #expect(ledger.next(itemCode: scjg, day: day) == nil)
            #expect(throws: LedgerError.closed(path: path)) { try ledger.reserve(itemCode: scjg, day: day) }
        }
    }

    @Test("The file cut off at any byte never gives a number again that was given before the cut")
    func everyTruncation() throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        let headerLength = try Data(contentsOf: URL(fileURLWithPath: path)).count
        var given: [(length: Int, number: String)] = []
        for step in 0..<120 {
            let number = try ledger.number(step % 3 == 0 ? fgw : scjg, step % 5 == 0 ? "20231115" : day)
            given.append((try Data(contentsOf: URL(fileURLWithPath: path)).count, number))
        }
        ledger.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let copy = directory.file("copy.ledger")
        for length in headerLength...whole.count {
            for tail in [Data(), Data(repeating: 0, count: 30), Data("\r\nx".utf8)] {
                try (whole.prefix(length) + tail).write(to: URL(fileURLWithPath: copy))
                let reopened = try CaseNumberLedger(path: copy, today: day)
                let before = Set(given.filter { $0.length <= length }.map(\.number))
                for item in [scjg, fgw] {
                    for date in [day, "20231115"] { #expect(!before.contains(try reopened.number(item, date)), "cut at \(length)") }
                }
            }
        }
    }

    @Test("Numbers given before kill -9 are not given after it")
    func killed() async throws {
        let (path, journal) = (self.path, directory.file("journal"))
        for _ in 0..<3 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, journal = journal as String] in
                try await takeNumbersUntilKilled(path, journal)
            }
        }
        let given = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(given.count > 300)
        #expect(Set(given).count == given.count)
        let ledger = try CaseNumberLedger(path: path, today: day)
        let later = try (0..<40).map { try ledger.number($0 % 2 == 0 ? scjg : fgw, day) }
        #expect(Set(later).isDisjoint(with: given))
    }

    @Test("Threads together never get the same number")
    func concurrently() async throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        let numbers = try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<4 {
                group.addTask { try (0..<500).map { try ledger.number(($0 + worker) % 4 == 0 ? fgw : scjg, day) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.count == 2_000)
        #expect(Set(numbers).count == 2_000)
    }

    @Test("The 10,000th case of a day gets five digits, and the last serial is followed by an error")
    func wideSerials() throws {
        let key = try LedgerKey(scjg, day)
        let text = LedgerLine.header(.first) + LedgerLine.reservation(key, 9_999)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let ledger = try CaseNumberLedger(path: path, today: day)
        let number = try ledger.number(scjg, day)
        #expect(number == scjg + day + "10000")
        ledger.close()
        try (text + LedgerLine.reservation(key, CaseNumberLedger.highestSerial - 1)).write(toFile: path, atomically: true, encoding: .utf8)
        let last = try CaseNumberLedger(path: path, today: day)
        #expect(try last.number(scjg, day) == scjg + day + "9999999")
        #expect(key.number(CaseNumberLedger.highestSerial).utf8.count <= 50)
        #expect(throws: LedgerError.exhausted) { try last.number(scjg, day) }
    }

    @Test("A second gateway on the same file is refused and told so, until the first is gone")
    func locked() throws {
        let first = try CaseNumberLedger(path: path, today: day)
        #expect(throws: LedgerError.inUse(path: path)) { try CaseNumberLedger(path: path, today: day) }
        #expect(LedgerError.inUse(path: path).description.contains("in use by another gateway"))
        _ = try first.number(scjg, day)
        first.close()
        #expect(throws: Never.self) { try CaseNumberLedger(path: path, today: day) }
    }

    @Test("Old days are dropped when the ledger is opened, and their numbers refused from then on")
    func compaction() throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        for step in 0..<40 { _ = try ledger.number(step % 2 == 0 ? scjg : fgw, day) }
        ledger.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path)).count
        let later = try CaseNumberLedger(path: path, today: "20240114")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count < before / 3)
        #expect(throws: LedgerError.forgottenDay(day)) { try later.number(scjg, day) }
        #expect(try later.number(scjg, "20231115") == scjg + "202311150001")
        later.close()
        let again = try CaseNumberLedger(path: path, today: day)
        #expect(throws: LedgerError.forgottenDay(day)) { try again.number(scjg, day) }
    }

    @Test("A process that runs for months forgets old days too, and refuses them")
    func longRun() throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        _ = try ledger.number(scjg, day)
        #expect(try ledger.number(scjg, "20240301") == scjg + "202403010001")
        #expect(ledger.next(itemCode: scjg, day: day) == nil)
        #expect(throws: LedgerError.forgottenDay(day)) { try ledger.reserve(itemCode: scjg, day: day) }
    }

    @Test("A damaged line in front of good ones is an error that names it; a foreign file is refused")
    func damage() throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        for _ in 0..<60 { _ = try ledger.number(scjg, day) }
        ledger.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let firstLine = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
        bytes[firstLine + 5] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.corrupt(path: path, line: 2)) { try CaseNumberLedger(path: path, today: day) }
        try Data("hello\nworld\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.corrupt(path: path, line: 1)) { try CaseNumberLedger(path: path, today: day) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello\nworld\n")
    }

    @Test(
        "Item codes and days that are none are refused", arguments: ["", "1", scjg.lowercased(), scjg + "0", String(scjg.dropLast()) + "市"])
    func invalidItems(code: String) throws {
        let ledger = try CaseNumberLedger(path: path, today: day)
        #expect(ledger.next(itemCode: code, day: day) == nil)
        #expect(throws: LedgerError.invalidItemCode) { try ledger.reserve(itemCode: code, day: day) }
        for bad in ["", "2023111", "20231131", "20230229", "00000000", "2023-1-1", "１２３４５６７８", "+2023111"] {
            #expect(throws: LedgerError.invalidDay) { try ledger.reserve(itemCode: scjg, day: bad) }
        }
    }

    @Test("A directory that is not there, or a path that is one, is a clear error")
    func unusablePaths() throws {
        let missing = directory.file("none/cases.ledger")
        #expect(
            throws: LedgerError.system(operation: "open", path: missing + ".lock", reason: "No such file or directory"),
            performing: { try CaseNumberLedger(path: missing, today: day) })
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: LedgerError.system(operation: "read", path: path, reason: "Is a directory")) {
            try CaseNumberLedger(path: path, today: day)
        }
    }

    @Test("A full disk is a clear error, gives no number, and is survived when there is room again")
    func fullDisk() async throws {
        let path = self.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let ledger = try CaseNumberLedger(path: path, today: day)
            let first = try ledger.number(scjg, day)
            let length = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
            var limit = rlimit(rlim_cur: rlim_t(length + 20), rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let tooLarge = LedgerError.system(operation: "write to", path: path, reason: "File too large")
            #expect(throws: tooLarge) { try ledger.number(fgw, day) }
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == length)
            #expect(ledger.next(itemCode: scjg, day: day) != first)
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(try ledger.number(fgw, day) == fgw + day + "0001")
        }
        let ledger = try CaseNumberLedger(path: path, today: day)
        #expect(try ledger.number(fgw, day) == fgw + day + "0017")
    }
}

/// Takes numbers on several threads, writes each to the journal after it was given, and is killed in the middle.
private func takeNumbersUntilKilled(_ path: String, _ journal: String) async throws {
    let ledger = try CaseNumberLedger(path: path, today: day)
    let journal = open(journal, O_WRONLY | O_APPEND | O_CREAT, 0o600)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<3 {
            group.addTask {
                for step in 0..<5_000 {
                    let line = Array((try ledger.number(worker == 0 ? fgw : scjg, day) + "\n").utf8)
                    _ = write(journal, line, line.count)
                    if worker > 0, step == 150 { kill(getpid(), SIGKILL) }
                }
            }
        }
        try await group.waitForAll()
    }
}
