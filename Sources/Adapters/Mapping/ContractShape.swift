/// What the contract says about a value, as far as a mapping is checked against it at load.
indirect enum ContractShape: Sendable {
    /// One named field.
    struct Field: Sendable {
        /// The name.
        let name: String
        /// Whether the contract requires it.
        let isRequired: Bool
        /// What it holds.
        let shape: ContractShape
    }

    /// Named fields; `isOpen` when others may stand beside them.
    case object([Field], isOpen: Bool)
    /// A list.
    case list(ContractShape)
    /// A single value.
    case scalar
    /// Anything.
    case any

    /// What a name of an object holds.
    enum Step {
        case known(ContractShape)
        case unknown(allowed: [String])
    }

    /// Follows one name.
    func step(_ name: String) -> Step {
        switch self {
        case .object(let fields, let isOpen):
            if let field = fields.first(where: { $0.name == name }) { return .known(field.shape) }
            return isOpen ? .known(.any) : .unknown(allowed: fields.map(\.name))
        case .list, .scalar: return .unknown(allowed: [])
        case .any: return .known(.any)
        }
    }

    /// What an item of a list holds; a value that is no list counts as its own item.
    var item: ContractShape {
        if case .list(let item) = self { item } else { self }
    }
}

/// What the contract says about one operation, as far as a mapping is checked against it at load.
struct OperationShape: Sendable {
    /// Body fields and parameters together: what `$` is in a request.
    let input: ContractShape
    /// The answer.
    let answer: ContractShape
    /// Whether the operation changes something.
    let isWrite: Bool
}
