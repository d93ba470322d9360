import Adapters
import GatewayCore

/// One list asked of several departments: waits for all of them, puts their parts together in the departments' order, and
/// says in `parts` who answered and who did not.
final class ItemListGathering {
    /// The input for each department: everything from the first entry to the last one that the caller's page needs.
    let partInput: Value
    private let departments: [String]
    private let page: Int
    private let size: Int
    private var parts: [Result<Value, AdapterFault>?]

    /// How many entries of one department the gateway holds at most for one page.
    private static let entryLimit = 1000

    init(departments: [String], input: Value) {
        self.departments = departments
        page = Self.number(input["page"]) ?? 1
        size = Self.number(input["size"]) ?? 20
        parts = Array(repeating: nil, count: departments.count)
        var object = input.object ?? Object()
        object["page"] = 1
        object["size"] = .integer(Int64(min(Self.entryLimit, page.multipliedReportingOverflow(by: size).partialValue)))
        partInput = .object(object)
    }

    /// The department to name when all failed.
    var firstDepartment: String? { departments.first }

    private static func number(_ value: Value?) -> Int? {
        guard case .integer(let number)? = value, number > 0, number <= 1_000_000 else { return nil }
        return Int(number)
    }

    /// Takes one department's part; whether it was the last.
    func take(_ part: Int, _ result: Result<Value, AdapterFault>) -> Bool {
        parts[part] = result
        return !parts.contains { $0 == nil }
    }

    /// The answer, honest about the parts: a failure only when every department failed.
    func answer() -> Result<Value, AdapterFault> {
        var items: [Value] = []
        var total: Int64 = 0
        var reports: [Value] = []
        var failures: [AdapterFault] = []
        for (department, part) in zip(departments, parts) {
            switch part {
            case .success(let list)?:
                let entries = list["items"]?.array ?? []
                items += entries
                var count = Int64(entries.count)
                if case .integer(let stated)? = list["total"] { count = max(count, stated) }
                total += count
                reports.append(["department": .string(department), "status": "answered", "total": .integer(count)])
            case .failure(let fault)?:
                failures.append(fault)
                reports.append(["department": .string(department), "status": "failed", "code": .string(fault.code.rawValue)])
            case nil: continue
            }
        }
        if failures.count == departments.count, let first = failures.first { return .failure(first) }
        let start = min(items.count, (page - 1).multipliedReportingOverflow(by: size).partialValue)
        let end = min(items.count, start + size)
        return .success([
            "items": .array(Array(items[start..<end])), "page": .integer(Int64(page)), "size": .integer(Int64(size)),
            "total": .integer(total), "parts": .array(reports),
        ])
    }
}
