import Adapters
import Foundation
import Synchronization
import Testing

extension Stories {
    /// Departments that want to be asked several times for one answer.
    @Suite("Calls before the call")
    struct Sequences {
        private static let case7 = "12230000414001230G2000125005000202611240007"

        /// A department with a route file of its own in front of the gateway.
        private static func play(
            _ file: String, _ script: @escaping @Sendable (ScriptedDepartment.Request) -> ScriptedDepartment.Reply,
            _ story: (Stage, ScriptedDepartment) async throws -> Void
        ) async throws {
            try await ScriptedDepartment.play(script) { department in
                let head = """
                    department: cjyy
                    authority: 12230000414001230G
                    upstream: { endpoints: ["http://127.0.0.1:\(department.port)"], timeout: { total: 3s } }

                    """
                try await Stage.play(extra: ["departments/cjyy.yaml": head + file]) { stage in
                    try await story(stage, department)
                }
            }
        }

        private static let cookieFile = """
            login:
              steps:
                salt:
                  rest: { path: /salt }
                  query: { user: { secret: FGW_ACCOUNT } }
                  reply: { success: "$.salt", fields: { value: $.salt } }
              form: { path: /login }
              request:
                user: { secret: FGW_ACCOUNT }
                password: { digest: { md5: { concat: [{ secret: FGW_PASSWORD }, $.steps.salt.value] } } }
              reply:
                success: "$.code == 0"
                failure: { code: $.code, message: $.msg }
                session: { token: { cookie: JSESSIONID }, key: $.key }
            operations:
              cases.get:
                steps:
                  ticket:
                    rest: { path: /ticket }
                    query: { no: $.caseNo }
                    cookies: { JSESSIONID: { session: token } }
                    reply:
                      expired: "$.code == 401"
                      success: "$.code == 0"
                      failure: { code: $.code, message: $.msg }
                      fields: { code: $.ticket, locked: $.locked }
                  unlock:
                    when: "$.steps.ticket.locked == true"
                    rest: { method: POST, path: "/unlock/{ticket}" }
                    path: { ticket: $.steps.ticket.code }
                    cookies: { JSESSIONID: { session: token } }
                    changes: true
                    reply: { success: http, fields: {} }
                rest: { path: /case }
                query: { ticket: $.steps.ticket.code }
                cookies: { JSESSIONID: { session: token } }
                headers: { X-Key: { session: key } }
                reply:
                  expired: "$.code == 401"
                  success: "$.code == 0"
                  fields: { caseNo: { call: $.caseNo }, receiptNo: { call: $.steps.ticket.code }, status: { const: accepted }, summary: $.what }
            """

        private final class Book: Sendable {
            let logins = Mutex(0)
            let valid = Mutex<Set<String>>([])

            func open() -> String {
                let token = logins.withLock { count in
                    count += 1
                    return "S\(count)"
                }
                valid.withLock { _ = $0.insert(token) }
                return token
            }

            func isOpen(_ request: ScriptedDepartment.Request) -> Bool {
                let cookie = request.fields["cookie"] ?? ""
                return valid.withLock { $0.contains { cookie == "JSESSIONID=\($0)" } }
            }
        }

