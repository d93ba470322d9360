/// The W3C trace context of one exchange (Trace Context, level 1). The gateway is one span of it.
public struct TraceContext: Sendable, Hashable {
    /// The trace id's first half.
    public let high: UInt64
    /// The trace id's second half.
    public let low: UInt64
    /// The caller's span; 0 when the trace begins here.
    public let parent: UInt64
    /// The gateway's own span.
    public let span: UInt64
    /// The flags, as sent by the caller; of these only `sampled` is passed on (§3.2.2.5).
    public let flags: UInt8

    /// A trace that begins here; the three words must be random.
    public init(high: UInt64, low: UInt64, span: UInt64) {
        self.high = high | 1
        self.low = low
        self.parent = 0
        self.span = span | 1
        self.flags = 0
    }

    /// Continues the caller's trace; nil when the field is not valid (§3.2), and the caller then begins a new one.
    public init?(traceparent field: UnsafeRawBufferPointer, span: UInt64) {
        guard field.count >= 55, field[2] == 0x2D, field[35] == 0x2D, field[52] == 0x2D,
            let version = Self.hex(field, 0, 2), version != 0xFF, field.count == 55 || (version != 0 && field[55] == 0x2D),
            let high = Self.hex(field, 3, 16), let low = Self.hex(field, 19, 16), high | low != 0,
            let parent = Self.hex(field, 36, 16), parent != 0, let flags = Self.hex(field, 53, 2)
        else { return nil }
        self.high = high
        self.low = low
        self.parent = parent
        self.span = span | 1
        self.flags = UInt8(truncatingIfNeeded: flags)
    }

    /// The trace id: 32 lower-case hex digits.
    public var traceID: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            var out = ByteCursor(UnsafeMutableRawBufferPointer(buffer))
            writeTraceID(to: &out)
            return out.count
        }
    }

    /// Writes the trace id: 32 bytes.
    package func writeTraceID(to out: inout ByteCursor) {
        out.write(hex: high)
        out.write(hex: low)
    }

    /// Writes the `traceparent` value for the upstream: 55 bytes.
    package func writeTraceparent(to out: inout ByteCursor) {
        out.write("00-")
        writeTraceID(to: &out)
        out.write("-")
        out.write(hex: span)
        out.write("-0")
        out.write(flags & 1 == 1 ? "1" : "0")
    }

    /// The `traceparent` value for the upstream.
    package var traceparent: String {
        String(unsafeUninitializedCapacity: 64) { memory in
            var out = ByteCursor(UnsafeMutableRawBufferPointer(memory))
            writeTraceparent(to: &out)
            return out.count
        }
    }

    private static func hex(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64? {
        var word: UInt64 = 0
        for index in start..<start + count {
            let byte = bytes[index]
            switch byte {
            case 0x30...0x39: word = word << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: word = word << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        return word
    }
}
