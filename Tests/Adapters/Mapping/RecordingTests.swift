import Testing

@testable import Adapters

@Suite("The departments, held to their recordings", .enabled(if: !Recording.all.isEmpty, "Mocks/recordings is not there"))
struct RecordingTests {
    let departments: ShippedDepartments

    init() throws { departments = try ShippedDepartments.loaded.get() }

    @Test("every operation that a department translates has a recording")
    func complete() {
        let recorded = Set(Recording.all.map { "\($0.department)/\($0.operation)" })
        for (department, translation) in departments.translations {
            for operation in translation.operations.keys { #expect(recorded.contains("\(department)/\(operation)")) }
        }
        #expect(departments.translations["hlj-fgw"]?.operations["cases.submit"]?.isWrite == true)
        #expect(departments.translations["hlj-fgw"]?.operations["cases.get"]?.isWrite == false)
        #expect(departments.translations["hlj-fgw"]?.operations["items.list"]?.usesSession == true)
        #expect(departments.translations["hrb"]?.operations["items.list"]?.usesSession == false)
        #expect(Set(departments.translations["hrb"]?.secretNames.map(\.name) ?? []) == ["HRB_APP_KEY", "HRB_APP_SECRET"])
    }

    @Test("a call becomes the bytes that the department was sent", arguments: Recording.all)
    func request(_ recording: Recording) throws {
        let (id, call) = try recording.call()
        let operation = try #require(departments.translations[recording.department]?.operations[id])
        let request = try operation.request(call)
        let sent = try recording.sent()
        #expect("\(request.method) \(request.target) HTTP/1.1" == sent.line)
        #expect(Set(request.fields) == Set(sent.fields))
        #expect(
            request.body == sent.body, "\(String(decoding: request.body, as: UTF8.self))\n\(String(decoding: sent.body, as: UTF8.self))")
    }

    @Test("a reply becomes the contract's answer, or its problem", arguments: Recording.all)
    func reply(_ recording: Recording) throws {
        let (id, call) = try recording.call()
        let operation = try #require(departments.translations[recording.department]?.operations[id])
        let outcome = operation.outcome(of: try recording.reply(), to: call)
        let answer = try recording.json("answer.json")
        let fault = try recording.json("fault.json")
        switch outcome {
        case .answer(let value):
            let typed = Result { () throws(AdapterFault) in try known(departments.contract.operation(id)).typeReply(value) }
            switch typed {
            case .success(let typed): #expect(typed.sorted == answer?.sorted)
            case .failure(let problem): check(problem, fault)
            }
        case .failed(let problem): check(problem, fault)
        case .sessionExpired: #expect(fault?["sessionExpired"] == true)
        case .pending: #expect(fault?["pending"] == true)
        }
    }

    private func check(_ problem: AdapterFault, _ fault: Value?) {
        #expect(problem.code.rawValue == fault?["code"]?.string, "\(problem)")
        if let upstream = fault?["upstream"] {
            #expect(problem.upstreamCode == upstream["code"]?.string)
            #expect(problem.upstreamMessage == upstream["message"]?.string)
        }
    }

    private func known(_ operation: ContractOperation?) throws(AdapterFault) -> ContractOperation {
        guard let operation else { throw AdapterFault(.internal, "no such operation") }
        return operation
    }
}

extension Value {
    /// The same value with the fields of its objects by name: for comparing what differs in order only.
    var sorted: Value {
        switch self {
        case .array(let items): return .array(items.map(\.sorted))
        case .object(let object):
            var sorted = Object()
            for field in object.fields.sorted(by: { $0.name < $1.name }) { sorted[field.name] = field.value.sorted }
            return .object(sorted)
        default: return self
        }
    }
}
