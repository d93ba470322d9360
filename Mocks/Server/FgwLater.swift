/// What 省发展和改革委员会 takes and gives once a project is there.
enum FgwLater {
    /// The paths.
    static let functions: [String: MockFunction] = [
        "/api/project/search": .search, "/api/project/result": .result, "/api/project/notices": .corrections,
        "/api/project/supplement": .answer, "/api/project/withdraw": .withdraw, "/api/project/evaluate": .evaluate,
    ]

    private static let number: [FieldRule] = [.required("flowsn", .text(50))]
    private static let search: [FieldRule] = [
        .optional("applyname", .text(200)), .optional("certno", .text(50)), .optional("itemcode", .digits([31])),
        .optional("state", .number(10...99)), .optional("begintime", .spacedTime), .optional("endtime", .spacedTime),
        .optional("pageNo", .number(1...999_999)), .optional("pageSize", .number(1...1000)),
    ]
    private static let material: [FieldRule] = [.required("code", .text(50)), .required("name", .text(200))]

    /// Reads the parameters of a function.
    static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> CaseInquiry {
        let params = JSON.object(members)
        func text(_ name: String) -> String { params[name]?.string ?? "" }
        switch function {
        case .search:
            try search.check(members)
            return .search(
                CaseSearch(
                    name: text("applyname"), identity: text("certno"), itemCode: text("itemcode"),
                    status: params["state"]?.integer.map { String($0) } ?? "", from: CivilTime(spaced: text("begintime")),
                    before: CivilTime(spaced: text("endtime")), page: params["pageNo"]?.integer ?? 1,
                    size: params["pageSize"]?.integer ?? 20))
        case .answer:
            try (number + [.required("answertime", .spacedTime), .optional("attachs", .list(material))]).check(members)
            guard let time = CivilTime(spaced: text("answertime")) else { throw .invalid("answertime") }
            return .answer(text("flowsn"), at: time, materials: 0)
        case .withdraw:
            try (number + [.optional("reason", .text(500))]).check(members)
            return .withdraw(text("flowsn"))
        case .evaluate:
            let more: [FieldRule] = [
                .required("stage", .code(["1", "2"])), .required("score", .number(1...5)), .optional("content", .text(1000)),
                .optional("channel", .code(["1", "2", "3", "4", "9"])),
            ]
            try (number + more).check(members)
            return .evaluate(text("flowsn"), score: params["score"]?.integer ?? 0)
        default:
            try number.check(members)
            return function == .result ? .result(text("flowsn")) : .corrections(text("flowsn"))
        }
    }

    /// What a result or a list of notices holds.
    static func write(_ file: CaseFile, for function: MockFunction, quirk: Quirk?) -> [JSON.Member] {
        let unit: JSON = "黑龙江省发展和改革委员会"
        if quirk?.mode == .missingField { return [] }
        switch function {
        case .result:
            guard let result = file.result else { return [] }
            let licence: JSON = [
                "certname": .text(result.licence), "certno": .text(result.number), "validto": .text(result.until.dashedDate), "org": unit,
            ]
            return [
                JSON.Member(
                    name: "result",
                    value: [
                        "resultcode": quirk?.mode == .unknownStatus ? 77 : 10, "explain": .text(result.explain),
                        "finishtime": .number(Int(result.time.epochMilliseconds)), "certs": [licence],
                    ])
            ]
        case .corrections:
            let notices = file.notice.map { notice -> JSON in
                [
                    "reason": .text(notice.reason),
                    "attachs": [["code": .text(notice.material.code), "name": .text(notice.material.name)]],
                    "deadline": .text(notice.deadline.spaced), "noticetime": .number(Int(notice.time.epochMilliseconds)),
                    "answertime": notice.answered.map { .text($0.spaced) } ?? .null,
                ]
            }
            return [JSON.Member(name: "notices", value: .list(notices.map { [$0] } ?? []))]
        default: return [JSON.Member(name: "flowsn", value: .text(file.number))]
        }
    }
}
