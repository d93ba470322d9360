package import Adapters
internal import GatewayCore

/// What became of an operation that several calls answer, for a program and for a person.
package struct AggregationReport {
    /// For programs.
    package private(set) var value: Object
    /// For a person.
    package private(set) var lines: [String] = []
    /// Whether the whole is a problem.
    package var hasProblem: Bool { value["problem"] != nil }

    /// A report. `trace` is the trial's; `folder` is where replies are looked for.
    package init(
        _ trial: AggregationTrial, _ outcome: AggregationTrial.Outcome, trace: MappingTrace, folder: String, hex: Bool, provenance: Bool
    ) {
        value = ["operation": .string(trial.operation.id)]
        value["parts"] = .array(outcome.asked.map(Self.value))
        for asked in outcome.asked { lines += Self.lines(asked, folder: folder, hex: hex) }
        switch outcome.answer {
        case .success(let answer)?:
            value["answer"] = answer
            lines += ["-- the whole answer, status \(trial.operation.status(of: answer))", Self.text(answer)]
        case .failure(let fault)?:
            let problem = Self.problem(fault, nil)
            value["problem"] = problem
            lines += ["-- the whole is a problem, status \(fault.code.status)", Self.text(problem)]
        case nil: lines.append("-- no answer yet: replies are missing")
        }
        let noted = trace.lines
        guard provenance, !noted.isEmpty else { return }
        value["answerFields"] = Provenance.value(noted)
        lines += ["-- where the answer comes from: contract <- parts", Provenance.text(noted)]
    }

    private static func lines(_ asked: AggregationTrial.Asked, folder: String, hex: Bool) -> [String] {
        var lines = ["== part \(asked.part), \(asked.department)"]
        if case .success(let request) = asked.request { lines.append(RequestView.text(request, hex: hex)) }
        switch asked.result {
        case .success(let answer)?: lines += ["-- its answer", text(answer.alone)]
        case .failure(let fault)?:
            lines += ["-- its problem, status \(fault.code.status)", text(problem(fault, asked.department))]
        case nil: lines.append("-- no reply at \(folder)/\(asked.name).reply.http (an empty file stands for silence)")
        }
        return lines
    }

    private static func value(_ asked: AggregationTrial.Asked) -> Value {
        var object: Object = ["part": .string(asked.part), "department": .string(asked.department), "input": asked.input]
        if case .success(let request) = asked.request { object["request"] = RequestView.value(request) }
        switch asked.result {
        case .success(let answer)?: object["answer"] = answer.alone
        case .failure(let fault)?: object["problem"] = problem(fault, asked.department)
        case nil: break
        }
        return .object(object)
    }

    private static func problem(_ fault: AdapterFault, _ department: String?) -> Value {
        ProblemDocument.value(fault, traceID: String(repeating: "0", count: 32), department: department)
    }

    private static func text(_ value: Value) -> String { String(decoding: JSONCodec.encode(value, indented: true), as: UTF8.self) }
}
