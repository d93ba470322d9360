/// An administrative division (GB/T 2260): 6 digits, or 12 with street and village. Trailing zero pairs mean "all of it".
public struct Region: Sendable, Hashable, CustomStringConvertible {
    /// The code as given.
    public let description: String
    /// How many digits say something: pairs of trailing zeros do not count among the first six, triples among the rest.
    private let stem: Int

    /// Reads a code; nil unless it is 6 or 12 digits.
    public init?(_ code: String) {
        let length = code.utf8.count
        guard length == 6 || length == 12 else { return nil }
        // Where the last digit stands that is not 0, from 1.
        var (last, position) = (0, 0)
        for digit in code.utf8 {
            position += 1
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            if digit != 0x30 { last = position }
        }
        description = code
        stem = last > 6 ? (last + 2) / 3 * 3 : max(2, (last + 1) / 2 * 2)
    }

    /// Whether `other` is this division or lies in it.
    public func covers(_ other: Region) -> Bool {
        stem <= other.stem && other.description.utf8.starts(with: description.utf8.prefix(stem))
    }
}
