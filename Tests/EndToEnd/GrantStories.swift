import Adapters
import Foundation
import Gateway
import MockDepartments
import Testing

extension Stories {
    /// What grants let a caller see, and from where.
    @Suite("Grants")
    struct Grants {
        private func play(_ grant: String, gateway: String = "", zone: String = "", _ story: (Stage) async throws -> Void) async throws {
            try await Stage.play(
                edit: { file, text in
                    if file == "consumers" {
                        text = text.replacingOccurrences(
                            of: "        operations: [cases.submit, cases.get, cases.events, items.*]\n        regions: [\"230600\"]\n",
                            with: grant)
                    }
                    if file == "gateway" { text += gateway }
                    if file == "departments/hlj-scjg" { text += zone }
                }, story)
        }

        private static func names(_ value: Value) -> Set<String> { Set((value.object?.fields ?? []).map(\.name)) }

        @Test(
            "fields of an answer that were not granted are dropped, of a case and of each entry of a list; another consumer sees them all")
        func fields() async throws {
            try await play("        operations: [cases.get, items.*]\n        fields: [caseNo, status, itemCode, authority.name]\n") {
                stage in
                let target = "/v1/cases/\(Office.scjg.knownCase)"
                let whole = try await stage.call("GET", target)
                #expect(whole.status == 200)
                #expect(Self.names(whole.json).count > 3)
                let seen = try await stage.call("GET", target, key: Stage.daqingKey)
                #expect(seen.status == 200)
                #expect(Self.names(seen.json) == ["caseNo", "status", "itemCode"])
                #expect(seen.json["status"] == whole.json["status"])
                let list = try await stage.call("GET", "/v1/items", key: Stage.daqingKey)
                let entries = try #require(list.json["items"]?.array)
                #expect(!entries.isEmpty && list.json["total"] != nil)
                for entry in entries {
                    #expect(Self.names(entry).isSubset(of: ["itemCode", "authority"]))
                    if let authority = entry["authority"] { #expect(Self.names(authority) == ["name"]) }
                }
            }
        }

        @Test("a department in another network is closed to who calls from here, until a grant names the network")
        func zones() async throws {
            let zones = "\nzones: { gov: [10.0.0.0/8], here: [127.0.0.0/8] }\n"
            let operations = "        operations: [cases.get]\n"
            try await play(operations, gateway: zones, zone: "\nzone: gov\n") { stage in
                let target = "/v1/cases/\(Office.scjg.knownCase)"
                let denied = try await stage.call("GET", target, key: Stage.daqingKey)
                #expect(denied.status == 403 && denied.code == "ZONE_DENIED")
                #expect(stage.city.scjg.calls.isEmpty)
                try stage.change("consumers") {
                    $0 = $0.replacingOccurrences(of: "operations: [cases.get]\n", with: "operations: [cases.get]\n        zones: [here]\n")
                }
                _ = await stage.gateway.reload(by: "test")
                #expect(try await stage.call("GET", target, key: Stage.daqingKey).status == 200)
            }
        }

        @Test("the purpose of a question is in its record")
        func purpose() async throws {
            try await Stage.play { stage in
                let body =
                    #"{"subject":{"name":"示例投资有限公司","idType":"uscc","idNo":"91230100MA1B2C3D8M"},"fields":{"name":"示例投资有限公司"},"purpose":"食品经营许可新办"}"#
                _ = try await stage.call("POST", "/v1/verifications", body: body)
                #expect(try await stage.records(1).first?["purpose"]?.string == "食品经营许可新办")
            }
        }
    }
}
