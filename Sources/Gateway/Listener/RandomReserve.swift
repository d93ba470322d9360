import Glibc

/// Random numbers of the system, asked for many at a time: one question costs about a microsecond, whatever its length up to 256 bytes
/// (getentropy(3)), and a call of a department asks for a pair of numbers twice. Each number is handed out once.
struct RandomReserve {
    private var words: [UInt64] = []

    /// A number that cannot be guessed.
    mutating func next() -> UInt64 {
        if words.isEmpty { refill() }
        return words.popLast() ?? SystemRandomNumberGenerator.word()
    }

    private mutating func refill() {
        words = Array(repeating: 0, count: 32)
        let wanted = words.count * MemoryLayout<UInt64>.stride
        // 256 bytes is as much as it gives at a time.
        if words.withUnsafeMutableBytes({ getentropy($0.baseAddress.unsafelyUnwrapped, wanted) }) != 0 { words = [] }
    }
}

extension SystemRandomNumberGenerator {
    fileprivate static func word() -> UInt64 {
        var system = SystemRandomNumberGenerator()
        return system.next()
    }
}
