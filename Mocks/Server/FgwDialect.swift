/// 省发展和改革委员会: JSON with a token from a login that expires; two verdicts inside HTTP 200.
struct FgwDialect: Dialect {
    let items = ServiceItem.fgw

    private static let functions: [String: MockFunction] = [
        "/api/login": .login, "/api/project/apply": .submit, "/api/project/detail": .query, "/api/project/process": .events,
        "/api/item/list": .items, "/api/item/detail": .item,
    ].merging(FgwLater.functions) { first, _ in first }
    let functions: [MockFunction] = FgwDialect.functions.values.filter { $0 != .login }.sorted { $0.rawValue < $1.rawValue }

    func serves(path: String) -> Bool { Self.functions[path] != nil }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        guard let function = Self.functions[request.path] else { return reply(400, "未知接口", nil, nil) }
        let quirk = state.quirk(for: function)
        let (media, charset) = request.contentType
        guard media == "application/json", charset == nil || charset == "UTF-8" else { return reply(400, "Content-Type错误", nil, quirk) }
        guard Charset.decodeUTF8(request.body) != nil, let body = JSON(parsing: request.body), let members = body.members else {
            return reply(400, "请求不是合法的JSON", nil, quirk)
        }
        if function == .login { return login(members, in: &state, now: now, quirk: quirk) }
        guard members.map(\.name) == ["params", "token"], let params = body["params"]?.members, let token = body["token"] else {
            return reply(400, "请求体应为token和params", nil, quirk)
        }
        if quirk?.mode == .expiredToken { state.forgetTokens() }
        guard state.admits(token: token.string ?? "", now: now) else { return reply(401, "令牌无效或已过期", [:], quirk) }
        return reply(200, "", outcome(of: params, for: function, in: &state, quirk: quirk), quirk)
    }

    private func login(_ members: [JSON.Member], in state: inout DepartmentState, now: Int64, quirk: Quirk?) -> MockReply {
        guard members.map(\.name) == ["account", "password"] else { return reply(400, "请求体应为account和password", nil, quirk) }
        let known = members.map(\.value) == [.text(MockCredentials.fgwAccount), .text(MockCredentials.fgwPassword)]
        guard known, quirk?.mode != .badCredential else { return reply(200, "", ["code": 0, "text": "账号或密码错误"], quirk) }
        let token = state.login(now: now)
        let custom: JSON = ["code": 1, "text": "登录成功", "token": .text(token), "expires_in": .number(state.settings.tokenLifetime)]
        return reply(200, "", custom, quirk)
    }

    private func outcome(of params: [JSON.Member], for function: MockFunction, in state: inout DepartmentState, quirk: Quirk?) -> JSON {
        func verdict(_ code: Int, _ text: String, _ members: [JSON.Member] = []) -> JSON {
            // The process call was written by somebody else: its code is a string.
            let code: JSON = function == .events ? .text(String(code)) : .number(code)
            return .object([JSON.Member(name: "code", value: code), JSON.Member(name: "text", value: .text(text))] + members)
        }
        func failure(_ number: String, _ text: String) -> JSON {
            verdict(0, text, [JSON.Member(name: "errno", value: .text(number))])
        }
        if quirk?.mode == .errorIn200 { return failure("P999", "系统繁忙，请稍后再试") }
        if quirk?.mode == .notFound { return verdict(2, "未查询到相关记录") }
        let finding: Finding
        do throws(FieldFault) {
            if FgwLater.functions.values.contains(function) {
                let inquiry = try FgwLater.inquiry(params, for: function)
                return later(
                    state.find(inquiry, code: code(of:), names: (name: "applyname", identity: "certno")), for: function, quirk: quirk)
            }
            finding = state.find(try FgwParams.inquiry(params, for: function), among: items, open: open)
        } catch {
            switch error {
            case .missing(let name): return failure("P001", "缺少参数\(name)")
            case .unknown(let name): return failure("P002", "未知参数\(name)")
            case .invalid(let name): return failure("P003", "参数\(name)的值不合法")
            }
        }
        switch finding {
        case .notFound: return verdict(2, function == .item ? "未查询到该事项" : "未查询到该项目")
        case .duplicate: return verdict(3, "该流水号已申报")
        case .foreignItem: return failure("P004", "本单位不办理该事项")
        case .suspendedItem: return failure("P005", "该事项已暂停办理")
        default:
            let filler = quirk?.mode == .huge ? [JSON.Member(name: "remark", value: .text(hugeMarker))] : []
            return verdict(1, function == .submit ? "申报成功" : "查询成功", write(finding, for: function, quirk: quirk) + filler)
        }
    }

    private func later(_ found: CaseFinding, for function: MockFunction, quirk: Quirk?) -> JSON {
        func verdict(_ code: Int, _ text: String, _ members: [JSON.Member] = []) -> JSON {
            .object([JSON.Member(name: "code", value: .number(code)), JSON.Member(name: "text", value: .text(text))] + members)
        }
        switch found {
        case .notFound: return verdict(2, "未查询到该项目")
        case .conflict: return verdict(4, "项目状态不允许该操作")
        case .files(let files, let total):
            let list = JSON.list(files.map { .object(write($0, whole: true, quirk: quirk)) })
            let shown = quirk?.mode == .missingField ? [] : [JSON.Member(name: "projects", value: list)]
            return verdict(1, "查询成功", [JSON.Member(name: "totalCount", value: .number(total))] + shown)
        case .file(let file): return verdict(1, "成功", FgwLater.write(file, for: function, quirk: quirk))
        }
    }

    private func open(_ application: Application, _ item: ServiceItem, _ serial: Int) -> CaseFile {
        file(application, item, serial, stage: .submitted)
    }

    private func file(_ application: Application, _ item: ServiceItem, _ serial: Int, stage: CaseStage) -> CaseFile {
        CaseFile(
            number: application.number, item: item,
            ownNumber: "\(application.applied.year)-230000-04-01-\(padded(serial, 6))",
            receipt: padded(serial, 10), status: code(of: stage), applied: application.applied,
            accepted: stage == .submitted ? nil : application.applied, steps: stage.steps(since: application.applied),
            submitted: application.members, stage: stage)
    }

    func code(of stage: CaseStage) -> String {
        switch stage {
        case .submitted: "10"
        case .accepted: "30"
        case .processing: "40"
        case .correctionRequested: "41"
        case .corrected: "42"
        case .completed: "90"
        case .withdrawn: "99"
        }
    }

    private func reply(_ code: Int, _ text: String, _ custom: JSON?, _ quirk: Quirk?) -> MockReply {
        var body = JSON.object([JSON.Member(name: "status", value: ["code": .number(code), "text": .text(text)])]).members ?? []
        if let custom { body.append(JSON.Member(name: "custom", value: custom)) }
        var quirk = quirk
        // A DOCTYPE and an XML cut mean nothing here.
        if let mode = quirk?.mode, [.dtd, .badXML].contains(mode) { quirk = Quirk(mode: .unparsable, seconds: 0) }
        return MockReply(contentType: "application/json;charset=UTF-8", body: Array(JSON.object(body).rendered.utf8), quirk: quirk)
    }
}

