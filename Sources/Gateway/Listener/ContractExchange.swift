import Adapters
import GatewayCore
import NIOCore

/// A contract operation: collects the body, checks it, finds the department, has the call made, answers in the contract's terms.
final class ContractExchange: ClientExchange {
    private unowned let connection: ClientConnection
    private let operationIndex: Int
    private let operation: ContractOperation?
    private let path: [(name: String, value: String)]
    private let query: [(name: String, value: String)]
    private let malformed: [FieldError]
    private let form: ContractBody
    private let hasBody: Bool
    private var body = ByteBuffer()
    private var single: DepartmentCall?
    private var several: AggregatedCall?
    private var isOver = false

    init(_ operation: Int, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection) {
        self.connection = connection
        operationIndex = operation
        let contract = connection.current.state?.snapshot.contract
        self.operation = contract.flatMap { $0.operations.indices.contains(operation) ? $0.operations[operation] : nil }
        var text = RequestText()
        path = text.path(head, bytes, self.operation)
        query = text.query(head, bytes)
        malformed = text.errors
        form = ContractBody(
            contentType: head.first(.contentType).map { String(decoding: bytes[$0.value.range], as: UTF8.self) },
            contentEncoding: head.first(.contentEncoding).map { String(decoding: bytes[$0.value.range], as: UTF8.self) })
        hasBody = head.framing != .none && head.framing != .length(0)
    }

    // MARK: ClientExchange

    func requestBody(_ bytes: ByteBuffer) {
        if body.readableBytes == 0 {
            body = bytes
        } else {
            var bytes = bytes
            body.writeBuffer(&bytes)
        }
    }

    func requestEnd() {
        guard !isOver else { return }
        do { try call() } catch { refuse(error) }
    }

    func cancel() {
        isOver = true
        single?.cancel()
        several?.cancel()
        single = nil
        several = nil
    }

    // MARK: The call

    private func refuse(_ fault: AdapterFault) {
        isOver = true
        connection.refuse(fault, allow: [])
    }

    private func call() throws(AdapterFault) {
        guard let operation, let state = connection.current.state else { throw AdapterFault(.internal, "the operation is gone") }
        guard malformed.isEmpty else {
            throw AdapterFault(.badRequest, "the address is not percent-encoded as UTF-8 (RFC 3986 §2.1)", errors: malformed)
        }
        var read = operation.readRequest(path: path, query: query, body: try bodyValue(operation))
        guard read.errors.isEmpty else {
            throw AdapterFault(.invalidField, "\(read.errors.count) field(s) break the contract", errors: read.errors)
        }
        read.input = CallerUser.stand(connection.current.facts.user, in: read.input)
        connection.current.purpose = read.input["purpose"]?.string
        let admission = CallAdmission(connection: connection, snapshot: state.snapshot, operation: operationIndex)
        if let plan = state.snapshot.aggregations[operationIndex],
            !(plan.isOneCallAtEach && operation.departmentCode(in: read.input) != nil)
        {
            return aggregate(plan, operation, read.input, state)
        }
        let first: Int
        if let named = try admission.named(by: read.input) { first = named } else { first = try admission.only(read.input) }
        try admission.admit(first, read.input)
        try admission.take(first, read.input)
        connection.current.facts.department = first
        connection.current.phase = .sent
        guard operation.opensCase else { return ask(first, operation, read.input, state) }
        let input = state.snapshot.departments[first].completed(
            read.input, of: operation, epochSeconds: connection.current.facts.epochSeconds)
        if input["caseNo"] == nil { numberCase(operation, input, first, state) } else { ask(first, operation, input, state) }
    }

    private func bodyValue(_ operation: ContractOperation) throws(AdapterFault) -> Value? {
        guard hasBody else { return nil }
        guard operation.takesBody else { return nil }
        try form.check()
        do throws(CodecFault) {
            return try body.withUnsafeReadableBytes { bytes throws(CodecFault) in
                // Whoever reads the first of two and whoever reads the last would judge different requests.
                try JSONCodec.decode(bytes, limits: DecodeLimits(namesOnce: true))
            }
        } catch {
            let place = error.offset.map { " at byte \($0)" } ?? ""
            throw AdapterFault(.badRequest, "the body is no JSON: \(error.reason)\(place)")
        }
    }

    private func numberCase(_ operation: ContractOperation, _ input: Value, _ department: Int, _ state: LoopSnapshot) {
        guard let itemCode = input["itemCode"]?.string else { return refuse(AdapterFault(.internal, "a case without an item code")) }
        connection.loop.caseNumber(itemCode: itemCode) { [weak self] result in
            guard let self, !self.isOver else { return }
            switch result {
            case .success(let number):
                var object = input.object ?? Object()
                object["caseNo"] = .string(number)
                self.ask(department, operation, .object(object), state)
            case .failure(let fault): self.refuse(fault)
            }
        }
    }

