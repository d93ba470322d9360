/// One 办件 as a department keeps it.
struct CaseFile: Sendable {
    /// One 办理环节.
    struct Step: Sendable {
        /// 0 申办, 1 预受理, 2 受理, 3 审批, 4 办结, 7 补交告知, 8 补交受理, 9 领取.
        let code: Int
        let action: String
        let officer: String
        var opinion = ""
        let start: CivilTime
        var end: CivilTime?

        /// The name of the step.
        var name: String {
            ["申办", "预受理", "受理", "审批", "办结", "特别程序申请", "特别程序结果", "补交告知", "补交受理", "领取"][code]
        }
    }

    /// 申办流水号.
    let number: String
    let item: ServiceItem
    /// 业务流水号, the department's own.
    let ownNumber: String
    /// 受理回执号.
    let receipt: String
    /// 办件状态, the department's code.
    var status: String
    let applied: CivilTime
    let accepted: CivilTime?
    let steps: [Step]
    /// What was submitted, under the department's own names.
    let submitted: [JSON.Member]
    /// How far it has come.
    var stage = CaseStage.submitted
    /// When a correction notice was answered.
    var answered: CivilTime?

    /// 承诺办结日期.
    var due: CivilTime? { accepted?.plus(workingDays: item.promisedDays) }
}

/// How far a case has come; each dialect has its own codes for these.
enum CaseStage: Sendable {
    case submitted, accepted, processing, correctionRequested, corrected, completed, withdrawn

    /// The steps so far of a case that was applied for at a time.
    func steps(since time: CivilTime) -> [CaseFile.Step] {
        typealias Step = CaseFile.Step
        let applied = Step(code: 0, action: "提交", officer: "申请人", start: time, end: time)
        let reviewing = Step(code: 1, action: "预审", officer: "王五", start: time)
        let accepted = Step(code: 2, action: "受理", officer: "王五", opinion: "材料齐全，予以受理", start: time, end: time)
        func started(_ code: Int, _ action: String, _ opinion: String = "", open: Bool) -> Step {
            let start = time.plus(minutes: 24 * 60)
            return Step(
                code: code, action: action, officer: "赵六", opinion: opinion, start: start, end: open ? nil : start.plus(minutes: 95))
        }
        return switch self {
        case .submitted, .withdrawn: [applied, reviewing]
        case .accepted: [applied, accepted]
        case .processing: [applied, accepted, started(3, "审查", open: true)]
        case .correctionRequested, .corrected: [applied, accepted, started(7, "告知", "缺<营业执照>复印件 & 经办人签字", open: true)]
        case .completed: [applied, accepted, started(3, "审查", "同意", open: false), started(4, "发证", "准予许可", open: false)]
        }
    }
}
