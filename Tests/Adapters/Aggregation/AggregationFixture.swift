@testable import Adapters

/// An aggregation compiled from text against the project's contract.
struct AggregationFixture {
    let plan: Aggregation?
    let problems: [String]

    init(_ yaml: String, departments: [String] = ["a", "b", "c"]) {
        let diagnostics = Diagnostics()
        let contract = ContractFixture.compile(ContractFixture.source).0
        let node = Node.read(Array(yaml.utf8), path: "x.yaml", diagnostics)
        plan = contract.flatMap { contract in
            node.flatMap { AggregationCompiler(contract: contract, departments: departments, diagnostics).compile($0) }
        }
        problems = diagnostics.sorted.map(\.description)
    }

    /// A run of the plan for a request.
    func run(_ input: Value) -> AggregationRun? {
        plan.map {
            AggregationRun(
                $0,
                AdapterCall(input: input, secrets: Secrets([:]), moment: CallMoment(epochMilliseconds: 1_764_000_000_000, random: (1, 2))))
        }
    }

    static func targets(_ ids: String...) -> Result<[AggregationRun.Target], AdapterFault> {
        .success(ids.map { AggregationRun.Target(id: $0, name: "name of \($0)") })
    }

    static func list(_ items: [Value], total: Int64? = nil) -> Result<Value, AdapterFault> {
        var object: Object = ["items": .array(items)]
        if let total { object["total"] = .integer(total) }
        return .success(.object(object))
    }

    static func failure(_ code: ProblemCode) -> Result<Value, AdapterFault> { .failure(AdapterFault(code, "no")) }
}

extension AggregationRun {
    /// Takes an answer that the caller may see whole.
    mutating func take(_ part: Int, _ target: Int, _ result: Result<Value, AdapterFault>) {
        take(part, target, result.map(PartAnswer.init(whole:)))
    }
}
