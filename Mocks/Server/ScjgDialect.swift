/// 省市场监督管理局: SOAP 1.1; a GBK XML document as a string in both directions; the verdict inside HTTP 200.
struct ScjgDialect: Dialect {
    let items = ServiceItem.scjg
    let functions: [MockFunction] = ScjgEnvelope.functions.values.sorted { $0.rawValue < $1.rawValue }

    func serves(path: String) -> Bool { path == "/services/SpjkService" }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        let call: ScjgEnvelope
        do throws(SOAPFault) {
            call = try ScjgEnvelope(request)
        } catch {
            return ScjgEnvelope.reply(to: nil, with: error.element, quirk: nil)
        }
        let quirk = state.quirk(for: call.function)
        let result = result(of: call, in: &state, quirk: quirk)
        return ScjgEnvelope.reply(to: call.operation, with: ScjgEnvelope.wrapped(result, as: call.operation, quirk: quirk), quirk: quirk)
    }

    private func result(of call: ScjgEnvelope, in state: inout DepartmentState, quirk: Quirk?) -> Element {
        let digest = Digest.md5(Array(MockCredentials.scjgPassword.utf8))
        let known = call.user == MockCredentials.scjgUser && call.password == digest
        if !known || quirk?.mode == .badCredential || quirk?.mode == .expiredToken { return error("E101", "用户名或密码错误") }
        if quirk?.mode == .errorIn200 { return error("E999", "系统繁忙，请稍后再试") }
        if quirk?.mode == .notFound { return verdict("2", "查无此件") }
        do throws(Refusal) {
            if ScjgLater.functions.values.contains(call.function) {
                let inquiry = try ScjgDocument.readLater(call.document, for: call.function)
                let found = state.find(inquiry, code: code(of:), names: (name: "SQRMC", identity: "SQRZJHM"))
                return write(found, for: call.function, quirk: quirk)
            }
            let inquiry = try ScjgDocument.read(call.document, for: call.function)
            return write(state.find(inquiry, among: items, open: open), for: call.function, quirk: quirk)
        } catch {
            return self.error(error.code, error.words)
        }
    }

    private func open(_ application: Application, _ item: ServiceItem, _ serial: Int) -> CaseFile {
        file(application, item, serial, stage: .accepted)
    }

    private func file(_ application: Application, _ item: ServiceItem, _ serial: Int, stage: CaseStage) -> CaseFile {
        CaseFile(
            number: application.number, item: item, ownNumber: "SCJG-\(application.applied.year)-\(padded(serial, 6))",
            receipt: "00" + application.applied.compactDate + padded(serial, 4), status: code(of: stage), applied: application.applied,
            accepted: application.applied, steps: stage.steps(since: application.applied), submitted: application.members, stage: stage)
    }

    func code(of stage: CaseStage) -> String {
        switch stage {
        case .submitted: "01"
        case .accepted: "03"
        case .processing: "05"
        case .correctionRequested: "06"
        case .corrected: "05"
        case .completed: "09"
        case .withdrawn: "99"
        }
    }

    // MARK: What it answers

    private func error(_ code: String, _ words: String) -> Element {
        Element("RESULT", [Element("STATUS", "0"), Element("DESC", words), Element("ERRCODE", code)])
    }

    private func verdict(_ status: String, _ words: String) -> Element {
        Element("RESULT", [Element("STATUS", status), Element("DESC", words)])
    }

    private func write(_ finding: Finding, for function: MockFunction, quirk: Quirk?) -> Element {
        let data: [Element]
        switch finding {
        case .notFound: return verdict("2", function == .item ? "查无此事项" : "查无此件")
        case .duplicate: return verdict("3", "申办流水号重复")
        case .foreignItem: return error("E106", "本单位不办理该事项")
        case .suspendedItem: return error("E107", "该事项已暂停办理")
        case .file(let file) where function == .events: data = steps(of: file, quirk: quirk)
        case .file(let file): data = write(file, whole: function == .query, quirk: quirk)
        case .item(let item): data = [write(item, whole: true, quirk: quirk)]
        case .items(let items, let total, let page, let size):
            data =
                [Element("ZTS", String(total)), Element("YM", String(page)), Element("MYTS", String(size))]
                + (quirk?.mode == .missingField ? [] : [Element("SXLB", items.map { write($0, whole: false, quirk: quirk) })])
        }
        let filler = quirk?.mode == .huge ? [Element("BZ", hugeMarker)] : []
        return Element("RESULT", [Element("STATUS", "1"), Element("DESC", ""), Element("data", data + filler)])
    }

    private func write(_ found: CaseFinding, for function: MockFunction, quirk: Quirk?) -> Element {
        let data: [Element]
        switch found {
        case .notFound: return verdict("2", "查无此件")
        case .conflict: return error("E108", "办件状态不允许该操作")
        case .files(let files, let total):
            let list = files.map { Element("BJ", write($0, whole: true, quirk: quirk)) }
            data = [Element("ZTS", String(total))] + (quirk?.mode == .missingField ? [] : [Element("BJLB", list)])
        case .file(let file): data = ScjgLater.write(file, for: function, quirk: quirk)
        }
        return Element("RESULT", [Element("STATUS", "1"), Element("DESC", ""), Element("data", data)])
    }

    private func write(_ file: CaseFile, whole: Bool, quirk: Quirk?) -> [Element] {
        let status = quirk?.mode == .unknownStatus ? "88" : file.status
        let own = [Element("SBLSH", file.number), Element("YWLSH", file.ownNumber), Element("BLZT", status)]
        let rest = [
            Element("SLHZH", file.receipt), Element("SXBM", file.item.code), Element("SXMC", file.item.name),
            Element("SBSJ", file.applied.spaced), Element("SLSJ", file.accepted?.compact ?? ""),
            Element("CNBJRQ", file.due?.compactDate ?? ""),
        ]
        let known = (own + rest).map(\.name)
        let submitted = whole ? file.submitted.filter { !known.contains($0.name) }.map { Element($0.name, submitted: $0.value) } : []
        return (quirk?.mode == .missingField ? [] : own) + rest + submitted
    }

    private func steps(of file: CaseFile, quirk: Quirk?) -> [Element] {
        let steps = file.steps.map { step in
            Element(
                "HJ",
                [
                    Element("HJBH", String(step.code)), Element("HJMC", step.name), Element("CZ", step.action),
                    Element("BLR", step.officer),
                    Element("BLYJ", step.opinion), Element("BLDW", "黑龙江省市场监督管理局"), Element("KSSJ", step.start.spaced),
                    Element("JSSJ", step.end?.spaced ?? ""),
                ])
        }
        return [Element("SBLSH", file.number), Element("YWLSH", file.ownNumber)]
            + (quirk?.mode == .missingField ? [] : [Element("BLGC", steps)])
    }

    private func write(_ item: ServiceItem, whole: Bool, quirk: Quirk?) -> Element {
        let state = quirk?.mode == .unknownStatus ? "8" : item.suspended ? "2" : "1"
        let names = quirk?.mode == .missingField ? [] : [Element("SXBM", item.code), Element("SXMC", item.name)]
        let head = [
            Element("JBBM", item.baseCode), Element("YWBLXBM", item.handleCode), Element("BDBM", item.localCode),
            Element("SXLX", item.type), Element("XSCJ", item.level), Element("SSZTBM", item.authority),
            Element("SSZTMC", "黑龙江省市场监督管理局"), Element("FDSX", String(item.legalDays)), Element("CNSX", String(item.promisedDays)),
            Element("BJLX", String(item.caseType)),
        ]
        let tail = [Element("SFSF", item.charged ? "1" : "0"), Element("SXZT", state), Element("BBH", String(item.version))]
        let materials = item.materials.map { material in
            Element(
                "CL",
                [
                    Element("CLBH", material.code), Element("CLMC", material.name), Element("CLBY", material.required ? "1" : "0"),
                    Element("CLFS", String(material.copies)),
                ])
        }
        let guide = whole ? [Element("SLTJ", item.condition ?? ""), Element("CLLB", materials)] : []
        return Element("SX", names + head + item.targets.map { Element("FWDX", $0) } + tail + guide)
    }
}

