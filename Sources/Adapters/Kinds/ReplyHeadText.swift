import Glibc

/// The header fields of a reply as they came: a reply has a dozen, and mappings look at one or two of them, or none.
public struct ReplyHeadText: Sendable {
    private enum Form: Sendable {
        case fields([DepartmentRequest.Field])
        case lines([UInt8], contentType: Range<Int>?, hasContentEncoding: Bool)
    }

    private let form: Form

    /// Fields that are fields already.
    public init(_ fields: [DepartmentRequest.Field]) { form = .fields(fields) }

    /// Lines `name: value`, ended by LF or CR LF, as a parser has found them sound (RFC 9112 §5); the last may lack its end.
    /// `contentType` is where the value of the first Content-Type stands in them; nil when there is none. `hasContentEncoding` is whether any
    /// of them is a Content-Encoding.
    public init(lines: [UInt8], contentType: Range<Int>?, hasContentEncoding: Bool) {
        let contentType = contentType.flatMap { 0 <= $0.lowerBound && $0.upperBound <= lines.count ? $0 : nil }
        form = .lines(lines, contentType: contentType, hasContentEncoding: hasContentEncoding)
    }

    /// The fields in order.
    var fields: [DepartmentRequest.Field] {
        switch form {
        case .fields(let fields): return fields
        case .lines(let lines, _, _):
            var fields: [DepartmentRequest.Field] = []
            lines.withUnsafeBufferPointer { bytes in
                ReplyHeadText.each(bytes) { name, value in
                    fields.append(.init(String(decoding: bytes[name], as: UTF8.self), String(decoding: bytes[value], as: UTF8.self)))
                }
            }
            return fields
        }
    }

    /// The Content-Type; the first when there are several.
    var contentType: String? {
        switch form {
        case .fields(let fields): fields.first { $0.name.utf8.count == 12 && $0.isContentType }?.value
        case .lines(let lines, let range, _): range.map { String(decoding: lines[$0], as: UTF8.self) }
        }
    }

    /// The Content-Encoding; nil when there is none.
    var contentEncoding: String? {
        if case .lines(_, _, hasContentEncoding: false) = form { return nil }
        let found = values(of: "content-encoding")
        return found.isEmpty ? nil : found.joined(separator: ",")
    }

    /// Every value of a name, which is written in lower case. Of the other fields no text is made.
    private func values(of wanted: StaticString) -> [String] {
        let wanted = UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)
        switch form {
        case .fields(let fields):
            return fields.filter { field in UTF8Text.withBytes(of: field.name) { ASCIICase.isSame($0, wanted) } }.map(\.value)
        case .lines(let lines, _, _):
            var values: [String] = []
            lines.withUnsafeBufferPointer { bytes in
                ReplyHeadText.each(bytes) { name, value in
                    guard ASCIICase.isSame(UnsafeBufferPointer(rebasing: bytes[name]), wanted) else { return }
                    values.append(String(decoding: bytes[value], as: UTF8.self))
                }
            }
            return values
        }
    }

    /// Whether a byte stands in the Content-Type.
    func contentTypeHas(_ byte: UInt8) -> Bool {
        switch form {
        case .fields: contentType?.utf8.contains(byte) ?? false
        case .lines(let lines, let range, _): range.map { lines[$0].contains(byte) } ?? false
        }
    }

    /// Calls `body` with where each name and value stand.
    private static func each(_ lines: UnsafeBufferPointer<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        var start = 0
        while start < lines.count {
            let colon = index(of: UInt8(ascii: ":"), in: lines, from: start)
            guard colon < lines.count else { return }
            var end = index(of: 0x0A, in: lines, from: colon + 1)
            let next = end + 1
            var first = colon + 1
            while first < end, isBlank(lines[first]) { first += 1 }
            while end > first, isBlank(lines[end - 1]) { end -= 1 }
            body(start..<colon, first..<end)
            start = next
        }
    }

    /// Where a byte stands next; the end where it does not.
    private static func index(of byte: UInt8, in lines: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard start < lines.count, let base = lines.baseAddress, let found = memchr(base + start, Int32(byte), lines.count - start) else {
            return lines.count
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

extension DepartmentRequest.Field {
    fileprivate var isContentType: Bool { name.utf8.elementsEqual("content-type".utf8) { $0 | ($0 == 0x2D ? 0 : 0x20) == $1 } }
}
