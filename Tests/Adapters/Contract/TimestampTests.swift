import Testing

@testable import Adapters

@Suite("Date-times are moved to +08:00")
struct TimestampTests {
    @Test(
        "Any zone becomes +08:00, to the second",
        arguments: [
            ("2023-11-15T09:30:00+08:00", "2023-11-15T09:30:00+08:00"), ("2023-11-15T01:30:00Z", "2023-11-15T09:30:00+08:00"),
            ("2023-12-31T20:00:00.999Z", "2024-01-01T04:00:00+08:00"), ("2024-01-01T00:00:00+14:00", "2023-12-31T18:00:00+08:00"),
            ("2024-03-01T05:00:00+14:00", "2024-02-29T23:00:00+08:00"), ("2024-02-28T23:59:59-12:00", "2024-02-29T19:59:59+08:00"),
            ("2024-02-29t12:00:00z", "2024-02-29T20:00:00+08:00"), ("1990-06-01T08:00:00+09:00", "1990-06-01T07:00:00+08:00"),
        ])
    func normalised(text: String, expected: String) {
        #expect(Timestamp(text, needsZone: true)?.normalised == expected)
    }

    @Test("A department's date-time may leave the zone out, and is then in +08:00")
    func withoutZone() {
        #expect(Timestamp("2023-11-15 09:30:00", needsZone: false)?.normalised == "2023-11-15T09:30:00+08:00")
        #expect(Timestamp("2023-11-15T09:30:00", needsZone: true) == nil)
        #expect(Timestamp("2023-11-15 09:30:00+08:00", needsZone: true) == nil)
    }

    @Test(
        "What is no date-time is refused",
        arguments: [
            "", "2023-11-15", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-11-15T24:00:00Z", "2023-11-15T00:60:00Z",
            "2023-11-15T00:00:61Z", "2023-11-15T00:00:60Z", "2023-11-15T00:00:00.Z", "2023-11-15T00:00:00+8:00", "2023-11-15T00:00:00Zx",
            "2023-11-15T00:00:00+24:00", "20231115T000000Z", "２023-11-15T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(text, needsZone: true) == nil)
    }

    @Test("The years end where four digits do")
    func lastYear() {
        #expect(Timestamp("9999-12-31T23:00:00Z", needsZone: true)?.normalised == nil)
        #expect(Timestamp("0000-01-01T00:00:00+09:00", needsZone: true)?.normalised == nil)
    }
}
