package import Adapters

/// A department's request, shown.
package enum RequestView {
    /// The request as it would leave: head as text, body decoded by its charset, or in hex where it is no text or `hex` asks for it.
    package static func text(_ request: DepartmentRequest, hex: Bool = false) -> String {
        var lines: [String]
        if let delivery = request.delivery {
            lines = ["-- files"] + files(delivery)
        } else {
            lines = ["-- request", "\(request.method) \(request.target) HTTP/1.1"]
            lines += request.fields.map { "\($0.name): \($0.value)" }
            if request.hasLength { lines.append("Content-Length: \(request.body.count)") }
        }
        lines.append("")
        guard !request.body.isEmpty else { return lines.joined(separator: "\n") }
        let body = BodyText(request.body, contentType: request.field("Content-Type"), hex: hex)
        switch body.charset {
        case nil: lines.append("-- body, \(request.body.count) bytes in hex")
        case "UTF-8"?: break
        case let charset?: lines.append("-- body, \(request.body.count) bytes of \(charset), shown as text")
        }
        lines.append(body.text)
        let form = hex ? [] : formFields(request)
        if !form.isEmpty {
            lines.append("-- its form fields, decoded")
            lines += form.map { "\($0.name) = \($0.value)" }
        }
        return lines.joined(separator: "\n")
    }

    /// What is put where on a file server, and where the answer is looked for.
    private static func files(_ delivery: FileDelivery) -> [String] {
        var lines: [String] = []
        if let path = delivery.path { lines.append("put    \(path)\(delivery.temporary), then renamed to \(path)") }
        guard let answer = delivery.answer else { return lines + ["no answer is looked for"] }
        let within = answer.within == .zero ? (delivery.path == nil ? "once" : "as long as the call may take") : "for \(answer.within)"
        let then =
            switch answer.afterwards {
            case .keep: "it stays"
            case .delete: "it is removed"
            case .move(let path): "it goes to \(path)"
            }
        return lines + ["look   \(answer.path), every \(answer.every), \(within); then \(then)"]
    }

    /// A document inside a request: as text where its charset makes text of it, else in hex.
    static func text(_ document: TraceDocument) -> String {
        BodyText(document.bytes, contentType: "text/plain; charset=\(document.charset.name)").text
    }

    /// The same for programs; `body` is Base64 of the exact bytes.
    package static func value(_ request: DepartmentRequest) -> Value {
        let body = BodyText(request.body, contentType: request.field("Content-Type"))
        var object: Object = [
            "method": .string(request.method), "target": .string(request.target),
            "fields": .array(request.fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "body": .string(Base64Codec.encode(request.body)), "charset": .string(body.charset ?? ""), "text": .string(body.text),
        ]
        if let delivery = request.delivery { object["files"] = .array(files(delivery).map(Value.string)) }
        let form = formFields(request)
        if !form.isEmpty { object["form"] = .array(form.map { ["name": .string($0.name), "value": .string($0.value)] }) }
        return .object(object)
    }

    /// The fields of a form as text, where something in them was encoded.
    private static func formFields(_ request: DepartmentRequest) -> [(name: String, value: String)] {
        guard request.field("Content-Type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true,
            request.body.contains(0x25)
        else { return [] }
        return pairs(String(decoding: request.body, as: UTF8.self), BodyText.named(request.field("Content-Type")) ?? .utf8) ?? []
    }

    /// The names and values of a form or a query; nil when they cannot be decoded.
    static func pairs(_ text: String, _ charset: Charset) -> [(name: String, value: String)]? {
        func plain(_ text: Substring) -> String? {
            (try? FormCodec.percentDecode(String(text).replacing("+", with: "%20"))).flatMap { try? charset.decode($0) }
        }
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first.flatMap({ plain($0) }), let value = halves.count > 1 ? plain(halves[1]) : "" else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }
}
