/// The identifiers of the field, checked by form, by the dates inside them and by check digit. The raw value is the name that
/// a schema's `format` uses.
public enum Identifier: String, Sendable, Hashable, CaseIterable {
    /// 统一社会信用代码, 18 characters (GB 32100-2015); characters 9–17 are an organisation code (GB 11714-1997).
    case uscc = "uscc"
    /// 公民身份号码, 18 characters (GB 11643-1999).
    case citizenID = "citizen-id"
    /// 行政区划代码 in the form of GB/T 2260: 6 digits, or 12 with township and village. Retired codes have the same form.
    case region = "region"
    /// 实施编码 of 31 characters (authority's USCC, level, 12 digits) or 业务办理项编码 of 33 (two digits more).
    case itemCode = "item-code"
    /// 办件编号: an item code, `yyyyMMdd` and a serial of four digits.
    case caseNo = "case-no"
    /// 电子证照标识 (GB/T 36904): root, type of 21 characters, issuer's USCC, serial, version of 3 digits, check character.
    case licenceID = "licence-id"

    /// What is wrong with an identifier.
    public enum Flaw: Sendable, Hashable {
        /// Its length or its characters.
        case form
        /// The date inside it does not exist.
        case date
        /// A check digit.
        case checkDigit
    }

    /// The first flaw of `text`; nil when it is right.
    public func flaw(in text: String) -> Flaw? {
        var text = text
        return text.withUTF8 { flaw(in: $0[...]) }
    }

    /// `text` as the standard writes it: a citizen's number ends in an upper-case X. Nil when nothing needs to change.
    public func normalised(_ text: String) -> String? {
        guard self == .citizenID, text.utf8.count == 18, text.utf8.last == UInt8(ascii: "x") else { return nil }
        return text.dropLast() + "X"
    }

    /// What would have been right, for a message.
    public func expectation(_ flaw: Flaw) -> String {
        switch (self, flaw) {
        case (.uscc, .checkDigit): "must be a unified social credit code whose check digits are right (GB 32100)"
        case (.uscc, _): "must be a unified social credit code: 18 digits and capital letters (GB 32100)"
        case (.citizenID, .checkDigit): "must be a citizen's number whose check digit is right (GB 11643)"
        case (.citizenID, .date): "must be a citizen's number with a date of birth that exists (GB 11643)"
        case (.citizenID, .form): "must be a citizen's number: 17 digits and a digit or X (GB 11643)"
        case (.region, _): "must be a region of 6 or 12 digits (GB/T 2260)"
        case (.itemCode, .checkDigit): "must be an item code that begins with a unified social credit code whose check digits are right"
        case (.itemCode, _): "must be an item code: a unified social credit code, a level from 1 to 7, and 12 or 14 digits"
        case (.caseNo, .checkDigit): "must be a case number whose item code has right check digits"
        case (.caseNo, .date): "must be a case number with a date that exists after its item code"
        case (.caseNo, .form): "must be a case number: an item code, yyyyMMdd and four digits"
        case (.licenceID, .checkDigit): "must be a licence's identifier whose check characters are right (GB/T 36904)"
        case (.licenceID, _): "must be a licence's identifier: 1.2.156.3005.2, type, issuer, serial, version and check (GB/T 36904)"
        }
    }

    typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private func flaw(in bytes: Bytes) -> Flaw? {
        switch self {
        case .uscc: Identifier.usccFlaw(bytes)
        case .citizenID: Identifier.citizenFlaw(bytes)
        case .region: Identifier.isRegion(bytes) ? nil : .form
        case .itemCode: Identifier.itemFlaw(bytes)
        case .caseNo: Identifier.caseFlaw(bytes)
        case .licenceID: Identifier.licenceFlaw(bytes)
        }
    }
}

extension Identifier {
    private static let licenceRoot = Array("1.2.156.3005.2.".utf8)

    /// The unified social credit code of the issuer inside a licence's identifier; nil when `text` is none.
    static func issuer(in text: String) -> String? {
        guard text.utf8.starts(with: licenceRoot), Identifier.licenceID.flaw(in: text) == nil else { return nil }
        return text.split(separator: ".").dropFirst(6).first.map(String.init)
    }

    private static func licenceFlaw(_ bytes: Bytes) -> Flaw? {
        guard bytes.starts(with: licenceRoot) else { return .form }
        let parts = bytes.dropFirst(licenceRoot.count).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 5, parts.allSatisfy({ part in part.allSatisfy { alphanumericValue($0) != nil } }) else { return .form }
        guard parts[0].count == 21, (1...64).contains(parts[2].count), parts[3].count == 3, parts[4].count == 1 else { return .form }
        if let flaw = usccFlaw(parts[1]) { return flaw }
        return parts[4].first == alphanumericCheck(parts.dropLast().joined()) ? nil : .checkDigit
    }

    /// The check character of ISO 7064 MOD 37,36.
    private static func alphanumericCheck(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var product = 36
        for byte in bytes {
            let sum = (product + (alphanumericValue(byte) ?? 0)) % 36
            product = (sum == 0 ? 36 : sum) * 2 % 37
        }
        let check = (37 - product) % 36
        return UInt8(check < 10 ? check + 48 : check + 55)
    }

