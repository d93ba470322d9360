/// A day of the ledger, `yyyyMMdd`.
struct LedgerDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    let days: Int64

    static let first = LedgerDay(days: 0)
    static let last = LedgerDay(days: ShanghaiTime.days(year: 9_999, month: 12, day: 31))

    private init(days: Int64) { self.days = days }

    /// Nil when the text is not eight digits or no date from 1970 on.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else { return nil }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else { return nil }
        days = ShanghaiTime.days(year: year, month: month, day: day)
        guard ShanghaiTime.civil(days: days) == (year, month, day) else { return nil }
    }

    var text: String {
        let date = ShanghaiTime.civil(days: days)
        return String(date.year * 10_000 + date.month * 100 + date.day)
    }

    func advanced(by count: Int) -> LedgerDay { LedgerDay(days: min(max(days + Int64(count), 0), LedgerDay.last.days)) }

    static func < (left: LedgerDay, right: LedgerDay) -> Bool { left.days < right.days }
}

/// An item on a day.
struct LedgerKey: Sendable, Hashable {
    let itemCode: String
    let day: LedgerDay

    init(_ itemCode: String, _ day: some StringProtocol) throws(LedgerError) {
        let valid = itemCode.utf8.count == 31 && itemCode.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        guard valid else { throw .invalidItemCode }
        guard let day = LedgerDay(day) else { throw .invalidDay }
        self.itemCode = itemCode
        self.day = day
    }

    /// The case number with a serial.
    func number(_ serial: Int) -> String {
        let digits = String(serial)
        return itemCode + day.text + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

/// One line of the ledger file: words, and a CRC-32 of them in hexadecimal, which tells a torn line from a whole one.
enum LedgerLine {
    /// The first line: no number of a day before `floor` may be given.
    static func header(_ floor: LedgerDay) -> String { sealed("tongban-case-ledger 1 \(floor.text)") }

    /// Serials up to and including `serial` may be given.
    static func reservation(_ key: LedgerKey, _ serial: Int) -> String { sealed("\(key.itemCode) \(key.day.text) \(serial)") }

    static func floor(of line: String) -> LedgerDay? {
        guard let words = opened(line), words.count == 3, words[0] == "tongban-case-ledger", words[1] == "1" else { return nil }
        return LedgerDay(words[2])
    }

    static func reservation(of line: String) -> (key: LedgerKey, serial: Int)? {
        guard let words = opened(line), words.count == 3, let key = try? LedgerKey(String(words[0]), words[1]), let serial = Int(words[2]),
            (1...CaseNumberLedger.highestSerial).contains(serial)
        else { return nil }
        return (key, serial)
    }

    private static func sealed(_ words: String) -> String { "\(words) \(hex(crc32(words.utf8)))\n" }

    private static func opened(_ line: String) -> [Substring]? {
        guard let space = line.lastIndex(of: " ") else { return nil }
        let words = line[..<space]
        return line[line.index(after: space)...] == hex(crc32(words.utf8)) ? words.split(separator: " ") : nil
    }

    private static func hex(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// CRC-32 of IEEE 802.3, bit by bit: lines are short and few.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
