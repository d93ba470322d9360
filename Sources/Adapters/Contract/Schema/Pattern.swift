/// A `pattern` of JSON Schema, compiled to a position automaton (Glushkov): matching takes time linear in the text whatever
/// the pattern, so that no text can make it slow, and allocates nothing. It knows the regular part of ECMA-262: no
/// look-around, no back-references, and `^` and `$` only at the ends of the pattern's branches.
struct Pattern: Sendable {
    /// One bit per position; a pattern has at most 256.
    typealias Positions = SIMD4<UInt64>

    /// The most positions a pattern may have after its repetitions are written out.
    static let positionLimit = 256

    /// Why a pattern cannot be compiled.
    struct Fault: Error {
        /// A sentence without a final stop.
        let reason: String
    }

    /// The pattern as written.
    let source: String
    private let first: Positions
    private let last: Positions
    private let follow: [Positions]
    private let matchesEmpty: Bool
    /// For each ASCII character, the positions that take it.
    private let ascii: [Positions]
    private let sets: [ScalarSet]

    /// Compiles a pattern.
    init(_ source: String) throws(Fault) {
        self.source = source
        var parser = PatternParser(source)
        var builder = Builder()
        let whole = try builder.build(try parser.pattern())
        first = whole.first
        last = whole.last
        matchesEmpty = whole.isNullable
        follow = builder.follow
        let sets = builder.sets
        self.sets = sets
        ascii = (0..<128).map { code in
            var mask = Positions.zero
            for (position, set) in sets.enumerated() where set.contains(UInt32(code)) { mask.insert(position) }
            return mask
        }
    }

    /// Whether the pattern is found in `text` (anywhere, unless it is anchored).
    func matches(_ text: String) -> Bool {
        var reached = first
        var isAccepted = matchesEmpty
        for scalar in text.unicodeScalars {
            let taken = reached & takers(of: scalar, among: reached)
            isAccepted = (taken & last) != .zero
            reached = .zero
            for lane in 0..<4 {
                var bits = taken[lane]
                while bits != 0 {
                    reached |= follow[lane * 64 + bits.trailingZeroBitCount]
                    bits &= bits - 1
                }
            }
            if reached == .zero && !isAccepted { return false }
        }
        return isAccepted
    }

    private func takers(of scalar: Unicode.Scalar, among candidates: Positions) -> Positions {
        if scalar.value < 128 { return ascii[Int(scalar.value)] }
        var mask = Positions.zero
        for lane in 0..<4 {
            var bits = candidates[lane]
            while bits != 0 {
                let position = lane * 64 + bits.trailingZeroBitCount
                if sets[position].contains(scalar.value) { mask.insert(position) }
                bits &= bits - 1
            }
        }
        return mask
    }
}

extension SIMD4<UInt64> {
    fileprivate mutating func insert(_ position: Int) { self[position >> 6] |= 1 << UInt64(position & 63) }
}

/// A set of characters: ranges, general categories, and whether the set is turned around.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var categories: [Category] = []
    var isNegated = false
    /// Sets that stand inside this one, such as `\D` in a class.
    var members: [ScalarSet] = []

    /// A Unicode general category, or a group of them, as `\p{…}` names it.
    struct Category: Sendable {
        let names: Set<Unicode.GeneralCategory>
    }

    static let any = ScalarSet(ranges: [0...0x10FFFF])
    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// ECMA-262 WhiteSpace and LineTerminator.
    static let space = ScalarSet(ranges: [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F,
        0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// What `.` takes: everything but a line terminator.
    static let dot = ScalarSet(ranges: [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029], isNegated: true)

    var negated: ScalarSet {
        var copy = self
        copy.isNegated.toggle()
        return copy
    }

    func contains(_ value: UInt32) -> Bool {
        var isIn = ranges.contains { $0.contains(value) } || members.contains { $0.contains(value) }
        if !isIn, !categories.isEmpty, let scalar = Unicode.Scalar(value) {
            let category = scalar.properties.generalCategory
            isIn = categories.contains { $0.names.contains(category) }
        }
        return isIn != isNegated
    }
}

/// The parts of a pattern.
indirect enum PatternNode {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// At least `low` times, at most `high`; nil for no bound.
    case repeated(PatternNode, low: Int, high: Int?)

    /// Whether the node takes characters at all; one that does not need not be repeated.
    var takesCharacters: Bool {
        switch self {
        case .empty: false
        case .set: true
        case .sequence(let parts), .choice(let parts): parts.contains(where: \.takesCharacters)
        case .repeated(let part, _, let high): high != 0 && part.takesCharacters
        }
    }
}

extension Pattern {
    /// Numbers the positions and finds which may follow which.
    private struct Builder {
        struct Fragment {
            var first = Positions.zero
            var last = Positions.zero
            var isNullable = true
        }

        var sets: [ScalarSet] = []
        var follow: [Positions] = []

        mutating func build(_ node: PatternNode) throws(Fault) -> Fragment {
            switch node {
            case .empty: return Fragment()
            case .set(let set):
                guard sets.count < Pattern.positionLimit else {
                    throw Fault(reason: "it is longer than \(Pattern.positionLimit) positions once its repetitions are written out")
                }
                var fragment = Fragment(isNullable: false)
                fragment.first.insert(sets.count)
                fragment.last.insert(sets.count)
                sets.append(set)
                follow.append(.zero)
                return fragment
            case .sequence(let parts):
                var whole = Fragment()
                for part in parts { whole = join(whole, try build(part)) }
                return whole
            case .choice(let parts):
                var whole = Fragment(isNullable: false)
                for part in parts {
                    let fragment = try build(part)
                    whole.first |= fragment.first
                    whole.last |= fragment.last
                    whole.isNullable = whole.isNullable || fragment.isNullable
                }
                return whole
            case .repeated(let part, let low, let high):
                guard node.takesCharacters else { return Fragment() }
                return try repeated(part, low, high)
            }
        }

        private mutating func repeated(_ part: PatternNode, _ low: Int, _ high: Int?) throws(Fault) -> Fragment {
            var whole = Fragment()
            let copies = high ?? max(low, 1)
            for copy in 0..<copies {
                var fragment = try build(part)
                if high == nil, copy == copies - 1 { link(fragment.last, to: fragment.first) }
                if copy >= low { fragment.isNullable = true }
                whole = join(whole, fragment)
            }
            return whole
        }

        private mutating func join(_ left: Fragment, _ right: Fragment) -> Fragment {
            link(left.last, to: right.first)
            return Fragment(
                first: left.isNullable ? left.first | right.first : left.first,
                last: right.isNullable ? left.last | right.last : right.last,
                isNullable: left.isNullable && right.isNullable)
        }

        private mutating func link(_ from: Positions, to: Positions) {
            for position in follow.indices where from[position >> 6] & (1 << UInt64(position & 63)) != 0 { follow[position] |= to }
        }
    }
}
