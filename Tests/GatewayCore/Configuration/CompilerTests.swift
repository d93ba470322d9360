import Adapters
import GatewayCore
import Testing

/// A configuration in memory: the repository's contract, and whatever files a test gives.
struct Sources {
    var gateway: String?
    var consumers: String?
    var limits: String?
    var departments: [(name: String, text: String)] = []

    static let contract: [UInt8] = {
        // The shipped contract: what the tests compile against is what users get.
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return FileBytes.read("/\(path)/Routes/contract/openapi.yaml")
    }()

    func compile(secrets: [String: String] = [:]) -> (snapshot: Snapshot?, problems: [Problem]) {
        func text(_ name: String, _ text: String) -> RouteSources.Text { .init(path: "Routes/\(name)", bytes: Array(text.utf8)) }
        let diagnostics = Diagnostics()
        let sources = RouteSources(
            directory: "Routes", gateway: gateway.map { text("gateway.yaml", $0) }, consumers: consumers.map { text("consumers.yaml", $0) },
            limits: limits.map { text("limits.yaml", $0) }, contract: .init(path: "Routes/contract/openapi.yaml", bytes: Self.contract),
            departments: departments.map { text("departments/\($0.name)", $0.text) })
        let snapshot = Compiler(diagnostics, buckets: BucketRegistry()) { secrets[$0] }.compile(sources, revision: 1)
        return (snapshot, diagnostics.sorted)
    }

    static let plain = """
        department: lab
        upstream: { endpoints: [http://127.0.0.1:1] }
        operations: {}
        routes:
          - id: everything
            match: { path: "/*" }
            access: anyone
        """
}

@Suite("A configuration") struct CompilerTests {
    private func rules(_ sources: Sources) -> [String] { sources.compile().problems.map(\.rule) }

    @Test("needs nothing but the contract, and has defaults for the rest")
    func defaults() throws {
        let snapshot = try #require(Sources().compile().snapshot)
        #expect(snapshot.settings == GatewaySettings())
        #expect(snapshot.departments.isEmpty)
        #expect(snapshot.routes.contains { $0.id == "cases.submit" })
    }

    @Test("is the same when its texts are, and another when one byte differs")
    func fingerprint() throws {
        let first = try #require(Sources(departments: [("lab.yaml", Sources.plain)]).compile().snapshot)
        let same = try #require(Sources(departments: [("lab.yaml", Sources.plain)]).compile().snapshot)
        let other = try #require(Sources(departments: [("lab.yaml", Sources.plain + "\n# x")]).compile().snapshot)
        #expect(first.fingerprint == same.fingerprint)
        #expect(first.fingerprint != other.fingerprint)
    }

