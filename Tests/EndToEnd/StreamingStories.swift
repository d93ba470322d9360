import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    /// The plain route beside the contract: bytes go through as they are, and no faster than both sides like.
    @Suite("The plain route")
    struct Streaming {
        private static let size = 32 << 20

        @Test("a large download goes through whole, and the memory does not follow it")
        func download() async throws {
            try await Stage.play { stage in
                let port = stage.port
                _ = try await stage.call("GET", "/open/blob?size=1000000", key: nil)
                let before = residentMemory()
                let (length, sound) = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET /open/blob?size=\(Self.size) HTTP/1.1\r\nHost: a\r\n\r\n")
                    var at = 0
                    var sound = true
                    _ = try connection.stream { piece in
                        // Every byte of a large piece would take debug builds minutes: its ends say where it belongs.
                        if let first = piece.first, Int(first) != at % 251 { sound = false }
                        at += piece.count
                        if let last = piece.last, Int(last) != (at - 1) % 251 { sound = false }
                    }
                    return (at, sound)
                }
                #expect(length == Self.size)
                #expect(sound)
                #expect(residentMemory() - before < 24 << 20)
            }
        }

        @Test("a large upload goes through whole, by length and in chunks, and the memory does not follow it", arguments: [false, true])
        func upload(chunked: Bool) async throws {
            try await Stage.play { stage in
                let port = stage.port
                let block = [UInt8](repeating: 0x61, count: 65536)
                let before = residentMemory()
                let reply = try await aside {
                    let connection = try RawConnection(port: port)
                    let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(Self.size)"
                    try connection.send("POST /open/upload HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
                    for _ in 0..<Self.size / block.count {
                        try connection.send(chunked ? Array("10000\r\n".utf8) + block + [13, 10] : block)
                    }
                    if chunked { try connection.send("0\r\n\r\n") }
                    return try connection.reply(to: "POST", within: 60)
                }
                #expect(reply.status == 200)
                #expect(reply.json["bytes"] == .integer(Int64(Self.size)))
                // SHA-256 of 32 MiB of "a".
                #expect(reply.json["sha256"]?.string == "facb58ac139bf9fc0e1f8b1f147003236b1b69e84f3a4c94166fa66f18f89932")
                #expect(residentMemory() - before < 24 << 20)
            }
        }

        @Test("a small body that has come whole before the upstream's connection is open leaves both connections for the next request")
        func smallBody() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let replies = try await aside {
                    let connection = try RawConnection(port: port)
                    return try (0..<5).map { _ in
                        try connection.send("POST /open/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
                        return try connection.reply(to: "POST")
                    }
                }
                #expect(replies.map(\.status) == [200, 200, 200, 200, 200])
                #expect(replies.allSatisfy { $0.json["bytes"] == 5 })
            }
        }

        @Test("a small body that has come whole is the upstream's to answer, in the upstream's time")
        func muteUpstream() async throws {
            let mute = try MuteListener()
            defer { mute.stop() }
            let file = """
                department: mute
                upstream: { endpoints: [http://127.0.0.1:\(mute.port)], timeout: { first-byte: 300ms } }
                operations: {}
                routes: [{ id: mute, match: { path: /mute }, access: anyone }]
                """
            try await Stage.play(extra: ["departments/mute.yaml": file]) { stage in
                let port = stage.port
                let reply = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("POST /mute HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
                    return try connection.reply(to: "POST", within: 10)
                }
                #expect(reply.status == 504)
                #expect(reply.code == "UPSTREAM_TIMEOUT")
            }
        }

        @Test("a slow reader holds the sender back")
        func slowReader() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let before = residentMemory()
                let length = try await aside {
                    let connection = try RawConnection(port: port, receiveBuffer: 65536)
                    try connection.send("GET /open/blob?size=\(Self.size) HTTP/1.1\r\nHost: a\r\n\r\n")
                    Thread.sleep(forTimeInterval: 1.5)
                    #expect(residentMemory() - before < 24 << 20)
                    var length = 0
                    _ = try connection.stream { length += $0.count }
                    return length
                }
                #expect(length == Self.size)
            }
        }

        @Test("a slow upstream holds the uploading client back")
        func slowUpstream() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let taken = try await aside { () -> Int in
                    let connection = try RawConnection(port: port, sendBuffer: 65536)
                    try connection.send("POST /open/upload?rate=1000000 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
                    let block = [UInt8](repeating: 0x61, count: 65536)
                    var taken = 0
                    let end = ContinuousClock.now + .seconds(1.5)
                    while ContinuousClock.now < end {
                        let count = connection.sendWithoutWaiting(block)
                        taken += count
                        if count == 0 { Thread.sleep(forTimeInterval: 0.01) }
                    }
                    return taken
                }
                // What the sockets' buffers of three processes' worth hold, not the 100 MB that were offered.
                #expect(taken < 24 << 20)
                #expect(try await stage.records(1).first?["end"]?.string == "abandoned")
            }
        }

        @Test("HEAD, HTTP/1.0, chunks, 100-continue and pipelines are served")
        func oldHabits() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("HEAD /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                    let head = try connection.reply(to: "HEAD")
                    #expect(head.status == 200)
                    #expect(head.field("Content-Length") == "922")

                    // Chunks in, with an extension and a trailer.
                    try connection.send("POST /open/upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                    try connection.send("3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n")
                    #expect(try connection.reply(to: "POST").json["bytes"] == 5)

                    try connection.send("POST /open/upload HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                    Thread.sleep(forTimeInterval: 0.05)
                    try connection.send("abc")
                    let continued = try connection.reply(to: "POST")
                    #expect(continued.interim == [100])
                    #expect(continued.json["bytes"] == 3)

                    try connection.send((0..<5).map { "GET /open/echo/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                    for index in 0..<5 { #expect(try connection.reply().json["target"]?.string == "/open/echo/\(index)") }

                    let old = try RawConnection(port: port)
                    try old.send("GET /open/notice HTTP/1.0\r\nHost: a\r\n\r\n")
                    let answer = try old.reply()
                    #expect(answer.status == 200 && answer.body.count == 922)
                    #expect(answer.field("Connection") == "close")
                    #expect(old.isEnded())

                    let kept = try RawConnection(port: port)
                    for _ in 0..<2 {
                        try kept.send("GET /open/notice HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
                        #expect(try kept.reply().field("Connection") == "keep-alive")
                    }

                    let last = try RawConnection(port: port)
                    try last.send("GET /open/notice HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    #expect(try last.reply().field("Connection") == "close")
                    #expect(last.isEnded())
                }
            }
        }

        @Test("fields of one connection stay on it, and the forwarded ones are set")
        func fields() async throws {
            try await Stage.play { stage in
                let reply = try await stage.call(
                    "GET", "/open/echo?q=%E4%BD%A0&x=", key: nil,
                    fields: [
                        ("Connection", "keep-alive, X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"),
                        ("Proxy-Authorization", "Basic eA=="), ("Upgrade", "websocket"), ("X-Forwarded-For", "203.0.113.7"),
                        ("X-Forwarded-Proto", "https"), ("dept_sign_key", "under_score"), ("X-Twice", "1"), ("X-Twice", "2"),
                    ])
                #expect(reply.json["target"]?.string == "/open/echo?q=%E4%BD%A0&x=")
                let seen = Policies.headers(reply)
                for name in ["connection", "x-private", "keep-alive", "te", "proxy-authorization", "upgrade"] {
                    #expect(seen[name] == nil, "\(name)")
                }
                #expect(seen["x-forwarded-for"] == ["203.0.113.7, 127.0.0.1"])
                #expect(seen["x-forwarded-proto"] == ["http"])
                #expect(seen["x-forwarded-host"] == ["portal.example"])
                #expect(seen["dept_sign_key"] == ["under_score"])
                #expect(seen["x-twice"] == ["1", "2"])
                #expect(seen["host"]?.count == 1)
            }
        }

        @Test("a key that a granted route asks for does not reach the upstream")
        func keyStaysHere() async throws {
            let edit: (String, inout String) -> Void = { name, text in
                if name == "departments/hrb" { text.replace("    access: anyone", with: "    access: granted") }
                if name == "consumers" { text.replace("operations: [\"*\"]", with: "operations: [\"*\"]\n        routes: [hrb-open]") }
            }
            try await Stage.play(edit: edit) { stage in
                #expect(try await stage.call("GET", "/open/echo", key: nil).status == 401)
                #expect(try await stage.call("GET", "/open/echo", key: Stage.daqingKey).status == 403)
                let reply = try await stage.call("GET", "/open/echo")
                #expect(reply.status == 200)
                #expect(Policies.headers(reply)["x-api-key"] == nil)
                #expect(!reply.text.contains(Stage.portalKey))
            }
        }

        @Test("a client that goes away in a download frees the upstream, and the record says so")
        func clientGoesAway() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port, receiveBuffer: 65536)
                    try connection.send("GET /open/blob HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try connection.head()
                    connection.close(reset: true)
                }
                let record = try #require(try await stage.records(1).first)
                #expect(record["end"]?.string == "abandoned")
                #expect(record["status"] == 200)
                #expect(try await stage.isCalm())
                // The only connection to the upstream was in the middle of a reply: it cannot have been kept.
                #expect(openConnections(to: stage.city.hrb.port) == 0)
            }
        }

        @Test("a client that closes its half behind several requests gets every answer, and all of a long one that it takes late")
        func halfClosedBehindSeveral() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let get = "GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n"
                    let several = try RawConnection(port: port)
                    try several.send(String(repeating: get, count: 5))
                    several.halfClose()
                    for _ in 0..<5 { #expect(try several.reply().status == 200) }
                    #expect(several.isEnded())
                    let broken = try RawConnection(port: port)
                    try broken.send(get + "POST /open/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
                    broken.halfClose()
                    #expect(try broken.reply().status == 200)
                    #expect(broken.isEnded())
                    let cut = try RawConnection(port: port)
                    try cut.send(get + "GET /open/no")
                    cut.halfClose()
                    #expect(try cut.reply().status == 200)
                    #expect(cut.isEnded())
                    // The last piece of an answer waits for the client where its connection has nothing more to do.
                    for (size, more) in [
                        (2_820_000, ""), (2_836_000, ""), (2_852_000, ""), (2_868_000, ""), (2_836_000, "Connection: close\r\n"),
                    ] {
                        let late = try RawConnection(port: port, receiveBuffer: 4096)
                        try late.send("GET /open/blob?size=\(size) HTTP/1.1\r\nHost: a\r\n\(more)\r\n")
                        Thread.sleep(forTimeInterval: 0.5)
                        late.halfClose()
                        #expect(try late.reply().body.count == size)
                        #expect(late.isEnded())
                    }
                }
                #expect(try await stage.isCalm())
            }
        }

        @Test("a client that closes its half after a request has gone, and one that breaks off in a body too")
        func halfClosed() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let broken = try RawConnection(port: port)
                    try broken.send("POST /open/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
                    broken.halfClose()
                    #expect(broken.isEnded())
                }
                #expect(try await stage.records(1).first?["end"]?.string == "abandoned")
                #expect(try await stage.isCalm())
                #expect(try await stage.call("GET", "/open/notice", key: nil).status == 200)
            }
        }
    }
}

/// How many TCP connections to a port are established on this machine, seen from the side that opened them.
func openConnections(to port: Int) -> Int {
    let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
    let digits = String(port, radix: 16, uppercase: true)
    let suffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
    return table.split(separator: "\n").count { line in
        let columns = line.split(separator: " ")
        return columns.count > 3 && columns[2].hasSuffix(suffix) && columns[3] == "01"
    }
}

extension Stage {
    /// Whether no connection to the portal's side is left open within two seconds.
    func isCalm() async throws -> Bool {
        for _ in 0..<100 {
            if await gateway.openConnections() == 0 { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}
