// Literals (RFC 9535 sections 2.3.1.1 and 2.3.5.1).
extension JSONPathParser {
    /// A text in single or double quotes; the position is at the opening one.
    mutating func stringLiteral() throws(Fault) -> String {
        let start = position
        guard let quote = next else { throw fault("expected a quoted text, found the end") }
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = next {
            if scalar == quote {
                position += 1
                return String(text)
            }
            if scalar == "\\" {
                text.append(try escape(in: quote))
            } else {
                guard scalar.value >= 0x20 else {
                    throw fault("\(found) in a quoted text: write it as an escape such as '\\n' or '\\u0009'")
                }
                text.append(scalar)
                position += 1
            }
        }
        throw fault("the text that begins here has no closing \(quote)", at: start)
    }

    private mutating func escape(in quote: Unicode.Scalar) throws(Fault) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = next else { throw fault("expected an escape after '\\', found the end") }
        if letter == "u" { return try unicodeEscape(at: start) }
        position += 1
        switch letter {
        case quote, "\\", "/": return letter
        case "b": return "\u{08}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{0C}"
        case "r": return "\r"
        default: throw fault("unknown escape '\\\(letter)': \\b \\t \\n \\f \\r \\\\ \\/ \\\(quote) \\uXXXX", at: start)
        }
    }

    /// `uXXXX`, or two of them for a surrogate pair; the position is at the `u`.
    private mutating func unicodeEscape(at start: Int) throws(Fault) -> Unicode.Scalar {
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00 else { throw fault("a low surrogate without a high one before it", at: start) }
        guard take("\\"), next == "u" else { throw fault("a high surrogate without a low one after it", at: start) }
        let low = try hexUnit()
        guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) else {
            throw fault("a high surrogate without a low one after it", at: start)
        }
        return scalar
    }

    private mutating func hexUnit() throws(Fault) -> UInt32 {
        position += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = next, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw fault("expected four hexadecimal digits after '\\u', found \(found)")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    /// A number in the grammar of JSON, kept exactly.
    mutating func numberLiteral() throws(Fault) -> Value {
        let start = position
        _ = take("-")
        let firstDigit = position
        try digits()
        guard scalars[firstDigit] != "0" || position == firstDigit + 1 else { throw fault("a number has no leading zero", at: start) }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            _ = take("+") || take("-")
            try digits()
        }
        let text = self.text(start..<position)
        if isWhole, let number = Int64(text) { return .integer(number) }
        // A literal such as 1e2 is the integer, 1.5 the double; what neither holds exactly keeps its digits.
        guard let double = Double(text), double.isFinite, NumberOrder.compare(.double(double), .decimal(text)) == .equal else {
            return .decimal(text)
        }
        if let whole = Int64(exactly: double) { return .integer(whole) }
        return .double(double)
    }

    private mutating func digits() throws(Fault) {
        let start = position
        while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
        guard position > start else { throw fault("expected a digit, found \(found)") }
    }
}
