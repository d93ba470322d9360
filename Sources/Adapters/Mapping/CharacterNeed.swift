/// What the characters of a text must be for it to stand in a place of a department's request. A whole document is written at once, and
/// what cannot be written is looked for in the call afterwards: a portal is told which of its fields it was.
enum CharacterNeed: Sendable, Hashable {
    /// Characters of XML 1.0 (section 2.2): no U+0000, and no other control character than tab, line feed and carriage return.
    case xml
    /// Characters of a charset.
    case charset(Charset)
    /// No control characters but the tab (RFC 9110 section 5.5).
    case header

    /// The need that a codec found unmet; nil for any other fault.
    init?(_ fault: CodecFault) {
        if fault.format == "XML" {
            guard fault.reason == XMLText.forbidden else { return nil }
            self = .xml
        } else if let charset = Charset(named: fault.format) {
            self = .charset(charset)
        } else {
            return nil
        }
    }

    /// The rule's word, and what would have been right.
    private var rule: (word: String, message: String) {
        switch self {
        case .xml: ("xml-character", "the department is asked in XML, which has no control characters but tab and line ends")
        case .charset(let charset): ("charset", "the department needs only characters of \(charset.name) here")
        case .header: ("control-character", "the department needs a value without control characters here")
        }
    }

    private func isMet(by text: String) -> Bool {
        switch self {
        case .xml: UTF8Text.withBytes(of: text) { XMLText.firstForbidden($0) } == nil
        case .charset(let charset): (try? charset.encode(text)) != nil
        case .header: text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
    }

    /// The fields of a call that do not meet it, twenty at most.
    func errors(in input: Value) -> [FieldError] {
        var errors: [FieldError] = []
        // What the gateway itself put there is no field of the portal's.
        for field in input.object?.fields ?? [] where !["steps", "let", "item"].contains(field.name) {
            collect(field.value, "/" + PathReference.escaped(field.name), &errors)
        }
        return errors
    }

    private func collect(_ value: Value, _ pointer: String, _ errors: inout [FieldError]) {
        guard errors.count < 20 else { return }
        switch value {
        case .string(let text):
            if !isMet(by: text) { errors.append(FieldError(field: pointer, rule: rule.word, message: rule.message)) }
        case .array(let items):
            for (index, item) in items.enumerated() { collect(item, "\(pointer)/\(index)", &errors) }
        case .object(let object):
            for field in object.fields { collect(field.value, "\(pointer)/" + PathReference.escaped(field.name), &errors) }
        case .null, .bool, .integer, .double, .decimal: return
        }
    }
}

extension AdapterFault {
    /// The fault with the fields of a call that it is about, where only the place in the department's request was known so far.
    func located(in input: Value) -> AdapterFault {
        guard let need else { return self }
        let found = need.errors(in: input)
        return with(errors: found.isEmpty ? errors : found, need: nil)
    }
}
