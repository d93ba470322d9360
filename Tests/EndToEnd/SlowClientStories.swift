import Adapters
import Foundation
import Gateway
import Testing

extension Stories {
    /// Clients that hold on to what they have by doing as little as they can: the four ways of slowhttptest (docs/wire.md).
    @Suite("Slow clients")
    struct SlowClients {
        private static let crowd = 60

        private static let edit: @Sendable (String, inout String) -> Void = { name, text in
            guard name == "gateway" else { return }
            for word in ["head: 10s", "body: 30s", "idle: 75s"] { text.replace(word, with: word.prefix { $0 != ":" } + ": 1s") }
        }

        /// Has a crowd begin with `opening`, each send `drip` (or read a little) five times a second, and says how long it took until the
        /// gateway had closed all of them; somebody else is served all the while.
        private static func besiege(
            _ stage: Stage, opening: String, drip: String?, receiveBuffer: Int32? = nil
        ) async throws -> (seconds: Double, slowest: Double) {
            let port = stage.port
            async let closed = aside { () -> Double in
                let begin = ContinuousClock.now
                var crowd = try (0..<Self.crowd).map { _ in try RawConnection(port: port, receiveBuffer: receiveBuffer) }
                for connection in crowd { try connection.send(opening) }
                while !crowd.isEmpty, ContinuousClock.now - begin < .seconds(15) {
                    Thread.sleep(forTimeInterval: 0.2)
                    crowd = crowd.filter { connection in
                        if let drip { return (try? connection.send(drip)) != nil && !connection.hasEnded() }
                        return connection.sip(1024)
                    }
                }
                #expect(crowd.isEmpty, "\(crowd.count) are still open")
                return (ContinuousClock.now - begin).seconds
            }
            var slowest = 0.0
            for _ in 0..<20 {
                let begin = ContinuousClock.now
                #expect(try await stage.call("GET", "/open/notice", key: nil).status == 200)
                slowest = max(slowest, (ContinuousClock.now - begin).seconds)
                try await Task.sleep(for: .milliseconds(50))
            }
            return (try await closed, slowest)
        }

        @Test("who never ends its head is told so and closed, and the others are served", .timeLimit(.minutes(1)))
        func headers() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                let found = try await Self.besiege(stage, opening: "GET /open/notice HTTP/1.1\r\nHost: a\r\n", drip: "X-a: b\r\n")
                #expect(found.seconds < 8 && found.slowest < 2, "\(found)")
                let records = try await stage.records(Self.crowd + 20)
                #expect(records.count { $0["end"]?.string == "stalled" && $0["status"] == 408 } == Self.crowd)
            }
        }

        @Test("who drips its body is told so and closed, though it is never silent", .timeLimit(.minutes(1)))
        func body() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                let opening = "POST /open/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 8192\r\n\r\n"
                let found = try await Self.besiege(stage, opening: opening, drip: "a")
                #expect(found.seconds < 8 && found.slowest < 2, "\(found)")
                let records = try await stage.records(Self.crowd + 20)
                #expect(records.count { $0["end"]?.string == "stalled" } == Self.crowd)
                #expect(try await stage.admin("/metrics").text.contains("tongban_limited_total{kind=\"time\"} \(Self.crowd)\n"))
                #expect(try await stage.isCalm())
            }
        }

        @Test("who sips its answer is cut off, and the department is let go", .timeLimit(.minutes(1)))
        func reading() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                let opening = "GET /open/blob?size=33554432 HTTP/1.1\r\nHost: a\r\n\r\n"
                let found = try await Self.besiege(stage, opening: opening, drip: nil, receiveBuffer: 4096)
                #expect(found.seconds < 12 && found.slowest < 3, "\(found)")
                let records = try await stage.records(Self.crowd + 20)
                #expect(records.count { $0["end"]?.string == "stalled" } == Self.crowd)
                #expect(try await stage.isCalm())
            }
        }

        @Test("who pipelines and does not read is read no further, and gets every answer once it reads", .timeLimit(.minutes(1)))
        func pipelining() async throws {
            let count = 20_000
            try await Stage.play { stage in
                let connection = try RawConnection(port: stage.port, receiveBuffer: 4096)
                let requests = Array(String(repeating: "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", count: count).utf8)
                let writer = Thread { try? connection.send(requests) }
                writer.start()
                var (before, now) = (-1, 0)
                while now != before || now == 0 {
                    try await Task.sleep(for: .seconds(1))
                    (before, now) = (now, try await Self.ended(stage))
                }
                #expect(now < count, "\(now)")
                // On a busy machine some are turned away, which is an answer too.
                let answered = try await aside {
                    try (0..<count).reduce(0) { sum, _ in try [404, 503].contains(connection.reply().status) ? sum + 1 : sum }
                }
                #expect(answered == count)
            }
        }

        /// How many exchanges have ended.
        private static func ended(_ stage: Stage) async throws -> Int {
            let lines = try await stage.admin("/metrics").text.split(separator: "\n")
            return lines.filter { $0.hasPrefix("tongban_exchange_ends_total{") }
                .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
        }

        @Test("who is slow to take the end of its answer gets it, though the connection is to close", .timeLimit(.minutes(1)))
        func lastBytes() async throws {
            let size = 8 << 20
            try await Stage.play { stage in
                let port = stage.port
                let received = try await aside { () -> Int in
                    let connection = try RawConnection(port: port, receiveBuffer: 65536)
                    try connection.send("GET /open/blob?size=\(size) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    var (count, rested) = (0, false)
                    _ = try connection.stream { piece in
                        count += piece.count
                        // By now the department has said all; what is left waits in the gateway and the kernel.
                        if count > size - (3 << 20), !rested {
                            rested = true
                            Thread.sleep(forTimeInterval: 2.5)
                        }
                    }
                    return count
                }
                #expect(received == size)
            }
        }

        @Test("who asks for a thousand ranges gets one answer, and the memory does not follow it", .timeLimit(.minutes(1)))
        func ranges() async throws {
            try await Stage.play(edit: Self.edit) { stage in
                _ = try await stage.call("GET", "/open/notice", key: nil)
                let before = residentMemory()
                let ranges = "bytes=0-" + (1...1300).map { ",5-\($0)" }.joined()
                let port = stage.port
                try await aside {
                    let crowd = try (0..<Self.crowd).map { _ in try RawConnection(port: port) }
                    for connection in crowd { try connection.send("HEAD /open/notice HTTP/1.1\r\nHost: a\r\nRange: \(ranges)\r\n\r\n") }
                    for connection in crowd { #expect(try connection.reply(to: "HEAD").status == 200) }
                }
                #expect(residentMemory() - before < 24 << 20)
            }
        }
    }
}

extension Duration {
    /// In seconds.
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
