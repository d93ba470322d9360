import Adapters
import Testing

/// Numbers through predicates: `$.a < $.b` and its kin, over all three forms of a number.
@Suite("Comparison of numbers")
struct PredicateNumberTests {
    private func order(_ left: Value, _ right: Value) throws -> String {
        let root: Value = ["a": left, "b": right]
        var found: [String] = []
        for sign in ["<", "==", ">"] where try Predicate("$.a \(sign) $.b", loose: false).holds(on: root) { found.append(sign) }
        #expect(try Predicate("$.a <= $.b", loose: false).holds(on: root) == (found == ["<"] || found == ["=="]))
        #expect(try Predicate("$.a >= $.b", loose: false).holds(on: root) == (found == [">"] || found == ["=="]))
        return found.joined()
    }

    /// In ascending order; those of one row are equal.
    private let ladder: [[Value]] = [
        [.decimal("-1e400")], [.decimal("-9223372036854775809"), .decimal("-9223372036854775809.0")],
        [.integer(.min), .double(-0x1p63), .decimal("-9223372036854775808")], [.integer(.min + 1)], [.double(-1.5), .decimal("-1.50")],
        [.integer(-1), .double(-1), .decimal("-1.0e0")], [.decimal("-1e-400")],
        [.integer(0), .double(-0.0), .decimal("0e9"), .decimal("-0.00")],
        [.decimal("1e-400")], [.double(.leastNonzeroMagnitude), .decimal("5e-324")], [.double(0.1), .decimal("0.1"), .decimal("1e-1")],
        [.decimal("0.1000000000000000055511151231257827")], [.integer(1), .double(1), .decimal("1"), .decimal("0.01e2")],
        [.double(1.1), .decimal("1.10")], [.decimal("1.1000000000000000000000001")], [.integer(10), .decimal("1E+1")],
        [.integer(9_007_199_254_740_992), .double(9_007_199_254_740_992)], [.integer(9_007_199_254_740_993), .decimal("9007199254740993")],
        [.double(9_007_199_254_740_994)], [.integer(.max), .decimal("9223372036854775807")], [.decimal("9223372036854775807.5")],
        [.decimal("9223372036854775808")], [.double(1e19), .decimal("10000000000000000000")], [.double(1e23), .decimal("1e23")],
        [.double(.greatestFiniteMagnitude), .decimal("1.7976931348623157e308")], [.decimal("1e400"), .decimal("10e399")],
    ]

    @Test("every form against every other, by exact value")
    func everyPair() throws {
        for (row, lefts) in ladder.enumerated() {
            for (column, rights) in ladder.enumerated() {
                for left in lefts {
                    for right in rights {
                        #expect(try order(left, right) == (row < column ? "<" : row == column ? "==" : ">"), "\(left) and \(right)")
                    }
                }
            }
        }
    }

    @Test("literals are exact: beyond 64 bits, beyond a double, and near neither")
    func literals() throws {
        func holds(_ text: String, _ root: Value) throws -> Bool { try Predicate(text, loose: false).holds(on: root) }
        #expect(try holds("$ == 9007199254740993", .integer(9_007_199_254_740_993)))
        #expect(try !holds("$ == 9007199254740993.0", .integer(9_007_199_254_740_992)))
        #expect(try holds("$ == 12345678901234567890", .decimal("12345678901234567890")))
        #expect(try !holds("$ == 12345678901234567891", .decimal("12345678901234567890")))
        #expect(try holds("$ == 1e400", .decimal("1e400")))
        #expect(try holds("$ == 1.10", 1.1))
        #expect(try holds("$ == -0", 0))
        #expect(try holds("$ < 1e999999999999999999999999999", .integer(.max)))
        #expect(try holds("$ > 1e-999999999999999999999999999", .decimal("1e-5")))
    }

    @Test("what is not finite or not a number is neither equal nor ordered")
    func notNumbers() throws {
        for value in [.double(.nan), .decimal("twelve"), .decimal(""), true, .null, []] as [Value] {
            #expect(try order(value, 1) == "")
            #expect(try order(1, value) == "")
        }
        #expect(try order(.double(.nan), .double(.nan)) == "")
        #expect(try order(.integer(.max), .double(.infinity)) == "<")
        #expect(try order(.double(-.infinity), .integer(.min)) == "<")
    }

    @Test("a text of a million digits compares in no time")
    func longDigits() throws {
        let digits = String(repeating: "9", count: 1_000_000)
        let started = ContinuousClock.now
        #expect(try Predicate("$ > 1", loose: true).holds(on: .string(digits)))
        #expect(try order(.decimal(digits), .decimal(digits + "0")) == "<")
        #expect(ContinuousClock.now - started < .seconds(10))
    }
}
