/// The header fields of a request that is signed, or whose signature is checked: in order, and their bytes in one piece, since of the
/// dozen that a request has a convention looks at a few. Names are the same without regard to the case of ASCII letters (RFC 9110 §5.1).
public struct SignableFields: Sendable {
    /// Where a field stands in the bytes.
    public struct Line: Sendable {
        var name: Range<Int>
        var value: Range<Int>

        /// A field by the places of its name and its value.
        public init(name: Range<Int>, value: Range<Int>) {
            self.name = name
            self.value = value
        }
    }

    private var bytes: [UInt8]
    private var lines: [Line]

    /// Fields by names and values.
    public init(_ pairs: [(String, String)]) {
        bytes = []
        lines = []
        for (name, value) in pairs { append(name, value) }
    }

    /// Fields of a received head; what would stand outside of `bytes` is no field.
    public init(_ bytes: UnsafeRawBufferPointer, _ lines: [Line]) {
        func isInside(_ range: Range<Int>) -> Bool { range.lowerBound >= 0 && range.upperBound <= bytes.count }
        self.lines =
            lines.allSatisfy { isInside($0.name) && isInside($0.value) } ? lines : lines.filter { isInside($0.name) && isInside($0.value) }
        var end = 0
        for line in self.lines { end = max(end, line.name.upperBound, line.value.upperBound) }
        self.bytes = Array(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    }

    /// All of them, as texts; bytes that are no UTF-8 are replaced.
    public var pairs: [(String, String)] { lines.map { (text($0.name), text($0.value)) } }

    /// The first value of a name.
    func first(_ name: String) -> String? { index(of: name, after: -1).map { text(lines[$0].value) } }

    /// The value of a name, when there is exactly one.
    func only(_ name: String) -> String? { withOnly(name) { String(decoding: $0, as: UTF8.self) } }

    /// Calls `body` with the bytes of a name's value, when there is exactly one; nil when there is none, or several.
    func withOnly<Result, Failure: Error>(
        _ name: String, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let index = index(of: name, after: -1), self.index(of: name, after: index) == nil else { return nil }
        return try withValue(at: index, body)
    }

    /// Whether a name is there.
    func has(_ name: String) -> Bool { index(of: name, after: -1) != nil }

    /// How often a name is there, as far as two.
    func count(_ name: String) -> Int {
        guard let index = index(of: name, after: -1) else { return 0 }
        return self.index(of: name, after: index) == nil ? 1 : 2
    }

    /// Every value of a name.
    func values(_ name: String) -> [String] {
        var values: [String] = []
        var at = -1
        while let index = index(of: name, after: at) {
            values.append(text(lines[index].value))
            at = index
        }
        return values
    }

    /// Calls `body` with the bytes of a name's first value; nil when there is none.
    func withFirst<Result>(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard let index = index(of: name, after: -1) else { return nil }
        return withValue(at: index, body)
    }

    private func withValue<Result, Failure: Error>(
        at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let range = lines[index].value
        return try bytes.withUnsafeBufferPointer { bytes throws(Failure) in try body(UnsafeBufferPointer(rebasing: bytes[range])) }
    }

    /// Puts a value in place of all values of a name, or behind all fields.
    mutating func put(_ value: String, as name: String) {
        guard let index = index(of: name, after: -1) else { return append(name, value) }
        lines[index].value = add(value)
        while let other = self.index(of: name, after: index) { lines.remove(at: other) }
    }

    private mutating func append(_ name: String, _ value: String) {
        let name = add(name)
        lines.append(Line(name: name, value: add(value)))
    }

    private mutating func add(_ text: String) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        return start..<bytes.count
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The next field of a name.
    private func index(of name: String, after last: Int) -> Int? {
        UTF8Text.withBytes(of: name) { wanted in
            bytes.withUnsafeBufferPointer { bytes in
                var at = last &+ 1
                while at < lines.count {
                    let name = lines[at].name
                    if name.upperBound &- name.lowerBound == wanted.count,
                        ASCIICase.isSame(UnsafeBufferPointer(rebasing: bytes[name]), wanted)
                    {
                        return at
                    }
                    at &+= 1
                }
                return nil
            }
        }
    }

    /// Whether two texts name the same field.
    static func isSame(_ a: String, _ b: String) -> Bool {
        UTF8Text.withBytes(of: a) { a in UTF8Text.withBytes(of: b) { b in ASCIICase.isSame(a, b) } }
    }
}
