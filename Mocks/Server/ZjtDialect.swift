/// 省住房和城乡建设厅: a key and a JSON text in a form; JSON in return, whose data is a text that holds XML. "000001" means all is well.
struct ZjtDialect: Dialect {
    let items = ServiceItem.zjt

    static let calls: [String: MockFunction] = [
        "submitCase": .submit, "queryCase": .query, "queryCaseList": .search, "queryResult": .result, "queryCorrect": .corrections,
        "submitCorrect": .answer, "cancelCase": .withdraw,
    ]
    let functions: [MockFunction] = ZjtDialect.calls.values.sorted { $0.rawValue < $1.rawValue }

    func serves(path: String) -> Bool { function(of: path) != nil }

    private func function(of path: String) -> MockFunction? {
        guard path.hasPrefix("/zjt/service/"), path.hasSuffix(".action") else { return nil }
        return Self.calls[String(path.dropFirst("/zjt/service/".count).dropLast(".action".count))]
    }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        guard let function = function(of: request.path) else { return reply("000008", "未知接口", nil, nil) }
        let quirk = state.quirk(for: function)
        let (media, charset) = request.contentType
        guard media == "application/x-www-form-urlencoded", charset == nil || charset == "UTF-8", let form = PlainForm(request.body),
            form.names.sorted() == ["APIKEY", "ParamJson"]
        else { return reply("000008", "请求必须为UTF-8表单，含APIKEY和ParamJson", nil, quirk) }
        guard form["APIKEY"] == MockCredentials.zjtKey, ![.badCredential, .expiredToken].contains(quirk?.mode) else {
            return reply("000003", "APIKEY无效", nil, quirk)
        }
        if quirk?.mode == .errorIn200 { return reply("999999", "系统繁忙，请稍后再试", nil, quirk) }
        if quirk?.mode == .notFound { return reply("000002", "查无数据", nil, quirk) }
        guard let members = JSON(parsing: Array(form["ParamJson"].utf8))?.members else {
            return reply("000009", "ParamJson不是合法的JSON", nil, quirk)
        }
        do throws(FieldFault) {
            return try outcome(of: members, for: function, &state, quirk)
        } catch {
            switch error {
            case .missing(let name): return reply("000009", "缺少参数\(name)", nil, quirk)
            case .unknown(let name): return reply("000009", "未知参数\(name)", nil, quirk)
            case .invalid(let name): return reply("000009", "参数\(name)的值不合法", nil, quirk)
            }
        }
    }

    private func outcome(
        of members: [JSON.Member], for function: MockFunction, _ state: inout DepartmentState, _ quirk: Quirk?
    ) throws(FieldFault) -> MockReply {
        if function == .submit || function == .query {
            switch state.find(try ZjtParams.inquiry(members, for: function), among: items, open: open) {
            case .file(let file): return reply("000001", "成功", [write(file, whole: function == .query, quirk)], quirk)
            case .duplicate: return reply("000004", "申办流水号重复", nil, quirk)
            case .foreignItem: return reply("000006", "本单位不办理该事项", nil, quirk)
            case .suspendedItem: return reply("000007", "该事项已暂停办理", nil, quirk)
            default: return reply("000002", "查无数据", nil, quirk)
            }
        }
        switch state.find(try ZjtParams.caseInquiry(members, for: function), code: code(of:), names: ("ShenQingRen", "ZhengJianHaoMa")) {
        case .notFound: return reply("000002", "查无数据", nil, quirk)
        case .conflict: return reply("000005", "办件状态不允许该操作", nil, quirk)
        case .files(let files, let total):
            let list = quirk?.mode == .missingField ? [] : [Element("BanJianList", files.map { write($0, whole: true, quirk) })]
            return reply("000001", "成功", [Element("ZongShu", String(total))] + list, quirk)
        case .file(let file): return reply("000001", "成功", later(file, function, quirk), quirk)
        }
    }

    private func open(_ application: Application, _ item: ServiceItem, _ serial: Int) -> CaseFile {
        file(application, item, serial, stage: .submitted)
    }

    private func file(_ application: Application, _ item: ServiceItem, _ serial: Int, stage: CaseStage) -> CaseFile {
        CaseFile(
            number: application.number, item: item, ownNumber: "ZJ\(application.applied.year)\(padded(serial, 6))",
            receipt: padded(serial, 8), status: code(of: stage), applied: application.applied,
            accepted: stage == .submitted ? nil : application.applied, steps: stage.steps(since: application.applied),
            submitted: application.members, stage: stage)
    }

    func code(of stage: CaseStage) -> String {
        switch stage {
        case .submitted: "A"
        case .accepted: "B"
        case .processing: "C"
        case .correctionRequested: "D"
        case .corrected: "E"
        case .completed: "F"
        case .withdrawn: "X"
        }
    }
}

