/// A form in UTF-8, decoded.
struct PlainForm {
    /// The fields in their order.
    let fields: [JSON.Member]

    /// Decodes a body; nil where an escape or the encoding is broken, or a field is repeated.
    init?(_ body: [UInt8]) {
        var fields: [JSON.Member] = []
        for pair in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let name = Self.decode(halves[0]), let value = Self.decode(halves[1]), !name.isEmpty,
                !fields.contains(where: { $0.name == name })
            else { return nil }
            fields.append(JSON.Member(name: name, value: .text(value)))
        }
        self.fields = fields
    }

    /// The names of the fields.
    var names: [String] { fields.map(\.name) }

    /// A field's value; empty where there is none.
    subscript(name: String) -> String { fields.first { $0.name == name }?.value.string ?? "" }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var out: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                out.append(value)
            case 0x21...0x7E: out.append(byte)
            default: return nil
            }
        }
        return Charset.decodeUTF8(out)
    }
}
