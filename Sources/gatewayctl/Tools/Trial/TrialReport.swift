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
            let request = try trial.request()
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

    /// Judges a reply and adds what it became. `advice` is what to say of the file that it stands in.
    package mutating func addReply(_ reply: DepartmentReply, advice: String? = nil) {
        if let advice {
            value["advice"] = .string(advice)
            lines.append("-- \(advice)")
        }
        if let login = trial.login { return addSession(login, reply) }
        let settled = Result { () throws(AdapterFault) in try trial.adapter.settle(reply.asFile(of: trial.adapter), to: trial.call) }
        addSignatures("verified", SignatureView.came)
        addDecisions()
        switch settled {
        case .success(.sessionOver):
            value["outcome"] = "sessionExpired"
            lines.append("-- the session is over: the gateway would log in again and send the call once more")
        case .success(.pending(let polling, let last)):
            value["outcome"] = "pending"
            lines.append("-- the department is not done: the gateway would make the call again in a while")
            // Where the file says that what it said last is the answer.
            if let last {
                lines.append("-- when \(polling.within / 1000) s are over:")
                add(last)
            }
        case .success(.answer(let made)): add(made)
        case .failure(let fault): fail(fault)
        }
        if trial.isStep {
            addProvenance("resultFields", "-- where the results come from: step <- department")
        } else {
            addProvenance("answerFields", "-- where the answer comes from: contract <- department")
        }
        addTree()
    }

    /// Adds what a reply gives: a step's results, or the contract's answer.
    private mutating func add(_ made: Value) {
        guard !trial.isStep else {
            value["results"] = made
            lines += ["-- results of the step", String(decoding: JSONCodec.encode(made, indented: true), as: UTF8.self)]
            return
        }
        do throws(AdapterFault) {
            let (typed, goesOn) = try trial.answer(of: made)
            let whole = PartAnswer(whole: typed)
            let answer = trial.adapter.filter(for: trial.call.input)?.applied(to: whole).alone ?? whole.full
            value["answer"] = answer
            lines.append("-- answer, status \(trial.operation.status(of: answer))")
            lines.append(String(decoding: JSONCodec.encode(answer, indented: true), as: UTF8.self))
            if goesOn { lines.append("-- this is what one reply gives: the gateway would ask for more of the page") }
        } catch { fail(error) }
    }

    /// Judges a reply to the login and adds the session that it gives.
    private mutating func addSession(_ login: LoginAdapter, _ reply: DepartmentReply) {
        do throws(AdapterFault) {
            if case .answer((let session, let lifetime)) = try login.settle(reply, to: trial.call) {
                let values = login.values(of: session)
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