extension ZjtDialect {
    /// A case; element names in camel pinyin, one of them with the typo it always had.
    private func write(_ file: CaseFile, whole: Bool, _ quirk: Quirk?) -> Element {
        let status = quirk?.mode == .unknownStatus ? "Z" : file.status
        let own = [
            Element("ShenBanLiuShuiHao", file.number), Element("YeWuLiuShuiHao", file.ownNumber), Element("BanJianZhuangTai", status),
        ]
        let rest = [
            Element("ShouLiHuiZhiHao", file.receipt), Element("ShiXiangBianMa", file.item.code),
            Element("ShiXiangMingChen", file.item.name),
            Element("ShenQingShiJian", chinese(file.applied)), Element("ShouLiShiJian", file.accepted.map(chinese) ?? ""),
        ]
        let known = (own + rest).map(\.name)
        let submitted = file.submitted.filter { !known.contains($0.name) }.map { Element($0.name, $0.value.string ?? "") }
        return Element("BanJian", (quirk?.mode == .missingField ? [] : own) + rest + (whole ? submitted : []))
    }

    /// What the later calls answer.
    private func later(_ file: CaseFile, _ function: MockFunction, _ quirk: Quirk?) -> [Element] {
        switch function {
        case .result:
            guard let result = file.result, quirk?.mode != .missingField else { return [Element("JieGuo", [])] }
            let licence = Element(
                "XuKe",
                [
                    Element("ZhengZhaoMingCheng", result.licence), Element("XuKeZhengHao", result.number),
                    Element("YouXiaoQiZhi", chineseDate(result.until)), Element("FaZhengJiGuan", "黑龙江省住房和城乡建设厅"),
                ])
            return [
                Element(
                    "JieGuo",
                    [
                        Element("JieGuoLeiXing", quirk?.mode == .unknownStatus ? "99" : "10"), Element("JieGuoMiaoShu", result.explain),
                        Element("BanJieShiJian", chinese(result.time)), licence,
                    ])
            ]
        case .corrections:
            if quirk?.mode == .missingField { return [] }
            let notices = file.notice.map { notice in
                Element(
                    "BuZheng",
                    [
                        Element("YuanYin", notice.reason),
                        Element("CaiLiao", [Element("BianHao", notice.material.code), Element("MingCheng", notice.material.name)]),
                        Element("QiXian", chinese(notice.deadline)), Element("GaoZhiShiJian", chinese(notice.time)),
                        Element("BuZhengShiJian", notice.answered.map(chinese) ?? ""),
                    ])
            }
            return [Element("BuZhengList", notices.map { [$0] } ?? [])]
        default: return [write(file, whole: false, quirk)]
        }
    }

    /// `yyyy年MM月dd日 HH:mm:ss`.
    private func chinese(_ time: CivilTime) -> String { chineseDate(time) + String(time.spaced.dropFirst(10)) }

    private func chineseDate(_ time: CivilTime) -> String { "\(time.year)年\(padded(time.month, 2))月\(padded(time.day, 2))日" }

    private func reply(_ code: String, _ words: String, _ content: [Element]?, _ quirk: Quirk?) -> MockReply {
        var data: JSON = .null
        if let content {
            let filler = quirk?.mode == .huge ? [Element("BeiZhu", hugeMarker)] : []
            var text = Element("Data", content + filler).rendered
            if quirk?.mode == .dtd { text = "<!DOCTYPE Data [<!ENTITY e \"1\">]>" + text.replacing("</Data>", with: "&e;</Data>") }
            text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + text
            if quirk?.mode == .badXML { text = String(text.prefix(text.count * 2 / 3)) }
            data = .text(text)
        }
        let body: JSON = ["code": .text(code), "msg": .text(words), "data": data]
        return MockReply(contentType: "text/html;charset=UTF-8", body: Array(body.rendered.utf8), quirk: quirk)
    }

