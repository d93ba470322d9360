/// A code table: what one side's code is in the other's words. Prepared at load.
struct CodeTable: Sendable {
    /// The name under `codes`, or nil for a table written in place.
    let name: String?
    /// Codes and what they become.
    let values: [String: Value]
    /// What any other code becomes; nil makes it a fault.
    let otherwise: Value?
    /// Where each word stands, by its code; that of every other code under `default`. Empty for a table read backwards.
    var places: [String: Place] = [:]

    /// What a code becomes.
    func value(of code: String) -> Value? { values[code] ?? otherwise }

    /// Two codes that become the same, and what; nil when there are none.
    var twice: (first: String, second: String, word: String)? {
        var codes: [String: String] = [:]
        for (code, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let word = value.scalarText else { continue }
            if let first = codes.updateValue(code, forKey: word) { return (first, code, word) }
        }
        return nil
    }

    /// The table read from right to left; nil when two codes become the same.
    func reversed() -> CodeTable? {
        var back: [String: Value] = [:]
        for (code, value) in values {
            guard let text = value.string, back.updateValue(.string(code), forKey: text) == nil else { return nil }
        }
        return CodeTable(name: name, values: back, otherwise: nil)
    }
}
