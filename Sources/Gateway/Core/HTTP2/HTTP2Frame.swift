/// The kinds of frames (RFC 9113 §6). Others are ignored (§5.5).
package enum HTTP2FrameType: UInt8, Sendable, CaseIterable {
    /// Content.
    case data = 0
    /// The fields of a request, or its trailers.
    case headers = 1
    /// Once a stream's priority; read and ignored.
    case priority = 2
    /// Ends a stream.
    case resetStream = 3
    /// What an endpoint is like.
    case settings = 4
    /// Never from a client.
    case pushPromise = 5
    /// Asks for an answer.
    case ping = 6
    /// No more streams.
    case goAway = 7
    /// More may be sent.
    case windowUpdate = 8
    /// More of a field block.
    case continuation = 9
}

/// The flags of a frame; what they mean depends on its type.
package struct HTTP2Flags: OptionSet, Sendable, Hashable {
    /// The bits.
    package let rawValue: UInt8
    /// Flags of these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// DATA, HEADERS: the last of the stream.
    package static let endStream = HTTP2Flags(rawValue: 0x1)
    /// SETTINGS, PING: an acknowledgement.
    package static let ack = HTTP2Flags(rawValue: 0x1)
    /// HEADERS, CONTINUATION: the last of the field block.
    package static let endHeaders = HTTP2Flags(rawValue: 0x4)
    /// DATA, HEADERS: padding follows.
    package static let padded = HTTP2Flags(rawValue: 0x8)
    /// HEADERS: a priority stands in front.
    package static let priority = HTTP2Flags(rawValue: 0x20)
}

/// The nine bytes in front of every frame (RFC 9113 §4.1).
package struct HTTP2FrameHeader: Sendable, Hashable {
    /// How many bytes follow.
    package var length: Int
    /// The type, known or not.
    package var type: UInt8
    /// The flags.
    package var flags: HTTP2Flags
    /// The stream, 0 for the connection; the reserved bit is dropped.
    package var stream: UInt32

    /// How many bytes it has.
    package static let size = 9

    /// A header to write.
    package init(_ type: HTTP2FrameType, _ flags: HTTP2Flags = [], stream: UInt32, length: Int) {
        self.length = length
        self.type = type.rawValue
        self.flags = flags
        self.stream = stream
    }

    /// Reads the header that begins at an offset; nil unless all of it is there.
    package init?(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        guard offset >= 0, bytes.count - offset >= Self.size, let base = bytes.baseAddress else { return nil }
        let head = UInt32(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        length = Int(head &>> 8)
        type = UInt8(truncatingIfNeeded: head)
        flags = HTTP2Flags(rawValue: base.load(fromByteOffset: offset + 4, as: UInt8.self))
        stream = UInt32(bigEndian: base.loadUnaligned(fromByteOffset: offset + 5, as: UInt32.self)) & 0x7FFF_FFFF
    }

    /// Writes it.
    @inline(__always)
    package func write(to out: inout ByteCursor) {
        out.write(UInt8(truncatingIfNeeded: length &>> 16))
        out.write(UInt8(truncatingIfNeeded: length &>> 8))
        out.write(UInt8(truncatingIfNeeded: length))
        out.write(type)
        out.write(flags.rawValue)
        out.write(big: stream)
    }
}

extension ByteCursor {
    /// Writes four bytes in network order.
    @inline(__always)
    mutating func write(big number: UInt32) {
        var number = number.bigEndian
        withUnsafeBytes(of: &number) { write($0) }
    }
}

extension Array where Element == UInt8 {
    /// Adds a frame of control.
    mutating func append(_ header: HTTP2FrameHeader, _ payload: some Collection<UInt8> = EmptyCollection()) {
        append(UInt8(truncatingIfNeeded: header.length &>> 16))
        append(UInt8(truncatingIfNeeded: header.length &>> 8))
        append(UInt8(truncatingIfNeeded: header.length))
        append(header.type)
        append(header.flags.rawValue)
        append(big: header.stream)
        append(contentsOf: payload)
    }

    /// Adds four bytes in network order.
    mutating func append(big number: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: number &>> shift)) }
    }
}

extension UnsafeRawBufferPointer {
    /// Four bytes in network order; 0 where they are not there.
    @inline(__always)
    func big32(at offset: Int) -> UInt32 {
        guard offset >= 0, count - offset >= 4 else { return 0 }
        return UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
