internal import Adapters
internal import GatewayCore

/// The first byte says which file of a routes directory the rest is. Every text gives a configuration, or problems that stand inside the file;
/// and whatever configuration is accepted can be used.
enum YAMLProperties {
    static func check(_ input: [UInt8]) throws(Finding) {
        guard let first = input.first else { return }
        let text = RouteSources.Text(path: "input.yaml", bytes: Array(input.dropFirst()))
        let diagnostics = Diagnostics()
        let compiler = Compiler(
            diagnostics, buckets: BucketRegistry(), missingSecrets: .warn, file: { _ in .failure(ReferenceFault("no files here")) },
            secret: ShippedCalls.secret)
        let snapshot = compiler.compile(sources(first, text), against: ShippedCalls.loaded.contract, revision: 1)
        try claim((snapshot == nil) == diagnostics.hasErrors, "no configuration, and nothing is said to be wrong")
        for problem in diagnostics.problems { try check(problem, text) }
        for department in snapshot?.departments ?? [] { try use(department) }
    }

    private static func sources(_ kind: UInt8, _ text: RouteSources.Text) -> RouteSources {
        RouteSources(
            directory: "", gateway: kind == UInt8(ascii: "g") ? text : nil, consumers: kind == UInt8(ascii: "c") ? text : nil,
            contract: nil,
            departments: "gca".utf8.contains(kind) ? [] : [text], aggregations: kind == UInt8(ascii: "a") ? [text] : [])
    }

    private static func check(_ problem: Problem, _ text: RouteSources.Text) throws(Finding) {
        try claim(!problem.message.isEmpty && !problem.rule.isEmpty, "a problem without words")
        try claim(problem.description.hasSuffix("\n"), "a problem that cannot be shown")
        guard let place = problem.place else { return }
        try claim(place.file.path == text.path, "a problem in \(place.file.path)")
        guard let line = place.file.line(place.line) else {
            throw Finding("line \(place.line) of \(place.file.lines.count): \(problem.message)")
        }
        let columns = line.unicodeScalars.count + 1
        try claim((1...columns).contains(place.column), "line \(place.line), column \(place.column) of \(columns): \(problem.message)")
    }

    /// Builds every request and reads a few replies, as an exchange would.
    private static func use(_ department: Department) throws(Finding) {
        let replies = ["{}", "[]", "<a/>", "a=b", ""].map { body in
            DepartmentReply(status: 200, fields: [DepartmentRequest.Field("Set-Cookie", "a=b")], body: Array(body.utf8))
        }
        for (id, adapter) in department.translation.operations {
            let input = ShippedCalls.loaded.inputs[id] ?? .object(Object())
            let call = ShippedCalls.call(input, department.secrets)
            for used in adapter.steps.map(\.call) + [adapter] {
                if let request = try? used.request(call) { try check(request) }
                for reply in replies { _ = used.outcome(of: reply, to: call) }
            }
            for reply in replies { _ = department.translation.goal(of: id)?.direct?.answer(in: reply, to: call) }
        }
        if let login = department.translation.login {
            let call = ShippedCalls.call(.object(Object()), department.secrets)
            if let request = try? login.request(call) { try check(request) }
            for reply in replies { _ = try? login.settle(reply, to: call) }
        }
        for callback in department.callbacks {
            let call = ShippedCalls.call(.object(Object()), department.secrets)
            for reply in replies {
                _ = try? callback.receive(CallbackPush(fields: reply.fields, body: reply.body), call)
            }
        }
    }

    /// Nothing breaks out of a request's head.
    private static func check(_ request: DepartmentRequest) throws(Finding) {
        let head = request.fields.flatMap { [$0.name, $0.value] } + [request.method, request.target]
        for text in head { try claim(!text.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }, "a line end in a request's head") }
        try claim(!request.target.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }, "a blank or a bare character in a request's target")
    }
}
