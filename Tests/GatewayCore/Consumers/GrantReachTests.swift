import Adapters
import Testing

@testable import GatewayCore

@Suite("Zones and fields of grants") struct GrantReachTests {
    private static let zones = """
        zones:
          gov: [10.0.0.0/8, "2001:db8::/32"]
          hall: [10.9.0.0/16]
          internet: ["0.0.0.0/0", "::/0"]
        """

    private func compile(_ grants: String, zone: String = "", routes: String = "", gateway: String? = zones) -> (Snapshot?, [Problem]) {
        let department = """
            department: lab
            authority: 11230000MB1A0001XM
            \(zone)
            upstream: { endpoints: [http://127.0.0.1:1] }
            routes:
              - { id: everything, match: { path: "/*" } \(routes) }
            """
        return Sources(
            gateway: gateway, consumers: "consumers:\n  one:\n    grants: [\(grants)]\n", departments: [("lab.yaml", department)]
        ).compile()
    }

    private func verdict(_ snapshot: Snapshot, from address: String, operation: String = "cases.get", region: String? = nil) throws
        -> Consumer.Verdict
    {
        var facts = ExchangeFacts(now: 0, epochSeconds: 0, trace: TraceContext(high: 1, low: 1, span: 1))
        facts.client = ClientAddress(address)
        facts.consumer = 0
        let index = try #require(snapshot.contract.operations.firstIndex { $0.id == operation })
        return snapshot.grants(CallFacts(operation: index, department: 0, region: region.flatMap(Region.init)), facts)
    }

    private func refusal(_ verdict: Consumer.Verdict) -> Consumer.Refusal? { if case .refused(let why) = verdict { why } else { nil } }

    private func fields(_ verdict: Consumer.Verdict) -> [String]? { if case .granted(let fields?) = verdict { fields.paths } else { nil } }

    @Test("an address lies in the narrowest zone that holds it")
    func narrowest() throws {
        let table = try #require(compile("{ routes: [everything] }").0).settings.zones
        for (address, name) in [
            ("10.1.2.3", "gov"), ("10.9.2.3", "hall"), ("203.0.113.1", "internet"), ("2001:db8::1", "gov"), ("2001:db9::1", "internet"),
        ] { #expect(table.zone(of: ClientAddress(address)).map { table.names[$0] } == name) }
    }

    @Test("a department of a zone is reached from it; from another only by a grant that names that zone")
    func crossing() throws {
        let silent = try #require(compile("{ departments: [lab], operations: [\"*\"] }", zone: "zone: gov").0)
        #expect(refusal(try verdict(silent, from: "10.1.1.1")) == nil)
        #expect(refusal(try verdict(silent, from: "203.0.113.1")) == .zoneDenied)
        let named = try #require(compile("{ departments: [lab], operations: [\"*\"], zones: [internet, gov] }", zone: "zone: gov").0)
        #expect(refusal(try verdict(named, from: "203.0.113.1")) == nil)
        #expect(refusal(try verdict(named, from: "10.9.1.1")) == .zoneDenied)
        let open = try #require(compile("{ departments: [lab], operations: [\"*\"] }").0)
        #expect(refusal(try verdict(open, from: "203.0.113.1")) == nil)
    }

    @Test("the same holds for plain routes, granted ones and those for anyone")
    func plainRoutes() throws {
        let snapshot = try #require(compile("{ routes: [everything] }", zone: "zone: gov").0)
        let route = try #require(snapshot.routes.firstIndex { $0.id == "everything" })
        let consumer = snapshot.consumers.consumers[0]
        func refusal(_ address: String) -> Consumer.Refusal? {
            consumer.refusal(route: route, crossing: snapshot.crossing(from: ClientAddress(address), to: snapshot.routes[route]), now: 0)
        }
        #expect(refusal("10.1.1.1") == nil)
        #expect(refusal("203.0.113.1") == .zoneDenied)
        for (zones, outcome) in [("", ProblemCode.zoneDenied), (", zones: [internet]", nil)] {
            let open = try #require(compile("", zone: "zone: gov", routes: ", access: anyone\(zones)").0)
            #expect(try SignedCall(target: "/x").ask(open).fault?.code == outcome)
        }
    }

    @Test("several grants open the union of their fields, and one without fields opens all; a region counts for its own grant only")
    func fieldsOfGrants() throws {
        let narrow = "{ departments: [lab], operations: [cases.get], regions: [\"230600\"], fields: [caseNo, applicant.name] }"
        let other = "{ departments: [lab], operations: [\"cases.*\"], regions: [\"230600\", \"230100\"], fields: [status, applicant] }"
        let snapshot = try #require(compile("\(narrow), \(other)").0)
        #expect(fields(try verdict(snapshot, from: "10.1.1.1", region: "230600")) == ["applicant", "caseNo", "status"])
        #expect(fields(try verdict(snapshot, from: "10.1.1.1", region: "230100")) == ["applicant", "status"])
        #expect(refusal(try verdict(snapshot, from: "10.1.1.1", region: "230200")) == .regionScope)
        let whole = try #require(compile("\(narrow), { departments: [lab], operations: [cases.get] }").0)
        #expect(fields(try verdict(whole, from: "10.1.1.1", region: "230600")) == nil)
        #expect(refusal(try verdict(whole, from: "10.1.1.1", region: "230600")) == nil)
    }

    @Test("what is not granted is dropped, inside of objects and lists too; a page stays a page")
    func visible() throws {
        let granted = GrantedFields(["caseNo", "applicant.name", "materials.code"])
        let answer: Value = [
            "caseNo": "1", "status": "accepted", "applicant": ["name": "张三", "idNo": "11010519491231002X"],
            "materials": [["code": "A01", "name": "表"], ["code": "A02"]],
        ]
        let seen: Value = ["caseNo": "1", "applicant": ["name": "张三"], "materials": [["code": "A01"], ["code": "A02"]]]
        #expect(granted.visible(answer, isList: false) == seen)
        #expect(
            granted.visible(["items": .array([answer]), "page": 1, "total": 1], isList: true) == [
                "items": .array([seen]), "page": 1, "total": 1,
            ])
        // A text where fields of an object are granted shows nothing of itself.
        #expect(GrantedFields(["applicant.name"]).visible(["applicant": "张三"], isList: false)["applicant"]?.string == nil)
    }

    @Test(
        "a zone or a field that is not there is a problem with its place, and opens nothing",
        arguments: [
            "{ departments: [lab], operations: [\"*\"], zones: [goc] }",
            "{ departments: [lab], operations: [cases.get], fields: [caseNr] }",
            "{ departments: [lab], operations: [cases.get], fields: [applicant.nmae] }",
        ])
    func problems(_ grant: String) {
        let found = compile(grant).1
        #expect(found.contains { $0.rule == "unknown-value" && $0.place != nil && $0.help?.contains("did you mean") == true }, "\(found)")
    }

    @Test("so is a zone of a department or a route, a range that is none, and zones on a granted route")
    func otherProblems() {
        #expect(compile("", zone: "zone: gvo").1.contains { $0.rule == "unknown-value" })
        #expect(compile("", routes: ", access: anyone, zones: [x]").1.contains { $0.rule == "unknown-value" })
        #expect(compile("", routes: ", zones: [gov]").1.contains { $0.rule == "wrong-place" })
        #expect(compile("", gateway: "zones: { gov: [10.0.0.1/8] }").1.contains { $0.rule == "wrong-address" })
        #expect(compile("", gateway: "zones: { Gov: [10.0.0.0/8] }").1.contains { $0.rule == "wrong-id" })
    }
}
