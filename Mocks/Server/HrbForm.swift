/// A signed form of the Harbin platform, decoded from GB18030.
struct HrbForm {
    private let fields: [JSON.Member]

    /// Decodes a body; nil where the encoding is broken or a field is repeated.
    init?(_ body: [UInt8]) {
        var fields: [JSON.Member] = []
        for pair in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let name = Self.decode(halves[0]), let value = Self.decode(halves[1]), !name.isEmpty,
                !fields.contains(where: { $0.name == name })
            else { return nil }
            fields.append(JSON.Member(name: name, value: .text(value)))
        }
        self.fields = fields
    }

    /// A field's value; empty where there is none.
    subscript(name: String) -> String { fields.first { $0.name == name }?.value.string ?? "" }

    /// The nonce, where it is 6–64 letters or digits.
    var nonce: String? {
        let nonce = self["nonce"]
        let sound =
            (6...64).contains(nonce.utf8.count) && nonce.utf8.allSatisfy { ($0 | 32 >= 97 && $0 | 32 <= 122) || (48...57).contains($0) }
        return sound ? nonce : nil
    }

    /// Whether the known application signed exactly these fields.
    func isSigned() -> Bool {
        let signed = fields.filter { $0.name != "sign" && $0.value != .text("") }
            .sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
            .map { "\($0.name)=\($0.value.string ?? "")" }.joined(separator: "&")
        guard let bytes = Charset.encode(signed + "&key=" + MockCredentials.hrbAppSecret) else { return false }
        return self["appKey"] == MockCredentials.hrbAppKey && self["sign"] == Digest.md5(bytes).uppercased()
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var out: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                out.append(high << 4 | low)
            case 0x21...0x7E: out.append(byte)
            default: return nil
            }
        }
        return Charset.decode(out)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}

extension HrbForm {
    private static let envelope: Set<String> = ["appKey", "timestamp", "nonce", "sign"]
    private static let application: [FieldRule] = [
        .required("sblsh", .text(50)), .required("sxbm", .digits([31])), .optional("sxmc", .text(200)), .optional("blzy", .text(500)),
        .required("sqrlx", .code(["1", "2", "3", "4", "5", "6"])), .required("sqrmc", .text(200)),
        .required("sqrzjlx", .code(["111", "414", "001", "999"])), .required("sqrzjhm", .text(50)), .optional("fddbr", .text(100)),
        .optional("lxdh", .text(50)), .optional("lxdz", .text(300)), .optional("dlrxm", .text(100)), .optional("dlrzjhm", .text(50)),
        .optional("dlrdh", .text(50)), .required("xzqhdm", .digits([6, 12])), .optional("blxs", .code(["1", "2", "3", "4", "9"])),
        .required("sqsj", .compactTime), .optional("ljbh", .text(50)), .optional("bdxx", .objectText),
        .optional("clxx", .listText([.required("clbm", .text(50)), .required("clmc", .text(200))])),
    ]
    private static let caseQuery: [FieldRule] = [.required("sblsh", .text(50))]
    private static let itemQuery: [FieldRule] = [.required("sxbm", .digits([31]))]
    private static let listQuery: [FieldRule] = [
        .optional("dqy", .text(6)), .optional("myts", .text(3)), .optional("sxmc", .text(100)), .optional("sxbm", .digits([31])),
    ]

    /// The business fields.
    var members: [JSON.Member] { fields.filter { !Self.envelope.contains($0.name) } }

    /// Reads the fields of a function.
    func inquiry(for function: MockFunction) throws(FieldFault) -> Inquiry {
        switch function {
        case .submit:
            try Self.application.check(members)
            let sound =
                switch self["sqrzjlx"] {
                case "111": Identity.isCitizen(self["sqrzjhm"])
                case "001": Identity.isOrganisation(self["sqrzjhm"])
                default: true
                }
            guard sound else { throw .invalid("sqrzjhm") }
            guard self["xzqhdm"].hasPrefix("2301") else { throw .invalid("xzqhdm") }
            guard let applied = CivilTime(compact: self["sqsj"]) else { throw .invalid("sqsj") }
            return .submit(Application(number: self["sblsh"], itemCode: self["sxbm"], applied: applied, members: members))
        case .items:
            try Self.listQuery.check(members)
            return .items(
                page: try number("dqy", 1, 1...999_999), size: try number("myts", 20, 1...100), keyword: self["sxmc"], code: self["sxbm"])
        case .item:
            try Self.itemQuery.check(members)
            return .item(self["sxbm"])
        default:
            try Self.caseQuery.check(members)
            return function == .query ? .query(self["sblsh"]) : .events(self["sblsh"])
        }
    }

    private func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) throws(FieldFault) -> Int {
        if self[name].isEmpty { return standard }
        guard let number = Int(self[name]), range.contains(number) else { throw .invalid(name) }
        return number
    }
}