extension FgwDialect {
    private func write(_ finding: Finding, for function: MockFunction, quirk: Quirk?) -> [JSON.Member] {
        switch finding {
        case .file(let file) where function == .events:
            let number: [JSON.Member] = [JSON.Member(name: "flowsn", value: .text(file.number))]
            return number + (quirk?.mode == .missingField ? [] : [JSON.Member(name: "steps", value: .list(file.steps.map(write)))])
        case .file(let file) where function == .query:
            return [JSON.Member(name: "project", value: .object(write(file, whole: true, quirk: quirk)))]
        case .file(let file): return write(file, whole: false, quirk: quirk)
        case .item(let item): return [JSON.Member(name: "item", value: write(item, whole: true, quirk: quirk))]
        case .items(let items, let total, let page, let size):
            let counts: JSON = ["pageNo": .number(page), "pageSize": .number(size), "totalCount": .number(total)]
            let list = JSON.list(items.map { write($0, whole: false, quirk: quirk) })
            return (counts.members ?? []) + (quirk?.mode == .missingField ? [] : [JSON.Member(name: "items", value: list)])
        default: return []
        }
    }

    private func write(_ file: CaseFile, whole: Bool, quirk: Quirk?) -> [JSON.Member] {
        let state = quirk?.mode == .unknownStatus ? 77 : Int(file.status) ?? 0
        let own: JSON = [
            "flowsn": .text(file.number), "projectcode": .text(file.ownNumber), "state": whole ? .number(state) : .text(String(state)),
        ]
        let rest: JSON = [
            "receiptno": .text(file.receipt), "itemcode": .text(file.item.code), "itemname": .text(file.item.name),
            "applytime": .text(file.applied.spaced), "accepttime": file.accepted.map { .number(Int($0.epochMilliseconds)) } ?? .null,
            "promisedate": file.due.map { .text($0.dashedDate) } ?? .null,
        ]
        let known = ((own.members ?? []) + (rest.members ?? [])).map(\.name)
        return (quirk?.mode == .missingField ? [] : own.members ?? []) + (rest.members ?? [])
            + (whole ? file.submitted.filter { !known.contains($0.name) } : [])
    }

