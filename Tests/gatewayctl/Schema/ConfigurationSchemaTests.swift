import Adapters
import Foundation
import GatewayCore
import RouteFiles
import Testing

@testable import IntegratorTools

@Suite("gatewayctl schema says what the loader reads")
struct ConfigurationSchemaTests {
    /// The shipped configuration.
    static func shipped() throws -> RouteSources { try RouteDirectory(path: Project.routes).read() }

    /// The shipped configuration with other departments.
    static func sources(_ departments: [(name: String, text: String)]) throws -> RouteSources {
        let shipped = try shipped()
        return RouteSources(
            directory: shipped.directory, gateway: shipped.gateway, consumers: nil, contract: shipped.contract,
            departments: departments.map { RouteSources.Text(path: "\($0.name).yaml", bytes: Array($0.text.utf8)) })
    }

    /// Departments that use what the shipped ones do not: a word that is in none of these files is held to nothing.
    static let samples: [(name: String, text: String)] = {
        let folder = Project.root + "/Tests/gatewayctl/Schema/Samples"
        return FileAccess.names(in: folder).compactMap { name in
            (try? FileAccess.read("\(folder)/\(name)")).map { (name.replacing(".yaml", with: ""), String(decoding: $0, as: UTF8.self)) }
        }
    }()