    @Test("names every problem of every file at once, with its place and what was meant")
    func allProblems() throws {
        let sources = Sources(
            gateway: "listen: [nowhere]\nworker: 2\ntimeouts: { head: soon }\n",
            consumers:
                "consumers:\n  portal:\n    keys: [{ digest: secret }]\n    grants: [{ departments: [lob], operations: [cases.sumbit] }]\n",
            departments: [("lab.yaml", Sources.plain.replacing("upstream:", with: "upsteam:"))])
        let (snapshot, problems) = sources.compile()
        #expect(snapshot == nil)
        let texts = problems.map(\.description)
        #expect(texts.contains { $0.hasPrefix("Routes/gateway.yaml:1:10: error[wrong-address]") })
        #expect(
            texts.contains {
                $0.hasPrefix("Routes/gateway.yaml:2:1: error[unknown-key]: unknown key 'worker' in gateway.yaml")
                    && $0.contains("did you mean 'workers'?")
            })
        #expect(texts.contains { $0.hasPrefix("Routes/gateway.yaml:3:19: error[wrong-type]: 'soon' is no length of time") })
        #expect(
            texts.contains {
                $0 == """
                    Routes/departments/lab.yaml:2:1: error[unknown-key]: unknown key 'upsteam' in a department
                        2 | upsteam: { endpoints: [http://127.0.0.1:1] }
                          | ^^^^^^^
                          help: did you mean 'upstream'?

                    """
            })
        #expect(texts.contains { $0.contains("error[wrong-digest]") })
        #expect(
            texts.contains { $0.contains("'cases.sumbit' matches none of the operations") && $0.contains("did you mean 'cases.submit'?") })
        // A key that is no digest must not be repeated: it may be the key itself.
        #expect(!texts.contains { $0.contains("error[wrong-digest]: ") && $0.split(separator: "\n")[0].contains("secret") })
    }

    @Test("refuses two files that claim one id, one authority, one route or one path")
    func duplicates() {
        let second = Sources.plain.replacing("department: lab", with: "department: lab2").replacing("id: everything", with: "id: other")
        #expect(rules(Sources(departments: [("a.yaml", Sources.plain), ("b.yaml", Sources.plain)])).contains("duplicate-department"))
        #expect(rules(Sources(departments: [("a.yaml", Sources.plain), ("b.yaml", Sources.plain)])).contains("duplicate-route"))
        #expect(rules(Sources(departments: [("a.yaml", Sources.plain), ("b.yaml", second)])) == ["route-conflict"])
        let authority = "authority: 11230000MB1A0001XM\n"
        #expect(
            rules(Sources(departments: [("a.yaml", authority + Sources.plain), ("b.yaml", authority + second)])).contains(
                "duplicate-authority"))
    }

    @Test("refuses a file that is no YAML, and says where")
    func syntax() {
        let (snapshot, problems) = Sources(departments: [("a.yaml", "department: lab\n  bad: [1,\n")]).compile()
        #expect(snapshot == nil)
        #expect(problems.map(\.rule) == ["yaml-syntax"])
        #expect(problems.first?.place?.line ?? 0 > 1)
    }

    @Test("a file that cannot be read is not held against the grants and limits that name its department")
    func unread() {
        let sources = Sources(
            consumers:
                "consumers:\n  portal:\n    grants: [{ departments: [lab], operations: [cases.get] }, { routes: [everything] }]\n",
            departments: [("a.yaml", "department: lab\n  bad: [1,\n")])
        #expect(rules(sources) == ["yaml-syntax"])
    }

    @Test("what is wrong with one of a list is said where it stands")
    func inList() {
        let sources = Sources(
            consumers: "consumers:\n  portal:\n    grants: [{ departments: [lab, lob], operations: [cases.get, cases.gte] }]\n",
            departments: [("a.yaml", Sources.plain)])
        let texts = sources.compile().problems.map(\.description)
        #expect(texts.contains { $0.hasPrefix("Routes/consumers.yaml:3:35: error[unknown-value]: 'lob'") }, "\(texts)")
        #expect(texts.contains { $0.hasPrefix("Routes/consumers.yaml:3:65: error[unknown-value]: 'cases.gte'") }, "\(texts)")
    }

    @Test("warns of an authority that fails its check digit, and takes it")
    func wrongCheckDigit() throws {
        let (snapshot, problems) = Sources(departments: [("a.yaml", "authority: 11230000MB1A0001XN\n" + Sources.plain)]).compile()
        #expect(snapshot?.department(of: "11230000MB1A0001XN2000125005000") == 0)
        #expect(problems.map(\.rule) == ["wrong-code"])
    }

    @Test("finds the department of an item code, a case number and an authority, a listed item first")
    func departments() throws {
        let second = Sources.plain.replacing("department: lab", with: "department: lab2\nitems: [11230000MB1A0001XM2000125005000]")
            .replacing("id: everything", with: "id: other").replacing("\"/*\"", with: "/other")
        let snapshot = try #require(
            Sources(departments: [("a.yaml", "authority: 11230000MB1A0001XM\n" + Sources.plain), ("b.yaml", second)]).compile().snapshot)
        #expect(snapshot.department(of: "11230000MB1A0001XM2000125005001") == 0)
        #expect(snapshot.department(of: "11230000MB1A0001XM") == 0)
        #expect(snapshot.department(of: "11230000MB1A0001XM2000125005000") == 1)
        #expect(snapshot.department(of: "11230000MB1A0001XM2000125005000202611240001") == 1)
        #expect(snapshot.department(of: "11230000MB1A0002XM") == nil)
        #expect(snapshot.department(of: "") == nil)
    }

    /// A department's file whose one operation a test gives.
    private static func offering(_ operation: String) -> String {
        """
        department: lab
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:1] }
        operations:
        """ + "\n" + operation
    }

    @Test(
        "holds a mapping to the contract, whichever operation it is for",
        arguments: [
            ("  verifications.create: { rest: { path: /a }, reply: { success: http, fields: {} } }", "unmapped-field", 5),
            ("  cases.result: { rest: { path: /a }, reply: { success: http, fields: { resultTyp: $.a } } }", "unknown-field", 5),
            ("  cases.result: { rest: { path: /a }, reply: { success: http, fields: { explain: $.a } } }", "unmapped-field", 5),
            ("  cases.result: { rest: { path: /a }, reply: { success: http, fields: { resultType: { const: '7' } } } }", "unknown-word", 5),
            ("  cases.corrections.list: { rest: { path: /a }, reply: { success: http, fields: { itms: $.a } } }", "unknown-field", 5),
            (
                "  licences.get: { rest: { path: /a }, reply: { success: http, fields: { holder: { fields: { nam: $.a } } } } }",
                "unknown-field", 5
            ),
            (
                "  licences.search: { rest: { path: /a }, request: { a: $.holder.cod }, reply: { success: http, paging: gateway, fields: {} } }",
                "unknown-field", 5
            ),
            ("  licences.file: { rest: { path: /a }, reply: { success: http, fields: { bytes: $.a } } }", "unknown-field", 5),
            (
                "  evaluations.create: { rest: { path: /a }, request: { a: $.stars }, reply: { success: http, fields: {} } }",
                "unknown-field", 5
            ),
            ("  cases.withdrawal: { rest: { path: /a }, reply: { success: http, fields: {} } }", "unknown-operation", 5),
        ])
    func heldToTheContract(operation: String, rule: String, line: Int) {
        let (snapshot, problems) = Sources(departments: [("a.yaml", Self.offering(operation))]).compile()
        #expect(snapshot == nil)
        #expect(problems.contains { $0.rule == rule && $0.place?.line == line && ($0.place?.column ?? 0) > 1 }, "\(problems)")
    }

    private static func deputy(_ id: String, _ codes: String) -> String {
        """
        department: \(id)
        acts-for: \(codes)
        upstream: { endpoints: [http://127.0.0.1:1] }
        operations:
          cases.withdraw:
            rest: { path: /a }
            reply: { success: http, fields: { caseNo: $.no, status: { const: withdrawn } } }
        """
    }

    @Test("lets a department answer for authorities that do not offer an operation themselves, the nearest first")
    func deputies() throws {
        let own = "authority: 11230000MB1A0001XM\n" + Sources.plain
        let files = [("a.yaml", own), ("b.yaml", Self.deputy("all", "\"1123*\"")), ("c.yaml", Self.deputy("one", "[11230000MB1A00028M]"))]
        let snapshot = try #require(Sources(departments: files).compile().snapshot)
        func found(_ code: String, _ operation: String = "cases.withdraw") -> String? {
            snapshot.department(of: code, offering: operation).map { snapshot.departments[$0].id }
        }
        #expect(found("11230000MB1A0001XM2000125005000202611240001") == "all")
        #expect(found("11230000MB1A00028M2000125005000202611240001") == "one")
        #expect(found("11000000MB1A00052C") == nil)
        #expect(found("11230000MB1A0001XM", "cases.get") == nil)
    }

    @Test(
        "refuses to act for what is no authority, and two that act for the same in one operation",
        arguments: [("\"11 23*\"", "wrong-code"), ("11230000MB1A0001XN", "wrong-code"), ("[[1]]", "wrong-code")])
    func wrongDeputies(codes: String, rule: String) {
        #expect(Sources(departments: [("a.yaml", Self.deputy("all", codes))]).compile().problems.map(\.rule).contains(rule))
        let two = [("a.yaml", Self.deputy("all", "\"1123*\"")), ("b.yaml", Self.deputy("other", "\"1123*\""))]
        #expect(Sources(departments: two).compile().problems.map(\.rule) == ["duplicate-deputy"])
    }

    @Test("lets the same bucket serve a consumer after a reload")
    func buckets() throws {
        let buckets = BucketRegistry()
        let consumers = "consumers:\n  portal:\n    rate: { limit: 5/s }\n    grants: []\n"
        func bucket(_ text: String) throws -> RateBucket {
            let sources = RouteSources(
                directory: "Routes", gateway: nil, consumers: .init(path: "consumers.yaml", bytes: Array(text.utf8)),
                contract: .init(path: "openapi.yaml", bytes: Sources.contract), departments: [])
            let snapshot = try #require(Compiler(Diagnostics(), buckets: buckets) { _ in nil }.compile(sources, revision: 1))
            return try #require(snapshot.consumers.consumers.first?.rate?.bucket)
        }
        #expect(try bucket(consumers) === bucket(consumers.replacing("5/s", with: "9/s")))
    }

    @Test("grants regions of which none can be read to nobody")
    func unreadableRegions() {
        let consumers = "consumers:\n  city:\n    grants: [{ departments: [\"*\"], operations: [\"*\"], regions: [daqing] }]\n"
        #expect(rules(Sources(consumers: consumers)) == ["wrong-code"])
    }
}

