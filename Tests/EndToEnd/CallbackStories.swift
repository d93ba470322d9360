import Adapters
import Foundation
import Testing

extension Stories {
    @Suite("A department pushes") struct Callbacks {
        private static let callback = """

            callbacks:
              - id: hrb-progress
                path: /callbacks/hrb/progress
                from: [127.0.0.1, 10.0.0.0/8]
                receive: { as: json }
                event: { caseNo: $.sblsh, time: { from: $.sj, date: yyyyMMddHHmmss }, step: $.hjmc }
                key: $.lsh
                answer: { accepted: { code: { const: "0" } }, refused: { code: { const: "1" }, msg: $.message } }
            """

        private static func push(_ number: String, time: String = "20261129103000") -> String {
            #"{"sblsh":"\#(Office.hrb.knownCase)","sj":"\#(time)","hjmc":"受理","lsh":"\#(number)"}"#
        }

        private func journal(_ stage: Stage) -> [String] {
            let folder = stage.folder + "/state/events"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.sorted().flatMap { name in
                ((try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
            }
        }

        @Test("its events are kept once, over repeated pushes and over a restart, and it hears its own words")
        func pushes() async throws {
            try await Stage.play(edit: { name, text in if name == "departments/hrb" { text += Self.callback } }) { stage in
                let first = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: Self.push("1"))
                #expect(first.status == 200)
                #expect(first.text == #"{"code":"0"}"#)
                let again = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: Self.push("1"))
                #expect(again.text == #"{"code":"0"}"#)
                try await stage.restart()
                for number in ["1", "2"] {
                    let reply = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: Self.push(number))
                    #expect(reply.text == #"{"code":"0"}"#)
                }
                let lines = journal(stage).compactMap { try? JSONCodec.decode(text: $0) }
                #expect(lines.count == 2)
                #expect(lines.first?["department"] == "hrb")
                #expect(lines.first?["event"]?["step"] == "受理")
                let record = try await stage.records(1).first
                #expect(record?["route"] == "hrb-progress")
                #expect(record?["department"] == "hrb")
            }
        }

        @Test("what cannot be used is refused in its own words, and nothing is kept")
        func refused() async throws {
            try await Stage.play(edit: { name, text in if name == "departments/hrb" { text += Self.callback } }) { stage in
                let bad = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: Self.push("1", time: "gestern"))
                #expect(bad.status == 200)
                #expect(bad.json["code"] == "1")
                #expect(!bad.text.contains("gestern"))
                let method = try await stage.call("GET", "/callbacks/hrb/progress", key: nil)
                #expect(method.status == 405)
                #expect(journal(stage).isEmpty)
            }
        }

        @Test("a department reports on its own cases, whatever its push says")
        func anothersCase() async throws {
            try await Stage.play(edit: { name, text in if name == "departments/hrb" { text += Self.callback } }) { stage in
                for number in [Office.scjg.knownCase, "123", ""] {
                    let body = Self.push("1").replacingOccurrences(of: Office.hrb.knownCase, with: number)
                    let reply = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: body)
                    #expect(reply.json["code"] == "1", "\(number)")
                }
                #expect(journal(stage).isEmpty)
            }
        }

        @Test("an address that is not among its own gets nothing in")
        func address() async throws {
            try await Stage.play(
                edit: { name, text in
                    if name == "departments/hrb" { text += Self.callback.replacingOccurrences(of: "127.0.0.1, ", with: "") }
                }
            ) { stage in
                let reply = try await stage.call("POST", "/callbacks/hrb/progress", key: nil, body: Self.push("1"))
                #expect(reply.status == 403)
                #expect(reply.code == "ZONE_DENIED")
                #expect(journal(stage).isEmpty)
            }
        }
    }
}
