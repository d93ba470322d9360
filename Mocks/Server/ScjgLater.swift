/// What 省市场监督管理局 takes and gives once a case is there.
enum ScjgLater {
    /// The operations, and the roots of their documents.
    static let functions: [String: MockFunction] = [
        "queryList": .search, "queryResult": .result, "queryNotice": .corrections, "replyNotice": .answer, "cancelData": .withdraw,
        "receiveEvaluate": .evaluate,
    ]

    /// The root of a function's document.
    static func root(of function: MockFunction) -> String {
        switch function {
        case .submit: "APPROVEDATAINFO"
        case .answer: "BZINFO"
        case .evaluate: "PJINFO"
        default: "QUERYINFO"
        }
    }

    private static let number: [FieldRule] = [.required("SBLSH", .text(50))]
    private static let search: [FieldRule] = [
        .optional("SQRMC", .text(200)), .optional("SQRZJHM", .text(50)), .optional("SXBM", .digits([31])), .optional("BLZT", .digits([2])),
        .optional("SBSJQ", .spacedTime), .optional("SBSJZ", .spacedTime), .optional("YM", .text(6)), .optional("MYTS", .text(4)),
    ]

    /// Reads the fields of a function's document.
    static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> CaseInquiry {
        let document = JSON.object(members)
        func text(_ name: String) -> String { document[name]?.string ?? "" }
        func count(_ name: String, _ standard: Int) throws(FieldFault) -> Int {
            if text(name).isEmpty { return standard }
            guard let count = Int(text(name)), (1...999_999).contains(count) else { throw .invalid(name) }
            return count
        }
        switch function {
        case .search:
            try search.check(members)
            return .search(
                CaseSearch(
                    name: text("SQRMC"), identity: text("SQRZJHM"), itemCode: text("SXBM"), status: text("BLZT"),
                    from: CivilTime(spaced: text("SBSJQ")), before: CivilTime(spaced: text("SBSJZ")), page: try count("YM", 1),
                    size: try count("MYTS", 20)))
        case .answer:
            let material: [FieldRule] = [.required("CLBH", .text(50)), .required("CLMC", .text(200))]
            try (number + [.required("BZSJ", .spacedTime), .optional("CLLB", .list(material))]).check(members)
            guard let time = CivilTime(spaced: text("BZSJ")) else { throw .invalid("BZSJ") }
            return .answer(text("SBLSH"), at: time, materials: 0)
        case .withdraw:
            try (number + [.optional("CXYY", .text(500))]).check(members)
            return .withdraw(text("SBLSH"))
        case .evaluate:
            let more: [FieldRule] = [
                .required("PJHJ", .code(["1", "2"])), .required("MYD", .code(["1", "2", "3", "4", "5"])), .optional("PJNR", .text(1000)),
                .optional("PJQD", .code(["1", "2", "3", "4", "9"])),
            ]
            try (number + more).check(members)
            return .evaluate(text("SBLSH"), score: Int(text("MYD")) ?? 0)
        default:
            try number.check(members)
            return function == .result ? .result(text("SBLSH")) : .corrections(text("SBLSH"))
        }
    }

    /// What a result or a list of notices holds.
    static func write(_ file: CaseFile, for function: MockFunction, quirk: Quirk?) -> [Element] {
        if quirk?.mode == .missingField { return [] }
        switch function {
        case .result:
            guard let result = file.result else { return [] }
            let licence = [
                Element("ZZMC", result.licence), Element("ZZBH", result.number), Element("YXQZ", result.until.compactDate),
                Element("FZJG", "黑龙江省市场监督管理局"),
            ]
            return [
                Element("JGLX", quirk?.mode == .unknownStatus ? "8" : "0"), Element("JGMS", result.explain),
                Element("BJSJ", result.time.compact), Element("ZZLB", [Element("ZZ", licence)]),
            ]
        case .corrections:
            let notices = file.notice.map { notice in
                Element(
                    "BZ",
                    [
                        Element("BZYY", notice.reason),
                        Element(
                            "CLLB", [Element("CL", [Element("CLBH", notice.material.code), Element("CLMC", notice.material.name)])]),
                        Element("BZQX", notice.deadline.spaced), Element("GZSJ", notice.time.spaced),
                        Element("BZSJ", notice.answered?.spaced ?? ""),
                    ])
            }
            return [Element("BZLB", notices.map { [$0] } ?? [])]
        default: return [Element("SBLSH", file.number)]
        }
    }
}
