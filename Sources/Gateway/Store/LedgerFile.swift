internal import Glibc

/// The ledger's file: locked against a second gateway, appended to, and synced before anyone relies on a line.
///
/// The lock is on a file of its own, `PATH.lock`, because the ledger itself is replaced when it is opened.
struct LedgerFile: ~Copyable, Sendable {
    /// What a file holds.
    struct Content {
        var floor = LedgerDay.first
        var reserved: [LedgerKey: Int] = [:]
    }

    private let path: String
    private let lock: Int32
    private let descriptor: Int32
    private var length: Int
    /// False when a write failed in a way that leaves the file's content unknown.
    private(set) var isSound = true

    private init(path: String, lock: Int32, descriptor: Int32, length: Int) {
        self.path = path
        self.lock = lock
        self.descriptor = descriptor
        self.length = length
    }

    deinit {
        Glibc.close(descriptor)
        // Explicitly: a child process that is just being started may still share the descriptor, and with it the lock.
        flock(lock, LOCK_UN)
        Glibc.close(lock)
    }

    /// Locks, reads into `content`, and writes anew without the days before `first`; a last line that is torn is left out, for
    /// no number of it was given.
    static func open(_ path: String, keepingFrom first: LedgerDay, into content: inout Content) throws(LedgerError) -> LedgerFile {
        let lock = try acquireLock(path)
        do throws(LedgerError) {
            content = try parse(try read(path), path)
            if let lastDropped = content.reserved.keys.map(\.day).filter({ $0 < first }).max() {
                content.reserved = content.reserved.filter { $0.key.day >= first }
                content.floor = max(content.floor, lastDropped.advanced(by: 1))
            }
            let (descriptor, length) = try rewrite(path, content)
            return LedgerFile(path: path, lock: lock, descriptor: descriptor, length: length)
        } catch {
            flock(lock, LOCK_UN)
            Glibc.close(lock)
            throw error
        }
    }

    /// Adds a line; when this returns, the line is on the disk.
    mutating func append(_ line: String) throws(LedgerError) {
        guard isSound else { throw .closed(path: path) }
        let bytes = Array(line.utf8)
        do throws(LedgerError) {
            try LedgerFile.write(bytes, to: descriptor, path)
        } catch {
            // Half a line must not stay in front of later ones.
            if ftruncate(descriptor, off_t(length)) != 0 { isSound = false }
            throw error
        }
        guard fdatasync(descriptor) == 0 else {
            // Linux forgets the dirty pages after reporting the error once: a later sync that succeeds proves nothing.
            isSound = false
            throw LedgerError.system("sync", path, errno)
        }
        length += bytes.count
    }

    // MARK: Opening

    private static func acquireLock(_ path: String) throws(LedgerError) -> Int32 {
        let name = path + ".lock"
        let descriptor = Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LedgerError.system("open", name, errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            Glibc.close(descriptor)
            throw number == EWOULDBLOCK ? LedgerError.inUse(path: path) : LedgerError.system("lock", name, number)
        }
        return descriptor
    }

    private static func read(_ path: String) throws(LedgerError) -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw LedgerError.system("open", path, errno)
        }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LedgerError.system("read", path, errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: part.prefix(count))
        }
    }

    private static func parse(_ bytes: [UInt8], _ path: String) throws(LedgerError) -> Content {
        var content = Content()
        // A power failure can leave zeros or old blocks where a line was to be: whatever is no whole line at the end is torn.
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // After the last line feed there is nothing, or a line without one.
        if !lines.isEmpty { lines.removeLast() }
        var damaged: Int?
        for (index, bytes) in lines.enumerated() {
            let line = String(decoding: bytes, as: UTF8.self)
            let isHeader = index == 0
            if isHeader, let floor = LedgerLine.floor(of: line) {
                content.floor = floor
            } else if !isHeader, let (key, serial) = LedgerLine.reservation(of: line) {
                if let damaged { throw .corrupt(path: path, line: damaged) }
                content.reserved[key] = max(serial, content.reserved[key] ?? 0)
            } else if damaged == nil {
                damaged = index + 1
            }
        }
        // The header is written and synced before the file gets its name, so a file without one is not ours or is damaged.
        if damaged == 1 || (lines.isEmpty && !bytes.isEmpty) { throw .corrupt(path: path, line: 1) }
        return content
    }

    /// A new file with the content, synced, then renamed to the path, then the directory synced.
    private static func rewrite(_ path: String, _ content: Content) throws(LedgerError) -> (descriptor: Int32, length: Int) {
        let name = path + ".new"
        let descriptor = Glibc.open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LedgerError.system("make", name, errno) }
        let lines = content.reserved.sorted { ($0.key.day, $0.key.itemCode) < ($1.key.day, $1.key.itemCode) }
        let text = LedgerLine.header(content.floor) + lines.map { LedgerLine.reservation($0.key, $0.value) }.joined()
        let bytes = Array(text.utf8)
        do throws(LedgerError) {
            try write(bytes, to: descriptor, name)
            guard fsync(descriptor) == 0 else { throw LedgerError.system("sync", name, errno) }
            guard rename(name, path) == 0 else { throw LedgerError.system("replace", path, errno) }
            try syncDirectory(of: path)
            return (descriptor, bytes.count)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(LedgerError) {
        var done = 0
        while done < bytes.count {
            let result = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw LedgerError.system("write to", path, result < 0 ? errno : EIO) }
            done += result
        }
    }

    private static func syncDirectory(of path: String) throws(LedgerError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LedgerError.system("open", parent, errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LedgerError.system("sync", parent, errno) }
    }
}
