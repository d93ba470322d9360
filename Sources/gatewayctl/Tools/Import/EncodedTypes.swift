internal import Adapters

/// The types that rpc/encoded wants beside every value (SOAP 1.1 section 5): `xsi:type` of single values and structures, and of arrays
/// `soapenc:arrayType` too. Collects the prefixes that their names need.
struct EncodedTypes {
    /// Prefixes by namespace.
    private(set) var prefixes: [String: String] = [
        "http://www.w3.org/2001/XMLSchema-instance": "xsi", XSDSchemas.namespace: "xsd",
    ]

    static let encoding = "http://schemas.xmlsoap.org/soap/encoding/"

    /// A field with its type and those of the fields inside.
    mutating func typed(_ field: ImportedField) -> ImportedField {
        var field = field
        guard let children = field.children else {
            guard let local = field.type.split(separator: ":").last else { return field }
            field.children = [
                constant("@xsi:type", "xsd:\(local)"),
                ImportedField(name: "#text", type: field.type, isRequired: field.isRequired, table: field.table),
            ]
            return field
        }
        var types: [ImportedField] = []
        if let item = children.first(where: { $0.arrayOf != nil })?.arrayOf {
            types = [constant("@xsi:type", qualified(.init(Self.encoding, "Array")))]
            var type = constant("@\(prefix(Self.encoding)):arrayType", qualified(item))
            type.arrayOf = item
            types.append(type)
        } else if let name = field.typeName {
            types = [constant("@xsi:type", qualified(name))]
        }
        field.children = types + children.map { $0.name.hasPrefix("@") ? $0 : typed($0) }
        return field
    }

    private func constant(_ name: String, _ value: String) -> ImportedField { ImportedField(name: name, type: "", constant: value) }

    private mutating func qualified(_ name: XMLElement.Name) -> String {
        // The encoding's own single types are those of XML Schema, and every toolkit knows them by these names.
        let isSimple = name.namespace == Self.encoding && name.local != "Array"
        return "\(prefix(isSimple ? XSDSchemas.namespace : name.namespace)):\(name.local)"
    }

    private mutating func prefix(_ namespace: String) -> String {
        if let known = prefixes[namespace] { return known }
        let own = prefixes.values.filter { $0.hasPrefix("ns") }.count
        let made = namespace == Self.encoding ? "soapenc" : "ns\(own + 1)"
        prefixes[namespace] = made
        return made
    }
}
