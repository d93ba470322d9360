/// What an endpoint has said of itself (RFC 9113 §6.5.2), as far as it matters to whoever sends to it.
package struct HTTP2Settings: Sendable, Hashable {
    /// The most that the table of its decoder takes.
    package var headerTableSize = 4096
    /// The least that was said since the encoder was told.
    var leastTableSize = 4096
    /// How much may be sent on a stream before it says more.
    package var initialWindow = 65_535

    /// What is so before anything was said.
    package init() {}

    private enum Name: UInt16 {
        case headerTableSize = 1
        case enablePush = 2
        case maxConcurrentStreams = 3
        case initialWindow = 4
        case maxFrameSize = 5
        case maxHeaderListSize = 6
    }

    /// The bytes of a setting.
    private static func entry(_ name: Name, _ value: Int) -> [UInt8] {
        var bytes = [UInt8(truncatingIfNeeded: name.rawValue &>> 8), UInt8(truncatingIfNeeded: name.rawValue)]
        bytes.append(big: UInt32(clamping: value))
        return bytes
    }

    /// What the gateway says: so many streams at once, and so many bytes of decoded fields.
    static func ours(streams: Int, headBytes: Int) -> [UInt8] {
        entry(.maxConcurrentStreams, streams) + entry(.maxHeaderListSize, headBytes)
    }

    /// Takes the settings of a payload, whose length is a multiple of six; in their order, the last of a name counts.
    mutating func apply(_ payload: UnsafeRawBufferPointer) throws(HTTP2Fault) {
        var at = 0
        while payload.count - at >= 6 {
            let name = Name(rawValue: UInt16(payload[at]) &<< 8 | UInt16(payload[at + 1]))
            let value = Int(payload.big32(at: at + 2))
            switch name {
            case .headerTableSize:
                headerTableSize = value
                leastTableSize = min(leastTableSize, value)
            case .enablePush: guard value <= 1 else { throw HTTP2Fault(.settingValue) }
            case .initialWindow:
                guard value <= FlowWindow.most else { throw HTTP2Fault(.settingWindow) }
                initialWindow = value
            // We send none that is larger than the least that this may be.
            case .maxFrameSize:
                guard (16_384...16_777_215).contains(value) else { throw HTTP2Fault(.settingValue) }
            // Ours to heed only if we pushed; a list that is too large is the peer's to refuse. Unknown settings are ignored.
            case .maxConcurrentStreams, .maxHeaderListSize, nil: break
            }
            at += 6
        }
    }
}

/// How much one side may still send (RFC 9113 §6.9.1). It may be negative: a changed SETTINGS_INITIAL_WINDOW_SIZE takes away what
/// has been used already (§6.9.2).
package struct FlowWindow: Sendable, Hashable {
    /// The largest window there is.
    package static let most = 0x7FFF_FFFF
    /// What is left.
    package private(set) var left: Int

    /// A window of this size.
    package init(_ size: Int) { left = size }

    /// Makes it larger, or smaller with a negative number; false when it would be larger than a window may be.
    package mutating func grow(by bytes: Int) -> Bool {
        let (sum, overflow) = left.addingReportingOverflow(bytes)
        guard !overflow, sum <= Self.most else { return false }
        left = sum
        return true
    }

    /// Uses some of it; false, and nothing used, when there is not as much.
    package mutating func use(_ bytes: Int) -> Bool {
        guard bytes >= 0, bytes <= left || bytes == 0 else { return false }
        left -= bytes
        return true
    }
}

/// How often something may happen within a while; what happens more often is a flood.
package struct FrequencyBound: Sendable {
    private let most: Int
    private let span: Int64
    private var count = 0
    private var began = Int64.min

    /// So often within so many nanoseconds.
    package init(_ most: Int, within span: Int64) {
        self.most = most
        self.span = span
    }

    /// It happened; false when that was once too often.
    package mutating func note(now: Int64) -> Bool {
        if began == .min || now &- began > span {
            began = now
            count = 0
        }
        count += 1
        return count <= most
    }

    /// Something happened that excuses a few of them.
    package mutating func ease() { count = max(0, count - 8) }
}
