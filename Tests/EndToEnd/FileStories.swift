import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    /// The file of a licence: in the department's answer, or where the department says it is.
    @Suite("Files of departments")
    struct Files {
        static let id = "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S"
        static let purpose = "purpose=%E9%A3%9F%E5%93%81"

        @Test("a file in the answer becomes the caller's bytes, with its name and type")
        func inside() async throws {
            try await Stage.play { stage in
                let file = try await stage.call("GET", "/v1/licences/\(Self.id)/file?\(Self.purpose)")
                #expect(file.status == 200, "\(file.text)")
                #expect(file.field("Content-Type") == "application/pdf")
                #expect(file.field("Content-Disposition") == "attachment; filename*=UTF-8''JY12301000000016.pdf")
                #expect(file.body.starts(with: Array("%PDF".utf8)), "\(file.text.prefix(20))")
                let head = try await stage.call("HEAD", "/v1/licences/\(Self.id)/file?\(Self.purpose)")
                #expect([200, 405].contains(head.status))
                #expect(try await !stage.records(1).isEmpty)
                #expect(!stage.log.contains("JY12301000000016"))
            }
        }

        /// A department that answers with where the file is.
        private static func department(_ port: Int, url: String) -> String {
            """
            department: hlj-files
            authority: 11230000MB1A00095K
            upstream:
              endpoints: [http://127.0.0.1:\(port)]
              limits: { file: 8MiB, body: 64KiB }
            operations:
              licences.file:
                rest: { method: GET, path: /open/notice }
                reply:
                  success: "$.id"
                  fields: { name: { const: 证照.pdf }, mediaType: { const: application/pdf }, url: { const: "\(url)" } }
            """
        }

        @Test(
            "a file at a URL of the department's own is streamed through, under a limit of its own; another place is not asked",
            arguments: [
                ("/open/blob?size=6000000", 200), ("/open/blob?size=9000000", 502), ("http://192.0.2.1/secret", 502),
                ("/open/nothing", 404),
            ])
        func elsewhere(_ url: String, _ status: Int) async throws {
            try await Stage.play { stage in
                let port = stage.city[.hrb].port
                try Self.department(port, url: url).write(
                    toFile: stage.folder + "/Routes/departments/files.yaml", atomically: true, encoding: .utf8)
                guard case .applied = await stage.gateway.reload(by: "story") else {
                    Issue.record("not applied")
                    return
                }
                let file = try await stage.call("GET", "/v1/licences/\(Self.id)/file?\(Self.purpose)&authority=11230000MB1A00095K")
                #expect(file.status == status, "\(file.text.prefix(300))")
                if status == 200 {
                    let plain = try await stage.call("GET", url)
                    #expect(file.body.count == 6_000_000)
                    #expect(file.body == plain.body)
                    #expect(file.field("Content-Disposition")?.contains("%E8%AF%81%E7%85%A7.pdf") == true)
                } else {
                    #expect(file.code == (status == 404 ? "NOT_FOUND" : "UPSTREAM_BAD_REPLY"), "\(file.text)")
                }
            }
        }
    }
}
