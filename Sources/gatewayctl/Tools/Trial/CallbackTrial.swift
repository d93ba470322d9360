package import Adapters
package import GatewayCore

/// A department's push taken through its callback without a network: `{"callback": "hrb-progress", "from": "10.1.2.3", "now": "…"}` and
/// the push as it was received.
package struct CallbackTrial {
    /// What became of a push.
    package struct Outcome {
        /// The events; nil where `fault` says why not.
        package let events: [CallbackAdapter.Event]?
        /// Why it is refused.
        package let fault: AdapterFault?
        /// The words that the department hears; nil where it gets the problem document.
        package let answer: CallbackAdapter.Answer?
    }

    /// The department.
    package let department: Department
    /// Its callback.
    package let adapter: CallbackAdapter
    private let route: Route
    private let from: ClientAddress?
    private let call: AdapterCall
    private let snapshot: Snapshot

    private static let keys = ["callback", "from", "now", "random"]

    /// Reads a call's file; `trace` notes where the events come from.
    package init(_ bytes: [UInt8], in snapshot: Snapshot, trace: MappingTrace? = nil) throws(ToolFault) {
        let file = try CallFile.object(bytes, keys: Self.keys)
        let callbacks = snapshot.routes.filter { if case .callback = $0.target { true } else { false } }
        guard let id = file["callback"]?.string, let route = callbacks.first(where: { $0.id == id }),
            case .callback(let target) = route.target
        else {
            let known = callbacks.map(\.id)
            let near = file["callback"]?.string.flatMap { suggestion(for: $0, among: known) }.map { "did you mean '\($0)'?" }
            throw ToolFault(
                "the call names no callback of a department; "
                    + (near ?? (known.isEmpty ? "no department's file has 'callbacks'" : "one of: \(known.joined(separator: ", "))")))
        }
        if let text = file["from"]?.string, ClientAddress(text) == nil { throw ToolFault("'from' is no address, such as 10.1.2.3") }
        from = file["from"]?.string.flatMap { ClientAddress($0) }
        self.route = route
        self.snapshot = snapshot
        department = snapshot.departments[target.department]
        adapter = department.callbacks[target.index]
        call = AdapterCall(
            input: .object(Object()), secrets: department.secrets, moment: try CallFile.moment(file), trace: trace)
    }

    /// Takes a push.
    package func receive(_ message: MessageText) throws(ToolFault) -> Outcome {
        let sent = try message.request()
        let halves = sent.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = halves.first ?? ""
        try check(path, sent.method)
        if case .callback(let target) = route.target, let from, !target.from.isEmpty, !target.from.contains(where: { $0.contains(from) }) {
            let fault = AdapterFault(.zoneDenied, "this callback takes nothing from this address")
            return Outcome(events: nil, fault: fault, answer: nil)
        }
        let query = halves.count > 1 ? RequestView.pairs(halves[1], .utf8) ?? [] : []
        let push = CallbackPush(method: sent.method, path: path, query: query, fields: sent.fields, body: sent.body)
        do throws(AdapterFault) {
            let receipt = try adapter.receive(push, call)
            return Outcome(events: receipt.events, fault: nil, answer: receipt.answer)
        } catch { return Outcome(events: nil, fault: error, answer: adapter.answer(refusing: error, call)) }
    }

    /// The push must go where the callback is.
    private func check(_ path: String, _ method: String) throws(ToolFault) {
        var (path, method) = (path, method)
        let found = path.withUTF8 { path in
            method.withUTF8 { method in
                snapshot.table.lookup(
                    host: UnsafeRawBufferPointer(start: nil, count: 0), path: UnsafeRawBufferPointer(path),
                    method: UnsafeRawBufferPointer(method))
            }
        }
        if case .found(let index, _) = found, snapshot.routes[index].id == route.id { return }
        throw ToolFault(
            "the push is \(method) \(path), and does not reach '\(route.id)', which takes \(route.methods.joined(separator: " and ")) at "
                + "the path of \(route.origin)")
    }
}

extension CallbackAdapter.Answer {
    /// The answer as a file holds it.
    var message: [UInt8] {
        let type = mediaType.map { "Content-Type: \($0)\r\n" } ?? ""
        return Array("HTTP/1.1 \(status)\r\n\(type)\r\n".utf8) + body
    }
}
