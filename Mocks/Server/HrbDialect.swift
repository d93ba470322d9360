/// 哈尔滨市 platform: signed GB18030 forms with pinyin names; JSON in GB18030; the verdict inside HTTP 200.
struct HrbDialect: Dialect {
    let items = ServiceItem.hrb

    private static let functions: [String: MockFunction] = [
        "/hrb/api/tjsq.do": .submit, "/hrb/api/cxbj.do": .query, "/hrb/api/bjgc.do": .events, "/hrb/api/sxlb.do": .items,
        "/hrb/api/sxxq.do": .item,
    ].merging(HrbLater.functions) { first, _ in first }
    let functions: [MockFunction] = HrbDialect.functions.values.sorted { $0.rawValue < $1.rawValue }

    func serves(path: String) -> Bool { Self.functions[path] != nil }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        guard let function = Self.functions[request.path] else { return reply(3001, "未知接口", nil) }
        let quirk = state.quirk(for: function)
        let (media, charset) = request.contentType
        guard media == "application/x-www-form-urlencoded", let charset, ["GBK", "GB2312", "GB18030"].contains(charset) else {
            return reply(3001, "Content-Type必须为application/x-www-form-urlencoded; charset=GBK", quirk)
        }
        guard let form = HrbForm(request.body) else { return reply(3001, "表单无法解析或不是GB18030编码", quirk) }
        guard form.isSigned(), ![.badCredential, .expiredToken].contains(quirk?.mode) else { return reply(1001, "签名或应用标识错误", quirk) }
        guard let time = CivilTime(compact: form["timestamp"]), let nonce = form.nonce else { return reply(3001, "时间戳或随机数格式错误", quirk) }
        let skew = abs(time.epochMilliseconds - now)
        guard !state.settings.checkClock || skew <= 300_000 else { return reply(1002, "时间戳超出允许范围", quirk) }
        guard state.admits(nonce: nonce, now: now) else { return reply(1002, "重复的随机数", quirk) }
        if quirk?.mode == .errorIn200 { return reply(3001, "系统繁忙，请稍后再试", quirk) }
        if quirk?.mode == .notFound { return reply(2001, "未查询到数据", quirk) }
        do throws(FieldFault) {
            if HrbLater.functions.values.contains(function) {
                let inquiry = try HrbLater.inquiry(form.members, for: function)
                let found = state.find(inquiry, code: code(of:), names: (name: "sqrmc", identity: "sqrzjhm"))
                return write(found, for: function, quirk: quirk)
            }
            let inquiry = try form.inquiry(for: function)
            return write(state.find(inquiry, among: items, open: open), for: function, quirk: quirk)
        } catch {
            switch error {
            case .missing(let name): return reply(3001, "缺少必填项：\(name)", quirk)
            case .unknown(let name): return reply(3001, "未知字段：\(name)", quirk)
            case .invalid("xzqhdm"): return reply(3001, "不属于本市", quirk)
            case .invalid(let name): return reply(3001, "字段值不合法：\(name)", quirk)
            }
        }
    }

    private func open(_ application: Application, _ item: ServiceItem, _ serial: Int) -> CaseFile {
        file(application, item, serial, stage: .accepted)
    }

    private func file(_ application: Application, _ item: ServiceItem, _ serial: Int, stage: CaseStage) -> CaseFile {
        CaseFile(
            number: application.number, item: item, ownNumber: "0451\(application.applied.year)\(padded(serial, 8))",
            receipt: padded(serial, 12), status: code(of: stage), applied: application.applied, accepted: application.applied,
            steps: stage.steps(since: application.applied), submitted: application.members, stage: stage)
    }

    func code(of stage: CaseStage) -> String {
        switch stage {
        case .submitted: "0"
        case .accepted: "2"
        case .processing: "3"
        case .correctionRequested: "7"
        case .corrected: "8"
        case .completed: "4"
        case .withdrawn: "11"
        }
    }

    private func reply(_ code: Int, _ words: String, _ quirk: Quirk?, data: JSON = .null) -> MockReply {
        var quirk = quirk
        // A DOCTYPE and an XML cut mean nothing here.
        if let mode = quirk?.mode, [.dtd, .badXML].contains(mode) { quirk = Quirk(mode: .unparsable, seconds: 0) }
        let body: JSON = ["code": .number(code), "msg": .text(words), "data": data]
        return MockReply(contentType: "application/json;charset=GBK", body: Charset.encode(body.rendered) ?? [], quirk: quirk)
    }

    private func write(_ finding: Finding, for function: MockFunction, quirk: Quirk?) -> MockReply {
        let data: JSON
        switch finding {
        case .notFound: return reply(2001, function == .item ? "未查询到该事项" : "未查询到该办件", quirk)
        case .duplicate: return reply(2002, "申办流水号重复", quirk)
        case .foreignItem: return reply(3001, "本市不办理该事项", quirk)
        case .suspendedItem: return reply(3001, "该事项已暂停办理", quirk)
        case .file(let file) where function == .events:
            let numbers: JSON = ["sblsh": .text(file.number), "ywlsh": .text(file.ownNumber)]
            let steps = [JSON.Member(name: "gclb", value: .list(file.steps.map(write)))]
            data = .object((numbers.members ?? []) + (quirk?.mode == .missingField ? [] : steps))
        case .file(let file): data = write(file, whole: function == .query, quirk: quirk)
        case .item(let item): data = write(item, whole: true, quirk: quirk)
        case .items(let items, let total, let page, let size):
            let counts: JSON = ["zs": .text(String(total)), "dqy": .text(String(page)), "myts": .text(String(size))]
            let list = [JSON.Member(name: "sxlb", value: .list(items.map { write($0, whole: false, quirk: quirk) }))]
            data = .object((counts.members ?? []) + (quirk?.mode == .missingField ? [] : list))
        }
        let filler = quirk?.mode == .huge ? [JSON.Member(name: "bz", value: .text(hugeMarker))] : []
        return reply(0, "操作成功", quirk, data: .object((data.members ?? []) + filler))
    }
}

