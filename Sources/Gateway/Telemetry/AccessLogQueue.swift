internal import Glibc
internal import Synchronization

/// The bounded queue between the event loops and the writer thread, and the writer itself.
///
/// Ledger: the chunks, the target's descriptor and the closing flag are behind one `Mutex`, held for a few moves and never
/// while writing; the counters are atomics; the pipe wakes the writer, which waits nowhere else.
final class AccessLogQueue: Sendable {
    private struct State {
        var waiting: [AccessLogChunk] = []
        var spare: [AccessLogChunk] = []
        var replacement: Int32?
        var closing = false
        var ended = false
    }

    /// How many chunks may wait.
    let limit: Int
    /// Chunks handed over and not yet written.
    let backlog = Atomic<Int>(0)
    let dropped = Atomic<Int>(0)
    let written = Atomic<Int>(0)
    /// The errno of the last write; 0 when it succeeded.
    let failure = Atomic<Int32>(0)

    private let state = Mutex(State())
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let firstDescriptor: Int32
    private let ownsDescriptor: Bool

    init(limit: Int, descriptor: Int32, ownsDescriptor: Bool) throws(AccessLogError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw AccessLogError("cannot make the access log's pipe", errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        self.limit = limit
        firstDescriptor = descriptor
        self.ownsDescriptor = ownsDescriptor
    }

    deinit {
        Glibc.close(wakeReader)
        Glibc.close(wakeWriter)
    }

    // MARK: The loops' side

    /// Takes a full chunk and gives an empty one of at least `room` bytes. A chunk that finds no place is dropped and counted.
    func exchange(_ full: AccessLogChunk, orGrow room: Int) -> AccessLogChunk {
        let (next, wakes) = state.withLock { state in
            var next = state.spare.popLast()
            guard !state.ended, backlog.load(ordering: .relaxed) < limit else {
                dropped.add(full.records, ordering: .relaxed)
                // The dropped chunk's own memory is as good as any.
                if next == nil { next = full } else if state.spare.count < 16 { state.spare.append(full) }
                return (next, false)
            }
            backlog.add(1, ordering: .relaxed)
            state.waiting.append(full)
            return (next, state.waiting.count == 1)
        }
        if wakes { wake() }
        guard var next, next.bytes.count >= max(room, AccessLogChunk.standardCapacity) else {
            return AccessLogChunk(capacity: max(room, AccessLogChunk.standardCapacity))
        }
        next.clear()
        return next
    }

    /// Gives the writer another descriptor, which it owns from now on.
    func replace(descriptor: Int32) {
        let unused = state.withLock { state in
            if state.ended { return Optional(descriptor) }
            defer { state.replacement = descriptor }
            return state.replacement
        }
        if let unused { Glibc.close(unused) }
        wake()
    }

    /// Tells the writer to end when everything is written.
    func close() {
        state.withLock { $0.closing = true }
        wake()
    }

    /// A full pipe means that the writer has not yet seen an earlier wake, so a failure here is no loss.
    private func wake() {
        var byte: UInt8 = 1
        _ = Glibc.write(wakeWriter, &byte, 1)
    }

    // MARK: The writer's side

    /// Starts the thread; it keeps the queue alive until it ends.
    func startWriter() throws(AccessLogError) -> pthread_t {
        var thread = pthread_t()
        let queue = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let queue = Unmanaged<AccessLogQueue>.fromOpaque(argument).takeRetainedValue()
                queue.run()
                return nil
            }, queue.toOpaque())
        guard result == 0 else {
            queue.release()
            throw AccessLogError("cannot start the access log's thread", result)
        }
        return thread
    }

    private func run() {
        blockBrokenPipeSignal()
        var descriptor = firstDescriptor
        var owned = ownsDescriptor
        var patience = 20
        while true {
            var (chunks, closing) = state.withLock { state in
                let chunks = state.waiting
                state.waiting = []
                if chunks.isEmpty, state.closing { state.ended = true }
                return (chunks, state.closing)
            }
            takeReplacement(&descriptor, &owned)
            if chunks.isEmpty, closing { break }
            if chunks.isEmpty { _ = wait(milliseconds: -1) }
            // Each chunk is given up before it is recycled: an array with two owners would be copied when it is filled again.
            chunks.reverse()
            while var chunk = chunks.popLast() {
                let done = write(chunk, &descriptor, &owned, &patience)
                finish(&chunk, done)
            }
        }
        takeReplacement(&descriptor, &owned)
        if owned { Glibc.close(descriptor) }
    }

    /// Writes one chunk, however long it takes; while closing, only as long as there is patience left, which is counted in
    /// waits of 100 ms in vain. Returns how many bytes were written.
    private func write(_ chunk: AccessLogChunk, _ descriptor: inout Int32, _ owned: inout Bool, _ patience: inout Int) -> Int {
        var done = 0
        while done < chunk.count {
            let result = chunk.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), chunk.count - done) }
            if result > 0 {
                done += result
                continue
            }
            let number = result < 0 ? errno : EIO
            if number == EINTR { continue }
            if number != EAGAIN { failure.store(number, ordering: .relaxed) }
            if wait(milliseconds: 100, until: number == EAGAIN ? descriptor : -1) == 0, state.withLock({ $0.closing }) {
                patience -= 1
                guard patience >= 0 else { return done }
            }
            // In a new file the line begins anew; the old one ends with the part that was written.
            if takeReplacement(&descriptor, &owned) { done = chunk.bytes[..<done].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0 }
        }
        failure.store(0, ordering: .relaxed)
        return done
    }

    /// Counts a chunk and keeps its memory.
    private func finish(_ chunk: inout AccessLogChunk, _ done: Int) {
        let records = done == chunk.count ? chunk.records : chunk.bytes[..<done].count { $0 == UInt8(ascii: "\n") }
        written.add(records, ordering: .relaxed)
        dropped.add(chunk.records - records, ordering: .relaxed)
        backlog.subtract(1, ordering: .relaxed)
        guard chunk.bytes.count == AccessLogChunk.standardCapacity else { return }
        state.withLock { state in
            guard state.spare.count < 16 else { return }
            state.spare.append(AccessLogChunk())
            swap(&state.spare[state.spare.count - 1], &chunk)
        }
    }

    @discardableResult
    private func takeReplacement(_ descriptor: inout Int32, _ owned: inout Bool) -> Bool {
        let replacement = state.withLock { state in
            defer { state.replacement = nil }
            return state.replacement
        }
        guard let replacement else { return false }
        if owned { Glibc.close(descriptor) }
        (descriptor, owned) = (replacement, true)
        return true
    }

    /// Until woken, until `output` takes bytes again, or until the time is over, negative for no end. Returns 0 for the last.
    private func wait(milliseconds: Int32, until output: Int32 = -1) -> Int32 {
        var entries = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: Int16(POLLOUT), revents: 0)]
        let result = poll(&entries, 2, milliseconds)
        var bytes = [UInt8](repeating: 0, count: 64)
        while Glibc.read(wakeReader, &bytes, bytes.count) == bytes.count {}
        return result
    }

    /// A reader that closes our standard output must be an error of `write`, not the end of the process.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
