internal import Glibc
internal import GatewayCore
internal import Synchronization

/// Where access records go.
public enum AccessLogTarget: Sendable, Hashable {
    /// Standard output.
    case standardOutput
    /// A file, appended to and made with mode 0640 when it is not there.
    case file(String)
    /// Nowhere: records are not even formatted.
    case off
}

/// A failure to open the access log or its thread.
public struct AccessLogError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What could not be done, and the system's reason.
    public let description: String

    init(_ what: String, _ number: Int32) { description = "\(what): \(String(cString: strerror(number)))" }
}

/// The access log: every event loop fills a buffer of its own, and one thread writes what they hand over.
///
/// Between the two is a queue of bounded size. **When it is full, records are dropped and counted; loops never wait for a
/// disk.** Waiting would stop every exchange of the loop, streams in the middle included, for as long as the disk hangs. A
/// gateway that must not work without evidence asks `isWriting` before it admits a write, and refuses with 503. While a
/// write fails (a full disk, a lost mount), the thread keeps what it has and tries again every 100 ms, so a failure that
/// ends before the queue is full loses nothing.
///
/// Shutting down: each loop calls `flush()` on its buffer, then one thread that is no event loop calls `close()`.
public final class AccessLog: Sendable {
    /// Where the records go.
    public let target: AccessLogTarget
    let queue: AccessLogQueue
    private let thread: Mutex<pthread_t?>

    /// Opens the target and starts the thread. `queueLimit` is how many buffers of 64 KiB may wait to be written: 256 are 16 MiB,
    /// some 30,000 records.
    public init(target: AccessLogTarget, queueLimit: Int = 256) throws(AccessLogError) {
        self.target = target
        let descriptor = try AccessLog.open(target)
        do {
            queue = try AccessLogQueue(limit: max(1, queueLimit), descriptor: descriptor, ownsDescriptor: target != .standardOutput)
        } catch {
            if descriptor > STDERR_FILENO { Glibc.close(descriptor) }
            throw error
        }
        thread = Mutex(target == .off ? nil : try queue.startWriter())
    }

    deinit { close() }

    /// A buffer for one event loop.
    public func makeBuffer() -> sending AccessLogBuffer { AccessLogBuffer(queue: target == .off ? nil : queue) }

    /// How many records were dropped since the start because the queue was full or the log was closed.
    public var dropped: Int { queue.dropped.load(ordering: .relaxed) }

    /// How many records were written since the start.
    public var written: Int { queue.written.load(ordering: .relaxed) }

    /// Whether records get through: false while a write fails or the queue is more than three quarters full.
    public var isWriting: Bool {
        queue.failure.load(ordering: .relaxed) == 0 && queue.backlog.load(ordering: .relaxed) * 4 <= queue.limit * 3
    }

    /// The system's reason while writing fails.
    public var failure: String? {
        let number = queue.failure.load(ordering: .relaxed)
        return number == 0 ? nil : String(cString: strerror(number))
    }

    /// What the metrics say of it.
    public struct Figures: Sendable {
        /// Records that were dropped since the start.
        public var dropped = 0
        /// Chunks of records that wait to be written.
        public var waiting = 0
        /// Whether the last write failed.
        public var isFailing = false

        /// Nothing has happened.
        public init() {}
    }

    /// How it does.
    public var figures: Figures {
        var figures = Figures()
        figures.dropped = dropped
        figures.waiting = queue.backlog.load(ordering: .relaxed)
        figures.isFailing = queue.failure.load(ordering: .relaxed) != 0
        return figures
    }

    /// Opens the file's path anew, after something else has renamed the old file. No record is lost or torn: the old file is
    /// written up to the end of a line. Nothing happens for the other targets; when opening fails the old file stays in use.
    public func reopen() throws(AccessLogError) {
        guard case .file = target else { return }
        queue.replace(descriptor: try AccessLog.open(target))
    }

    /// Writes everything handed over so far and ends the thread. Blocks: at most two seconds when writing fails, then what is left counts
    /// as dropped. Later calls do nothing.
    public func close() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        queue.close()
        pthread_join(running, nil)
    }

    private static func open(_ target: AccessLogTarget) throws(AccessLogError) -> Int32 {
        switch target {
        case .off: return -1
        case .standardOutput: return STDOUT_FILENO
        case .file(let path):
            let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw AccessLogError("cannot open the access log '\(path)'", errno) }
            return descriptor
        }
    }
}

/// One event loop's part of the access log. Confined to that loop, like everything that is not Sendable here.
public final class AccessLogBuffer {
    private let queue: AccessLogQueue?
    private var chunk = AccessLogChunk()

    init(queue: AccessLogQueue?) { self.queue = queue }

    deinit { flush() }

    /// Adds the record of one exchange. Hands the buffer over when it is full; never waits.
    public func record(_ record: borrowing AccessRecord) {
        guard let queue else { return }
        let room = record.maximumLength
        if chunk.bytes.count - chunk.count < room { makeRoom(room, queue) }
        chunk.append(record)
    }

    /// Call it every 100 ms from the loop: hands over what is there. While the writer lags behind, a buffer that is less than
    /// half full is kept to fill further.
    public func tick() {
        guard let queue, chunk.records > 0 else { return }
        if queue.backlog.load(ordering: .relaxed) > 4, chunk.count * 2 < chunk.bytes.count { return }
        flush()
    }

    /// Hands over what is there, before shutting down.
    public func flush() {
        guard let queue, chunk.records > 0 else { return }
        chunk = queue.exchange(chunk, orGrow: 0)
    }

    private func makeRoom(_ room: Int, _ queue: AccessLogQueue) {
        chunk =
            chunk.records > 0 ? queue.exchange(chunk, orGrow: room) : AccessLogChunk(capacity: max(room, AccessLogChunk.standardCapacity))
    }
}

/// Lines on their way to the writer.
struct AccessLogChunk: Sendable {
    static let standardCapacity = 64 * 1_024

    /// The memory; `count` bytes of it are lines.
    private(set) var bytes: [UInt8]
    private(set) var count = 0
    private(set) var records = 0
    private var clock = TimestampText()

    /// No memory yet.
    init() { bytes = [] }

    init(capacity: Int) { bytes = [UInt8](repeating: 0, count: capacity) }

    /// Adds one line; a line that does not fit is left out and not counted, which the caller prevents.
    mutating func append(_ record: borrowing AccessRecord) {
        let start = count
        let written = bytes.withUnsafeMutableBytes { memory in
            var cursor = ByteCursor(UnsafeMutableRawBufferPointer(rebasing: memory[start...]))
            record.write(to: &cursor, clock: &clock)
            return cursor.overflowed ? 0 : cursor.count
        }
        count += written
        records += written > 0 ? 1 : 0
    }

    /// Empties it, keeping the memory.
    mutating func clear() {
        count = 0
        records = 0
    }
}
