package import Adapters
internal import GatewayCore

/// What became of a push, for a program and for a person.
package struct CallbackReport {
    /// For programs.
    package private(set) var value: Object
    /// For a person.
    package private(set) var lines: [String] = []
    /// Whether the push was refused.
    package var hasProblem: Bool { value["problem"] != nil }

    /// A report. `trace` is the trial's.
    package init(_ trial: CallbackTrial, _ outcome: CallbackTrial.Outcome, trace: MappingTrace, provenance: Bool) {
        value = ["department": .string(trial.department.id), "callback": .string(trial.adapter.id)]
        if let events = outcome.events {
            value["events"] = .array(events.map { ["key": .string($0.key), "event": $0.value] })
            lines.append("-- \(events.count == 1 ? "1 event" : "\(events.count) events"), kept and handed on")
            for event in events {
                lines.append(String(decoding: JSONCodec.encode(event.value, indented: true), as: UTF8.self))
                lines.append("known again by \(event.key)")
            }
        }
        if let fault = outcome.fault {
            let problem = ProblemDocument.value(fault, traceID: String(repeating: "0", count: 32), department: nil)
            value["problem"] = problem
            lines += [
                "-- refused, status \(fault.code.status)", String(decoding: JSONCodec.encode(problem, indented: true), as: UTF8.self),
            ]
        }
        if !trace.signatures.isEmpty {
            value["verified"] = .array(trace.signatures.map(SignatureView.value))
            lines += trace.signatures.flatMap { SignatureView.lines($0, SignatureView.came) }
        }
        if provenance { addProvenance(trace) }
        addAnswer(outcome.answer)
    }

    private mutating func addProvenance(_ trace: MappingTrace) {
        let noted = trace.lines
        if !noted.isEmpty {
            value["eventFields"] = Provenance.value(noted)
            lines += ["-- where the events come from: contract <- department", Provenance.text(noted)]
        }
        guard hasProblem, let tree = trace.tree else { return }
        value["push"] = tree
        lines += ["-- the push as paths see it", String(decoding: JSONCodec.encode(tree, indented: true), as: UTF8.self)]
    }

    private mutating func addAnswer(_ answer: CallbackAdapter.Answer?) {
        guard let answer else {
            lines.append("-- the department hears the problem document: the callback has no words of its own for it")
            return
        }
        let body = BodyText(answer.body, contentType: answer.mediaType)
        value["answer"] = [
            "status": .integer(Int64(answer.status)), "mediaType": answer.mediaType.map(Value.string) ?? .null,
            "body": .string(Base64Codec.encode(answer.body)), "text": .string(body.text),
        ]
        lines.append("-- the department hears, status \(answer.status)\(answer.mediaType.map { ", \($0)" } ?? "")")
        lines.append(body.text)
    }
}
