internal import Adapters
package import GatewayCore

/// What a call's file is about, as the gateway would take it.
package enum TrialKind: Sendable {
    /// One call at one department.
    case call
    /// An operation that several calls answer.
    case aggregation
    /// A department's push.
    case callback

    /// The kind of a file. `department` names one beside the file, such as the folder that it stands in.
    package init(_ bytes: [UInt8], in snapshot: Snapshot, department: String?) {
        let file = (try? JSONCodec.decode(bytes)) ?? .null
        if file["callback"] != nil {
            self = .callback
            return
        }
        self = .call
        guard department == nil, file["department"] == nil,
            let index = snapshot.contract.operations.firstIndex(where: { $0.id == file["operation"]?.string }),
            let plan = snapshot.aggregations[index]
        else { return }
        let names = snapshot.contract.operations[index].departmentCode(in: file["input"] ?? .null) != nil
        if !(plan.isOneCallAtEach && names) { self = .aggregation }
    }
}
