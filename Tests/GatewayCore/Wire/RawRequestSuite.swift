import Foundation

/// The raw requests of `suites/http1` beside the project, with the verdicts that their authors and four proxies give.
struct RawRequestSuite {
    struct Case {
        let id: String
        /// All steps, one behind the other, with the host filled in.
        let bytes: [UInt8]
        /// The suite's table: how it judges a status.
        let statuses: [(ClosedRange<Int>, String)]
        /// The same where the connection is closed behind it.
        let statusesThenClose: [(ClosedRange<Int>, String)]
    }

    let cases: [Case]
    let toAccept: Set<String>
    let toRefuse: Set<String>

    /// Cases in which a chunk extension, or white space behind a chunk size, breaks the grammar. Proxies pass them; the suite and RFC 9112
    /// §7.1 want them refused.
    static let brokenExtensions: Set<String> = [
        "SMUG-CHUNK-BARE-SEMICOLON", "SMUG-CHUNK-EXT-INVALID-TOKEN", "SMUG-CHUNK-SIZE-TRAILING-OWS", "SMUG-CHUNK-EXT-CTRL",
    ]

    private static var folder: URL {
        let shared =
            ProcessInfo.processInfo.environment["TONGBAN_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../../shared").standardized
        return shared.appendingPathComponent("suites/http1")
    }

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.appendingPathComponent("cases.jsonl").path) }

    static func load() throws -> RawRequestSuite {
        let lines = try String(contentsOf: folder.appendingPathComponent("cases.jsonl"), encoding: .utf8).split(separator: "\n")
        let cases = try lines.map { line -> Case in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            return Case(
                id: object["id"] as? String ?? "", bytes: bytes(of: object), statuses: statuses(of: object, "status"),
                statusesThenClose: statuses(of: object, "status_then_close"))
        }
        func list(_ name: String) throws -> Set<String> {
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            return Set(try JSONDecoder().decode([String].self, from: data))
        }
        return RawRequestSuite(
            cases: cases, toAccept: try list("consensus-accept.json"), toRefuse: try list("consensus-reject.json"))
    }

    private static func bytes(of object: [String: Any]) -> [UInt8] {
        var joined = Data()
        for step in object["steps"] as? [[String: Any]] ?? [object] {
            for part in step["parts"] as? [[String: Any]] ?? [step] {
                guard let raw = part["raw_b64"] as? String, let data = Data(base64Encoded: raw) else { continue }
                joined.append(data)
            }
        }
        while let place = joined.range(of: Data("{{HOST}}".utf8)) {
            joined.replaceSubrange(place, with: Data("127.0.0.1:8080".utf8))
        }
        return [UInt8](joined)
    }

    private static func statuses(of object: [String: Any], _ table: String) -> [(ClosedRange<Int>, String)] {
        let rows = (object["verdict"] as? [String: Any])?[table] as? [[Any]] ?? []
        return rows.compactMap { row in
            guard row.count == 3, let low = row[0] as? Int, let high = row[1] as? Int, let word = row[2] as? String else { return nil }
            return (low...high, word)
        }
    }
}
