internal import Foundation

/// 国家政务服务共享平台: one gateway for many services, told apart by the header `gjzwfwpt_sid`; a JSON text in a form field; two verdicts,
/// the platform's and the service's.
struct ShareDialect: Dialect {
    let items: [ServiceItem] = []
    let functions = [MockFunction.events, .verify]

    private static let services: [String: MockFunction] = ["s_2300000000000_0001": .events, "s_2300000000000_0002": .verify]
    private static let persons = ["230100199001010016": "张三", "230183198506150029": "李四", "11010519491231002X": "𠮷野㐂䶮"]

    func serves(path: String) -> Bool { path == "/gateway/api.do" }

    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply {
        guard let service = request.fields["gjzwfwpt_sid"], let function = Self.services[service] else {
            return reply("1003", "服务不存在", nil, nil)
        }
        let quirk = state.quirk(for: function)
        do throws(Refusal) {
            let content = try content(of: request, service: service, in: &state, now: now, quirk: quirk)
            if quirk?.mode == .errorIn200 { throw Refusal("1999", "系统繁忙，请稍后再试") }
            let data = quirk?.mode == .notFound ? nothing("未查询到数据") : try result(content, for: function, state, quirk)
            return reply("1", "成功", data, quirk)
        } catch {
            return reply(error.code, error.words, nil, quirk)
        }
    }

    /// The business content of a request whose signature, time and fields are right.
    private func content(
        of request: MockRequest, service: String, in state: inout DepartmentState, now: Int64, quirk: Quirk?
    ) throws(Refusal) -> [JSON.Member] {
        guard let rid = request.fields["gjzwfwpt_rid"], let time = request.fields["gjzwfwpt_rtime"], (8...64).contains(rid.utf8.count),
            let milliseconds = Int64(time)
        else { throw Refusal("1002", "缺少网关请求头") }
        let mac = Digest.hmacSHA256(key: MockCredentials.shareSecret, Array((service + rid + time).utf8))
        guard request.fields["gjzwfwpt_sign"] == Data(mac).base64EncodedString(), ![.badCredential, .expiredToken].contains(quirk?.mode)
        else { throw Refusal("1001", "签名错误") }
        guard !state.settings.checkClock || abs(milliseconds - now) <= 900_000 else { throw Refusal("1004", "请求时间超出允许范围") }
        guard state.admits(nonce: rid, now: now) else { throw Refusal("1005", "重复的请求") }
        let (media, charset) = request.contentType
        guard media == "application/x-www-form-urlencoded", charset == nil || charset == "UTF-8", let form = PlainForm(request.body),
            form.names.sorted() == ["access_key", "biz_content", "request_id", "timestamp", "version"],
            form["access_key"] == MockCredentials.shareKey, form["version"] == "1.0", !form["request_id"].isEmpty,
            CivilTime(compact: form["timestamp"]) != nil
        else { throw Refusal("1006", "公共参数错误") }
        guard let content = JSON(parsing: Array(form["biz_content"].utf8))?.members else { throw Refusal("1007", "biz_content不是合法的JSON") }
        return content
    }

    private func result(
        _ members: [JSON.Member], for function: MockFunction, _ state: DepartmentState, _ quirk: Quirk?
    ) throws(Refusal) -> JSON {
        let content = JSON.object(members)
        func text(_ name: String) -> String { content[name]?.string ?? "" }
        do throws(FieldFault) {
            if function == .events {
                try [FieldRule.required("case_no", .text(50))].check(members)
                guard let file = state.file(text("case_no")) else { return nothing("未查询到办件") }
                return found(file.steps.map { ["op_type": .text($0.name), "op_date": .text($0.start.spaced + ".0")] }, quirk)
            }
            let rules: [FieldRule] = [
                .required("gmsfhm", .text(18)), .optional("xm", .text(200)), .optional("csrq", .text(8)), .required("yt", .text(200)),
            ]
            try rules.check(members)
            guard Identity.isCitizen(text("gmsfhm")) else { throw .invalid("gmsfhm") }
            guard let name = Self.persons[text("gmsfhm")] else { return nothing("库中无此人") }
            let birthday = String(text("gmsfhm").dropFirst(6).prefix(8))
            let asked = [("xm", name), ("csrq", birthday)].filter { !text($0.0).isEmpty }
            let unknown = quirk?.mode == .unknownStatus
            return found(
                asked.map { ["item": .text($0.0), "result": .text(unknown ? "9" : text($0.0) == $0.1 ? "1" : "0")] }, quirk)
        } catch {
            switch error {
            case .missing(let name): throw Refusal("1008", "缺少参数\(name)")
            case .unknown(let name): throw Refusal("1009", "未知参数\(name)")
            case .invalid(let name): throw Refusal("1010", "参数\(name)的值不合法")
            }
        }
    }

    private func nothing(_ words: String) -> JSON { ["code": "1", "msg": .text(words), "result": []] }

    private func found(_ entries: [JSON], _ quirk: Quirk?) -> JSON {
        if quirk?.mode == .missingField { return ["code": "0", "msg": ""] }
        let filler: JSON = quirk?.mode == .huge ? [["bz": .text(hugeMarker)]] : []
        guard case .list(let more) = filler else { return .null }
        return ["code": "0", "msg": "", "result": .list(entries + more)]
    }

    private func reply(_ code: String, _ words: String, _ data: JSON?, _ quirk: Quirk?) -> MockReply {
        var quirk = quirk
        if let mode = quirk?.mode, [.dtd, .badXML].contains(mode) { quirk = Quirk(mode: .unparsable, seconds: 0) }
        let body: JSON = ["code": .text(code), "msg": .text(words), "biz_data": data ?? .null]
        return MockReply(contentType: "application/json;charset=UTF-8", body: Array(body.rendered.utf8), quirk: quirk)
    }

    /// The progress of a case that was handed in at 省统一受理平台.
    var seeds: [CaseFile] {
        let item = ServiceItem.tysl[0]
        guard let time = CivilTime(compact: "20261102091500") else { return [] }
        return [
            CaseFile(
                number: item.code + "202611020001", item: item, ownNumber: "", receipt: "", status: "", applied: time, accepted: time,
                steps: CaseStage.processing.steps(since: time), submitted: [])
        ]
    }
}
