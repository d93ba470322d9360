package import Adapters

/// What there is to say of consumers.
package enum ConsumerReport {
    /// One consumer as its file has it: `{id, name, keys[], signatures[], tokens[], certificates[], grants[]}`. Digests are cut: enough to tell one key from another.
    package static func value(_ id: String, _ node: Node, now: Int64) -> Value {
        let today = ConsumerKeys.day(now)
        func entry(_ item: Node, _ name: String, _ text: String) -> Value {
            var object: Object = [name: .string(text)]
            if let end = item["expires"]?.text {
                object["expires"] = .string(end)
                object["ended"] = .bool(end <= today)
            }
            return .object(object)
        }
        var object: Object = ["id": .string(id), "name": .string(node["name"]?.text ?? id)]
        object["keys"] = .array(
            (node["keys"]?.items ?? []).map { entry($0, "digest", String(($0["digest"]?.text ?? "").prefix(19)) + "…") })
        object["signatures"] = .array((node["signatures"]?.items ?? []).map { entry($0, "key", $0["key"]?.text ?? "") })
        object["tokens"] = .array(
            (node["tokens"]?.items ?? []).map { item in
                var token = entry(item, "subject", item["subject"]?.text ?? "").object ?? Object()
                token["issuer"] = item["issuer"]?.value
                return .object(token)
            })
        object["certificates"] = .array(
            (node["certificates"]?.items ?? []).map { item in
                if let subject = item["subject"]?.text { return entry(item, "subject", subject) }
                return entry(item, "public-key", String((item["public-key"]?.text ?? "").prefix(19)) + "…")
            })
        object["grants"] = .array((node["grants"]?.items ?? []).map(\.value))
        return .object(object)
    }

    /// The same for people, one line.
    package static func line(_ value: Value) -> String {
        func current(_ list: String) -> Int { (value[list]?.array ?? []).count { $0["ended"] != true } }
        let id = value["id"]?.string ?? ""
        var parts = ["\(current("keys")) key(s)", "\(current("signatures")) signature(s)"]
        for (list, word) in [("tokens", "token subject(s)"), ("certificates", "certificate(s)")] where value[list]?.array?.isEmpty == false
        {
            parts.append("\(current(list)) \(word)")
        }
        parts.append("\(value["grants"]?.array?.count ?? 0) grant(s)")
        return id.filled(20) + parts.joined(separator: ", ").filled(44) + (value["name"]?.string ?? "")
    }

    /// What a consumer may call, for people.
    package static func lines(_ calls: [Value], _ routes: [Value]) -> [String] {
        let contract = calls.map { call in
            let fields = (call["fields"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            return (call["allowed"] == true ? "yes" : "no").filled(5) + (call["department"]?.string ?? "").filled(16)
                + (call["operation"]?.string ?? "").filled(24) + (call["reason"]?.string ?? "")
                + (fields.isEmpty ? "" : "; fields: \(fields)")
        }
        let plain = routes.map { route in
            (route["allowed"] == true ? "yes" : "no").filled(5) + "route".filled(16) + (route["route"]?.string ?? "").filled(24)
                + (route["reason"]?.string ?? "")
        }
        return contract + plain
    }
}

extension String {
    /// The text with spaces up to `width`.
    fileprivate func filled(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