extension HrbDialect {
    private func write(_ found: CaseFinding, for function: MockFunction, quirk: Quirk?) -> MockReply {
        switch found {
        case .notFound: return reply(2001, "未查询到该办件", quirk)
        case .conflict: return reply(2003, "办件状态不允许该操作", quirk)
        case .files(let files, let total):
            let list = files.map { write($0, whole: true, quirk: quirk) }
            let shown = quirk?.mode == .missingField ? [] : [JSON.Member(name: "bjlb", value: .list(list))]
            return reply(0, "操作成功", quirk, data: .object([JSON.Member(name: "zs", value: .text(String(total)))] + shown))
        case .file(let file): return reply(0, "操作成功", quirk, data: HrbLater.write(file, for: function, quirk: quirk))
        }
    }

    private func write(_ file: CaseFile, whole: Bool, quirk: Quirk?) -> JSON {
        let status = quirk?.mode == .unknownStatus ? "66" : file.status
        let own: JSON = ["sblsh": .text(file.number), "ywlsh": .text(file.ownNumber), "bjzt": .text(status)]
        let rest: JSON = [
            "slhzh": .text(file.receipt), "sxbm": .text(file.item.code), "sxmc": .text(file.item.name),
            "sqsj": whole ? .number(Int(file.applied.compact) ?? 0) : .text(file.applied.compact),
            "slsj": .text(file.accepted?.compact ?? "null"), "cnbjrq": .text(file.due?.compactDate ?? "null"), "bz": "null",
        ]
        let known = ((own.members ?? []) + (rest.members ?? [])).map(\.name)
        let submitted = whole ? file.submitted.filter { !known.contains($0.name) } : []
        return .object((quirk?.mode == .missingField ? [] : own.members ?? []) + (rest.members ?? []) + submitted)
    }

    private func write(_ step: CaseFile.Step) -> JSON {
        [
            "hjdm": .text(String(step.code)), "hjmc": .text(step.name), "bldz": .text(step.action), "blry": .text(step.officer),
            "blyj": .text(step.opinion), "bldw": "哈尔滨市营商环境建设监督局", "kssj": .text(step.start.compact),
            "jssj": .text(step.end?.compact ?? ""),
        ]
    }

    private func write(_ item: ServiceItem, whole: Bool, quirk: Quirk?) -> JSON {
        let state = quirk?.mode == .unknownStatus ? "wz" : item.suspended ? "zt" : "zy"
        let names: JSON = quirk?.mode == .missingField ? [:] : ["sxbm": .text(item.code), "sxmc": .text(item.name)]
        let rest: JSON = [
            "jbbm": .text(item.baseCode), "ywblxbm": .text(item.handleCode), "bdbm": .text(item.localCode), "sxlx": .text(item.type),
            "xscj": .text(item.level), "ssztdm": .text(item.authority), "ssztmc": "哈尔滨市营商环境建设监督局",
            "fdqx": .text(String(item.legalDays)), "cnqx": .text(String(item.promisedDays)), "bjlx": .text(String(item.caseType)),
            "fwdx": .text(item.targets.joined(separator: ",")), "sfsf": item.charged ? "是" : "否", "sxzt": .text(state),
            "bbh": .text("V\(item.version / 10).\(item.version % 10)"),
        ]
        let materials = item.materials.map { material -> JSON in
            [
                "clbm": .text(material.code), "clmc": .text(material.name), "sfby": material.required ? "是" : "否",
                "fs": .text(String(material.copies)),
            ]
        }
        let guide: JSON = whole ? ["sltj": .text(item.condition ?? "null"), "cllb": .list(materials)] : [:]
        return .object((names.members ?? []) + (rest.members ?? []) + (guide.members ?? []))
    }

    var seeds: [CaseFile] {
        let person: JSON = [
            "blzy": "李四餐饮店排水许可", "sqrlx": "1", "sqrmc": "李四", "sqrzjlx": "111", "sqrzjhm": "230183198506150029",
            "lxdh": "13600009999", "lxdz": "哈尔滨市示例区示例街1号", "xzqhdm": "230102", "blxs": "1",
            "bdxx": "{\"排水量\":\"008\",\"单位\":\"吨/日\"}", "clxx": "[{\"clbm\":\"A01\",\"clmc\":\"排水许可申请表\"}]",
        ]
        let rare: JSON = [
            "sqrlx": "1", "sqrmc": "𠮷野㐂䶮", "sqrzjlx": "111", "sqrzjhm": "11010519491231002X", "lxdh": "13900001234",
            "dlrxm": "王五", "dlrzjhm": "230602197511303338", "dlrdh": "13700004321", "xzqhdm": "230103001001", "blxs": "3",
        ]
        let plans: [(String, String, CaseStage, JSON)] = [
            ("202611020001", "20261102091500", .processing, person), ("202611030002", "20261103100000", .correctionRequested, rare),
            ("202610090003", "20261009143005", .completed, person),
        ]
        let item = items[0]
        return plans.enumerated().compactMap { index, plan in
            guard let time = CivilTime(compact: plan.1), let members = plan.3.members else { return nil }
            let application = Application(number: item.code + plan.0, itemCode: item.code, applied: time, members: members)
            return file(application, item, index + 1, stage: plan.2)
        }
    }
}