    private func ask(_ department: Int, _ operation: ContractOperation, _ input: Value, _ state: LoopSnapshot) {
        let target = state.snapshot.departments[department]
        guard let goal = target.translation.goals[operationIndex] else {
            return refuse(AdapterFault(.notFound, "\(target.id) does not offer \(operation.id)"))
        }
        let call = DepartmentCall(
            goal, at: target, state: state, input: input, trace: connection.current.facts.trace, loop: connection.loop,
            rules: target.callRules[operationIndex]
        ) { [self] outcome in
            if !isOver { came(outcome, of: goal, at: department, to: input) }
        }
        single = call
        call.start()
    }

    /// A department's call is over.
    private func came(_ outcome: DepartmentCall.Outcome, of goal: ContractGoal, at department: Int, to input: Value) {
        connection.current.note(outcome)
        guard let operation, let snapshot = connection.current.state?.snapshot else {
            return refuse(AdapterFault(.internal, "the operation is gone"))
        }
        let admission = CallAdmission(connection: connection, snapshot: snapshot, operation: operationIndex)
        if case .success(.written(let written)) = outcome.result, admission.isVisible(written, goal, at: department, to: input) {
            return write(written, operation)
        }
        let answer = outcome.result.flatMap { answer in
            Result { () throws(AdapterFault) -> Value in
                let answer = try operation.answer(from: goal.tree(of: answer), to: input)
                return try admission.visible(answer, of: goal, at: department, to: input).alone
            }
        }
        self.answer(operation, answer, department: snapshot.departments[department].id)
    }

    /// An operation that several calls answer.
    private func aggregate(_ plan: Aggregation, _ operation: ContractOperation, _ input: Value, _ state: LoopSnapshot) {
        let call = AggregatedCall(plan, input: input, state: state, connection: connection) { [weak self] result, department in
            guard let self, !self.isOver else { return }
            // Each part is typed already; of fields that were dropped the contract may require some.
            let isWhole = !self.connection.current.facts.seesFieldsOnly(in: state.snapshot)
            let answer = result.flatMap { value in
                Result { () throws(AdapterFault) -> Value in isWhole ? try operation.typeReply(value) : value }
            }
            if case .failure(let fault) = answer, self.several?.hasAsked == false { return self.refuse(fault) }
            self.answer(operation, answer, department: department)
        }
        several = call
        call.start()
    }

    private func answer(_ operation: ContractOperation, _ result: Result<Value, AdapterFault>, department: String?) {
        single = nil
        several = nil
        switch result {
        case .success(let answer):
            if operation.answersFile { writeFile(answer) } else { write(answer, operation) }
        case .failure(let fault):
            isOver = true
            connection.fail(fault, department: department)
        }
    }

    /// An answer that speaks of a file: the caller gets its bytes.
    private func writeFile(_ answer: Value) {
        isOver = true
        guard let state = connection.current.state, connection.current.facts.department >= 0 else {
            return connection.fail(AdapterFault(.internal, "a file of no department"), department: nil)
        }
        let department = state.snapshot.departments[connection.current.facts.department]
        do throws(AdapterFault) {
            let upstream = state.snapshot.upstreams[department.upstream]
            let file = try FileReference(answer, endpoints: upstream.endpoints, limit: upstream.fileLimit)
            switch file.source {
            case .bytes(let bytes): writeFile(bytes, file)
            case .target(let target):
                let stream = FileStream(
                    file, at: target, department: department, pool: state.pools[department.upstream], connection: connection)
                connection.serving = stream
                stream.start()
            }
        } catch { connection.fail(error, department: department.id) }
    }

    private func writeFile(_ bytes: [UInt8], _ file: FileReference) {
        let isHead = connection.current.method == .head
        connection.serving = nil
        connection.current.status = 200
        connection.current.phase = .answered
        connection.machine.replyBegins(as: .completed, closing: connection.endsAfterReply)
        connection.send(
            FileHead.make(
                file.mediaType ?? "application/octet-stream", file.disposition, length: Int64(bytes.count), isChunked: false, connection))
        if !isHead { connection.send(ByteBuffer(bytes: bytes)) }
        connection.flush()
        connection.perform(connection.machine.replyComplete())
    }

    private func write(_ answer: Value, _ operation: ContractOperation) { write(JSONCodec.encode(answer), showing: answer, operation) }

    /// An answer that is written already.
    private func write(_ answer: DirectAnswer, _ operation: ContractOperation) {
        single = nil
        write(answer.body, showing: answer.facts, operation)
    }

    private func write(_ body: [UInt8], showing facts: Value, _ operation: ContractOperation) {
        isOver = true
        connection.serving = nil
        connection.write(
            LocalReply(
                status: operation.status(of: facts), mediaType: "application/json", body: body, location: operation.location(of: facts)),
            end: .completed)
    }
}