@Suite("A grant") struct GrantTests {
    private func consumer(_ grant: String) throws -> Consumer {
        let department = "authority: 11230000MB1A0001XM\n" + Sources.plain
        let sources = Sources(consumers: "consumers:\n  one:\n    grants: [\(grant)]\n", departments: [("a.yaml", department)])
        return try #require(sources.compile().snapshot?.consumers.consumers.first)
    }

    private func refusal(_ consumer: Consumer, department: String? = nil, request: String? = nil, now: Int64 = 0) -> Consumer.Refusal? {
        let verdict = consumer.verdict(
            GrantQuestion(
                operation: 0, department: 0, departmentRegion: department.flatMap(Region.init),
                requestRegion: request.flatMap(Region.init), now: now))
        if case .refused(let refusal) = verdict { return refusal }
        return nil
    }

    @Test("opens what it names, and nothing else")
    func defaultDeny() throws {
        #expect(refusal(try consumer("{ departments: [lab], operations: [\"*\"] }")) == nil)
        #expect(refusal(try consumer("{ departments: [lab], operations: [items.get] }")) == .notGranted)
        #expect(refusal(try consumer("{ routes: [everything] }")) == .notGranted)
        #expect(try consumer("{ routes: [everything] }").routes.count == 1)
    }

    @Test("ends when it says so")
    func expiry() throws {
        let one = try consumer("{ departments: [lab], operations: [\"*\"], expires: \"2026-11-24\" }")
        // 2026-11-24T00:00:00+08:00
        #expect(refusal(one, now: 1_795_449_599) == nil)
        #expect(refusal(one, now: 1_795_449_600) == .notGranted)
    }

    @Test("binds to its regions: the request's must lie within, the department within or above")
    func regions() throws {
        let city = try consumer("{ departments: [lab], operations: [\"*\"], regions: [\"230600\"] }")
        #expect(refusal(city, department: "230000", request: "230602") == nil)
        #expect(refusal(city, department: "230000", request: nil) == nil)
        #expect(refusal(city, department: "230600", request: nil) == nil)
        #expect(refusal(city, department: "230100", request: nil) == .regionScope)
        #expect(refusal(city, department: "230000", request: "230100") == .regionScope)
        #expect(refusal(city, department: "230100", request: "230600") == .regionScope)
    }
}
