internal import Foundation

/// 省电子证照库: a login for a token that goes into the query, an authorisation that gives codes, and the licences for the codes.
struct ZzkDialect: Dialect {
    let items: [ServiceItem] = []
    let seeds: [CaseFile] = []
    let functions = [MockFunction.licences, .licenceSearch, .licence, .licenceVerify, .licenceFile]

    private static let calls: [String: MockFunction] = [
        "/zzk/login": .login, "/zzk/auth": .authorise, "/zzk/get_license": .licence, "/zzk/verify": .licenceVerify,
    ]

    /// A licence as the store keeps it.
    private struct Licence {
        let id: String
        let name: String
        let number: String
        let holder: (name: String, number: String, type: String)
        let issuer: String
        let issued: String
        let until: String
        let status: String

        /// The code that an authorisation gives for it.
        var code: String { Digest.md5(Array("auth-\(id)".utf8)) }
    }

    private static let licences = [
        Licence(
            id: "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S", name: "食品经营许可证", number: "JY12301000000016",
            holder: ("黑龙江省示例商贸有限公司", "91230100MA1B2C3D8M", "50"), issuer: "黑龙江省市场监督管理局", issued: "2023-11-24", until: "2028-11-23",
            status: "ISSUED"),
        Licence(
            id: "1.2.156.3005.2.11100000000013338W002.11230000MB1A0001XM.20261010000003.001.3", name: "药品经营许可证", number: "DB4510000003",
            holder: ("𠮷野㐂䶮", "11010519491231002X", "10"), issuer: "黑龙江省市场监督管理局",
            issued: "2026-10-10", until: "长期", status: "ISSUED"),
        Licence(
            id: "1.2.156.3005.2.11100000000013338W001.11230000MB1A00028M.20261010000009.001.C", name: "企业投资项目核准文件", number: "HZ2026-0009",
            holder: ("黑龙江省示例商贸有限公司", "91230100MA1B2C3D8M", "50"),
            issuer: "黑龙江省发展和改革委员会", issued: "2026-10-10", until: "2026-11-10", status: "ABOLISHED"),
    ]

