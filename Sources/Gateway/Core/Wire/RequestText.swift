package import Adapters
internal import Glibc

/// The parameters of a request, as text. Percent-decoding happens once, here; a sequence that is no UTF-8 becomes
/// U+FFFD and fails its schema.
package enum RequestText {
    /// The path's parameters, by the operation's template.
    package static func path(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ operation: ContractOperation?
    ) -> [(name: String, value: String)] {
        guard let operation, operation.hasPathParameters else { return [] }
        var parameters: [(name: String, value: String)] = []
        var start = head.path.range.lowerBound
        for segment in operation.pathSegments where start < head.path.range.upperBound {
            // Every segment begins behind its slash.
            start += 1
            let end = index(of: UInt8(ascii: "/"), in: bytes, from: start, to: head.path.range.upperBound)
            if case .parameter(let name) = segment { parameters.append((name, decode(bytes[start..<end], plusIsSpace: false))) }
            start = end
        }
        return parameters
    }

    /// The query's parameters, in order; an empty query has none.
    package static func query(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        guard let query = head.query else { return [] }
        return pairs(UnsafeRawBufferPointer(rebasing: bytes[query.range]))
    }

    /// The pairs of a query or of a form (`application/x-www-form-urlencoded`), in order.
    package static func pairs(_ text: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        text.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0], plusIsSpace: true), parts.count > 1 ? decode(parts[1], plusIsSpace: true) : "")
        }
    }

    /// Where a byte stands; `end` where it does not.
    private static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard start < end, let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }

    private static func decode(_ text: Slice<UnsafeRawBufferPointer>, plusIsSpace: Bool) -> String {
        let whole = UnsafeRawBufferPointer(rebasing: text)
        let isPlain =
            index(of: UInt8(ascii: "%"), in: whole, from: 0, to: whole.count) == whole.count
            && (!plusIsSpace || index(of: UInt8(ascii: "+"), in: whole, from: 0, to: whole.count) == whole.count)
        if isPlain { return String(decoding: whole, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let value = UInt8(String(decoding: text[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                index += 3
                continue
            }
            bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
