/// What the Harbin platform takes and gives once a case is there.
enum HrbLater {
    /// The paths.
    static let functions: [String: MockFunction] = [
        "/hrb/api/bjlb.do": .search, "/hrb/api/jgcx.do": .result, "/hrb/api/bzcx.do": .corrections, "/hrb/api/bztj.do": .answer,
        "/hrb/api/chsq.do": .withdraw, "/hrb/api/hcp.do": .evaluate,
    ]

    private static let number: [FieldRule] = [.required("sblsh", .text(50))]
    private static let search: [FieldRule] = [
        .optional("sqrmc", .text(200)), .optional("sqrzjhm", .text(50)), .optional("sxbm", .digits([31])), .optional("bjzt", .text(2)),
        .optional("sqsjq", .compactTime), .optional("sqsjz", .compactTime), .optional("dqy", .text(6)), .optional("myts", .text(4)),
    ]

    /// Reads the fields of a function.
    static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> CaseInquiry {
        let form = JSON.object(members)
        func text(_ name: String) -> String { form[name]?.string ?? "" }
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
                    name: text("sqrmc"), identity: text("sqrzjhm"), itemCode: text("sxbm"), status: text("bjzt"),
                    from: CivilTime(compact: text("sqsjq")), before: CivilTime(compact: text("sqsjz")), page: try count("dqy", 1),
                    size: try count("myts", 20)))
        case .answer:
            let material: [FieldRule] = [.required("clbm", .text(50)), .required("clmc", .text(200))]
            try (number + [.required("bzsj", .compactTime), .optional("clxx", .listText(material))]).check(members)
            guard let time = CivilTime(compact: text("bzsj")) else { throw .invalid("bzsj") }
            return .answer(text("sblsh"), at: time, materials: 0)
        case .withdraw:
            try (number + [.optional("chyy", .text(500))]).check(members)
            return .withdraw(text("sblsh"))
        case .evaluate:
            let more: [FieldRule] = [
                .required("pjhj", .code(["1", "2"])), .required("myd", .code(["1", "2", "3", "4", "5"])), .optional("pjnr", .text(1000)),
                .optional("pjqd", .code(["1", "2", "3", "4", "9"])),
            ]
            try (number + more).check(members)
            return .evaluate(text("sblsh"), score: Int(text("myd")) ?? 0)
        default:
            try number.check(members)
            return function == .result ? .result(text("sblsh")) : .corrections(text("sblsh"))
        }
    }

    /// What a result or a list of notices holds.
    static func write(_ file: CaseFile, for function: MockFunction, quirk: Quirk?) -> JSON {
        if quirk?.mode == .missingField { return [:] }
        switch function {
        case .result:
            guard let result = file.result else { return [:] }
            let licence: JSON = [
                "zzmc": .text(result.licence), "zzbh": .text(result.number), "yxqz": .text(result.until.compactDate),
                "fzjg": "哈尔滨市营商环境建设监督局",
            ]
            return [
                "jglx": quirk?.mode == .unknownStatus ? "未知" : "出证", "jgms": .text(result.explain), "bjsj": .text(result.time.compact),
                "zzlb": [licence],
            ]
        case .corrections:
            let notices = file.notice.map { notice -> JSON in
                let materials: JSON = [["clbm": .text(notice.material.code), "clmc": .text(notice.material.name)]]
                return [
                    "bzyy": .text(notice.reason), "clxx": materials, "bzqx": .text(notice.deadline.compact),
                    "gzsj": .text(notice.time.compact), "bzsj": .text(notice.answered?.compact ?? "null"),
                ]
            }
            return ["bzlb": .list(notices.map { [$0] } ?? [])]
        default: return ["sblsh": .text(file.number)]
        }
    }
}
