import Adapters
import GatewayCore

/// The parameters of a contract request, as text. Percent-decoding happens once, here; a sequence that is no UTF-8 becomes
/// U+FFFD and fails its schema.
enum ContractRequestText {
    /// The path's parameters, by the operation's template.
    static func path(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ operation: ContractOperation?
    ) -> [(name: String, value: String)] {
        guard let operation, operation.hasPathParameters else { return [] }
        let segments = bytes[head.path.range].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return zip(operation.pathSegments, segments).compactMap { segment, text in
            guard case .parameter(let name) = segment else { return nil }
            return (name, decode(text, plusIsSpace: false))
        }
    }

    /// The query's parameters, in order; an empty query has none.
    static func query(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        guard let query = head.query else { return [] }
        return bytes[query.range].split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0], plusIsSpace: true), parts.count > 1 ? decode(parts[1], plusIsSpace: true) : "")
        }
    }

    private static func decode(_ text: Slice<UnsafeRawBufferPointer>, plusIsSpace: Bool) -> String {
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
