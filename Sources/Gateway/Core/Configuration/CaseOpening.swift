public import Adapters

extension ContractOperation {
    /// Whether the operation opens a case: it finds its department by the item code in the body. The case number, the time and
    /// the region may then be left to the gateway.
    public var opensCase: Bool { department == DepartmentKey(fields: [.init(name: "itemCode", source: .body)]) }
}

extension Department {
    /// A call with what it may leave out: a case that says neither when nor where it is applied for is applied for now, in seconds since
    /// 1970, and where the department is.
    public func completed(_ input: Value, of operation: ContractOperation, epochSeconds: Int64) -> Value {
        guard operation.opensCase, case .object(var object) = input else { return input }
        if object["applyTime"] == nil { object["applyTime"] = .string(CivilTime(epochSeconds: epochSeconds).rfc3339) }
        if object["region"] == nil, let region { object["region"] = .string(region.description) }
        return .object(object)
    }
}
