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
    private let contentType: String?
    private let hasBody: Bool
    private var body = ByteBuffer()
    private var calls: [DepartmentCall] = []
    private var gathering: ItemListGathering?
    private var isOver = false

    init(_ operation: Int, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection) {
        self.connection = connection
        operationIndex = operation
        let contract = connection.current.state?.snapshot.contract
        self.operation = contract.flatMap { $0.operations.indices.contains(operation) ? $0.operations[operation] : nil }
        path = ContractRequestText.path(head, bytes, self.operation)
        query = ContractRequestText.query(head, bytes)
        contentType = head.first(.contentType).map { String(decoding: bytes[$0.value.range], as: UTF8.self) }
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
        for call in calls { call.cancel() }
        calls = []
    }

    // MARK: The call

    private func refuse(_ fault: AdapterFault) {
        isOver = true
        connection.refuse(fault, allow: [])
    }

    private func call() throws(AdapterFault) {
        guard let operation, let state = connection.current.state else { throw AdapterFault(.internal, "the operation is gone") }
        let read = operation.readRequest(path: path, query: query, body: try bodyValue(operation))
        guard read.errors.isEmpty else {
            throw AdapterFault(.invalidField, "\(read.errors.count) field(s) break the contract", errors: read.errors)
        }
        let targets = try targets(operation, read.input, state.snapshot)
        guard let first = targets.first, operation.departmentCode(in: read.input) != nil else {
            return try askAll(targets, operation, read.input, state)
        }
        try admit(first, read.input, state.snapshot)
        connection.current.facts.department = first
        connection.current.phase = .sent
        guard operation.opensCase else { return ask(first, operation, read.input, state) }
        let input = opening(read.input, at: state.snapshot.departments[first])
        if input["caseNo"] == nil { numberCase(operation, input, first, state) } else { ask(first, operation, input, state) }
    }

    private func bodyValue(_ operation: ContractOperation) throws(AdapterFault) -> Value? {
        guard hasBody else { return nil }
        guard operation.takesBody else { return nil }
        let media = contentType?.split(separator: ";").first?.trimmed.lowercased()
        guard media == nil || media == "application/json" || media?.hasSuffix("+json") == true else {
            throw AdapterFault(.unsupportedMedia, "the body must be application/json")
        }
        do throws(CodecFault) {
            return try body.withUnsafeReadableBytes { bytes throws(CodecFault) in try JSONCodec.decode(bytes) }
        } catch {
            let place = error.offset.map { " at byte \($0)" } ?? ""
            throw AdapterFault(.badRequest, "the body is no JSON: \(error.reason)\(place)")
        }
    }

    /// The departments that the request names; all of those that serve the operation, where it names none and may.
    private func targets(_ operation: ContractOperation, _ input: Value, _ snapshot: Snapshot) throws(AdapterFault) -> [Int] {
        guard let named = operation.departmentCode(in: input) else {
            let region = input["region"]?.string.flatMap(Region.init)
            return snapshot.departments.indices.filter { index in
                let department = snapshot.departments[index]
                return department.serves(operation.id) && (region.map { $0.covers(department) } ?? true)
            }
        }
        if let index = snapshot.department(of: named.code, offering: operation.id) { return [index] }
        guard let owner = snapshot.department(of: named.code) else {
            throw AdapterFault(.notFound, "no department answers to this \(named.field)")
        }
        throw AdapterFault(.notFound, "\(snapshot.departments[owner].id) does not offer \(operation.id)")
    }

    private func admit(_ department: Int, _ input: Value, _ snapshot: Snapshot) throws(AdapterFault) {
        let facts = CallFacts(operation: operationIndex, department: department, region: input["region"]?.string.flatMap(Region.init))
        if let fault = PolicyCatalog.onCall(facts, &connection.current.facts, snapshot) { throw fault }
    }

    /// A case that says neither when nor where it is applied for: now, and where the department is.
    private func opening(_ input: Value, at department: Department) -> Value {
        guard case .object(var object) = input else { return input }
        if object["applyTime"] == nil {
            object["applyTime"] = .string(CivilTime(epochSeconds: connection.current.facts.epochSeconds).rfc3339)
        }
        if object["region"] == nil, let region = department.region { object["region"] = .string(region.description) }
        return .object(object)
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
        let call = makeCall(department, operation, input, state) { [weak self] outcome in
            guard let self, !self.isOver else { return }
            self.connection.current.note(outcome)
            self.answer(operation, input, outcome.result, department: state.snapshot.departments[department].id)
        }
        call?.start()
    }

    private func makeCall(
        _ department: Int, _ operation: ContractOperation, _ input: Value, _ state: LoopSnapshot,
        done: @escaping (DepartmentCall.Outcome) -> Void
    ) -> DepartmentCall? {
        let target = state.snapshot.departments[department]
        guard let adapter = target.translation.operations[operation.id] else {
            refuse(AdapterFault(.notFound, "\(target.id) does not offer \(operation.id)"))
            return nil
        }
        let call = DepartmentCall(
            adapter, at: target, state: state, input: input, trace: connection.current.facts.trace, loop: connection.loop, done: done)
        calls.append(call)
        return call
    }

    private func answer(_ operation: ContractOperation, _ input: Value, _ result: Result<Value, AdapterFault>, department: String) {
        calls = []
        switch result {
        case .failure(let fault):
            isOver = true
            connection.fail(fault, department: department)
        case .success(let value):
            do throws(AdapterFault) {
                let answer = try operation.typeReply(value.completed(from: input))
                try checkRegion(of: answer)
                write(answer, operation)
            } catch {
                isOver = true
                connection.fail(error, department: department)
            }
        }
    }

    /// A case is known to lie in a region only once its department has answered: a consumer whose grant does not reach that
    /// region does not get to see it. What has been written is not denied any more.
    private func checkRegion(of answer: Value) throws(AdapterFault) {
        guard operation?.isSafe == true, let region = answer["region"]?.string.flatMap(Region.init), let state = connection.current.state,
            connection.current.facts.department >= 0
        else { return }
        let facts = CallFacts(operation: operationIndex, department: connection.current.facts.department, region: region)
        if let fault = PolicyCatalog.onCall(facts, &connection.current.facts, state.snapshot) { throw fault }
    }

    private func write(_ answer: Value, _ operation: ContractOperation) {
        isOver = true
        connection.serving = nil
        connection.write(
            LocalReply(
                status: operation.status(of: answer), mediaType: "application/json", body: JSONCodec.encode(answer),
                location: operation.location(of: answer)),
            end: .completed)
    }

    // MARK: Asking several departments

    private func askAll(_ targets: [Int], _ operation: ContractOperation, _ input: Value, _ state: LoopSnapshot) throws(AdapterFault) {
        var granted: [Int] = []
        var refusal = AdapterFault(.notFound, "no department offers \(operation.id)")
        for target in targets {
            do {
                try admit(target, input, state.snapshot)
                granted.append(target)
            } catch {
                // Of several reasons the one that says most: some grant is there, for another region.
                if refusal.code != .regionScope { refusal = error }
            }
        }
        guard let first = granted.first else { throw refusal }
        if !operation.answersList {
            // What is no list cannot be put together: only one department can be meant.
            guard granted.count == 1 else {
                let names = granted.map { state.snapshot.departments[$0].id }.joined(separator: ", ")
                let field = operation.department.fields.map { "'\($0.name)'" }.joined(separator: " or ")
                throw AdapterFault(.invalidField, "\(field) must say which of \(names) is meant")
            }
            connection.current.facts.department = first
            connection.current.phase = .sent
            return ask(first, operation, input, state)
        }
        connection.current.phase = .sent
        let gathering = ItemListGathering(departments: granted.map { state.snapshot.departments[$0].id }, input: input)
        self.gathering = gathering
        for (part, target) in granted.enumerated() {
            let call = makeCall(target, operation, gathering.partInput, state) { [weak self] outcome in
                guard let self, !self.isOver else { return }
                self.connection.current.note(outcome)
                let typed = outcome.result.flatMap { value in
                    Result { () throws(AdapterFault) -> Value in try operation.typeReply(value) }
                }
                guard gathering.take(part, typed) else { return }
                self.finishGathering(gathering, operation)
            }
            call?.start()
        }
    }

    private func finishGathering(_ gathering: ItemListGathering, _ operation: ContractOperation) {
        calls = []
        switch gathering.answer() {
        case .success(let answer): write(answer, operation)
        case .failure(let fault):
            isOver = true
            connection.fail(fault, department: gathering.firstDepartment)
        }
    }
}

extension ContractOperation {
    /// Whether the operation opens a case: it finds its department by the item code in the body. The case number, the time and
    /// the region may then be left to the gateway.
    fileprivate var opensCase: Bool { department == DepartmentKey(fields: [.init(name: "itemCode", source: .body)]) }
}

extension Region {
    /// Whether a department lies in this region; one that does not say where it is lies everywhere.
    fileprivate func covers(_ department: Department) -> Bool { department.region.map(covers) ?? true }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return text
    }
}

extension Value {
    /// The answer with the numbers that the caller asked by, where the department did not repeat them.
    fileprivate func completed(from input: Value) -> Value {
        guard case .object(var object) = self, object["items"] == nil else { return self }
        for name in ["caseNo", "itemCode"] where object[name] == nil {
            if let value = input[name] { object[name] = value }
        }
        return .object(object)
    }
}
