extension ContractOperation {
    /// The fields of the operation's answer as dotted paths; of a list those of its entries. For grants, which open fields one by one.
    public var answerFields: [String] {
        var shape = OperationShape(self).answer
        if answersList, case .known(let items) = shape.step("items") { shape = items.item }
        return ContractOperation.paths(of: shape, depth: 0)
    }

    private static func paths(of shape: ContractShape, depth: Int) -> [String] {
        guard depth < 4, case .object(let fields, _) = shape.item else { return [] }
        return fields.flatMap { field in [field.name] + paths(of: field.shape, depth: depth + 1).map { "\(field.name).\($0)" } }
    }
}
