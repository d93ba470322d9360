internal import Synchronization

/// Gives case numbers (办件编号) that are never the same twice, kill -9 and power failures included: the item code (31), the
/// day (`yyyyMMdd`, Asia/Shanghai) and a serial of at least 4 digits.
///
/// Serials are reserved on disk in blocks of 16 per item and day, and no number of a block is given before `fdatasync`
/// has returned. After a restart the rest of a block is not used: numbers are unique and rising, not without gaps.
/// The 10,000th case of an item on one day gets a serial of five digits; the length alone keeps it apart from the others. The field
/// takes 50 characters, so up to seven digits are given (46 characters), then `exhausted` is thrown.
///
/// Two locks, always taken in this order: the file's, held while a block is written, and the memory's, held for a look-up.
public final class CaseNumberLedger: Sendable {
    /// Serials per reservation.
    public static let blockSize = 16
    /// The highest serial of a day.
    public static let highestSerial = 9_999_999
    /// How many days are remembered. Numbers of an older day are refused.
    public static let daysKept = 40

    private struct Block: Sendable {
        /// The next serial to give.
        var next: Int
        /// The last one that is reserved on disk.
        var reserved: Int
    }

    private struct Memory: Sendable {
        var blocks: [LedgerKey: Block] = [:]
        /// The first day that may be asked for.
        var floor = LedgerDay.first
        /// The latest day seen.
        var newest = LedgerDay.first
    }

    private let memory: Mutex<Memory>
    private let file: Mutex<LedgerFile?>
    private let path: String

    /// Opens or makes the ledger at `path`, whose directory must be there. Blocks: reads the file, drops days more than
    /// `daysKept` before `today` (`yyyyMMdd`), writes what is left to a new file and puts it in the old one's place.
    public init(path: String, today: String) throws(LedgerError) {
        guard let today = LedgerDay(today) else { throw .invalidDay }
        var content = LedgerFile.Content()
        let file = try LedgerFile.open(path, keepingFrom: today.advanced(by: -CaseNumberLedger.daysKept), into: &content)
        self.path = path
        self.file = Mutex(file)
        let blocks = content.reserved.mapValues { Block(next: $0 + 1, reserved: $0) }
        memory = Mutex(Memory(blocks: blocks, floor: content.floor, newest: content.reserved.keys.map(\.day).max() ?? content.floor))
    }

    /// The next number from memory; nil when `reserve` must be called, off the event loop: the block is used up, it is the
    /// item's first number of the day, or the arguments are not valid. Never waits for the disk.
    public func next(itemCode: String, day: String) -> String? {
        guard let key = try? LedgerKey(itemCode, day), let serial = take(key) else { return nil }
        return key.number(serial)
    }

    /// Reserves a block where there is none left, and gives its first number. Blocks for a write and `fdatasync`: a
    /// thread pool's job. Those who come together for one item share the block that the first of them reserves.
    public func reserve(itemCode: String, day: String) throws(LedgerError) -> String {
        let key = try LedgerKey(itemCode, day)
        let serial = try file.withLock { file throws(LedgerError) in
            guard file != nil else { throw .closed(path: path) }
            if let serial = take(key) { return serial }
            return try extend(key, &file)
        }
        return key.number(serial)
    }

    /// Releases the file. Numbers that are still in memory are not given any more.
    public func close() {
        file.withLock { file in
            memory.withLock { $0.blocks = [:] }
            file = nil
        }
    }

    private func take(_ key: LedgerKey) -> Int? {
        memory.withLock { memory in
            guard let index = memory.blocks.index(forKey: key) else { return nil }
            let next = memory.blocks.values[index].next
            guard next <= memory.blocks.values[index].reserved else { return nil }
            memory.blocks.values[index].next = next + 1
            return next
        }
    }

    /// Writes the reservation first, then makes it known and takes the first of it.
    private func extend(_ key: LedgerKey, _ file: inout LedgerFile?) throws(LedgerError) -> Int {
        let (floor, reserved) = memory.withLock { ($0.floor, $0.blocks[key]?.reserved ?? 0) }
        guard key.day >= floor else { throw .forgottenDay(key.day.text) }
        guard reserved < CaseNumberLedger.highestSerial else { throw .exhausted }
        let last = min(reserved + CaseNumberLedger.blockSize, CaseNumberLedger.highestSerial)
        do throws(LedgerError) {
            try file?.append(LedgerLine.reservation(key, last))
        } catch {
            if file?.isSound == false { file = nil }
            throw error
        }
        memory.withLock { memory in
            memory.blocks[key] = Block(next: reserved + 2, reserved: last)
            if key.day > memory.newest { forget(&memory, before: key.day) }
        }
        return reserved + 1
    }

    /// Bounds the memory of a process that runs for years; the file is shortened at the next start.
    private func forget(_ memory: inout Memory, before newest: LedgerDay) {
        memory.newest = newest
        let first = newest.advanced(by: -CaseNumberLedger.daysKept)
        guard let lastDropped = memory.blocks.keys.lazy.map(\.day).filter({ $0 < first }).max() else { return }
        memory.blocks = memory.blocks.filter { $0.key.day >= first }
        memory.floor = max(memory.floor, lastDropped.advanced(by: 1))
    }
}