        @Test("a salt, a login whose session is a cookie, a ticket, and then the call; a session that ends is renewed on the way")
        func ticket() async throws {
            let book = Book()
            try await Self.play(Self.cookieFile) { request in
                switch request.line.split(separator: "?")[0] {
                case "GET /salt": return .init(body: #"{"salt":"s1"}"#)
                case "POST /login":
                    let expected = Hex.encode(Digest.compute(.md5, Array("demoFgwPasswords1".utf8)))
                    guard request.body == "user=tongban&password=\(expected)" else { return .init(body: #"{"code":1,"msg":"密码错误"}"#) }
                    let fields = [
                        "Content-Type: application/json", "Set-Cookie: lang=zh", "Set-Cookie: JSESSIONID=\(book.open()); Path=/; HttpOnly",
                    ]
                    return .init(fields: fields, body: #"{"code":0,"key":"K1"}"#)
                case "GET /ticket":
                    guard book.isOpen(request) else { return .init(body: #"{"code":401}"#) }
                    return .init(body: #"{"code":0,"ticket":"T-9","locked":true}"#)
                case "POST /unlock/T-9": return .init()
                case "GET /case":
                    guard book.isOpen(request), request.fields["x-key"] == "K1", request.line.hasSuffix("?ticket=T-9") else {
                        return .init(body: #"{"code":401}"#)
                    }
                    return .init(body: #"{"code":0,"what":"设立登记"}"#)
                default: return .init(status: 404)
                }
            } _: { stage, department in
                let found = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(found.status == 200, "\(found.json)")
                #expect(found.json["receiptNo"] == "T-9" && found.json["summary"] == "设立登记")
                #expect(
                    department.requests.map { $0.line.split(separator: "?")[0] } == [
                        "GET /salt", "POST /login", "GET /ticket", "POST /unlock/T-9", "GET /case",
                    ])
                book.valid.withLock { $0 = [] }
                #expect(try await stage.call("GET", "/v1/cases/\(Self.case7)").status == 200)
                #expect(
                    department.count("POST /login") == 2 && department.count("GET /ticket") == 3 && department.count("POST /unlock") == 2)
                let records = try await stage.records(2)
                // Records of several loops stand in no common order.
                #expect(records.contains { $0["retries"] == 1 })
            }
        }

        @Test("a department that is not done is asked again until it is, as long as the file says, and nobody's retries pay for it")
        func askedAgain() async throws {
            let file = """
                operations:
                  cases.get:
                    steps:
                      task: { rest: { method: POST, path: /tasks }, changes: true, reply: { success: http, fields: { id: $.id } } }
                    rest: { path: "/tasks/{id}" }
                    path: { id: $.steps.task.id }
                    reply:
                      pending: { when: "$.state == 1", every: 100ms, within: 1s }
                      success: "$.state == 2"
                      fields: { caseNo: { call: $.caseNo }, status: { const: accepted } }

                """
            let book = Book()
            try await Self.play(file) { request in
                if request.line.hasPrefix("POST /tasks") { return .init(body: #"{"id":"7"}"#) }
                let count = book.logins.withLock { count in
                    count += 1
                    return count
                }
                // Done at every third question, and from the sixth on never.
                return .init(body: count % 3 == 0 && count <= 6 ? #"{"state":2}"# : #"{"state":1}"#)
            } _: { stage, department in
                for round in 1...2 {
                    let found = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                    #expect(found.status == 200, "\(found.json)")
                    #expect(department.count("POST /tasks") == round && department.count("GET /tasks/7") == 3 * round)
                }
                let late = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(late.status == 504 && late.code == "UPSTREAM_TIMEOUT")
                #expect(late.json["detail"]?.string?.contains("has not finished after 1 s") == true)
                #expect(department.count("POST /tasks") == 3)
                #expect(try await stage.records(3).allSatisfy { $0["retries"] == 0 })
            }
        }

        @Test("a step that fails ends the call, and the problem says which it was")
        func failingStep() async throws {
            let book = Book()
            try await Self.play(Self.cookieFile) { request in
                switch request.line.split(separator: "?")[0] {
                case "GET /salt": return .init(body: #"{"salt":"s1"}"#)
                case "POST /login":
                    return .init(
                        fields: ["Content-Type: application/json", "Set-Cookie: JSESSIONID=\(book.open())"], body: #"{"code":0,"key":"K1"}"#
                    )
                default: return .init(body: #"{"code":7,"msg":"无此办件"}"#)
                }
            } _: { stage, department in
                let refused = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(refused.status == 422 && refused.code == "UPSTREAM_REJECTED")
                #expect(refused.json["detail"]?.string?.contains("in the step 'ticket'") == true)
                #expect(refused.json["upstream"]?["code"] == "7" && refused.json["upstream"]?["message"] == "无此办件")
                #expect(department.count("GET /case") == 0)
            }
        }

        @Test("a burst of calls after a refused login makes no login of its own")
        func burst() async throws {
            try await Self.play(Self.cookieFile) { request in
                request.line.hasPrefix("GET /salt") ? .init(body: #"{"salt":"s1"}"#) : .init(body: #"{"code":5,"msg":"账号已锁定"}"#)
            } _: { stage, department in
                for _ in 0..<3 {
                    let codes = try await withThrowingTaskGroup(of: String?.self) { group in
                        for _ in 0..<10 { group.addTask { try await stage.call("GET", "/v1/cases/\(Self.case7)").code } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(codes == Array(repeating: "UPSTREAM_CREDENTIAL", count: 10))
                }
                #expect(department.count("POST /login") <= 3, "one, and a few more where the machine took more than a second")
                #expect(department.count("GET /ticket") == 0)
            }
        }

        @Test("OAuth 2 client credentials: Basic at the token's address, Bearer at the operation's, a new token when it expires")
        func clientCredentials() async throws {
            let file = """
                login:
                  form: { path: /oauth/token }
                  auth: { basic: { user: { secret: FGW_ACCOUNT }, password: { secret: FGW_PASSWORD } } }
                  request: { grant_type: { const: client_credentials } }
                  reply:
                    success: "$.http.status == 200 && $.access_token"
                    failure: { code: $.error, message: $.error_description }
                    token: $.access_token
                    lifetime: { from: $.expires_in, unit: s }
                operations:
                  cases.get:
                    rest: { path: /case }
                    headers: { Authorization: { concat: [{ const: "Bearer " }, { session: token }] } }
                    reply: { success: http, fields: { caseNo: { call: $.caseNo }, status: { const: accepted } } }
                """
            let book = Book()
            try await Self.play(file) { request in
                if request.line == "POST /oauth/token" {
                    let basic = "Basic " + Base64Codec.encode(Array("tongban:demoFgwPassword".utf8))
                    guard request.fields["authorization"] == basic, request.body == "grant_type=client_credentials" else {
                        return .init(status: 401, body: #"{"error":"invalid_client"}"#)
                    }
                    return .init(body: #"{"access_token":"\#(book.open())","token_type":"Bearer","expires_in":3600}"#)
                }
                let isOpen = book.valid.withLock { $0.contains { request.fields["authorization"] == "Bearer \($0)" } }
                return isOpen ? .init() : .init(status: 401, body: #"{"error":"invalid_token"}"#)
            } _: { stage, department in
                for _ in 0..<3 {
                    let found = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                    #expect(found.status == 200)
                }
                #expect(department.count("POST /oauth/token") == 1)
                // A 401 to a call with a session means that the session is over.
                book.valid.withLock { $0 = [] }
                let renewed = try await stage.call("GET", "/v1/cases/\(Self.case7)")
                #expect(renewed.status == 200)
                #expect(department.count("POST /oauth/token") == 2)
            }
        }
    }
}
