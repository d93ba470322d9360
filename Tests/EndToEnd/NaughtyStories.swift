import Adapters
import Foundation
import Testing

extension Stories {
    /// Texts that programs stumble over, through sockets, a department's dialect and back.
    @Suite("Naughty strings")
    struct Naughty {
        static let list: [String] = {
            let shared =
                ProcessInfo.processInfo.environment["TONGBAN_SHARED"].map { URL(fileURLWithPath: $0) }
                ?? URL(fileURLWithPath: Stage.project).deletingLastPathComponent().appendingPathComponent("shared")
            let bytes = try? Data(contentsOf: shared.appendingPathComponent("suites/naughty-strings/blns.json"))
            return bytes.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String] } ?? []
        }()

        /// JSON, GBK XML in a CDATA section, and a signed GB18030 form.
        static let items = [
            "11230000MB1A00028M2000104033000", "11230000MB1A0001XM2000125005000", "11230100MB1A00036M3230125011000",
        ]

        @Test(
            "each comes back byte by byte, or is refused because the department's format cannot hold it",
            .enabled(if: !list.isEmpty, "suites/naughty-strings is not there; set TONGBAN_SHARED"), arguments: items)
        func survive(_ item: String) async throws {
            try await Stage.play { stage in
                let port = stage.port
                let refused = try await aside {
                    let connection = try RawConnection(port: port)
                    var refused = 0
                    for text in Self.list where !text.isEmpty {
                        try connection.send(
                            Stage.request("POST", "/v1/cases", body: Stage.submission(item, ["summary": .string(text)])))
                        let opened = try connection.reply(to: "POST")
                        if opened.status == 422 {
                            #expect(opened.code == "INVALID_FIELD")
                            #expect(Self.mayBeRefused(text), "\(text.debugDescription): \(opened.text)")
                            refused += 1
                            continue
                        }
                        #expect(opened.status == 201, "\(text.debugDescription): \(opened.text)")
                        guard let number = opened.json["caseNo"]?.string else { continue }
                        try connection.send(Stage.request("GET", "/v1/cases/\(number)"))
                        let found = try connection.reply(to: "GET")
                        let summary = found.json["summary"]?.string
                        // Harbin writes "null" for nothing, and its file says so (`absent`).
                        if text == "null", item.hasPrefix("1123010"), summary == nil { continue }
                        #expect(summary.map { Array($0.utf8) } == Array(text.utf8), "\(item) \(text.debugDescription): \(found.text)")
                    }
                    return refused
                }
                #expect(refused < 20)
            }
        }

        /// Longer than the contract takes, or with a control character or a noncharacter, which XML 1.0 does not have (section 2.2).
        private static func mayBeRefused(_ text: String) -> Bool {
            text.unicodeScalars.count > 500
                || text.unicodeScalars.contains { scalar in
                    (scalar.value < 0x20 && ![9, 10, 13].contains(scalar.value)) || [0xFFFE, 0xFFFF].contains(scalar.value)
                }
        }
    }
}
