public import Adapters

/// An RFC 9457 problem document as the contract shapes it.
public enum ProblemDocument {
    /// The media type (RFC 9457 §3).
    public static let mediaType = "application/problem+json"

    /// The document as a value. `department` stands under `upstream` when a department's reply is the reason.
    public static func value(_ fault: AdapterFault, traceID: String, department: String?) -> Value {
        var object = Object(capacity: 8)
        object.append("type", .string("urn:tongban:problem:\(fault.code.rawValue.lowercased().replacing("_", with: "-"))"))
        object.append("title", .string(fault.code.title))
        object.append("status", .integer(Int64(fault.code.status)))
        object.append("code", .string(fault.code.rawValue))
        object.append("detail", .string(fault.detail))
        object.append("traceId", .string(traceID))
        if !fault.errors.isEmpty {
            object.append(
                "errors",
                .array(
                    fault.errors.map { error in
                        ["field": .string(error.field), "rule": .string(error.rule), "message": .string(error.message)]
                    }))
        }
        if let department, fault.code.namesDepartment {
            var upstream: Object = ["department": .string(department)]
            if let code = fault.upstreamCode { upstream["code"] = .string(code) }
            if let message = fault.upstreamMessage { upstream["message"] = .string(message) }
            object.append("upstream", .object(upstream))
        }
        return .object(object)
    }
}

extension ProblemCode {
    /// Whether the problem comes from a department, and its document names which.
    var namesDepartment: Bool {
        switch self {
        case .upstreamRejected, .upstreamBadReply, .unmappedCode, .upstreamCredential, .upstreamUnavailable, .upstreamTimeout, .notFound,
            .duplicate, .conflictState:
            true
        default: false
        }
    }
}
