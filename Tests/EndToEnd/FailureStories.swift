import Adapters
import Foundation
import MockDepartments
import NIOPosix
import Testing

extension Stories {
    /// Departments that fail, each in its own way, and a portal that is told which way it was.
    @Suite("Departments that fail")
    struct Failures {
        struct Fault: Sendable, CustomTestStringConvertible {
            let mode: Misbehaviour
            let status: Int
            let code: String
            var offices = Office.allCases
            var testDescription: String { mode.rawValue }
        }

        static let faults = [
            Fault(mode: .errorIn200, status: 422, code: "UPSTREAM_REJECTED"),
            Fault(mode: .badCredential, status: 502, code: "UPSTREAM_CREDENTIAL"),
            Fault(mode: .expiredToken, status: 502, code: "UPSTREAM_CREDENTIAL", offices: [.scjg, .hrb]),
            Fault(mode: .cutOff, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .wrongCharset, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .unknownStatus, status: 502, code: "UNMAPPED_CODE"),
            Fault(mode: .html, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .notFound, status: 404, code: "NOT_FOUND"),
            Fault(mode: .missingField, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .unparsable, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .badXML, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .badJSON, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .dtd, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .http500, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .connectionReset, status: 503, code: "UPSTREAM_UNAVAILABLE"),
            Fault(mode: .badFraming, status: 502, code: "UPSTREAM_BAD_REPLY"),
            Fault(mode: .huge, status: 502, code: "UPSTREAM_BAD_REPLY"),
        ]

        @Test("the portal gets the right problem, and the next request on its connection an answer", arguments: faults)
        func everyMisbehaviour(_ fault: Fault) async throws {
            try await Stage.play { stage in
                for office in fault.offices {
                    let server = office.server(of: stage.city)
                    // A stale connection is tried once more: the fault must show on both.
                    server.misbehave(fault.mode, times: fault.mode == .connectionReset ? 2 : 1)
                    let port = stage.port
                    let (failed, next) = try await aside {
                        let connection = try RawConnection(port: port)
                        try connection.send(Stage.request("GET", "/v1/cases/\(office.knownCase)"))
                        let failed = try connection.reply()
                        server.behave()
                        // A login that failed is not tried again at once, one that was refused not for a second.
                        if office == .fgw { usleep(fault.code == "UPSTREAM_CREDENTIAL" ? 1_100_000 : 300_000) }
                        try connection.send(Stage.request("GET", "/v1/cases/\(office.knownCase)"))
                        return (failed, try connection.reply())
                    }
                    #expect(failed.status == fault.status, "\(office)")
                    #expect(failed.code == fault.code, "\(office)")
                    #expect(failed.field("Content-Type") == "application/problem+json")
                    #expect(failed.json["status"] == .integer(Int64(fault.status)))
                    #expect(failed.json["traceId"]?.string?.count == 32)
                    #expect(failed.json["upstream"]?["department"]?.string == office.rawValue)
                    #expect(next.status == 200, "\(office)")
                    #expect(next.json["caseNo"]?.string == office.knownCase)
                }
            }
        }

        @Test("the department's own code and words come through with its refusal")
        func ownWords() async throws {
            try await Stage.play { stage in
                for (office, code) in [(Office.scjg, "E999"), (.fgw, "P999"), (.hrb, "3001")] {
                    office.server(of: stage.city).misbehave(.errorIn200)
                    let refused = try await stage.submit(office.item)
                    #expect(refused.status == 422)
                    #expect(refused.json["upstream"]?["code"]?.string == code)
                    #expect(refused.json["upstream"]?["message"]?.string == "系统繁忙，请稍后再试")
                }
            }
        }

        @Test("a write that was cut off or reset is not sent again")
        func writesAreNotRepeated() async throws {
            try await Stage.play { stage in
                for office in Office.allCases {
                    let server = office.server(of: stage.city)
                    // So that the connection in the pool is a used one.
                    #expect(try await stage.call("GET", "/v1/cases/\(office.knownCase)").status == 200)
                    server.misbehave(.connectionReset, times: 5)
                    let failed = try await stage.submit(office.item)
                    #expect(failed.status == 502)
                    #expect(failed.code == "UPSTREAM_BAD_REPLY")
                    #expect(server.calls[.submit] == 1)
                    server.behave()
                }
            }
        }

