import Adapters
import Testing

@Suite("Schemas are compiled once and refuse what they do not know")
struct SchemaTests {
    @Test(
        "What cannot be kept is refused at load, at its place",
        arguments: [
            ("type: strnig", "unknown-type", 1, 7), ("type: object\npropertis: {}", "unknown-keyword", 2, 1),
            ("type: string\nminLenght: 3", "unknown-keyword", 2, 1), ("patternProperties: {}", "unknown-keyword", 1, 1),
            ("format: citizenid", "unknown-format", 1, 9), ("pattern: '(?=a)'", "wrong-pattern", 1, 10),
            ("$ref: '#/$defs/absent'", "unknown-reference", 1, 7), ("$ref: other.yaml#/a", "unknown-reference", 1, 7),
            ("$ref: '#'", "endless-reference", 1, 1), ("minLength: -1", "wrong-type", 1, 12), ("minimum: low", "wrong-type", 1, 10),
            ("minItems: 3\nmaxItems: 2", "empty-range", 2, 11), ("enum: a", "wrong-type", 1, 7), ("properties: [a]", "wrong-type", 1, 13),
            ("allOf: []", "wrong-type", 1, 8), ("required: name", "wrong-type", 1, 11), ("just a text", "wrong-type", 1, 1),
            ("type: integer\nexamples: [1, x]", "wrong-example", 2, 15),
            ("properties:\n  id: { type: string, format: region }\nexample: { id: '99' }", "wrong-example", 3, 16),
            ("x-tongban-prefix: 1", "unknown-keyword", 1, 1),
        ])
    func refused(text: String, rule: String, line: Int, column: Int) {
        let (schema, problems) = ContractFixture.schema(text)
        #expect(schema == nil)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.rule == rule)
        #expect(problems.first?.place?.line == line && problems.first?.place?.column == column, "\(problems)")
    }

    @Test("A misspelt keyword, reference or format comes with what was probably meant")
    func suggestions() {
        #expect(ContractFixture.schema("minLenght: 3").problems.first?.help == "did you mean 'minLength'?")
        #expect(ContractFixture.schema("format: uscd").problems.first?.help == "did you mean 'uscc'?")
        let reference = ContractFixture.schema("$defs: { Person: true }\n$ref: '#/$defs/Persn'")
        #expect(reference.problems.first?.help == "did you mean '#/$defs/Person'?")
    }

    @Test("All faults are found at once, with pointers, rules and no values")
    func allFaults() throws {
        let text = """
            type: object
            additionalProperties: false
            required: [name, age]
            properties:
              name: { type: string, minLength: 2 }
              age: { type: integer, minimum: 18, maximum: 120 }
              a/b~c: { type: string, enum: [x, y] }
              list: { type: array, maxItems: 2, uniqueItems: true, items: { type: string, format: citizen-id } }
            """
        let schema = try #require(ContractFixture.schema(text).schema)
        let value = try ContractFixture.json(
            #"{"name":"秘","a/b~c":"secret","list":["230100199001010017","230100199001010017",5],"nmae":"secret"}"#)
        let errors = schema.validate(value)
        #expect(
            errors.map { "\($0.field) \($0.rule)" } == [
                "/age required", "/name minLength", "/a~1b~0c enum", "/list maxItems", "/list uniqueItems", "/list/0 check-digit",
                "/list/1 check-digit", "/list/2 type", "/nmae additionalProperties",
            ])
        #expect(!errors.contains { $0.message.contains("secret") || $0.message.contains("2301001990") || $0.message.contains("秘") })
        #expect(errors.last?.message.contains("did you mean 'name'?") == true)
    }

    @Test("Hostile values cost bounded work and bounded answers")
    func bounded() throws {
        let schema = try #require(
            ContractFixture.schema(
                "additionalProperties: false\nproperties: { a: { type: array, uniqueItems: true, items: { type: string } } }"
            ).schema)
        var object = Object()
        for index in 0..<5000 { object.append(String(repeating: "n", count: 60) + String(index), 1) }
        #expect(schema.validate(.object(object)).count <= 100)
        #expect(schema.validate(["a": .array((0..<20_000).map { .integer($0) })]).count == 100)
        let long = schema.validate(.object([String(repeating: "长", count: 10_000): 1]))
        #expect(long.map(\.field) == [""])
    }

    @Test("Numbers are equal by what they are worth, texts by their code points")
    func equality() throws {
        let schema = try #require(ContractFixture.schema("enum: [1, 0.10, é, { a: 1, b: [2] }]").schema)
        for text in ["1", "1.0", "1e0", "0.1", "1e-1", #""\u00e9""#, #"{"b":[2.0],"a":1}"#] {
            #expect(schema.accepts(try ContractFixture.json(text)), "\(text)")
        }
        for text in [#""1""#, "true", #""e\u0301""#, "0.11", #"{"a":1}"#] {
            #expect(!schema.accepts(try ContractFixture.json(text)), "\(text)")
        }
    }
}
