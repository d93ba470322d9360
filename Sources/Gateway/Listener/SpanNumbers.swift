/// Numbers for traces and spans: xoshiro256** (Blackman and Vigna), seeded by the system. They must differ, not be secret, and
/// asking the system three times an exchange costs a microsecond.
struct SpanNumbers: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator with a seed of its own.
    init() {
        var system = SystemRandomNumberGenerator()
        // All zero is the one state that never leaves itself.
        state = (system.next() | 1, system.next(), system.next(), system.next())
    }

    mutating func next() -> UInt64 {
        let result = Self.rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, 45)
        return result
    }

    private static func rotate(_ word: UInt64, _ by: UInt64) -> UInt64 { word << by | word >> (64 - by) }
}
