/// A SOAP Fault (SOAP 1.1 §4.4, SOAP 1.2 part 1 §5.4).
struct SoapFault {
    /// `faultcode`, or `Code/Value`, without its prefix.
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
        let code = text(fault["faultcode"]) ?? text(fault["Code"]?["Value"])
        self.code = code.map { $0.split(separator: ":").last.map(String.init) ?? $0 }
        message = text(fault["faultstring"]) ?? text(fault["Reason"]?["Text"])
    }

    /// The fault in the contract's words.
    var rejection: AdapterFault {
        AdapterFault(
            .upstreamRejected, "the department answered with a SOAP Fault", upstreamCode: code.map { String($0.prefix(500)) },
            upstreamMessage: message.map { String($0.prefix(500)) })
    }
}
