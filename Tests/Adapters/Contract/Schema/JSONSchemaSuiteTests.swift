import Adapters
import Foundation
import Testing

/// The JSON-Schema-Test-Suite for draft 2020-12: the required files of the keywords that the contract's schemas may use, and
/// the optional ones of the two standard formats that are checked.
@Suite(.enabled(if: ContractFixture.hasSuite, "shared/suites/jsonschema is not here; set TONGBAN_SHARED"))
struct JSONSchemaSuiteTests {
    /// Keywords that the suite uses and that are refused at load; a group that holds one must be refused, not half checked.
    static let refused: Set<String> = [
        "$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "contains", "contentMediaType", "dependentRequired", "dependentSchemas",
        "multipleOf", "patternProperties", "prefixItems", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "$vocabulary",
    ]

    static let files = [
        "additionalProperties", "allOf", "anyOf", "boolean_schema", "const", "default", "enum", "exclusiveMaximum", "exclusiveMinimum",
        "if-then-else", "infinite-loop-detection", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
        "minProperties", "minimum", "not", "oneOf", "pattern", "properties", "ref", "required", "type", "uniqueItems",
        "optional/format/date", "optional/format/date-time",
    ]

    /// Groups that cannot be compiled for another reason than a refused keyword.
    static let exceptions: Set<String> = [
        // A reference into another document.
        "ref / remote ref, containing refs itself"
    ]

    @Test("Every group of a file is checked rightly, or refused for a keyword that is not supported", arguments: files)
    func suite(file: String) throws {
        let data = try Data(contentsOf: ContractFixture.suite.appending(path: "\(file).json"))
        let groups = try JSONCodec.decode(Array(data)).array ?? []
        var checked = 0
        for group in groups {
            let name = "\(file) / \(group["description"]?.string ?? "")"
            let schemaValue = try #require(group["schema"])
            let diagnostics = Diagnostics()
            guard let schema = Schema(ContractFixture.node(schemaValue), diagnostics) else {
                let hasReason = !keywords(of: schemaValue).isDisjoint(with: Self.refused) || Self.exceptions.contains(name)
                #expect(hasReason, "\(name) was refused: \(diagnostics.problems.map(\.message))")
                continue
            }
            for test in group["tests"]?.array ?? [] {
                let isValid = test["valid"] == .bool(true)
                let value = try #require(test["data"])
                let errors = schema.validate(value)
                #expect(errors.isEmpty == isValid, "\(name) / \(test["description"]?.string ?? ""): \(errors)")
                #expect(schema.accepts(value) == isValid)
                checked += 1
            }
        }
        #expect(checked > 0)
    }

    private func keywords(of schema: Value) -> Set<String> {
        switch schema {
        case .object(let object):
            object.fields.reduce(into: []) {
                $0.formUnion([$1.name]); $0.formUnion(keywords(of: $1.value))
            }
        case .array(let items): items.reduce(into: []) { $0.formUnion(keywords(of: $1)) }
        default: []
        }
    }
}
