/// One field line of a head or a trailer section, as positions in the received bytes (RFC 9112 §5).
public struct FieldLine: Sendable, Hashable {
    /// The name: a token.
    public private(set) var name: ByteSpan
    /// The value without the white space around it; HTAB, SP, visible ASCII and obs-text only.
    public private(set) var value: ByteSpan
    /// Which field it is.
    public let known: KnownField
    /// Whether the name is that of a known field with `_` in place of `-`. Servers that make variables of field names (CGI, WSGI,
    /// servlets behind some front ends) would take it for the real one.
    public let isAlias: Bool
    /// Whether there is a `_` in the name. Legal (RFC 9110 §5.1), and what CGI and its kin make of `-` too.
    public let hasUnderscore: Bool
    /// Whether it concerns this connection only: by its name, or because Connection nominates it. Final once the head is complete.
    public internal(set) var isHopByHop: Bool

    /// Whether the field may go to the next hop as it is. Not so: hop-by-hop fields; Content-Length, which is written anew from the
    /// message's framing, so that the next hop reads the very length that was read here; aliases of known fields.
    @inline(__always)
    public var isForwarded: Bool { !isHopByHop && !isAlias && known != .contentLength }
}

extension FieldLine {
    /// The line of the given positions.
    @inline(__always)
    init(name: ByteSpan, value: ByteSpan, known: KnownField, isAlias: Bool, hasUnderscore: Bool) {
        self.name = name
        self.value = value
        self.known = known
        self.isAlias = isAlias
        self.hasUnderscore = hasUnderscore
        isHopByHop = known.isHopByHop
    }

    /// Whether its name is `name`, without regard to case. `bytes` are those that the head was parsed from.
    public func isNamed(_ name: some Collection<UInt8>, in bytes: UnsafeRawBufferPointer) -> Bool {
        self.name.count == name.count && self.name.end <= bytes.count
            && zip(bytes[self.name.range], name).allSatisfy { WireSyntax.lowercase($0) == WireSyntax.lowercase($1) }
    }

    /// Counts its positions from `offset` bytes before.
    mutating func move(by offset: Int) {
        name = ByteSpan(Int(name.start) + offset, name.end + offset)
        value = ByteSpan(Int(value.start) + offset, value.end + offset)
    }
}

extension ContiguousArray<FieldLine> {
    /// The first line of a known field, found by a plain loop: a head holds ten or twenty.
    @inline(__always)
    func first(_ known: KnownField) -> FieldLine? {
        for line in self where line.known == known { return line }
        return nil
    }
}

/// What every head can tell about its field lines.
public protocol FieldIndex {
    /// The lines in the order received.
    var fields: ContiguousArray<FieldLine> { get }
    /// The known fields among them.
    var present: KnownFieldSet { get }
}

extension FieldIndex {
    /// The first line of a known field.
    public func first(_ known: KnownField) -> FieldLine? {
        guard present.contains(known) else { return nil }
        return fields.first(known)
    }

    /// How many lines of a known field there are.
    public func count(_ known: KnownField) -> Int {
        guard present.contains(known) else { return 0 }
        return fields.reduce(0) { $1.known == known ? $0 + 1 : $0 }
    }

    /// The first line of a known field.
    public subscript(known: KnownField) -> FieldLine? { first(known) }

    /// The first line whose name is `name`, without regard to case. `bytes` are those that the head was parsed from.
    public func first(named name: some Collection<UInt8>, in bytes: UnsafeRawBufferPointer) -> FieldLine? {
        fields.first { $0.isNamed(name, in: bytes) }
    }
}