extension ScjgDialect {
    var seeds: [CaseFile] {
        let company: [JSON.Member] = [
            JSON.Member(name: "SQRLX", value: "2"), JSON.Member(name: "SQRMC", value: "黑龙江省示例商贸有限公司"),
            JSON.Member(name: "SQRZJLX", value: "50"), JSON.Member(name: "SQRZJHM", value: "91230100MA1B2C3D8M"),
            JSON.Member(name: "FDDBR", value: "李四"), JSON.Member(name: "LXDH", value: "13800005678"),
            JSON.Member(name: "XZQHDM", value: "230100"), JSON.Member(name: "SLQD", value: "2"),
            JSON.Member(name: "CLLB", value: [["CLBH": "CL001", "CLMC": "食品经营许可申请书"], ["CLBH": "CL002", "CLMC": "营业执照复印件"]]),
        ]
        let rare: [JSON.Member] = [
            JSON.Member(name: "SQRLX", value: "1"), JSON.Member(name: "SQRMC", value: "𠮷野㐂䶮"),
            JSON.Member(name: "SQRZJLX", value: "10"), JSON.Member(name: "SQRZJHM", value: "11010519491231002X"),
            JSON.Member(name: "LXDH", value: "13900001234"), JSON.Member(name: "XZQHDM", value: "230602001003"),
            JSON.Member(name: "SLQD", value: "3"), JSON.Member(name: "CLLB", value: [["CLBH": "CL001", "CLMC": "食品经营许可申请书"]]),
        ]
        let person: [JSON.Member] = [
            JSON.Member(name: "BLZY", value: "张三零售药店"), JSON.Member(name: "SQRLX", value: "1"), JSON.Member(name: "SQRMC", value: "张三"),
            JSON.Member(name: "SQRZJLX", value: "10"), JSON.Member(name: "SQRZJHM", value: "230100199001010016"),
            JSON.Member(name: "XZQHDM", value: "230000"), JSON.Member(name: "SLQD", value: "1"),
        ]
        let plans: [(Int, String, String, CaseStage, [JSON.Member])] = [
            (0, "202611020001", "20261102091500", .processing, company),
            (0, "202611030002", "20261103100000", .correctionRequested, rare),
            (1, "202610090001", "20261009143005", .completed, person),
        ]
        return plans.enumerated().compactMap { index, plan in
            let item = items[plan.0]
            guard let time = CivilTime(compact: plan.2) else { return nil }
            let application = Application(number: item.code + plan.1, itemCode: item.code, applied: time, members: plan.4)
            return file(application, item, index + 1, stage: plan.3)
        }
    }
}
