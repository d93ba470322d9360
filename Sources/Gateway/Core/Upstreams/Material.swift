internal import Adapters

/// The bytes behind a reference in a route file: a certificate, a key, a password. Its description says where they come from and
/// never what they are; two are equal when they come from the same place and are the same, which is compared by digest.
public struct Material: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// `secret NAME` or `file PATH`.
    public let origin: String
    /// The bytes; empty when they are not to be had here.
    public let bytes: [UInt8]
    /// Whether the bytes are there. A configuration that is only checked may do without them.
    public let isThere: Bool
    private let digest: [UInt8]

    /// Makes a material.
    public init(origin: String, bytes: [UInt8]) {
        self.origin = origin
        self.bytes = bytes
        isThere = true
        digest = Digest.compute(.sha256, bytes)
    }

    /// A reference whose bytes are elsewhere.
    public init(missing origin: String) {
        self.origin = origin
        bytes = []
        isThere = false
        digest = []
    }

    /// The bytes as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Where it comes from.
    public var description: String { origin }

    /// No child: a dump must not show the bytes.
    public var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }

    /// By digest.
    public static func == (left: Material, right: Material) -> Bool { left.origin == right.origin && left.digest == right.digest }

    /// By digest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(origin)
        hasher.combine(digest)
    }
}
