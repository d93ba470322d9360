/// A path of a route: literal segments, `{name}` for one segment, and `*` at the end for everything below.
public struct PathPattern: Sendable, Hashable, CustomStringConvertible {
    /// One segment.
    public enum Segment: Sendable, Hashable {
        /// Exactly these bytes, in the normal form that requests are compared in.
        case literal(String)
        /// Any one segment that is not empty.
        case parameter(String)
    }

    /// The segments before the `*`, if any.
    public let segments: [Segment]
    /// Whether the pattern ends in `/*`: it then matches every path that begins so, the bare prefix with its slash included.
    public let isPrefix: Bool
    /// The pattern as written.
    public let description: String

    /// What is wrong with a pattern.
    public struct Fault: Error, Sendable {
        /// What would have been right.
        public let message: String
    }

    /// Reads a pattern such as `/open/*` or `/v1/items/{itemCode}`.
    public init(_ text: String) throws(Fault) {
        guard text.hasPrefix("/") else { throw Fault(message: "a path begins with '/'") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
            throw Fault(message: "a path holds printable ASCII without '?' and '#'; percent-encode the rest")
        }
        var parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var isPrefix = false
        if parts.last == "*" {
            parts.removeLast()
            isPrefix = true
        }
        var segments: [Segment] = []
        for part in parts {
            if part.isEmpty, segments.count < parts.count - 1 || isPrefix {
                throw Fault(message: "a path has no empty segments; several slashes in a row count as one")
            }
            if part == "." || part == ".." { throw Fault(message: "a path has no '.' and '..' segments") }
            if part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 {
                segments.append(.parameter(String(part.dropFirst().dropLast())))
            } else if part.contains(where: { "{}*".contains($0) }) {
                throw Fault(message: "'{name}' stands for a whole segment and '*' only at the end")
            } else {
                segments.append(.literal(Self.normal(part)))
            }
        }
        self.segments = segments
        self.isPrefix = isPrefix
        self.description = text
    }

    /// A literal in the form that requests are compared in.
    private static func normal(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { bytes in
            judgePath(bytes) == .equivalent ? String(decoding: normalPath(bytes), as: UTF8.self) : text
        }
    }

    /// The length in bytes of the literal text before the first parameter and before the `*`; what `rewrite` replaces.
    public var literalPrefixLength: Int {
        var length = 0
        for segment in segments {
            guard case .literal(let text) = segment else { break }
            length += 1 + text.utf8.count
        }
        return length
    }
}
