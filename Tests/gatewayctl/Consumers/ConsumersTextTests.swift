import Adapters
import GatewayCore
import Foundation
import Glibc
import RouteFiles
import Synchronization
import Testing

@testable import IntegratorTools

@Suite("gatewayctl consumers changes the text where it stands") struct ConsumersTextTests {
    private static let digest = "sha256:9bdc095594e27a33d12a48fd6ed8d3b3a4bb7abc6219b82867f2b5660b13be90"

    /// Comments, blank lines, quotes and both styles of writing.
    private static let text = """
        # Who may call what.
        consumers:

          portal:      # the first
            name: '省级 "门户": 平台'
            keys:
              - digest: "\(digest)"   # demo-portal-key
              # before the second
              - { digest: "sha256:3fa004cc9eba0d1d1dae72e69d246d74b6cfdad92b60f0d4d549465988ff85dd", expires: "2036-01-01" } # end
            grants:
            - departments: ["*"]
              operations: ["*"]

          # A city.
          daqing: { name: 大庆市 } # in one line
          third:
            keys: [ { digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" } ]
        lockout: { failures: 5 }   # after all
        """

    private func file(_ text: String = text) throws -> (Folder, ConsumersText) {
        let folder = try Folder()
        try FileAccess.write(Array(text.utf8), to: folder.path + "/consumers.yaml")
        return (folder, try ConsumersText(directory: folder.path))
    }

    /// The lines that a change takes away and adds; empty ones do not count.
    private func difference(_ before: String, _ after: String) -> (gone: [String], new: [String]) {
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
        let change = lines(after).difference(from: lines(before))
        func texts(_ changes: [CollectionDifference<String>.Change]) -> [String] {
            changes.map { change in
                switch change {
                case .insert(_, let text, _), .remove(_, let text, _): text
                }
            }
        }
        return (texts(change.removals), texts(change.insertions))
    }

    @Test("a grant is one new line, in whatever way the others are written")
    func grants() throws {
        let grant: [(key: String, value: Value)] = [
            ("departments", ["hlj-*"]), ("operations", ["cases.get", "items.*"]), ("regions", ["230600"]), ("expires", "2027-01-01"),
        ]
        let line = #"{ departments: ["hlj-*"], operations: [cases.get, "items.*"], regions: ["230600"], expires: "2027-01-01" }"#
        for (id, expected) in [
            ("portal", ["    - " + line]), ("third", ["    grants:", "      - " + line]),
            ("daqing", ["  daqing: { name: 大庆市, grants: [" + line + "] } # in one line"]),
        ] {
            var (_, file) = try file()
            let before = file.text
            try file.append(grant, to: "grants", of: id)
            #expect(difference(before, file.text).new == expected, "\(id)")
            #expect(difference(before, file.text).gone.count == (id == "daqing" ? 1 : 0))
        }
    }