    private static func alphanumericValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...90: Int(byte) - 55
        default: nil
        }
    }
}

extension Identifier {
    private static let usccWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    private static let organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]
    private static let citizenWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let citizenChecks = Array("10X98765432".utf8)
    /// Values of A–Z in GB 32100's alphabet, which leaves out I, O, S, V and Z.
    private static let usccLetters: [Int] = [
        10, 11, 12, 13, 14, 15, 16, 17, -1, 18, 19, 20, 21, 22, -1, 23, 24, 25, -1, 26, 27, -1, 28, 29, 30, -1,
    ]
    /// The first two digits of GB/T 2260; 83 stands for Taiwan in the numbers of residence permits.
    private static let provinces: Set<Int> = [
        11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65,
        71, 81, 82, 83,
    ]

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    private static func number(_ bytes: Bytes) -> Int { bytes.reduce(0) { $0 * 10 + Int($1) - 48 } }

    private static func usccValue(_ byte: UInt8) -> Int? {
        if isDigit(byte) { return Int(byte) - 48 }
        guard byte &- 65 < 26 else { return nil }
        let value = usccLetters[Int(byte) - 65]
        return value < 0 ? nil : value
    }

    private static func usccFlaw(_ bytes: Bytes) -> Flaw? {
        guard bytes.count == 18 else { return .form }
        let start = bytes.startIndex
        guard bytes[start + 2..<start + 8].allSatisfy(isDigit) else { return .form }
        var sum = 0
        var check = -1
        for (offset, byte) in bytes.enumerated() {
            guard let value = usccValue(byte) else { return .form }
            if offset < 17 { sum += value * usccWeights[offset] } else { check = value }
        }
        guard (31 - sum % 31) % 31 == check else { return .checkDigit }
        return organisationCheck(bytes[start + 8..<start + 16]) == bytes[start + 16] ? nil : .checkDigit
    }

    /// The check character of an organisation code's eight characters (GB 11714: letters count from A = 10).
    private static func organisationCheck(_ bytes: Bytes) -> UInt8 {
        var sum = 0
        for (offset, byte) in bytes.enumerated() {
            sum += (isDigit(byte) ? Int(byte) - 48 : Int(byte) - 55) * organisationWeights[offset]
        }
        switch 11 - sum % 11 {
        case 10: return UInt8(ascii: "X")
        case 11: return UInt8(ascii: "0")
        case let digit: return UInt8(48 + digit)
        }
    }

    private static func citizenFlaw(_ bytes: Bytes) -> Flaw? {
        guard bytes.count == 18, bytes.dropLast().allSatisfy(isDigit), let last = bytes.last else { return .form }
        let check = last == UInt8(ascii: "x") ? UInt8(ascii: "X") : last
        guard isDigit(check) || check == UInt8(ascii: "X") else { return .form }
        let start = bytes.startIndex
        guard provinces.contains(number(bytes[start..<start + 2])) else { return .form }
        guard isDate(bytes[start + 6..<start + 14]) else { return .date }
        var sum = 0
        for (offset, byte) in bytes.dropLast().enumerated() { sum += (Int(byte) - 48) * citizenWeights[offset] }
        return citizenChecks[sum % 11] == check ? nil : .checkDigit
    }

    private static func isRegion(_ bytes: Bytes) -> Bool {
        guard bytes.count == 6 || bytes.count == 12, bytes.allSatisfy(isDigit) else { return false }
        let start = bytes.startIndex
        guard provinces.contains(number(bytes[start..<start + 2])) else { return false }
        let (city, county) = (number(bytes[start + 2..<start + 4]), number(bytes[start + 4..<start + 6]))
        guard city != 0 || county == 0 else { return false }
        guard bytes.count == 12 else { return true }
        return number(bytes[start + 6..<start + 9]) != 0 || number(bytes[start + 9..<start + 12]) == 0
    }

    private static func itemFlaw(_ bytes: Bytes) -> Flaw? {
        guard bytes.count == 31 || bytes.count == 33 else { return .form }
        let start = bytes.startIndex
        guard (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(bytes[start + 18]) else { return .form }
        guard bytes[(start + 19)...].allSatisfy(isDigit) else { return .form }
        return usccFlaw(bytes[..<(start + 18)])
    }

    private static func caseFlaw(_ bytes: Bytes) -> Flaw? {
        guard bytes.count == 43 || bytes.count == 45 else { return .form }
        let serial = bytes.suffix(12)
        guard serial.allSatisfy(isDigit) else { return .form }
        if let flaw = itemFlaw(bytes.dropLast(12)) { return flaw }
        return isDate(serial.prefix(8)) ? nil : .date
    }

    /// Eight digits that name a day of the years 1800–2199.
    private static func isDate(_ bytes: Bytes) -> Bool {
        let start = bytes.startIndex
        let year = number(bytes[start..<start + 4])
        let month = number(bytes[start + 4..<start + 6])
        return (1800..<2200).contains(year)
            && Timestamp.isDay(year: year, month: month, day: number(bytes[start + 6..<start + 8]))
    }
}
