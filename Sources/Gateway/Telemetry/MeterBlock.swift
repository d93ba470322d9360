internal import Synchronization

/// The bounds of both histograms: from a gateway's own answer to the slowest department (calls of 30 to 60 s are usual).
enum DurationBuckets {
    /// The upper bounds in nanoseconds; a last bucket without a bound follows.
    static let bounds: [Int64] = [
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000, 60_000_000_000,
    ]

    /// The bounds in seconds, as they are written on the page.
    static let labels = ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60"]

    /// The bucket of a duration; `bounds.count` is the one without a bound.
    static func index(_ nanoseconds: Int64) -> Int {
        var index = 0
        while index < bounds.count, nanoseconds > bounds[index] { index += 1 }
        return index
    }
}

/// The counters of 64 names on one event loop. One thread writes, any thread reads: the writer's relaxed load and store cost
/// no more than plain ones, no update is lost because there is one writer, and a reader sees each counter whole.
final class MeterBlock: Sendable {
    /// Names per block.
    static let names = 64
    /// Counters per name.
    static let stride = 32

    private let cells: InlineArray<2_048, Atomic<UInt64>>

    init() { cells = InlineArray { _ in Atomic(0) } }

    /// Adds to a counter; only the block's own loop may.
    func add(_ amount: UInt64, name: Int, cell: Int) {
        let index = (name & (MeterBlock.names - 1)) &* MeterBlock.stride &+ cell
        cells[index].store(cells[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds the counters of a name to `sums`.
    func read(name: Int, into sums: inout [UInt64]) {
        let start = (name & (MeterBlock.names - 1)) * MeterBlock.stride
        for cell in 0..<MeterBlock.stride { sums[cell] &+= cells[start + cell].load(ordering: .relaxed) }
    }
}

/// Which counter of a name is where: for a route all of them, for a department the histogram, for an end the first.
enum MeterCell {
    /// Six status classes: none, 1xx to 5xx.
    static let status = 0
    /// 16 buckets.
    static let buckets = 6
    /// Nanoseconds in all.
    static let durationSum = 22
    /// Bytes of requests.
    static let bytesIn = 23
    /// Bytes of replies.
    static let bytesOut = 24
    /// For the loop itself (name 0 of its own table): connections opened, closed, upstream connections opened, closed.
    static let opened = 0
    static let closed = 1
    static let upstreamOpened = 2
    static let upstreamClosed = 3
    static let shed = 4
    /// Connections that were closed as they came, one for each reason.
    static let refused = 5
    /// Requests that a limit turned away, one for each kind.
    static let limited = 7
    /// Connections that changed to another protocol, and those of them that have ended.
    static let upgraded = 14
    static let upgradeEnded = 15
}

/// The blocks of one table on one loop. The loop works on its own copy of the list; the lock is taken when a block is added,
/// which happens once per 64 names, and by the page.
final class MeterShard: Sendable {
    private let blocks = Mutex<[MeterBlock]>([])

    init() {}

    /// As many blocks as needed for a name; the loop keeps the answer.
    func grow(toHold name: Int) -> [MeterBlock] {
        blocks.withLock { blocks in
            while blocks.count <= name / MeterBlock.names { blocks.append(MeterBlock()) }
            return blocks
        }
    }

    /// The blocks so far.
    var current: [MeterBlock] { blocks.withLock { $0 } }
}
