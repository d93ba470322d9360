internal import GatewayCore

/// Frames of a client's come to the same however they are cut, what is said to it are whole frames, and a request that goes on is one request
/// of HTTP/1.1 and nothing behind it.
enum HTTP2Properties {
    /// The input: a byte that says how the bytes are cut, then what follows a client's preface.
    static func check(_ input: [UInt8]) throws(Finding) {
        let bytes = HTTP2Connection.preface + input.dropFirst()
        let whole = Listener()
        try whole.take(bytes)
        let cut = Listener()
        let size = Int(input.first ?? 0) % 40 + 1
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + size)
            try cut.take(Array(bytes[at..<end]))
            at = end
        }
        try claim(whole.events == cut.events, "cut, it is \(cut.events), otherwise \(whole.events)")
        try claim(whole.said == cut.said && whole.content == cut.content, "cut, something else is said or read")
        try checkFrames(whole.said)
    }

    private static func checkFrames(_ said: [UInt8]) throws(Finding) {
        let lengths = said.withUnsafeBytes { bytes -> [Int] in
            var lengths: [Int] = []
            var at = 0
            while let header = HTTP2FrameHeader(bytes, at: at) {
                lengths.append(header.length)
                at += HTTP2FrameHeader.size + header.length
            }
            return at == bytes.count ? lengths : [-1]
        }
        try claim(lengths.allSatisfy { (0...16384).contains($0) }, "what is said are no whole frames")
    }

    /// The server's side.
    private final class Listener {
        var connection = HTTP2Connection()
        var events: [HTTP2Event] = []
        var said: [UInt8] = []
        var content: [UInt8] = []
        private var left: [UInt8] = []

        func take(_ bytes: [UInt8]) throws(Finding) {
            left += bytes
            var at = 0
            while true {
                let step = left[at...].withUnsafeBytes { connection.next($0, now: 1) }
                try claim(step.consumed >= 0 && at + step.consumed <= left.count, "more is used than there is")
                switch step.event {
                case .needMore, .nothing: break
                case .content(let slot, let range, let ends):
                    content += left[at + range.lowerBound..<at + range.upperBound]
                    if ends { events.append(.content(slot: slot, 0..<0, ends: true)) }
                case .request(let request):
                    events.append(step.event)
                    try check(request)
                default: events.append(step.event)
                }
                at += step.consumed
                connection.takeControl { said += Array($0) }
                if step.event == .needMore { break }
            }
            left.removeFirst(at)
        }

        private func check(_ request: HTTP2Request) throws(Finding) {
            var room = [UInt8](repeating: 0, count: connection.requestRoom)
            let count = room.withUnsafeMutableBytes { connection.writeRequestHead(into: $0) }
            try claim(count > 0, "a head that has no room")
            var parser = RequestHeadParser(limits: WireLimits())
            switch room[..<count].withUnsafeBytes({ parser.parse($0) }) {
            case .incomplete: throw Finding("a head that does not end")
            case .refused: return
            case .complete: break
            }
            try claim(parser.head.length == count, "a head with something behind it")
            let framing: BodyFraming =
                switch request.framing {
                case .none, .length(0): .none
                case .length(let length): .length(UInt64(length))
                case .chunked: .chunked
                }
            try claim(parser.head.framing == framing, "the content is \(framing), and is read as \(parser.head.framing)")
        }
    }
}
