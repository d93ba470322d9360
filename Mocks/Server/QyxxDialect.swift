/// 省企业信用信息: JSON, the code "2000" for all is well, dates as numbers of two kinds; the verify call answers with the differences.
struct QyxxDialect: Dialect {
    let items: [ServiceItem] = []
    let seeds: [CaseFile] = []
    let functions = [MockFunction.licences, .licenceSearch, .verify]

    /// An enterprise as it is registered.
    private struct Enterprise {
        let code: String
        let name: String
        let representative: String
        let established: CivilTime?
        let until: CivilTime?
        /// 1 存续, 2 吊销, 3 注销.
        let state: Int
    }

    private static let enterprises = [
        Enterprise(
            code: "91230100MA1B2C3D8M", name: "黑龙江省示例商贸有限公司", representative: "李四", established: CivilTime(compact: "20081011000000"),
            until: nil, state: 1),
        Enterprise(
            code: "91230100MA1B2C4E2R", name: "示例投资有限公司", representative: "王小明", established: CivilTime(compact: "19990930000000"),
            until: CivilTime(compact: "20190929000000"), state: 2),
    ]

    func serves(path: String) -> Bool { path == "/qyxx/api/query" || path == "/qyxx/api/verify" }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        let isVerify = request.path.hasSuffix("verify")
        let quirk = state.quirk(for: isVerify ? .verify : .licences)
        guard request.fields["app_key"] == MockCredentials.qyxxKey, ![.badCredential, .expiredToken].contains(quirk?.mode) else {
            return reply("4001", "应用未授权", .null, quirk)
        }
        if quirk?.mode == .errorIn200 { return reply("5000", "系统繁忙，请稍后再试", .null, quirk) }
        let (media, charset) = request.contentType
        guard media == "application/json", charset == nil || charset == "UTF-8", let members = JSON(parsing: request.body)?.members else {
            return reply("4000", "请求不是合法的JSON", .null, quirk)
        }
        do throws(FieldFault) {
            return isVerify ? try verify(members, quirk) : try query(members, quirk)
        } catch {
            switch error {
            case .missing(let name): return reply("4002", "缺少参数\(name)", .null, quirk)
            case .unknown(let name): return reply("4003", "未知参数\(name)", .null, quirk)
            case .invalid(let name): return reply("4004", "参数\(name)的值不合法", .null, quirk)
            }
        }
    }

    private func enterprise(_ members: [JSON.Member], _ more: [FieldRule]) throws(FieldFault) -> Enterprise? {
        try ([.required("uniscid", .text(18)), .required("yt", .text(200))] + more).check(members)
        let code = JSON.object(members)["uniscid"]?.string ?? ""
        guard Identity.isOrganisation(code) else { throw .invalid("uniscid") }
        return Self.enterprises.first { $0.code == code }
    }

    private func query(_ members: [JSON.Member], _ quirk: Quirk?) throws(FieldFault) -> MockReply {
        guard let found = try enterprise(members, []), quirk?.mode != .notFound else { return reply("2004", "未查询到企业", .null, quirk) }
        // One date is a number of milliseconds, the other a number that only looks like one.
        func digits(_ time: CivilTime?) -> JSON { time.flatMap { Int($0.compact) }.map { .number($0) } ?? "" }
        let state = quirk?.mode == .unknownStatus ? 7 : found.state
        let names = ["", "存续（在营、开业、在册）", "吊销，未注销", "注销"]
        let own: JSON = quirk?.mode == .missingField ? [:] : ["uniscid": .text(found.code), "entname": .text(found.name)]
        let rest: JSON = [
            "name": .text(found.representative), "estdate": found.established.map { .number(Int($0.epochMilliseconds)) } ?? .null,
            "opfrom": digits(found.established), "opto": digits(found.until), "regstate": .number(state),
            "regstateCn": .text(names.indices.contains(state) ? names[state] : "其他"), "regorgCn": "黑龙江省市场监督管理局",
        ]
        let filler: JSON = quirk?.mode == .huge ? ["remark": .text(hugeMarker)] : [:]
        let data = (own.members ?? []) + (rest.members ?? []) + (filler.members ?? [])
        return reply("2000", "查询成功", [.object(data)], quirk)
    }

    private func verify(_ members: [JSON.Member], _ quirk: Quirk?) throws(FieldFault) -> MockReply {
        guard let found = try enterprise(members, [.optional("entname", .text(200)), .optional("name", .text(100))]),
            quirk?.mode != .notFound
        else { return reply("2004", "未查询到企业", .null, quirk) }
        let given = JSON.object(members)
        let differences = [("entname", found.name), ("name", found.representative)].compactMap { key, known -> JSON? in
            guard let value = given[key]?.string, value != known else { return nil }
            return ["chk_key": .text(key), "in_val": .text(value), "out_val": .text(known)]
        }
        let list: JSON = quirk?.mode == .missingField ? [:] : ["diff_list": .list(differences)]
        return reply("2000", "核验完成", list, quirk)
    }

    private func reply(_ code: String, _ words: String, _ data: JSON, _ quirk: Quirk?) -> MockReply {
        var quirk = quirk
        if let mode = quirk?.mode, [.dtd, .badXML].contains(mode) { quirk = Quirk(mode: .unparsable, seconds: 0) }
        let body: JSON = ["code": .text(code), "msg": .text(words), "data": data]
        return MockReply(contentType: "application/json", body: Array(body.rendered.utf8), quirk: quirk)
    }
}