    @Test("a key is added, and old ones end, in place")
    func keys() throws {
        var (_, file) = try file()
        let before = file.text
        try file.end(0, of: "keys", of: "portal", on: "2026-12-01")
        try file.end(1, of: "keys", of: "portal", on: "2026-12-01")
        try file.append([("digest", .string(Self.digest))], to: "keys", of: "portal")
        try file.append([("digest", .string("sha256:1"))], to: "keys", of: "third")
        try file.end(1, of: "keys", of: "third", on: "2026-12-01")
        let (gone, new) = difference(before, file.text)
        #expect(gone.count == 2)
        #expect(
            new == [
                #"        expires: "2026-12-01""#,
                #"      - { digest: "sha256:3fa004cc9eba0d1d1dae72e69d246d74b6cfdad92b60f0d4d549465988ff85dd", expires: "2026-12-01" } # end"#,
                #"      - { digest: "\#(Self.digest)" }"#,
                #"    keys: [ { digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" }, { digest: "sha256:1", expires: "2026-12-01" } ]"#,
            ])
    }

    @Test("a consumer comes behind the last one, before what follows, also in an empty file, one with braces and one of Windows")
    func added() throws {
        var (_, file) = try file()
        let before = file.text
        try file.add("fourth", name: "第四 城市", key: Self.digest)
        let (gone, new) = difference(before, file.text)
        #expect(gone.isEmpty)
        #expect(new == ["  fourth:", "    name: \"第四 城市\"", "    keys:", "      - { digest: \"\(Self.digest)\" }"])
        #expect(file.text.hasSuffix("lockout: { failures: 5 }   # after all"))
        #expect(file.ids == ["portal", "daqing", "third", "fourth"])
        for (text, expected) in [
            ("consumers: {}\n", "consumers:\n  a:\n    name: x\n"),
            ("consumers: { b: { name: y } }\n", "consumers: { b: { name: y }, a: { name: \"x\" } }\n"),
            ("consumers:\r\n  b:\r\n    name: y\r\n", "consumers:\r\n  b:\r\n    name: y\r\n\r\n  a:\r\n    name: x\r\n"),
        ] {
            var (_, small) = try self.file(text)
            try small.add("a", name: "x", key: nil)
            #expect(small.text == expected)
        }
    }

    @Test("what it cannot do well it does not do, and what is not there is named with what was meant")
    func refused() throws {
        var (_, aliased) = try file("base: &b { name: x }\nconsumers:\n  a: *b\n")
        #expect(throws: ToolFault.self) { try aliased.append([("digest", "x")], to: "keys", of: "a") }
        var (_, file) = try file()
        #expect { try file.append([("digest", "x")], to: "keys", of: "portl") } throws: { "\($0)".contains("did you mean 'portal'?") }
        #expect { try file.add("portal", name: "x", key: nil) } throws: { "\($0)".contains("already") }
        #expect(file.text == Self.text)
    }

    @Test("words that could be taken for something else are quoted")
    func words() {
        for (word, written) in [
            ("cases.get", "cases.get"), ("*", "\"*\""), ("230600", "\"230600\""), ("yes", "\"yes\""), ("大庆市", "大庆市"), ("a: b", "\"a: b\""),
            ("", "\"\""), ("a\"b", #""a\"b""#),
        ] { #expect(YAMLWord.text(word) == written) }
    }

    @Test("a change that makes the configuration unusable is not written; one that does not is, with nothing secret in it")
    func written() throws {
        let folder = try Folder()
        let routes = folder.path + "/Routes"
        for (name, bytes) in try ConfigurationSchemaTests.shipped().named {
            try folder.write(String(decoding: bytes, as: UTF8.self), to: "Routes/" + name)
        }
        let before = try FileAccess.read(routes + "/consumers.yaml")
        var wrong = try ConsumersChange(directory: routes)
        try wrong.grant("daqing", [("departments", ["hlj-scjk"]), ("operations", ["*"])])
        #expect { try wrong.write() } throws: { "\($0)".contains("did you mean 'hlj-scjg'?") }
        #expect(try FileAccess.read(routes + "/consumers.yaml") == before)
        var change = try ConsumersChange(directory: routes)
        let key = ConsumerKeys.make()
        #expect(try change.rotate("daqing", key: key, oldEnd: "2026-12-31") == 1)
        try change.write()
        let after = String(decoding: try FileAccess.read(routes + "/consumers.yaml"), as: UTF8.self)
        #expect(after.contains(ConsumerKeys.digest(key)) && !after.contains(key))
        #expect(after.contains("# demo-daqing-key"))
        let snapshot = try LocalConfiguration(directory: routes, secrets: .machine(directory: nil)).usable()
        let digest = try #require(KeyDigest(hex: String(ConsumerKeys.digest(key).dropFirst(7))))
        let known = snapshot.consumers.consumer(of: digest, now: 0).map { snapshot.consumers.consumers[$0].id }
        #expect(known == "daqing")
        var revoked = try ConsumersChange(directory: routes)
        #expect(try revoked.revoke("daqing", nil, on: "2026-11-29") == 2)
    }

    @Test("a certificate comes from its PEM file, by its public key or its subject, and is listed and revoked like a key")
    func certificates() throws {
        let folder = try Folder()
        let routes = folder.path + "/Routes"
        for (name, bytes) in try ConfigurationSchemaTests.shipped().named {
            try folder.write(String(decoding: bytes, as: UTF8.self), to: "Routes/" + name)
        }
        var change = try ConsumersChange(directory: routes)
        let pem = Array(Self.certificate.utf8)
        let digest = "sha256:54192cfeb5767d09a6e661d5469d18dc39c6e5714165f1c330369b2c08798171"
        #expect(try change.certificate("portal", pem: pem, bySubject: false, expires: nil) == ["public-key": .string(digest)])
        #expect(
            try change.certificate("daqing", pem: pem, bySubject: true, expires: "2030-01-01")
                == ["subject": #"CN=portal,O=大庆\, 市,C=CN"#, "expires": "2030-01-01"])
        #expect(throws: ToolFault.self) { try change.certificate("daqing", pem: Array("no".utf8), bySubject: true, expires: nil) }
        try change.write()
        let file = try ConsumersText(directory: routes)
        let listed = ConsumerReport.value("daqing", try file.consumer("daqing"), now: 1_795_449_600)
        #expect(listed["certificates"]?.array?.first?["subject"] == #"CN=portal,O=大庆\, 市,C=CN"#)
        #expect(ConsumerReport.line(listed).contains("1 certificate(s)"))
        var revoked = try ConsumersChange(directory: routes)
        #expect(try revoked.revoke("portal", "54192c", on: "2026-11-29") == 1)
        #expect(try revoked.revoke("daqing", #"CN=portal,O=大庆\, 市,C=CN"#, on: "2026-11-29") == 1)
        #expect(try revoked.revoke("daqing", "CN=nobody", on: "2026-11-29") == 0)
    }

    /// Made for this test and used nowhere else.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBvzCCAWWgAwIBAgIUY0hKFhJpaUNBUMxxkna7z5vi2YowCgYIKoZIzj0EAwIw
        NDELMAkGA1UEBhMCQ04xFDASBgNVBAoMC+Wkp+W6hiwg5biCMQ8wDQYDVQQDDAZw
        b3J0YWwwIBcNMjYxMTI5MTI1NDUyWhgPMjA1MTA3MjExMjU0NTJaMDQxCzAJBgNV
        BAYTAkNOMRQwEgYDVQQKDAvlpKfluoYsIOW4gjEPMA0GA1UEAwwGcG9ydGFsMFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+0bjEO+9aJff1VBfMTy/Jx2oUvsNiNme
        fie2KJN012YmIuAbhOpnQ0L3AQoPzMELoQDgJeVpqDunfhKptPW/aaNTMFEwHQYD
        VR0OBBYEFC1k6c3Rhyg/kdxjLikq9sT4I/bFMB8GA1UdIwQYMBaAFC1k6c3Rhyg/
        kdxjLikq9sT4I/bFMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
        VpAbbRM6b++MA3VthuH+icZf7Js+4Kti7F2ToOiYldICIQCk6ynE8B1Yk2rYkTaZ
        miRBfcrjnwmlC/qsSioti0SDCA==
        -----END CERTIFICATE-----
        """

    @Test("explain says what a city may call, and why not the rest")
    func explained() throws {
        let snapshot = try LocalConfiguration(sources: try ConfigurationSchemaTests.shipped(), secrets: .machine(directory: nil)).usable()
        let city = try #require(snapshot.consumers.consumers.first { $0.id == "daqing" })
        func reason(_ department: String, _ operation: String, region: String? = nil) -> (Bool, String) {
            let calls = AccessExplanation(city, in: snapshot, region: region.flatMap(Region.init), zone: nil, now: 1_795_449_600).calls
            let call = calls.first { $0["department"]?.string == department && $0["operation"]?.string == operation }
            return (call?["allowed"] == true, call?["reason"]?.string ?? "")
        }
        #expect(reason("hlj-scjg", "cases.get") == (true, "a grant names it, for 230600"))
        #expect(reason("hlj-scjg", "cases.submit", region: "230100") == (false, "the grant is for 230600, not for 230100"))
        #expect(reason("hlj-scjg", "cases.withdraw") == (false, "no grant for the department names the operation"))
        #expect(reason("hrb", "cases.get") == (false, "no grant names the department"))
    }

    @Test("a link stays one, and what it leads to is written; a link to nothing is no empty file")
    func link() throws {
        let (folder, _) = try file()
        #expect(rename(folder.path + "/consumers.yaml", folder.path + "/real.yaml") == 0)
        #expect(symlink("real.yaml", folder.path + "/consumers.yaml") == 0)
        var changed = try ConsumersText(directory: folder.path)
        try changed.add("new", name: "新", key: nil)
        try changed.write()
        var info = stat()
        #expect(lstat(folder.path + "/consumers.yaml", &info) == 0 && info.st_mode & S_IFMT == S_IFLNK)
        #expect(try String(decoding: FileAccess.read(folder.path + "/real.yaml"), as: UTF8.self).contains("new:"))
        unlink(folder.path + "/real.yaml")
        #expect(throws: RouteDirectory.Fault.self) { try RouteDirectory(path: folder.path).read() }
    }

    @Test("two who change a directory do so one after the other")
    func lock() throws {
        let folder = try Folder()
        let path = folder.path
        let released = Mutex<ContinuousClock.Instant?>(nil)
        let first = Mutex<DirectoryLock?>(try DirectoryLock(path))
        // On a thread of its own: the waiting blocks.
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.1)
            released.withLock { $0 = .now }
            first.withLock { $0 = nil }
        }
        _ = try DirectoryLock(path)
        let taken = ContinuousClock.now
        #expect(try taken >= #require(released.withLock { $0 }))
    }
}
