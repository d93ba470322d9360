/// What the contract says about a value, as far as a mapping is checked against it at load.
indirect enum ContractShape: Sendable {
    /// One named field.
    struct Field: Sendable {
        /// The name.
        let name: String
        /// Whether the contract requires it and nothing else fills it.
        let isRequired: Bool
        /// What it holds.
        let shape: ContractShape
    }

    /// Named fields; `isOpen` when others may stand beside them.
    case object([Field], isOpen: Bool)
    /// A list.
    case list(ContractShape)
    /// A single value; one of `words` where the contract names them.
    case scalar(words: [String]?)
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

extension ContractShape {
    /// The shape with one more field.
    func adding(_ name: String, _ shape: ContractShape) -> ContractShape {
        let added = Field(name: name, isRequired: false, shape: shape)
        guard case .object(let fields, let isOpen) = self else { return .object([added], isOpen: true) }
        return .object(fields.filter { $0.name != name } + [added], isOpen: isOpen)
    }

    /// What an object's rules make.
    init(_ rules: ObjectRule) {
        let fields = rules.fields.map { field in
            Field(name: field.name, isRequired: false, shape: ContractShape(field.rule))
        }
        self = .object(fields, isOpen: false)
    }

    /// What a step gives: its results, or a list of them where it is made for several items.
    init(of step: CallStep) {
        let results = ContractShape(step.call.answer)
        self = step.each == nil ? results : .list(results)
    }

    private init(_ rule: ValueRule) {
        switch rule.source {
        case .object(let rules) where rule.conversions.isEmpty: self.init(rules)
        default: self = .any
        }
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
    /// The parameters by name, as a fault names them: `query:keyword`.
    var parameters: [String: String] = [:]
}

extension ContractShape {
    /// The user behind a call, `$.user` in a request: there only where a user's token was verified.
    static let user = ContractShape.object(
        ["kind", "issuer", "id", "name", "level", "organisation", "idNo", "mobile"].map {
            Field(name: $0, isRequired: false, shape: .scalar(words: $0 == "kind" ? ["citizen", "operator"] : nil))
        }, isOpen: false)
}

extension OperationShape {
    /// Whether a field is the number that every call of the operation asks by.
    func asks(by name: String) -> Bool {
        guard ContractOperation.repeated.contains(name), case .object(let fields, _) = input else { return false }
        return fields.contains { $0.name == name && $0.isRequired }
    }

    /// What a compiled operation of the contract says.
    init(_ operation: ContractOperation) {
        let table = operation.table
        var fields: [ContractShape.Field] = []
        var isOpen = false
        if let body = operation.bodySchema, case .object(let known, let open) = ContractShape(body, table) {
            fields = known
            isOpen = open
        }
        for parameter in operation.parameters where !fields.contains(where: { $0.name == parameter.name }) {
            fields.append(.init(name: parameter.name, isRequired: parameter.isRequired, shape: ContractShape(parameter.schema, table)))
        }
        input = .object(fields, isOpen: isOpen)
        answer = ContractShape(operation.replySchema, table)
        isWrite = !operation.isSafe
        parameters = Dictionary(operation.parameters.map { ($0.name, $0.field) }) { first, _ in first }
    }
}

extension ContractShape {
    /// What a schema of the contract says; schemas that contain themselves are followed to a depth that no mapping reaches.
    init(_ schema: Int, _ table: SchemaTable, depth: Int = 0) {
        let shape = table.shapes[schema]
        if depth > 12 {
            self = .any
        } else if !shape.properties.isEmpty || shape.types == .object {
            let fields = shape.properties.map { property in
                Field(
                    name: property.name, isRequired: property.isRequired && property.defaultValue == nil && property.countOf == nil,
                    shape: ContractShape(property.schema, table, depth: depth + 1))
            }
            self = .object(fields, isOpen: shape.isOpen)
        } else if shape.types == .array {
            self = .list(shape.items.map { ContractShape($0, table, depth: depth + 1) } ?? .any)
        } else if shape.types.contains(.object) || shape.types.contains(.array) {
            self = .any
        } else {
            self = .scalar(words: shape.constants?.values.compactMap(\.scalarText))
        }
    }
}
