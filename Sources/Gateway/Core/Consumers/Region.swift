/// An administrative division (GB/T 2260): 6 digits, or 12 with street and village. Trailing zero pairs mean "all of it".
public struct Region: Sendable, Hashable, CustomStringConvertible {
    /// The code as given.
    public let description: String
    /// The digits that say something: pairs of trailing zeros are dropped from the first six, triples from the rest.
    private let stem: String

    /// Reads a code; nil unless it is 6 or 12 digits.
    public init?(_ code: String) {
        guard code.utf8.count == 6 || code.utf8.count == 12, code.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        description = code
        var stem = Substring(code)
        while stem.utf8.count > 6, stem.hasSuffix("000") { stem = stem.dropLast(3) }
        while stem.utf8.count <= 6, stem.utf8.count > 2, stem.utf8.count.isMultiple(of: 2), stem.hasSuffix("00") { stem = stem.dropLast(2) }
        self.stem = String(stem)
    }

    /// Whether `other` is this division or lies in it.
    public func covers(_ other: Region) -> Bool { other.stem.hasPrefix(stem) }
}
