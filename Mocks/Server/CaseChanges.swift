/// What a caller asks about a case that is there, or changes about it.
enum CaseInquiry: Sendable {
    case corrections(String)
    case answer(String, at: CivilTime, materials: Int)
    case result(String)
    case withdraw(String)
    case search(CaseSearch)
    case evaluate(String, score: Int)
}

/// Which cases are searched for; an empty text or nil is any.
struct CaseSearch: Sendable {
    var name = ""
    var identity = ""
    var itemCode = ""
    /// The department's own code.
    var status = ""
    var from: CivilTime?
    var before: CivilTime?
    var page = 1
    var size = 20
}

/// What a department makes of such an inquiry.
enum CaseFinding: Sendable {
    case file(CaseFile)
    case files([CaseFile], total: Int)
    case notFound
    /// The case is in another state.
    case conflict
}

extension CaseFile {
    /// 补正告知: sent a day after acceptance, to be answered within a week.
    struct Notice: Sendable {
        let reason = "缺<营业执照>复印件 & 经办人签字"
        let material = (code: "CL002", name: "营业执照复印件")
        let time: CivilTime
        var answered: CivilTime?

        /// 补正期限.
        var deadline: CivilTime { time.plus(minutes: 7 * 24 * 60) }
    }

    /// 办结结果: what was decided, and the licence that was issued.
    struct Result: Sendable {
        let explain = "准予许可"
        let time: CivilTime
        let licence: String
        let number: String
        let until: CivilTime
    }

    /// The notice of a case that was once asked to correct something.
    var notice: Notice? {
        guard stage == .correctionRequested || stage == .corrected else { return nil }
        return Notice(time: applied.plus(minutes: 24 * 60), answered: answered)
    }

    /// The result of a case that is completed.
    var result: Result? {
        guard stage == .completed, let end = steps.last?.end, let until = CivilTime(end.year + 5, end.month, end.day) else { return nil }
        return Result(time: end, licence: item.name + "证", number: "ZZ-" + ownNumber, until: until)
    }
}

extension DepartmentState {
    /// Answers an inquiry about a case; `code` is the department's code of a stage, `names` the fields of an applicant's name and number.
    mutating func find(
        _ inquiry: CaseInquiry, code: (CaseStage) -> String, names: (name: String, identity: String) = ("", "")
    ) -> CaseFinding {
        switch inquiry {
        case .corrections(let number), .evaluate(let number, _): return file(number).map { .file($0) } ?? .notFound
        case .result(let number):
            guard let file = file(number) else { return .notFound }
            return file.result == nil ? .conflict : .file(file)
        case .answer(let number, let time, _):
            guard var file = file(number) else { return .notFound }
            guard file.stage == .correctionRequested else { return .conflict }
            (file.stage, file.status, file.answered) = (.corrected, code(.corrected), time)
            replace(file)
            return .file(file)
        case .withdraw(let number):
            guard var file = file(number) else { return .notFound }
            guard file.stage != .completed, file.stage != .withdrawn else { return .conflict }
            (file.stage, file.status) = (.withdrawn, code(.withdrawn))
            replace(file)
            return .file(file)
        case .search(let search):
            let found = files.filter { $0.fits(search, names) }
            let start = (search.page - 1).multipliedReportingOverflow(by: search.size)
            let shown = start.overflow ? [] : Array(found.dropFirst(start.partialValue).prefix(search.size))
            return .files(shown, total: found.count)
        }
    }
}

extension CaseFile {
    fileprivate func fits(_ search: CaseSearch, _ names: (name: String, identity: String)) -> Bool {
        func submitted(_ name: String) -> String { self.submitted.first { $0.name == name }?.value.string ?? "" }
        return (search.name.isEmpty || submitted(names.name) == search.name)
            && (search.identity.isEmpty || submitted(names.identity) == search.identity)
            && (search.itemCode.isEmpty || item.code == search.itemCode) && (search.status.isEmpty || status == search.status)
            && (search.from.map { applied.compact >= $0.compact } ?? true) && (search.before.map { applied.compact < $0.compact } ?? true)
    }
}