        @Test(
            "a read that meets a stale connection is made once more, with a nonce of its own where it is signed",
            arguments: [Office.scjg, .hrb])
        func readsAreRepeatedOnce(_ office: Office) async throws {
            // One event loop, so that the second call meets the connection of the first.
            let edit: (String, inout String) -> Void = { _, text in text.replace("workers: 0", with: "workers: 1") }
            try await Stage.play(edit: edit) { stage in
                let server = office.server(of: stage.city)
                #expect(try await stage.call("GET", "/v1/cases/\(office.knownCase)").status == 200)
                server.misbehave(.connectionReset, times: 1)
                let again = try await stage.call("GET", "/v1/cases/\(office.knownCase)")
                #expect(again.status == 200, "\(again.text)")
                #expect(server.calls[.query] == 3)
                let records = try await stage.records(2)
                #expect(records.last?["retries"] == 1)
            }
        }

        @Test("an expired token is replaced and the call sent once more, also a submission")
        func loginAgain() async throws {
            try await Stage.play { stage in
                let server = stage.city.fgw
                #expect(try await stage.call("GET", "/v1/cases/\(Office.fgw.knownCase)").status == 200)
                #expect(server.calls[.login] == 1)
                server.misbehave(.expiredToken, times: 1)
                #expect(try await stage.call("GET", "/v1/cases/\(Office.fgw.knownCase)").status == 200)
                #expect(server.calls[.login] == 2)
                server.forgetTokens()
                #expect(try await stage.submit(Office.fgw.item).status == 201)
                #expect(server.calls[.login] == 3)
                // A department that refuses every token it gives is not asked for ever.
                server.misbehave(.expiredToken, times: 100)
                let refused = try await stage.call("GET", "/v1/cases/\(Office.fgw.knownCase)")
                #expect(refused.code == "UPSTREAM_CREDENTIAL")
                #expect(server.calls[.login] == 4)
            }
        }

        @Test("twenty calls at once share one login")
        func oneLogin() async throws {
            try await Stage.play { stage in
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<20 { group.addTask { try await stage.call("GET", "/v1/cases/\(Office.fgw.knownCase)").status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses == Array(repeating: 200, count: 20))
                #expect(stage.city.fgw.calls[.login] == 1)
                #expect(stage.city.fgw.calls[.query] == 20)
            }
        }

        @Test("a refused login fails the calls that wait for it and those of the next second, and is then tried again")
        func refusedLogin() async throws {
            try await Stage.play { stage in
                stage.city.fgw.misbehave(.badCredential, times: 1)
                let refused = try await stage.submit(Office.fgw.item)
                #expect(refused.status == 502)
                #expect(refused.code == "UPSTREAM_CREDENTIAL")
                for _ in 0..<5 { #expect(try await stage.submit(Office.fgw.item).code == "UPSTREAM_CREDENTIAL") }
                #expect(stage.city.fgw.calls[.login] == 1)
                #expect(stage.city.fgw.calls[.submit] == nil)
                try await Task.sleep(for: .seconds(1))
                #expect(try await stage.submit(Office.fgw.item).status == 201)
            }
        }

        @Test("a department that is slow or silent is waited for no longer than its file says", arguments: Office.allCases)
        func slowDepartments(_ office: Office) async throws {
            let edit: (String, inout String) -> Void = { _, text in
                text.replace("{ connect: 1s, first-byte: 10s, total: 15s }", with: "{ connect: 200ms, first-byte: 300ms, total: 500ms }")
            }
            try await Stage.play(edit: edit) { stage in
                let server = office.server(of: stage.city)
                for mode in [Misbehaviour.slow, .hang] {
                    server.misbehave(mode, times: 1, seconds: 5)
                    let begun = ContinuousClock.now
                    let late = try await stage.call("GET", "/v1/cases/\(office.knownCase)")
                    #expect(late.status == 504)
                    #expect(late.code == "UPSTREAM_TIMEOUT")
                    #expect(ContinuousClock.now - begun < .seconds(2))
                    // A login that failed is not tried again at once.
                    if office == .fgw { try await Task.sleep(for: .milliseconds(300)) }
                    #expect(try await stage.call("GET", "/v1/cases/\(office.knownCase)").status == 200)
                }
                server.misbehave(.hang, times: 1, seconds: 5)
                #expect(try await stage.submit(office.item).status == 504)
                #expect(server.calls[.submit] == 1)
            }
        }

        @Test("a department that is down is unavailable, and back as soon as it is")
        func downDepartment() async throws {
            try await Stage.play { stage in
                try await stage.city.hrb.stop()
                let down = try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)")
                #expect(down.status == 503)
                #expect(down.code == "UPSTREAM_UNAVAILABLE")
                #expect(down.json["upstream"]?["department"]?.string == "hrb")
                #expect(try await stage.call("GET", "/open/notice", key: nil).status == 503)
                // The others do not care.
                #expect(try await stage.call("GET", "/v1/cases/\(Office.scjg.knownCase)").status == 200)
                let back = try await MockServer.start(.hrb, port: stage.city.hrb.port, on: MultiThreadedEventLoopGroup.singleton)
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 200)
                try await back.stop()
            }
        }
    }
}