    func serves(path: String) -> Bool { Self.calls[path] != nil }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        guard let function = Self.calls[request.path] else { return refusal("PATH_INVALID", "未知接口", nil) }
        let quirk = state.quirk(for: function)
        let (media, charset) = request.contentType
        guard media == "application/json", charset == nil || charset == "UTF-8", let members = JSON(parsing: request.body)?.members else {
            return refusal("BODY_INVALID", "请求不是合法的JSON", quirk)
        }
        do throws(FieldFault) {
            if function == .login { return try login(members, in: &state, now: now, quirk) }
            if quirk?.mode == .expiredToken { state.forgetTokens() }
            guard state.admits(token: Self.parameter("access_token", request), now: now) else {
                return refusal("TOKEN_INVALID", "access_token无效或已过期", quirk)
            }
            if quirk?.mode == .errorIn200 { return refusal("BUSY", "系统繁忙，请稍后再试", quirk) }
            if function == .authorise { return try authorise(members, quirk) }
            let codes = Self.parameter("auth_code", request)
            guard !codes.isEmpty else { return refusal("AUTH_CODE_EMPTY", "用证码为空", quirk) }
            return function == .licence ? try licences(members, codes, quirk) : try verify(members, codes, quirk)
        } catch {
            switch error {
            case .missing(let name): return refusal("PARAM_MISSING", "缺少参数\(name)", quirk)
            case .unknown(let name): return refusal("PARAM_UNKNOWN", "未知参数\(name)", quirk)
            case .invalid(let name): return refusal("PARAM_INVALID", "参数\(name)的值不合法", quirk)
            }
        }
    }

    /// The value of a query parameter; empty where there is none.
    private static func parameter(_ name: String, _ request: MockRequest) -> String {
        for pair in request.query.split(separator: "&") where pair.hasPrefix(name + "=") {
            return String(pair.dropFirst(name.count + 1)).removingPercentEncoding ?? ""
        }
        return ""
    }

    private func login(_ members: [JSON.Member], in state: inout DepartmentState, now: Int64, _ quirk: Quirk?) throws(FieldFault)
        -> MockReply
    {
        let names = ["account", "password", "app_key", "app_secret"]
        try names.map { FieldRule.required($0, .text(100)) }.check(members)
        let given = JSON.object(members)
        let known = [
            MockCredentials.zzkAccount, MockCredentials.zzkPassword, MockCredentials.zzkAppKey, MockCredentials.zzkAppSecret,
        ]
        guard names.compactMap({ given[$0]?.string }) == known, quirk?.mode != .badCredential else {
            return refusal("ACCOUNT_INVALID", "账号、密码或应用错误", quirk)
        }
        let token: JSON = ["access_token": .text(state.login(now: now)), "expires_in": .number(state.settings.tokenLifetime)]
        return reply(token, quirk)
    }

    private func authorise(_ members: [JSON.Member], _ quirk: Quirk?) throws(FieldFault) -> MockReply {
        let person: [FieldRule] = [
            .required("name", .text(100)), .required("identity_number", .text(50)), .required("department", .text(200)),
        ]
        let rules: [FieldRule] = [
            .optional("identity_number", .text(50)), .optional("license_id", .text(160)), .required("service_item_code", .text(50)),
            .required("service_item_name", .text(200)), .required("operator", .object(person)),
        ]
        try rules.check(members)
        let given = JSON.object(members)
        let (holder, id) = (given["identity_number"]?.string ?? "", given["license_id"]?.string ?? "")
        guard !holder.isEmpty || !id.isEmpty else { throw .missing("identity_number") }
        let found = Self.licences.filter { (holder.isEmpty || $0.holder.number == holder) && (id.isEmpty || $0.id == id) }
        if quirk?.mode == .missingField { return reply(["total_count": .number(found.count)], quirk) }
        return reply(["auth_codes": .list(found.map { .text($0.code) }), "total_count": .number(found.count)], quirk)
    }

    private func licences(_ members: [JSON.Member], _ codes: String, _ quirk: Quirk?) throws(FieldFault) -> MockReply {
        try [FieldRule.optional("need_file", .code(["0", "1"]))].check(members)
        let withFile = JSON.object(members)["need_file"]?.string == "1"
        let asked = codes.split(separator: ",").map(String.init)
        let found = asked.compactMap { code in Self.licences.first { $0.code == code } }
        guard found.count == asked.count else { return refusal("AUTH_CODE_INVALID", "用证码无效", quirk) }
        if quirk?.mode == .notFound { return refusal("LICENSE_NOT_FOUND", "未查询到证照", quirk) }
        let filler: JSON = quirk?.mode == .huge ? ["remark": .text(hugeMarker)] : [:]
        return reply(
            .object([JSON.Member(name: "data", value: .list(found.map { write($0, withFile, quirk) }))] + (filler.members ?? [])), quirk)
    }

    private func verify(_ members: [JSON.Member], _ code: String, _ quirk: Quirk?) throws(FieldFault) -> MockReply {
        let names = ["license_number", "holder_name", "holder_identity_num"]
        try names.map { FieldRule.optional($0, .text(200)) }.check(members)
        guard let licence = Self.licences.first(where: { $0.code == code }) else { return refusal("AUTH_CODE_INVALID", "用证码无效", quirk) }
        let known = zip(names, [licence.number, licence.holder.name, licence.holder.number])
        let given = JSON.object(members)
        let results = known.compactMap { name, value -> JSON.Member? in
            guard let said = given[name]?.string, !said.isEmpty else { return nil }
            return JSON.Member(name: name, value: said == value ? "1" : "0")
        }
        let status: JSON = .text(quirk?.mode == .unknownStatus ? "LOST" : licence.status)
        return reply(
            quirk?.mode == .missingField ? ["license_status": status] : ["license_status": status, "results": .object(results)], quirk)
    }

    private func write(_ licence: Licence, _ withFile: Bool, _ quirk: Quirk?) -> JSON {
        let own: JSON =
            quirk?.mode == .missingField ? [:] : ["license_name": .text(licence.name), "license_number": .text(licence.number)]
        let rest: JSON = [
            "license_id": .text(licence.id), "license_type_code": .text(String(licence.id.dropFirst(15).prefix(21))),
            "holder_name": .text(licence.holder.name), "holder_identity_num": .text(licence.holder.number),
            "holder_identity_type": .text(licence.holder.type), "issue_org_name": .text(licence.issuer),
            "issue_date": .text(licence.issued),
            "expiry_date": .text(licence.until), "license_status": .text(quirk?.mode == .unknownStatus ? "LOST" : licence.status),
        ]
        let file: JSON = withFile ? ["file_name": .text(licence.number + ".pdf"), "file_data": .text(Self.file(licence))] : [:]
        return .object((own.members ?? []) + (rest.members ?? []) + (file.members ?? []))
    }

    /// A small document, in Base64 with line ends.
    private static func file(_ licence: Licence) -> String {
        let text = "%PDF-1.4\n% \(licence.id)\n" + String(repeating: "1 0 obj << /Type /Catalog >> endobj\n", count: 8) + "%%EOF\n"
        return Data(text.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
    }

    private func refusal(_ code: String, _ words: String, _ quirk: Quirk?) -> MockReply {
        reply(ack: "FAILURE", errors: [["code": .text(code), "message": .text(words)]], [:], quirk)
    }

    private func reply(_ content: JSON, _ quirk: Quirk?) -> MockReply { reply(ack: "SUCCESS", errors: [], content, quirk) }

    private func reply(ack: String, errors: [JSON], _ content: JSON, _ quirk: Quirk?) -> MockReply {
        var quirk = quirk
        if let mode = quirk?.mode, [.dtd, .badXML].contains(mode) { quirk = Quirk(mode: .unparsable, seconds: 0) }
        let envelope: JSON = ["ack_code": .text(ack), "errors": .list(errors)]
        let body = JSON.object((envelope.members ?? []) + (content.members ?? []))
        return MockReply(contentType: "application/json;charset=UTF-8", body: Array(body.rendered.utf8), quirk: quirk)
    }
}
