internal import Glibc

/// What a body reader found.
public enum BodyStep: Sendable, Hashable {
    /// Bytes of the body; ask again with what follows `consumed`.
    case payload(Range<Int>, consumed: Int)
    /// More bytes are needed; `consumed` of these are done with.
    case needMore(consumed: Int)
    /// The body is complete.
    case end(consumed: Int)
    /// The bytes are no body of this framing.
    case refused(WireFault)
}

/// Finds the payload of a body in the received bytes (RFC 9112 §6–§7). Chunk extensions and trailers are read strictly and
/// dropped (RFC 9110 §6.5.1 lets an intermediary discard trailers).
public struct BodyReader: Sendable {
    private enum State: Sendable, Hashable {
        case length(UInt64)
        case untilClose
        case chunkSize
        case chunkData(UInt64)
        case chunkEnd
        case trailers
        case done
    }

    private let limits: WireLimits
    private var state: State
    private var trailerBytes = 0

    /// A reader of one body.
    public init(framing: BodyFraming, limits: WireLimits) {
        self.limits = limits
        switch framing {
        case .none: state = .done
        case .length(let length): state = length == 0 ? .done : .length(length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    /// Reads on. `bytes` begin where the last step's `consumed` ended.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> BodyStep {
        var offset = 0
        while true {
            switch state {
            case .done: return .end(consumed: offset)
            case .untilClose: return bytes.isEmpty ? .needMore(consumed: 0) : .payload(0..<bytes.count, consumed: bytes.count)
            case .length(let left):
                guard !bytes.isEmpty else { return .needMore(consumed: 0) }
                let count = Int(min(left, UInt64(bytes.count)))
                state = left == UInt64(count) ? .done : .length(left - UInt64(count))
                return .payload(0..<count, consumed: count)
            case .chunkData(let left):
                guard offset < bytes.count else { return .needMore(consumed: offset) }
                let count = Int(min(left, UInt64(bytes.count - offset)))
                state = left == UInt64(count) ? .chunkEnd : .chunkData(left - UInt64(count))
                return .payload(offset..<offset + count, consumed: offset + count)
            case .chunkEnd:
                if offset < bytes.count, bytes[offset] != 0x0D { return refuse("a chunk longer than its size") }
                guard offset + 1 < bytes.count else { return .needMore(consumed: offset) }
                guard bytes[offset + 1] == 0x0A else { return refuse("a chunk without its line end") }
                offset += 2
                state = .chunkSize
            case .chunkSize, .trailers:
                switch line(bytes, offset) {
                case .unfinished: return .needMore(consumed: offset)
                case .refused(let fault): return .refused(fault)
                case .line(let line):
                    offset = line.upperBound + 2
                    if let fault = state == .chunkSize ? readSize(bytes, line) : readTrailer(bytes, line) { return .refused(fault) }
                }
            }
        }
    }

    private func refuse(_ reason: String) -> BodyStep { .refused(WireFault(status: 400, reason: reason)) }

    private enum Line {
        case line(Range<Int>)
        case unfinished
        case refused(WireFault)
    }

    /// A line that ends in CRLF: inside a body nothing else does, since a lone LF is where readers differ.
    private func line(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Line {
        let limit = state == .trailers ? limits.trailerBytes : limits.chunkLineBytes
        guard let base = bytes.baseAddress, offset < bytes.count else { return .unfinished }
        guard let found = memchr(base + offset, 0x0A, bytes.count - offset) else {
            if bytes.count - offset > limit { return .refused(WireFault(status: 400, reason: "a chunk line longer than \(limit) bytes")) }
            // A byte that can begin no size and no field will not become one with more bytes behind it.
            let first = bytes[offset]
            let mayBegin = state == .trailers ? isTokenByte(first) || first == 0x0D : hexValue(first) != nil
            return mayBegin ? .unfinished : .refused(WireFault(status: 400, reason: "a chunk size that is no number"))
        }
        let feed = base.distance(to: UnsafeRawPointer(found))
        guard feed - offset <= limit else { return .refused(WireFault(status: 400, reason: "a chunk line longer than \(limit) bytes")) }
        guard feed > offset, bytes[feed - 1] == 0x0D else { return .refused(WireFault(status: 400, reason: "a bare line feed in a chunked body")) }
        return .line(offset..<feed - 1)
    }

    private mutating func readSize(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> WireFault? {
        var size: UInt64 = 0
        var index = line.lowerBound
        while index < line.upperBound, let digit = hexValue(bytes[index]) {
            guard index - line.lowerBound < 15 else { return WireFault(status: 400, reason: "a chunk size out of range") }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > line.lowerBound else { return WireFault(status: 400, reason: "a chunk size that is no number") }
        guard ChunkExtensions.areValid(bytes, index..<line.upperBound) else {
            return WireFault(status: 400, reason: "a chunk extension that is not valid")
        }
        state = size == 0 ? .trailers : .chunkData(size)
        return nil
    }

    private mutating func readTrailer(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> WireFault? {
        if line.isEmpty {
            state = .done
            return nil
        }
        trailerBytes += line.count + 2
        guard trailerBytes <= limits.trailerBytes else { return WireFault(status: 431, reason: "trailers larger than \(limits.trailerBytes) bytes") }
        var colon = line.lowerBound
        while colon < line.upperBound, isTokenByte(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":"),
            HeadScanner.isFieldText(bytes, colon + 1..<line.upperBound)
        else { return WireFault(status: 400, reason: "a trailer that is no field") }
        return nil
    }
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}

/// Chunk extensions (RFC 9112 §7.1.1), without the white space that the grammar tolerates and smugglers use.
private enum ChunkExtensions {
    static func areValid(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        func token() -> Bool {
            let start = index
            while index < range.upperBound, isTokenByte(bytes[index]) { index += 1 }
            return index > start
        }
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: ";") else { return false }
            index += 1
            guard token() else { return false }
            guard index < range.upperBound, bytes[index] == UInt8(ascii: "=") else { continue }
            index += 1
            if index < range.upperBound, bytes[index] == UInt8(ascii: "\"") {
                guard let end = quoted(bytes, index + 1..<range.upperBound) else { return false }
                index = end
            } else if !token() {
                return false
            }
        }
        return true
    }

    /// The offset behind a quoted string's closing mark.
    private static func quoted(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"):
                index += 1
                guard index < range.upperBound, bytes[index] >= 0x20, bytes[index] != 0x7F else { return nil }
            case 0x09, 0x20...0x7E, 0x80...0xFF: break
            default: return nil
            }
            index += 1
        }
        return nil
    }
}