    /// The examples of docs/routes.md, each made a whole file.
    static func documented() throws -> [(name: String, text: String)] {
        let text = String(decoding: try Project.bytes("docs/routes.md"), as: UTF8.self)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst().map {
            String($0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex))
        }
        let whole = blocks.filter { $0.contains("operations:\n") || $0.hasPrefix("login:\n") || $0.hasPrefix("codes:\n") }
        return whole.filter { !$0.contains("{ … }") }.enumerated().map { index, block in
            (
                "doc\(index)",
                "department: doc\(index)\nauthority: 11230000MB1A0001XM\nupstream: { endpoints: [http://127.0.0.1:1] }\n" + block
            )
        }
    }

    private func check(_ readings: LoaderReadings, _ schema: Value) {
        let walk = SchemaWalk(document: schema)
        for reading in readings.readings {
            let at = "'\(reading.steps.joined(separator: "."))' (\(reading.text))"
            if walk.isOpen(at: reading.steps) {
                Issue.record(
                    "the schema says nothing of \(reading.isWords ? "the words" : "the keys") of \(reading.name) at \(at); the loader knows \(reading.allowed)"
                )
                continue
            }
            let known = reading.isWords ? walk.words(at: reading.steps) : walk.keys(at: reading.steps)
            for word in reading.allowed where !known.contains(word) {
                Issue.record("the schema lacks '\(word)' in \(reading.name) at \(at); add it in Adapters/Schema or ConfigurationSchema")
            }
            for word in known where !reading.allowed.contains(word) {
                Issue.record("the schema has '\(word)' in \(reading.name) at \(at), and the loader does not")
            }
        }
    }

    @Test("every key and every word that the loader knows, at every level of the shipped departments")
    func shippedDepartments() throws {
        let sources = try Self.shipped()
        let schema = ConfigurationSchema.document(.department)
        for department in sources.departments {
            let readings = try LoaderReadings(sources, file: department.path)
            #expect(readings.readings.count > 10)
            check(readings, schema)
        }
    }

    @Test("the same of the samples, which use what those do not, and of the examples in docs/routes.md")
    func sampleDepartments() throws {
        let all = try Self.samples + Self.documented()
        #expect(all.count >= 7)
        for sample in all {
            check(try LoaderReadings(try Self.sources([sample]), file: sample.name + ".yaml"), ConfigurationSchema.document(.department))
        }
    }

    @Test("the same of gateway.yaml and consumers.yaml")
    func others() throws {
        let sources = try Self.shipped()
        check(try LoaderReadings(sources, file: "gateway.yaml"), ConfigurationSchema.document(.gateway))
        check(try LoaderReadings(sources, file: "consumers.yaml"), ConfigurationSchema.document(.consumers))
    }

    @Test("the same of every kind of credential, and it accepts what the loader does")
    func credentials() throws {
        let text = """
            issuers:
              fetched:
                issuer: https://id.example
                audience: [tongban]
                fetch: { upstream: { endpoints: ["https://id.example"] }, path: /jwks, refresh: 10m }
                algorithm: RS256
                leeway: 10s
                claims: { scope: [gov] }
                consumer: azp
                user: { header: X-User-Token, kind: operator, id: sub, name: name, level: acr, organisation: org, idNo: no, mobile: tel }
              kept: { issuer: https://kept.example, audience: tongban, keys: { secret: JWKS } }
            consumers:
              city:
                tokens: [{ issuer: fetched, subject: city, expires: "2036-01-01" }]
                certificates: [{ subject: CN=city, expires: "2036-01-01" }, { public-key: "sha256:00" }]
                signatures: [{ key: a, secret: A, convention: x-ca, algorithm: hmac-sm3, expires: "2036-01-01" }]
            lockout: { failures: 5 }
            """
        let shipped = try Self.shipped()
        let sources = RouteSources(
            directory: shipped.directory, gateway: nil,
            consumers: RouteSources.Text(path: "consumers.yaml", bytes: Array(text.utf8)), contract: shipped.contract,
            departments: shipped.departments)
        let readings = try LoaderReadings(sources, file: "consumers.yaml")
        #expect(readings.readings.count >= 10)
        check(readings, ConfigurationSchema.document(.consumers))
        #expect(try errors(try schema(.consumers), Array(text.utf8)).isEmpty)
    }

    @Test("the same of limits.yaml, and it accepts what the loader does")
    func limits() throws {
        let text = """
            limits:
              all:
                for: { consumers: portal, departments: hrb, regions: "230100", operations: [cases.get], routes: [] }
                per: [consumer, operation, address, region, department]
                rate: 5/s
                burst: 9
                concurrent: 3
                daily: 100
                monthly: 1000
            """
        let shipped = try Self.shipped()
        let sources = RouteSources(
            directory: shipped.directory, gateway: nil, consumers: shipped.consumers,
            limits: RouteSources.Text(path: "limits.yaml", bytes: Array(text.utf8)), contract: shipped.contract,
            departments: shipped.departments)
        let readings = try LoaderReadings(sources, file: "limits.yaml")
        #expect(readings.readings.count >= 3)
        check(readings, ConfigurationSchema.document(.limits))
        #expect(try errors(try schema(.limits), Array(text.utf8)).isEmpty)
    }

    @Test("every word of the mapping has something said of it")
    func described() {
        let walk = SchemaWalk(document: ConfigurationSchema.document(.department))
        let rule = ["operations", "x", "request", "y"]
        for word in walk.keys(at: rule) where !["const", "default"].contains(word) {
            #expect(!walk.isOpen(at: rule + [word]), "say in MappingSchema what may stand under '\(word)'")
        }
        for word in walk.keys(at: ["operations", "x"]) { #expect(!walk.isOpen(at: ["operations", "x", word]), "\(word)") }
        for word in walk.keys(at: []) { #expect(!walk.isOpen(at: [word]), "\(word)") }
    }

    @Test("it accepts every configuration that ships, and every example")
    func accepts() throws {
        let sources = try Self.shipped()
        let department = try schema(.department)
        for text in sources.departments { #expect(try errors(department, text.bytes).isEmpty, "\(text.path)") }
        for sample in try Self.samples + Self.documented() {
            let found = try errors(department, Array(sample.text.utf8))
            #expect(found.isEmpty, "\(sample.name): \(found)")
        }
        let gateway = try #require(sources.gateway)
        let consumers = try #require(sources.consumers)
        #expect(try errors(try schema(.gateway), gateway.bytes).isEmpty)
        #expect(try errors(try schema(.consumers), consumers.bytes).isEmpty)
    }

    @Test("it refuses an unknown key at every level")
    func refuses() throws {
        let sources = try Self.shipped()
        let department = try schema(.department)
        let walk = SchemaWalk(document: ConfigurationSchema.document(.department))
        for text in sources.departments {
            let value = try #require(Node.read(text.bytes, path: text.path, Diagnostics())).value
            var tried = 0
            for (steps, broken) in Self.broken(value, [])
            where walk.shapes(at: steps).contains(where: { $0["additionalProperties"] == false }) {
                // Where a name may be anything beside closed shapes, an unknown key is a name.
                guard !walk.shapes(at: steps).contains(where: { $0["additionalProperties"]?.object != nil }) else { continue }
                tried += 1
                #expect(!department.accepts(broken), "\(text.path) \(steps)")
            }
            #expect(tried > 5)
        }
    }

    @Test("the operations of a contract are completed by name")
    func operations() {
        let walk = SchemaWalk(document: ConfigurationSchema.document(.department, operations: ["cases.get", "items.list"]))
        #expect(walk.keys(at: ["operations"]) == ["cases.get", "items.list"])
        #expect(ContractFile.operations(in: Project.routes).contains("cases.submit"))
    }

    private func schema(_ file: ConfigurationSchema.File) throws -> Schema {
        let bytes = JSONCodec.encode(ConfigurationSchema.document(file))
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(bytes, path: "schema.json", diagnostics))
        return try #require(Schema(node, diagnostics), "\(diagnostics.sorted.map(\.description).joined())")
    }

    private func errors(_ schema: Schema, _ yaml: [UInt8]) throws -> [FieldError] {
        schema.validate(try #require(Node.read(yaml, path: "x.yaml", Diagnostics())).value)
    }

    /// The value with one unknown key in one of its mappings, for each of them.
    private static func broken(_ value: Value, _ steps: [String]) -> [([String], Value)] {
        switch value {
        case .object(let object):
            var own = object
            own["no-such-key"] = 1
            return [(steps, .object(own))]
                + object.fields.flatMap { field in
                    broken(field.value, steps + [field.name]).map { steps, inner in
                        var outer = object
                        outer[field.name] = inner
                        return (steps, .object(outer))
                    }
                }
        case .array(let items):
            return items.enumerated().flatMap { index, item in
                broken(item, steps + ["\(index)"]).map { steps, inner in
                    var outer = items
                    outer[index] = inner
                    return (steps, .array(outer))
                }
            }
        default: return []
        }
    }
}
