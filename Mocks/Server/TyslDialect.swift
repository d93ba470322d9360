/// 省统一受理平台: one XML document pushed in a form field. The answer is a ticket, and its `success` is 0 when all is well.
struct TyslDialect: Dialect {
    let items = ServiceItem.tysl
    let seeds: [CaseFile] = []
    let functions = [MockFunction.submit]

    private static let rules: [FieldRule] = [
        .required("SBLSH_SHORT", .text(50)), .required("SXBM", .digits([31])), .required("XZQHDM", .digits([6, 12])),
        .required("EXPRESSTYPE", .code(["0", "2", "3"])), .required("BZSLBLRXM", .text(100)), .optional("BZCLQD", .text(2000)),
        .required("BZSJ", .text(21)), .required("SQRMC", .text(200)), .required("SQRZJHM", .text(50)), .optional("BZ", .text(500)),
    ]

    func serves(path: String) -> Bool { path == "/tysl/push.do" }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        let quirk = state.quirk(for: .submit)
        let (media, charset) = request.contentType
        guard media == "application/x-www-form-urlencoded", charset == nil || charset == "UTF-8", let form = PlainForm(request.body),
            form.names == ["xmlStr"]
        else { return refusal("R01", "请求必须为UTF-8表单，且仅含xmlStr", quirk) }
        guard request.fields["sys_code"] == MockCredentials.tyslCode, ![.badCredential, .expiredToken].contains(quirk?.mode) else {
            return refusal("R09", "系统编码未授权", quirk)
        }
        if quirk?.mode == .errorIn200 { return refusal("R99", "系统繁忙，请稍后再试", quirk) }
        do throws(Refusal) {
            let finding = state.find(.submit(try application(form["xmlStr"])), among: items, open: open)
            return try write(finding, quirk)
        } catch {
            return refusal(error.code, error.words, quirk)
        }
    }

    private func application(_ text: String) throws(Refusal) -> Application {
        guard text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), !text.contains("<!DOCTYPE"),
            let root = XMLTree.parse(Array(text.utf8)), root.name == "APPLY", root.children.allSatisfy({ $0.children.isEmpty })
        else { throw Refusal("R02", "报文无法解析") }
        let members = root.children.map { JSON.Member(name: $0.name, value: .text($0.text)) }
        let document = JSON.object(members)
        do throws(FieldFault) {
            try Self.rules.check(members)
            let time = document["BZSJ"]?.string ?? ""
            guard time.hasSuffix(".0"), let applied = CivilTime(spaced: String(time.dropLast(2))) else { throw .invalid("BZSJ") }
            return Application(
                number: document["SBLSH_SHORT"]?.string ?? "", itemCode: document["SXBM"]?.string ?? "", applied: applied, members: members)
        } catch {
            switch error {
            case .missing(let name): throw Refusal("R03", "缺少必填字段\(name)")
            case .unknown(let name): throw Refusal("R04", "未知字段\(name)")
            case .invalid(let name): throw Refusal("R05", "字段\(name)的值不合法")
            }
        }
    }

    private func open(_ application: Application, _ item: ServiceItem, _ serial: Int) -> CaseFile {
        CaseFile(
            number: application.number, item: item, ownNumber: "TYSL\(application.applied.year)\(padded(serial, 8))", receipt: "",
            status: "", applied: application.applied, accepted: nil, steps: [], submitted: application.members)
    }

    private func write(_ finding: Finding, _ quirk: Quirk?) throws(Refusal) -> MockReply {
        switch finding {
        case .file(let file):
            let filler = quirk?.mode == .huge ? [Element("BZ", hugeMarker)] : []
            let ticket = quirk?.mode == .missingField ? [] : [Element("LSH", file.ownNumber)]
            return reply([Element("success", "0"), Element("message", "接收成功")] + ticket + filler, quirk)
        case .duplicate: throw Refusal("R06", "申办流水号重复")
        case .suspendedItem: throw Refusal("R08", "该事项已暂停办理")
        default: throw Refusal("R07", "本平台不受理该事项")
        }
    }

    private func refusal(_ code: String, _ words: String, _ quirk: Quirk?) -> MockReply {
        reply([Element("success", "1"), Element("message", words), Element("errorcode", code)], quirk)
    }

    private func reply(_ content: [Element], _ quirk: Quirk?) -> MockReply {
        var text = Element("RESULT", content).rendered
        if quirk?.mode == .dtd {
            text = "<!DOCTYPE RESULT [<!ENTITY e \"0\">]>" + text.replacing("<success>0</success>", with: "<success>&e;</success>")
        }
        var quirk = quirk
        if quirk?.mode == .badXML { quirk = Quirk(mode: .unparsable, seconds: 0) }
        let body = Array(("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + text).utf8)
        return MockReply(contentType: "text/xml;charset=UTF-8", body: body, quirk: quirk)
    }
}

extension ServiceItem {
    static let tysl = [
        ServiceItem(
            code: "11230000MB1A00044B2000119021000", name: "印刷经营许可", localCode: "TY-021", legalDays: 20, promisedDays: 6,
            targets: ["2"]),
        ServiceItem(
            code: "11230000MB1A00044B2000119022000", name: "出版物零售许可", localCode: "TY-022", legalDays: 20, promisedDays: 6,
            targets: ["1", "2"], suspended: true),
    ]
}
