package import Adapters
internal import GatewayCore

/// Holds a request that was built to one that was recorded. The order of header fields and of parameters does not count, nor do the
/// fields of the connection; bodies are compared as bytes, and when these differ, as what they mean.
package enum RequestComparison {
    /// The fields that a connection writes for itself.
    private static let connectionFields: Set<String> = [
        "host", "content-length", "connection", "transfer-encoding", "user-agent", "accept-encoding", "keep-alive",
    ]

    /// Everything in which they differ.
    package static func differences(expected: DepartmentRequest, found: DepartmentRequest) -> [TreeDifference] {
        var differences: [TreeDifference] = []
        if expected.method != found.method {
            differences.append(TreeDifference(pointer: "method", expected: expected.method, found: found.method))
        }
        differences += target(expected, found)
        differences += fields(expected, found)
        return differences + body(expected, found)
    }

    private static func target(_ expected: DepartmentRequest, _ found: DepartmentRequest) -> [TreeDifference] {
        guard expected.target != found.target else { return [] }
        func halves(_ request: DepartmentRequest) -> (path: String, query: String) {
            let halves = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (halves.first ?? "", halves.count > 1 ? halves[1] : "")
        }
        let (left, right) = (halves(expected), halves(found))
        var differences: [TreeDifference] = []
        if left.path != right.path { differences.append(difference("path", left.path, right.path)) }
        let charset = BodyText.named(found.field("Content-Type")) ?? .utf8
        return differences + parameters("query", left.query, right.query, charset)
    }

    private static func parameters(_ what: String, _ left: String, _ right: String, _ charset: Charset) -> [TreeDifference] {
        guard let expected = RequestView.pairs(left, charset), let found = RequestView.pairs(right, charset) else {
            return left == right ? [] : [difference(what, left, right)]
        }
        return TreeDifference.between(tree(expected), tree(found), at: what)
    }

    /// Named values as a tree; a name that stands twice gives a list.
    private static func tree(_ pairs: [(name: String, value: String)]) -> Value {
        var object = Object()
        for (name, value) in pairs {
            switch object[name] {
            case nil: object[name] = .string(value)
            case .array(let items)?: object[name] = .array(items + [.string(value)])
            case let first?: object[name] = .array([first, .string(value)])
            }
        }
        return .object(object)
    }

    private static func fields(_ expected: DepartmentRequest, _ found: DepartmentRequest) -> [TreeDifference] {
        func tree(_ request: DepartmentRequest) -> Value {
            let counted = request.fields.map { (name: $0.name.lowercased(), value: $0.value) }
            return Self.tree(counted.filter { !connectionFields.contains($0.name) })
        }
        return TreeDifference.between(tree(expected), tree(found), at: "header")
    }

    private static func body(_ expected: DepartmentRequest, _ found: DepartmentRequest) -> [TreeDifference] {
        guard expected.body != found.body else { return [] }
        let type = (found.field("Content-Type") ?? "").lowercased()
        let charset = BodyText.named(type)
        if type.hasPrefix("application/x-www-form-urlencoded") {
            func text(_ request: DepartmentRequest) -> String { String(decoding: request.body, as: UTF8.self) }
            return parameters("body", text(expected), text(found), charset ?? .utf8)
        }
        if let left = decoded(expected.body, type, charset), let right = decoded(found.body, type, charset) {
            return TreeDifference.between(left, right, at: "body")
        }
        let left = BodyText(expected.body, contentType: type)
        let right = BodyText(found.body, contentType: type)
        return [difference("body", left.text, right.text)]
    }

    private static func decoded(_ body: [UInt8], _ type: String, _ charset: Charset?) -> Value? {
        if type.contains("xml") { return try? XMLCodec.decode(body, charset: charset) }
        guard type.contains("json") else { return nil }
        guard let charset, charset != .utf8 else { return try? JSONCodec.decode(body) }
        return (try? charset.decode(body)).flatMap { try? JSONCodec.decode(text: $0) }
    }

    private static func difference(_ what: String, _ expected: String, _ found: String) -> TreeDifference {
        TreeDifference(pointer: what, expected: Masking.text(expected), found: Masking.text(found))
    }
}