    var seeds: [CaseFile] {
        let company: JSON = [
            "ShenQingRen": "黑龙江省示例商贸有限公司", "ZhengJianLeiXing": "2", "ZhengJianHaoMa": "91230100MA1B2C3D8M", "LianXiDianHua": "13800005678",
            "XingZhengQuHua": "230100",
        ]
        let rare: JSON = [
            "ShenQingRen": "𠮷野㐂䶮", "ZhengJianLeiXing": "1", "ZhengJianHaoMa": "11010519491231002X", "LianXiDianHua": "13900001234",
            "XingZhengQuHua": "230602",
        ]
        let plans: [(String, String, CaseStage, JSON)] = [
            ("202610090001", "20261009143005", .completed, company), ("202611030002", "20261103100000", .correctionRequested, rare),
            ("202611020001", "20261102091500", .processing, company),
        ]
        return plans.enumerated().compactMap { index, plan in
            guard let time = CivilTime(compact: plan.1), let members = plan.3.members else { return nil }
            let application = Application(number: items[0].code + plan.0, itemCode: items[0].code, applied: time, members: members)
            return file(application, items[0], index + 1, stage: plan.2)
        }
    }
}

/// The `ParamJson` that 省住房和城乡建设厅 takes: every value a text.
enum ZjtParams {
    private static let application: [FieldRule] = [
        .required("ShenBanLiuShuiHao", .text(50)), .required("ShiXiangBianMa", .digits([31])), .required("ShenQingRen", .text(200)),
        .required("ZhengJianLeiXing", .code(["1", "2", "9"])), .required("ZhengJianHaoMa", .text(50)),
        .optional("LianXiDianHua", .text(50)),
        .required("XingZhengQuHua", .digits([6, 12])), .required("ShenQingShiJian", .compactTime), .optional("BiaoDan", .objectText),
    ]
    private static let number: [FieldRule] = [.required("ShenBanLiuShuiHao", .text(50))]
    private static let list: [FieldRule] = [
        .optional("ShenQingRen", .text(200)), .optional("ZhengJianHaoMa", .text(50)), .optional("ShiXiangBianMa", .digits([31])),
        .optional("BanJianZhuangTai", .code(["A", "B", "C", "D", "E", "F", "X"])), .optional("KaiShi", .compactTime),
        .optional("JieShu", .compactTime), .required("YeMa", .number(1...9999)), .required("MeiYe", .number(1...1000)),
    ]

    static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> Inquiry {
        let params = JSON.object(members)
        func text(_ name: String) -> String { params[name]?.string ?? "" }
        try (function == .submit ? application : number).check(members)
        guard function == .submit else { return .query(text("ShenBanLiuShuiHao")) }
        let sound =
            switch text("ZhengJianLeiXing") {
            case "1": Identity.isCitizen(text("ZhengJianHaoMa"))
            case "2": Identity.isOrganisation(text("ZhengJianHaoMa"))
            default: true
            }
        guard sound else { throw .invalid("ZhengJianHaoMa") }
        guard let applied = CivilTime(compact: text("ShenQingShiJian")) else { throw .invalid("ShenQingShiJian") }
        return .submit(
            Application(number: text("ShenBanLiuShuiHao"), itemCode: text("ShiXiangBianMa"), applied: applied, members: members))
    }

    static func caseInquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> CaseInquiry {
        let params = JSON.object(members)
        func text(_ name: String) -> String { params[name]?.string ?? "" }
        let own = text("ShenBanLiuShuiHao")
        switch function {
        case .search:
            try list.check(members)
            return .search(
                CaseSearch(
                    name: text("ShenQingRen"), identity: text("ZhengJianHaoMa"), itemCode: text("ShiXiangBianMa"),
                    status: text("BanJianZhuangTai"), from: CivilTime(compact: text("KaiShi")), before: CivilTime(compact: text("JieShu")),
                    page: params["YeMa"]?.integer ?? 1, size: params["MeiYe"]?.integer ?? 20))
        case .answer:
            let material: [FieldRule] = [.required("BianHao", .text(64)), .required("MingCheng", .text(300))]
            try (number + [.required("BuZhengShiJian", .compactTime), .required("CaiLiao", .list(material))]).check(members)
            guard let time = CivilTime(compact: text("BuZhengShiJian")) else { throw .invalid("BuZhengShiJian") }
            return .answer(own, at: time, materials: 0)
        case .withdraw:
            try (number + [.optional("YuanYin", .text(500))]).check(members)
            return .withdraw(own)
        default:
            try number.check(members)
            return function == .result ? .result(own) : .corrections(own)
        }
    }
}

extension ServiceItem {
    static let zjt = [
        ServiceItem(
            code: "11230000MB1A00087Q2000117031000", name: "建筑业企业资质认定", localCode: "ZJ-031", legalDays: 20, promisedDays: 8,
            targets: ["2"], condition: "具有符合规定的注册资本。", materials: [Material(code: "CL001", name: "资质申请表")])
    ]
}
