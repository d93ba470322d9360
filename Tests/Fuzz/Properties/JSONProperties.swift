internal import Adapters

/// What we read is what RFC 8259 calls JSON, within the limits, and what we write is read again as the same value.
enum JSONProperties {
    static func check(_ input: [UInt8]) throws(Finding) {
        let grammar = JSONGrammar.judge(input)
        let value: Value
        do { value = try JSONCodec.decode(input) } catch {
            try checkOffset(error, input.count)
            try claim(grammar == .refused || grammar == .deep, "refused, but it is JSON: \(error.description)")
            return
        }
        try claim(grammar == .accepted, "read, but it is \(grammar) by the grammar")
        try checkAgain(value)
    }

    /// A value that was read is written, and read again as it was.
    static func checkAgain(_ value: Value) throws(Finding) {
        let written = JSONCodec.encode(value)
        for text in [written, JSONCodec.encode(value, indented: true)] {
            try claim(JSONGrammar.judge(text) == .accepted, "what was written is no JSON")
            let again: Value
            do { again = try JSONCodec.decode(text) } catch { throw Finding("what was written is refused: \(error.description)") }
            try claim(again == value && JSONCodec.encode(again) == written, "what was written is read as another value")
        }
    }

    /// A fault's place is inside the input, or at its end.
    static func checkOffset(_ fault: CodecFault, _ count: Int) throws(Finding) {
        if let offset = fault.offset { try claim((0...count).contains(offset), "offset \(offset) of \(count): \(fault.description)") }
    }
}
