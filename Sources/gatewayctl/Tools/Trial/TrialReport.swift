package import Adapters
internal import GatewayCore

/// What one call, and perhaps one reply, came to.
package struct TrialReport {
    /// For programs.
    package private(set) var value: Object
    /// For a person.
    package private(set) var lines: [String] = []
    /// Whether there was a problem in the request or the reply.
    package var hasProblem: Bool { value["problem"] != nil }

    private let trial: CallFile
    private let trace: MappingTrace
    private let hex: Bool
    private let provenance: Bool
    private var noted = 0
    private var notedSignatures = 0

    /// A report with nothing in it yet. `trace` is the one of the trial's call.
    package init(_ trial: CallFile, trace: MappingTrace, hex: Bool, provenance: Bool) {
        self.trial = trial
        self.trace = trace
        self.hex = hex
        self.provenance = provenance
        value = ["department": .string(trial.department.id), "operation": .string(trial.operation.id)]
    }

    /// Builds the request and adds it.
    package mutating func addRequest() {
        do throws(AdapterFault) {
            let request = if let login = trial.login { try login.request(trial.call) } else { try trial.adapter.request(trial.call) }
            value["request"] = RequestView.value(request)
            lines.append(RequestView.text(request, hex: hex))
        } catch {
            fail(error)
            if let advice = trial.stepsAdvice { lines.append("-- \(advice)") }
        }
        addDocuments()
        addSignatures("signed", SignatureView.made)
        addProvenance("requestFields", "-- where the request comes from: department <- contract")
    }

    /// Judges a reply and adds what it became.
    package mutating func addReply(_ reply: DepartmentReply) {
        if let login = trial.login { return addSession(login, reply) }
        let outcome = trial.adapter.outcome(of: reply.asFile(of: trial.adapter), to: trial.call)
        addSignatures("verified", SignatureView.came)
        addDecisions()
        switch outcome {
        case .sessionExpired:
            value["outcome"] = "sessionExpired"
            lines.append("-- the session is over: the gateway would log in again and send the call once more")
        case .pending:
            value["outcome"] = "pending"
            lines.append("-- the department is not done: the gateway would make the call again in a while")
        case .failed(let fault): fail(fault)
        case .answer(let made) where trial.isStep:
            value["results"] = made
            lines.append("-- results of the step")
            lines.append(String(decoding: JSONCodec.encode(made, indented: true), as: UTF8.self))
        case .answer(let made):
            do throws(AdapterFault) {
                let whole = PartAnswer(whole: try trial.operation.answer(from: made, to: trial.call.input))
                let answer = trial.adapter.filter(for: trial.call.input)?.applied(to: whole).alone ?? whole.full
                value["answer"] = answer
                lines.append("-- answer, status \(trial.operation.status(of: answer))")
                lines.append(String(decoding: JSONCodec.encode(answer, indented: true), as: UTF8.self))
            } catch { fail(error) }
        }
        addProvenance("answerFields", "-- where the answer comes from: contract <- department")
        addTree()
    }

    /// Judges a reply to the login and adds the session that it gives.
    private mutating func addSession(_ login: LoginAdapter, _ reply: DepartmentReply) {
        do throws(AdapterFault) {
            if case .answer((let session, let lifetime)) = try login.settle(reply, to: trial.call) {
                var values = Object()
                for name in login.valueNames { values[name] = session[name].map(Value.string) }
                value["session"] = .object(values)
                value["lifetime"] = lifetime.map { .string("\($0 / 1000)s") }
                addSignatures("verified", SignatureView.came)
                addDecisions()
                lines.append("-- session, for \(lifetime.map { "\($0 / 1000) s" } ?? "as long as the department takes it")")
                lines.append(String(decoding: JSONCodec.encode(.object(values), indented: true), as: UTF8.self))
            }
        } catch {
            addSignatures("verified", SignatureView.came)
            addDecisions()
            fail(error)
        }
        addProvenance("sessionFields", "-- where the session comes from: session <- department")
        addTree()
    }

    /// What stands inside the request and cannot be read in it.
    private mutating func addDocuments() {
        let documents = trace.documents
        guard !documents.isEmpty else { return }
        value["documents"] = .array(
            documents.map { document in
                [
                    "part": .string(document.part), "pointer": .string(document.pointer),
                    "body": .string(Base64Codec.encode(document.bytes)), "text": .string(RequestView.text(document)),
                ]
            })
        for document in documents {
            let part = document.part == "body" ? "" : document.part + " "
            lines += [
                "-- inside \(part)\(document.pointer), \(document.bytes.count) bytes of \(document.charset.name)",
                RequestView.text(document),
            ]
        }
    }

    /// What was signed: of a signature that is not the department's own the first thing to look at.
    private mutating func addSignatures(_ key: String, _ title: String) {
        let new = Array(trace.signatures.dropFirst(notedSignatures))
        notedSignatures += new.count
        guard !new.isEmpty else { return }
        value[key] = .array(new.map(SignatureView.value))
        lines += new.flatMap { SignatureView.lines($0, title) }
    }

    /// What paths can find in the reply, where one of them did not.
    private mutating func addTree() {
        guard provenance, hasProblem, let tree = trace.tree else { return }
        value["reply"] = tree
        lines += ["-- the reply as paths see it", String(decoding: JSONCodec.encode(tree, indented: true), as: UTF8.self)]
    }

    private mutating func addDecisions() {
        guard provenance, !trace.decisions.isEmpty else { return }
        value["conditions"] = Provenance.value(trace.decisions)
        lines += ["-- what the reply was held to", Provenance.text(trace.decisions)]
    }

    private mutating func addProvenance(_ key: String, _ title: String) {
        let new = Array(trace.lines.dropFirst(noted))
        noted += new.count
        guard provenance, !new.isEmpty else { return }
        value[key] = Provenance.value(new)
        lines += [title, Provenance.text(new)]
        guard key == "answerFields" else { return }
        let filled = Set(new.compactMap(\.steps.first))
        let bare = trial.operation.replyFields.filter { !filled.contains($0) && value["answer"]?[$0] == nil }
        if !bare.isEmpty { lines.append("no rule fills: \(bare.joined(separator: ", "))") }
    }

    private mutating func fail(_ fault: AdapterFault) {
        let problem = ProblemDocument.value(fault, traceID: String(repeating: "0", count: 32), department: trial.department.id)
        value["problem"] = problem
        lines.append("-- problem, status \(fault.code.status)")
        lines.append(String(decoding: JSONCodec.encode(problem, indented: true), as: UTF8.self))
    }
}