    private func write(_ step: CaseFile.Step) -> JSON {
        [
            "stepcode": .number(step.code), "stepname": .text(step.name), "action": .text(step.action), "officer": .text(step.officer),
            "opinion": .text(step.opinion), "unit": "黑龙江省发展和改革委员会", "starttime": .text(step.start.spaced),
            "endtime": step.end.map { .text($0.spaced) } ?? .null,
        ]
    }

    private func write(_ item: ServiceItem, whole: Bool, quirk: Quirk?) -> JSON {
        let state = quirk?.mode == .unknownStatus ? "LOST" : item.suspended ? "PAUSED" : "ON"
        let names: JSON = quirk?.mode == .missingField ? [:] : ["itemcode": .text(item.code), "itemname": .text(item.name)]
        let rest: JSON = [
            "basecode": .text(item.baseCode), "handlecode": .text(item.handleCode), "localcode": .text(item.localCode),
            "itemtype": .text(item.type), "level": .number(Int(item.level) ?? 0), "orgcode": .text(item.authority),
            "orgname": "黑龙江省发展和改革委员会", "lawdays": .number(item.legalDays), "promisedays": .number(item.promisedDays),
            "casetype": .number(item.caseType), "targets": .list(item.targets.map { .text($0) }), "ischarge": .flag(item.charged),
            "state": .text(state), "version": .number(item.version),
        ]
        let materials = item.materials.map { material -> JSON in
            [
                "code": .text(material.code), "name": .text(material.name), "required": .flag(material.required),
                "copies": .number(material.copies),
            ]
        }
        let guide: JSON = whole ? ["condition": item.condition.map { .text($0) } ?? .null, "materials": .list(materials)] : [:]
        return .object((names.members ?? []) + (rest.members ?? []) + (guide.members ?? []))
    }

    var seeds: [CaseFile] {
        let company: JSON = [
            "projectname": "示例粮食仓储物流园项目", "applytype": 2, "applyname": "黑龙江省示例商贸有限公司", "certtype": "USCC",
            "certno": "91230100MA1B2C3D8M", "legalman": "李四", "mobile": "13800005678",
            "agent": ["name": "王五", "certno": "230602197511303338", "mobile": "13700004321"], "regioncode": "230100", "channel": "2",
            "forminfo": ["investment": 120000, "landArea": "08.50"], "attachs": [["code": "001", "name": "项目申请报告"]],
        ]
        let rare: JSON = [
            "projectname": "𠮷野民宿备案", "applytype": 1, "applyname": "𠮷野㐂䶮", "certtype": "ID_CARD", "certno": "11010519491231002X",
            "regioncode": "230602", "channel": "3",
        ]
        let plans: [(Int, String, String, CaseStage, JSON)] = [
            (0, "202611020001", "20261102091500", .processing, company), (2, "202611030002", "20261103100000", .completed, rare),
            (0, "202610150003", "20261015080000", .correctionRequested, company),
        ]
        return plans.enumerated().compactMap { index, plan in
            let item = items[plan.0]
            guard let time = CivilTime(compact: plan.2), let members = plan.4.members else { return nil }
            let application = Application(number: item.code + plan.1, itemCode: item.code, applied: time, members: members)
            return file(application, item, index + 1, stage: plan.3)
        }
    }
}
