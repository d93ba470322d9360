#if canImport(NIOHTTP1)
    import Foundation
    import GatewayCore
    import NIOCore
    import NIOEmbedded
    import NIOHTTP1
    import Testing

    /// Feeds the same bytes to the gateway's reader and to llhttp, as NIO runs it, and wants: what llhttp refuses, the gateway refuses.
    /// Three things llhttp refuses and the gateway takes, for the reasons in `Excuse`; there is no other. And whatever the gateway takes,
    /// llhttp takes in the form in which the gateway hands it on.
    @Suite("Against llhttp", .serialized)
    struct LlhttpDifferentialTests {
        @Test("no request that llhttp refuses is read to its end")
        func requests() {
            var mutator = Mutator(seed: 0x9112, corpus: Self.requestCorpus())
            compare(&mutator) { bytes in
                (ReceivedMessages.requests(bytes), Self.llhttpRefusesRequests(bytes))
            }
        }

        @Test("no reply that llhttp refuses is read to its end")
        func replies() {
            var mutator = Mutator(seed: 0x9110, corpus: Self.replyCorpus)
            compare(&mutator) { bytes in
                (ReceivedMessages.replies(bytes), Self.llhttpRefusesReplies(bytes))
            }
        }

        /// Two seconds or 20,000 inputs each; TONGBAN_FUZZ_SECONDS, for a long look, sets the time alone.
        private static let seconds = ProcessInfo.processInfo.environment["TONGBAN_FUZZ_SECONDS"].flatMap { Int($0) }
        private static let isLong = seconds != nil
        private static let time = Duration.seconds(seconds ?? 2)

        private typealias Reader = ([UInt8]) -> (ours: ReceivedMessages, theirs: String?)

        /// What llhttp refuses and the gateway takes.
        private enum Excuse: CaseIterable {
            /// A bare LF at the end of a line of a request without content: RFC 9112 section 2.2 allows it, and the consensus of the four proxies
            /// is to take it. The gateway writes CRLF.
            case bareLineFeed
            /// Content-Length or Transfer-Encoding in the trailer section of a request: RFC 9110 section 6.5.1 wants it ignored, and the
            /// consensus is to take it. The gateway drops trailers.
            case framingFieldInTrailers
            /// HTAB behind the digits of Content-Length: optional white space, which RFC 9112 section 5.1 takes off before a value is read.
            case tabBehindLength

            func applies(to bytes: [UInt8], _ ours: ReceivedMessages) -> Bool {
                switch self {
                case .bareLineFeed: return zip([0x0D] + bytes, bytes).contains { $1 == 0x0A && $0 != 0x0D }
                case .framingFieldInTrailers:
                    return ours.messages.contains { message in
                        message.trailers.contains {
                            $0.lowercased().hasPrefix("content-length:") || $0.lowercased().hasPrefix("transfer-encoding:")
                        }
                    }
                case .tabBehindLength:
                    return bytes.contains(0x09) && String(decoding: bytes, as: UTF8.self).lowercased().contains("content-length:")
                }
            }
        }

        private func compare(_ mutator: inout Mutator, _ read: Reader) {
            let clock = ContinuousClock()
            let start = clock.now
            var counts = (tried: 0, refused: 0, taken: 0)
            while counts.tried < 20_000 || Self.isLong, clock.now - start < Self.time {
                let input = counts.tried < mutator.corpus.count ? mutator.corpus[counts.tried] : mutator.next()
                counts.tried += 1
                let (bytes, ours, theirs) = decided(input, read)
                if ours.fault != nil, theirs != nil { counts.refused += 1 }
                guard ours.fault == nil, ours.whole > 0 else { continue }
                let taken = Array(bytes[..<ours.consumed])
                // Only what was read to its end counts; behind the last message of a connection the gateway reads nothing.
                if theirs != nil, let error = read(taken).theirs {
                    let isExcused = Excuse.allCases.contains { $0.applies(to: taken, ours) }
                    #expect(isExcused, "llhttp: \(error); the gateway takes \(String(decoding: taken, as: UTF8.self).debugDescription)")
                } else {
                    counts.taken += 1
                }
                for message in ours.messages where message.isWhole {
                    let error = read(message.forwarded).theirs
                    #expect(error == nil, "handed on: \(String(decoding: message.forwarded, as: UTF8.self).debugDescription)")
                }
            }
            #expect(counts.tried > 300 && counts.refused > 50 && counts.taken > 50, "\(counts)")
        }

        /// Both readings of `bytes`. Where llhttp refuses a head that the gateway waits for the rest of, the head is ended, so that the gateway
        /// must decide.
        private func decided(_ bytes: [UInt8], _ read: Reader) -> (bytes: [UInt8], ours: ReceivedMessages, theirs: String?) {
            let (ours, theirs) = read(bytes)
            guard theirs != nil, ours.fault == nil, !ours.isClosed, ours.consumed < bytes.count else { return (bytes, ours, theirs) }
            let ended = bytes + Array("\r\n\r\n".utf8)
            return (ended, read(ended).ours, theirs)
        }

        private static func llhttpRefusesRequests(_ bytes: [UInt8]) -> String? {
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
            defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
            return refusal(channel, bytes)
        }

        private static func llhttpRefusesReplies(_ bytes: [UInt8]) -> String? {
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
            defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
            // The decoder wants to know what each reply answers.
            for _ in 0..<8 {
                let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
                channel.write(HTTPClientRequestPart.head(request), promise: nil)
            }
            return refusal(channel, bytes)
        }

        private static func refusal(_ channel: EmbeddedChannel, _ bytes: [UInt8]) -> String? {
            do {
                try channel.writeInbound(ByteBuffer(bytes: bytes))
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    extension LlhttpDifferentialTests {
        static func requestCorpus() -> [[UInt8]] {
            let own = [
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /a?b=c HTTP/1.0\r\n\r\n",
                "POST /v1/cases HTTP/1.1\r\nHost: a:8080\r\nContent-Length: 5\r\nConnection: keep-alive, x-one\r\nX-One: 1\r\n\r\nhello",
                "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d e\"\r\nhello\r\n0\r\nX: y\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "GET http://a.example/b HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nCookie: a=b; c=d\r\nTE: trailers\r\n\r\n",
                "DELETE /a HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: x\r\n\r\nPATCH /b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            ]
            let suite = RawRequestSuite.isPresent ? (try? RawRequestSuite.load())?.cases.map(\.bytes) ?? [] : []
            return own.map { Array($0.utf8) } + suite.filter { !$0.isEmpty && $0.count < 4096 }
        }

        static let replyCorpus = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\nA;a=\"b\"\r\nhellohello\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nto the end", "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            "HTTP/1.0 302 Found\r\nLocation: /a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
        ].map { Array($0.utf8) }
    }

    /// Makes new inputs from old ones. The same seed gives the same inputs.
    struct Mutator {
        let corpus: [[UInt8]]
        private var state: UInt64

        init(seed: UInt64, corpus: [[UInt8]]) {
            state = seed
            self.corpus = corpus
        }

        /// SplitMix64.
        private mutating func random(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((word ^ (word >> 31)) % UInt64(max(bound, 1)))
        }

        private static let pieces = [
            "\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", ":", ";", ",", "\0", "\u{7F}", "\u{0B}", "0", "5", "f", "-", "+", "_", "x", "\"",
            "\\", "=", "#",
            "Host: b\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 05\r\n", "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip\r\n",
            "Connection: close\r\n", "Connection: upgrade\r\n", "Upgrade: h2c\r\n", "Expect: 100-continue\r\n", " folded\r\n", "HTTP/1.0",
            "HTTP/1.1", "HTTP/2.0",
            "0\r\n\r\n", "chunked", ", chunked", "GET ", "POST ", "CONNECT ", "QUERY ", "99999999999999999999", "ffffffffffffffff", "é",
            "*", "http://",
        ].map { Array($0.utf8) }

        mutating func next() -> [UInt8] {
            var bytes = corpus[random(corpus.count)]
            for _ in 0...random(random(3) + 1) { mutate(&bytes) }
            return bytes
        }

        private mutating func mutate(_ bytes: inout [UInt8]) {
            let at = random(bytes.count + 1)
            switch random(6) {
            case 0: bytes.insert(contentsOf: Self.pieces[random(Self.pieces.count)], at: at)
            case 1: bytes.insert(contentsOf: Self.pieces[random(Self.pieces.count)], at: lineStart(bytes, at))
            case 2: if at < bytes.count { bytes.remove(at: at) }
            case 3: if at < bytes.count { bytes[at] = UInt8(random(256)) }
            case 4: if at < bytes.count { bytes.removeSubrange(at..<min(bytes.count, at + random(8))) }
            default:
                let other = corpus[random(corpus.count)]
                let from = random(other.count)
                bytes.insert(contentsOf: other[from..<min(other.count, from + random(24))], at: at)
            }
        }

        private func lineStart(_ bytes: [UInt8], _ at: Int) -> Int {
            bytes[..<at].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        }
    }
#endif
