/// A SOAP Fault (SOAP 1.1 §4.4, SOAP 1.2 part 1 §5.4).
struct SoapFault {
    /// `faultcode`, or the innermost `Subcode/Value` and else `Code/Value`, without its prefix: a `Code` says no more than whose fault it
    /// is, and departments put their own code below it.
    let code: String?
    /// `faultstring`, or `Reason/Text`.
    let message: String?

    /// Finds the fault in an envelope's tree, whose names are local names.
    init?(in tree: Value) {
        guard let fault = tree["Envelope"]?["Body"]?["Fault"] else { return nil }
        func text(_ value: Value?) -> String? {
            switch value {
            case .object(let object)?: object["#text"]?.scalarText
            case .array(let items)?: text(items.first)
            default: value?.scalarText
            }
        }
        var code = text(fault["faultcode"]) ?? text(fault["Code"]?["Value"])
        var inner = fault["Code"]?["Subcode"]
        while let subcode = inner, let value = text(subcode["Value"]) { (code, inner) = (value, subcode["Subcode"]) }
        self.code = code.map { $0.split(separator: ":").last.map(String.init) ?? $0 }
        message = text(fault["faultstring"]) ?? text(fault["Reason"]?["Text"])
    }

    /// The fault in the contract's words. What the file's `failure` finds goes before the fault's own.
    func fault(_ problem: ProblemCode, _ detail: String, code: String?, message: String?) -> AdapterFault {
        AdapterFault(
            problem, detail, upstreamCode: code ?? self.code.map { String($0.prefix(500)) },
            upstreamMessage: message ?? self.message.map { String($0.prefix(500)) })
    }
}
