/// A set of scalars: ranges and Unicode general categories, or all but these.
struct IRegexpClass: Sendable {
    private var ranges: [ClosedRange<Unicode.Scalar>] = []
    private var members: [Unicode.GeneralCategory] = []
    private var isNegated = false
    /// The answer for each ASCII scalar, prepared by `seal`.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    /// Every scalar but the line feed and the carriage return.
    static let dot: IRegexpClass = {
        var members = IRegexpClass()
        members.add("\n"..."\n")
        members.add("\r"..."\r")
        members.seal(isNegated: true)
        return members
    }()

    /// Whether nothing was added.
    var isEmpty: Bool { ranges.isEmpty && members.isEmpty }

    /// Adds a range.
    mutating func add(_ range: ClosedRange<Unicode.Scalar>) { ranges.append(range) }

    /// Adds all scalars of the categories.
    mutating func add(_ categories: [Unicode.GeneralCategory]) {
        for category in categories where !members.contains(category) { members.append(category) }
    }

    /// Ends the definition; `isNegated` turns it into its opposite.
    mutating func seal(isNegated: Bool) {
        self.isNegated = isNegated
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<Unicode.Scalar>] = []
        for range in ranges {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
        for value in UInt8(0)..<128 where search(Unicode.Scalar(value)) {
            if value < 64 { low |= 1 << UInt64(value) } else { high |= 1 << UInt64(value - 64) }
        }
    }

    /// Whether the set has the scalar.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = UInt64(scalar.value)
        if value < 64 { return low & (1 << value) != 0 }
        if value < 128 { return high & (1 << (value - 64)) != 0 }
        return search(scalar)
    }

    private func search(_ scalar: Unicode.Scalar) -> Bool {
        var (start, end) = (0, ranges.count)
        while start < end {
            let middle = (start + end) / 2
            if ranges[middle].upperBound < scalar { start = middle + 1 } else { end = middle }
        }
        if start < ranges.count && ranges[start].contains(scalar) { return !isNegated }
        let isMember = !members.isEmpty && members.contains(scalar.properties.generalCategory)
        return isMember != isNegated
    }
}

extension IRegexpClass {
    /// The categories of RFC 9485 by their letters; Cs, the surrogates, are in no text.
    private static let table: [(name: String, category: Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter), ("Lo", .otherLetter),
        ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
        ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber),
        ("Pc", .connectorPunctuation), ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
        ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation),
        ("Zs", .spaceSeparator), ("Zl", .lineSeparator), ("Zp", .paragraphSeparator),
        ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol), ("So", .otherSymbol),
        ("Cc", .control), ("Cf", .format), ("Cn", .unassigned), ("Co", .privateUse),
    ]

    /// All of them.
    static let everyCategory = table.map(\.category)

    /// The categories of `Lu`, or of all of `L`; nil for an unknown name.
    static func categories(named name: String) -> [Unicode.GeneralCategory]? {
        let found = table.filter { $0.name == name || (name.unicodeScalars.count == 1 && $0.name.hasPrefix(name)) }.map(\.category)
        return found.isEmpty ? nil : found
    }
}
