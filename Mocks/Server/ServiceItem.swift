/// One 政务服务事项 of a department, before it is written in the department's dialect.
struct ServiceItem: Sendable {
    /// One 申请材料.
    struct Material: Sendable {
        let code: String
        let name: String
        var required = true
        var copies = 1
    }

    /// 实施编码, 31 digits.
    let code: String
    let name: String
    /// 本地编码.
    let localCode: String
    /// 法定办结时限, working days.
    let legalDays: Int
    /// 承诺办结时限, working days.
    let promisedDays: Int
    /// 办件类型: 1 即办件, 2 承诺件.
    var caseType = 2
    /// 服务对象 codes.
    let targets: [String]
    var condition: String?
    var materials: [Material] = []
    var charged = false
    var suspended = false
    var version = 1

    /// 实施主体 统一社会信用代码.
    var authority: String { String(code.prefix(18)) }
    /// 行使层级.
    var level: String { String(code.dropFirst(18).prefix(1)) }
    /// 事项类型.
    var type: String { String(code.dropFirst(21).prefix(2)) }
    /// 基本编码, 12 digits.
    var baseCode: String { String(code.suffix(12)) }
    /// 业务办理项编码, 33 digits.
    var handleCode: String { code + "01" }

    static let scjg = [
        ServiceItem(
            code: "11230000MB1A0001XM2000125005000", name: "食品经营许可", localCode: "0025005", legalDays: 20, promisedDays: 9,
            targets: ["1", "2"], condition: "具有与经营的食品品种、数量相适应的场所；<距离污染源>符合规定 & 布局合理。",
            materials: [
                Material(code: "CL001", name: "食品经营许可申请书"), Material(code: "CL002", name: "营业执照复印件", required: false, copies: 2),
            ], version: 3),
        ServiceItem(
            code: "11230000MB1A0001XM2000125006000", name: "药品经营许可（零售）", localCode: "0025006", legalDays: 30, promisedDays: 15,
            targets: ["2"], condition: "具有依法经过资格认定的药师。", materials: [Material(code: "CL001", name: "药品经营许可证申请表")],
            charged: true, version: 12),
        ServiceItem(
            code: "11230000MB1A0001XM2000725010000", name: "股权出质登记", localCode: "0725010", legalDays: 3, promisedDays: 1, caseType: 1,
            targets: ["1", "2", "3"], suspended: true),
    ]

    static let fgw = [
        ServiceItem(
            code: "11230000MB1A00028M2000104033000", name: "企业投资项目核准", localCode: "FG-0033", legalDays: 20, promisedDays: 10,
            targets: ["2", "3"], condition: "列入《政府核准的投资项目目录》。",
            materials: [
                Material(code: "001", name: "项目申请报告", copies: 3), Material(code: "002", name: "选址意见书"),
                Material(code: "003", name: "用地预审意见", required: false),
            ], version: 2),
        ServiceItem(
            code: "11230000MB1A00028M2000104034000", name: "固定资产投资项目节能审查", localCode: "FG-0034", legalDays: 15, promisedDays: 7,
            targets: ["2"], version: 5),
        ServiceItem(
            code: "11230000MB1A00028M2001004035000", name: "企业投资项目备案", localCode: "FG-0035", legalDays: 3, promisedDays: 1, caseType: 1,
            targets: ["1", "2"], condition: "不属于核准目录的项目。", materials: [Material(code: "001", name: "备案信息登记表")]),
    ]

    static let hrb = [
        ServiceItem(
            code: "11230100MB1A00036M3230125011000", name: "城镇污水排入排水管网许可", localCode: "0451011", legalDays: 20, promisedDays: 8,
            targets: ["1", "2"], condition: "污水排放口的设置符合城镇排水规划的要求。",
            materials: [
                Material(code: "A01", name: "排水许可申请表"), Material(code: "A02", name: "排水水质检测报告", required: false, copies: 2),
            ], version: 14),
        ServiceItem(
            code: "11230100MB1A00036M3232025013000", name: "公共停车场信息查询", localCode: "0451013", legalDays: 1, promisedDays: 1,
            caseType: 1, targets: ["1"], version: 10),
        ServiceItem(
            code: "11230100MB1A00036M3230125014000", name: "临时占用城市道路许可", localCode: "0451014", legalDays: 20, promisedDays: 5,
            targets: ["1", "2"], condition: "占用期满及时恢复原状。", materials: [Material(code: "A01", name: "占道申请表")], charged: true,
            suspended: true, version: 11),
    ]
}
