/// One field of a department's interface and what it may hold.
struct FieldRule: Sendable {
    /// What a field may hold.
    enum Kind: Sendable {
        /// Text of at most so many characters.
        case text(Int)
        /// One of these strings.
        case code([String])
        /// A whole number in a range.
        case number(ClosedRange<Int>)
        /// Digits and capital letters, of one of these lengths.
        case digits([Int])
        /// `yyyy-MM-dd HH:mm:ss`.
        case spacedTime
        /// `yyyyMMddHHmmss`.
        case compactTime
        /// A JSON object as text.
        case objectText
        /// A JSON array as text, of objects with these fields.
        case listText([FieldRule])
        /// An object of any shape.
        case anyObject
        /// An object with these fields.
        case object([FieldRule])
        /// An array of objects with these fields.
        case list([FieldRule])
    }

    let name: String
    let kind: Kind
    var required = false

    /// A field that may be left out.
    static func optional(_ name: String, _ kind: Kind) -> FieldRule { FieldRule(name: name, kind: kind) }

    /// A field that must be there.
    static func required(_ name: String, _ kind: Kind) -> FieldRule { FieldRule(name: name, kind: kind, required: true) }
}

/// What is wrong with a field.
enum FieldFault: Error {
    case missing(String)
    case unknown(String)
    case invalid(String)
}

extension [FieldRule] {
    /// Checks an object's members; null and empty text count as absent.
    func check(_ members: [JSON.Member]) throws(FieldFault) {
        for member in members where !contains(where: { $0.name == member.name }) { throw .unknown(member.name) }
        for rule in self {
            let values = members.filter { $0.name == rule.name }.map(\.value).filter { $0 != .null && $0 != .text("") }
            guard values.count <= 1 else { throw .invalid(rule.name) }
            guard let value = values.first else {
                if rule.required { throw .missing(rule.name) }
                continue
            }
            try rule.check(value)
        }
    }
}

extension FieldRule {
    fileprivate func check(_ value: JSON) throws(FieldFault) {
        // A character that somebody's converter gave up on is damage, whatever the field.
        if let text = value.string, text.unicodeScalars.contains("\u{FFFD}") { throw .invalid(name) }
        switch kind {
        case .anyObject:
            guard value.members != nil else { throw .invalid(name) }
        case .object(let rules):
            guard let members = value.members else { throw .invalid(name) }
            try rules.check(members)
        case .list(let rules):
            try check(value, each: rules)
        case .listText(let rules):
            guard let text = value.string, let list = JSON(parsing: Array(text.utf8)) else { throw .invalid(name) }
            try check(list, each: rules)
        case .number(let range):
            guard let number = value.integer, range.contains(number) else { throw .invalid(name) }
        default:
            guard let text = value.string, holds(text) else { throw .invalid(name) }
        }
    }

    private func check(_ value: JSON, each rules: [FieldRule]) throws(FieldFault) {
        guard case .list(let entries) = value else { throw .invalid(name) }
        for entry in entries {
            guard let members = entry.members else { throw .invalid(name) }
            try rules.check(members)
        }
    }

    private func holds(_ text: String) -> Bool {
        switch kind {
        case .text(let limit): text.count <= limit
        case .code(let codes): codes.contains(text)
        case .digits(let lengths):
            lengths.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        case .spacedTime: CivilTime(spaced: text) != nil
        case .compactTime: CivilTime(compact: text) != nil
        case .objectText: JSON(parsing: Array(text.utf8))?.members != nil
        default: false
        }
    }
}

/// The check digits of the two numbers that name an applicant.
enum Identity {
    /// 公民身份号码, GB 11643, `X` in upper case.
    static func isCitizen(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 18, bytes.prefix(17).allSatisfy({ (48...57).contains($0) }) else { return false }
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(bytes, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
        return bytes[17] == Array("10X98765432".utf8)[sum % 11]
    }

    /// 统一社会信用代码, GB 32100.
    static func isOrganisation(_ text: String) -> Bool {
        let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
        let values = text.utf8.compactMap { alphabet.firstIndex(of: $0) }
        guard values.count == 18, text.utf8.count == 18 else { return false }
        var (sum, weight) = (0, 1)
        for value in values.prefix(17) {
            sum += value * weight
            weight = weight * 3 % 31
        }
        return values[17] == (31 - sum % 31) % 31
    }
}
