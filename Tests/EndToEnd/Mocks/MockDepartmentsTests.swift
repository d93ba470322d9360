internal import Foundation
internal import FoundationNetworking
internal import MockDepartments
internal import NIOPosix
internal import Testing

/// The strict fake world is itself held to its recordings and its page, Mocks/README.md.
@Suite("Mock departments")
struct MockDepartmentsTests {
    private static let recordings = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Mocks/recordings").standardizedFileURL

    /// A recorded exchange: the request's path, fields and body, and the reply's body.
    struct Recording: Sendable, CustomTestStringConvertible {
        let folder: URL
        var testDescription: String { folder.pathComponents.suffix(3).joined(separator: "/") }
        var department: MockDepartment? { MockDepartment(rawValue: folder.pathComponents.suffix(3).first ?? "") }

        init(folder: URL) { self.folder = folder }

        init(_ name: String) { folder = MockDepartmentsTests.recordings.appendingPathComponent(name) }

        func part(_ file: String) throws -> (lines: [String], body: Data) {
            let bytes = try Data(contentsOf: folder.appendingPathComponent(file))
            let gap = try #require(bytes.range(of: Data("\r\n\r\n".utf8)))
            return (
                String(decoding: bytes[..<gap.lowerBound], as: UTF8.self).components(separatedBy: "\r\n"), Data(bytes[gap.upperBound...])
            )
        }
    }

    /// Every recording of a good answer that needs nothing before it.
    static let good: [Recording] = {
        let files = FileManager.default.enumerator(at: recordings, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        let folders = files.filter { $0.lastPathComponent == "answer.json" }.map { $0.deletingLastPathComponent() }
        return folders.filter { $0.lastPathComponent != "just-submitted" }.sorted { $0.path < $1.path }.map { Recording(folder: $0) }
            .filter { $0.department != nil }
    }()

    private func withServer(
        _ department: MockDepartment, _ settings: MockSettings = MockSettings(checkClock: false), _ story: (MockServer) async throws -> Void
    ) async throws {
        let server = try await MockServer.start(department, settings: settings, on: MultiThreadedEventLoopGroup.singleton)
        do {
            try await story(server)
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
    }

    private func post(_ recording: Recording, to server: MockServer, body: Data? = nil) async throws -> Data {
        let sent = try recording.part("sent.http")
        let target = try #require(sent.lines.first?.split(separator: " ").dropFirst().first)
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(server.port)\(target)")))
        request.httpMethod = "POST"
        request.httpBody = body ?? sent.body
        for line in sent.lines.dropFirst() {
            let halves = line.components(separatedBy: ": ")
            request.setValue(halves.last, forHTTPHeaderField: halves[0])
        }
        return try await URLSession.shared.data(for: request).0
    }

    private func logIn(at server: MockServer) async throws {
        let isStore = server.department == .zzk
        let url = "http://127.0.0.1:\(server.port)" + (isStore ? "/zzk/login" : "/api/login")
        var request = URLRequest(url: try #require(URL(string: url)))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let store = #"{"account":"tongban","password":"demoZzkPassword","app_key":"demoZzkApp","app_secret":"demoZzkSecret"}"#
        request.httpBody = Data((isStore ? store : #"{"account":"tongban","password":"demoFgwPassword"}"#).utf8)
        _ = try await URLSession.shared.data(for: request)
    }

    @Test("recordings of good answers exist for every department and function")
    func recordingsExist() async throws {
        let found = Set(Self.good.map { $0.folder.pathComponents.suffix(3).dropLast().joined(separator: "/") })
        for department in MockDepartment.allCases {
            try await withServer(department) { server in
                for function in server.functions { #expect(found.contains("\(department.rawValue)/\(function.rawValue)")) }
            }
        }
    }

    @Test("a recorded request gets the recorded reply", arguments: good)
    func replay(recording: Recording) async throws {
        try await withServer(try #require(recording.department)) { server in
            if [.fgw, .zzk].contains(server.department) { try await logIn(at: server) }
            let reply = try await post(recording, to: server)
            let recorded = try recording.part("reply.http").body
            #expect(reply == recorded)
        }
    }

    @Test("a signature over other fields is refused")
    func tamperedForm() async throws {
        let recording = Recording("hrb/cases.submit/company")
        let text = String(decoding: try recording.part("sent.http").body, as: UTF8.self)
        try await withServer(.hrb) { server in
            let reply = try await post(recording, to: server, body: Data(text.replacing("blxs=2", with: "blxs=3").utf8))
            #expect(reply.starts(with: Data(#"{"code":1001,"#.utf8)))
        }
    }

    @Test("bytes that are no GB18030 are refused")
    func brokenCharset() async throws {
        let recording = Recording("hrb/cases.submit/rare-name")
        let text = String(decoding: try recording.part("sent.http").body, as: UTF8.self)
        try await withServer(.hrb) { server in
            let reply = try await post(recording, to: server, body: Data(text.replacing("sqrmc=%954", with: "sqrmc=%95%FF").utf8))
            #expect(reply.starts(with: Data(#"{"code":3001,"#.utf8)))
        }
    }

    @Test("a nonce is good for one call")
    func replayedNonce() async throws {
        let recording = Recording("hrb/cases.get/person")
        try await withServer(.hrb) { server in
            let first = try await post(recording, to: server)
            let second = try await post(recording, to: server)
            #expect(first.starts(with: Data(#"{"code":0,"#.utf8)))
            #expect(second.starts(with: Data(#"{"code":1002,"#.utf8)))
        }
    }

    @Test("a token expires, and the reply says so inside HTTP 200")
    func expiry() async throws {
        try await withServer(.fgw, MockSettings(tokenLifetime: 0)) { server in
            try await logIn(at: server)
            let reply = try await post(Recording("hlj-fgw/cases.get/rare"), to: server)
            #expect(reply.starts(with: Data(#"{"status":{"code":401,"#.utf8)))
        }
    }

    @Test("an ordered fault hits the next call of its function, once")
    func orderedFault() async throws {
        let recording = Recording("hlj-scjg/cases.get/rare")
        let answer = try recording.part("reply.http").body
        try await withServer(.scjg) { server in
            server.misbehave(.html, only: .query)
            _ = try await post(Recording("hlj-scjg/items.get/one-material"), to: server)
            let first = try await post(recording, to: server)
            let second = try await post(recording, to: server)
            #expect(first.starts(with: Data("<!DOCTYPE html>".utf8)))
            #expect(second == answer)
            #expect(server.calls == [.query: 2, .item: 1])
        }
    }
}
