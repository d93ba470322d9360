import Adapters

/// A plain JSON reader for test suites: small, in order, independent of the codec that other tests look at.
enum SuiteJSON {
    struct Malformed: Error { let offset: Int }

    static func read(_ bytes: [UInt8]) throws -> Value {
        var reader = Reader(bytes: bytes)
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw Malformed(offset: reader.position) }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipBlanks() {
            while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        mutating func take(_ text: String) -> Bool {
            guard bytes[position...].starts(with: text.utf8) else { return false }
            position += text.utf8.count
            return true
        }

        mutating func expect(_ text: String) throws {
            guard take(text) else { throw Malformed(offset: position) }
        }

        mutating func value() throws -> Value {
            skipBlanks()
            if take("null") { return .null }
            if take("true") { return true }
            if take("false") { return false }
            switch next {
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "["): return .array(try items())
            case UInt8(ascii: "{"): return .object(try members())
            default: return try number()
            }
        }

        mutating func items() throws -> [Value] {
            try expect("[")
            skipBlanks()
            if take("]") { return [] }
            var items: [Value] = []
            repeat {
                items.append(try value())
                skipBlanks()
            } while take(",")
            try expect("]")
            return items
        }

        mutating func members() throws -> Object {
            try expect("{")
            skipBlanks()
            var object = Object()
            if take("}") { return object }
            repeat {
                skipBlanks()
                let name = try string()
                skipBlanks()
                try expect(":")
                object.append(name, try value())
                skipBlanks()
            } while take(",")
            try expect("}")
            return object
        }

        mutating func number() throws -> Value {
            let start = position
            while let byte = next, "+-.0123456789eE".utf8.contains(byte) { position += 1 }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            if let integer = Int64(text) { return .integer(integer) }
            guard let double = Double(text) else { throw Malformed(offset: start) }
            return .double(double)
        }

        mutating func string() throws -> String {
            try expect("\"")
            var units: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
                case UInt8(ascii: "\\"): units.append(contentsOf: String(try escape()).utf8)
                default: units.append(byte)
                }
            }
            throw Malformed(offset: position)
        }

        mutating func escape() throws -> Unicode.Scalar {
            for (letter, scalar) in [
                ("b", "\u{8}"), ("t", "\t"), ("n", "\n"), ("f", "\u{C}"), ("r", "\r"), ("\"", "\""), ("\\", "\\"), ("/", "/"),
            ]
                as [(String, Unicode.Scalar)] where take(letter)
            { return scalar }
            let high = try unit()
            if let scalar = Unicode.Scalar(high) { return scalar }
            try expect("\\")
            let low = try unit()
            guard high < 0xDC00, (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            else { throw Malformed(offset: position) }
            return scalar
        }

        mutating func unit() throws -> UInt32 {
            try expect("u")
            guard position + 4 <= bytes.count,
                let unit = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
            else { throw Malformed(offset: position) }
            position += 4
            return unit
        }
    }
}
