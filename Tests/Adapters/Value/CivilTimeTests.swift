import Adapters
import Testing

@Suite("Civil time")
struct CivilTimeTests {
    @Test(
        "known moments",
        arguments: [
            (0, 0, "1970-01-01T00:00:00", 4), (0, 28_800, "1970-01-01T08:00:00", 4), (1_700_000_000, 28_800, "2023-11-15T06:13:20", 3),
            (1_636_447_760, 0, "2021-11-09T08:49:20", 2), (951_782_400, 0, "2000-02-29T00:00:00", 2),
            (4_107_542_400, 0, "2100-03-01T00:00:00", 1), (-1, 0, "1969-12-31T23:59:59", 3),
            (-62_167_219_200, 0, "0000-01-01T00:00:00", 6), (253_402_300_799, 0, "9999-12-31T23:59:59", 5),
        ] as [(Int64, Int, String, Int)])
    func knownMoments(epoch: Int64, offset: Int, text: String, weekday: Int) {
        let time = CivilTime(epochSeconds: epoch, offsetSeconds: offset)
        #expect(iso(time) == text)
        #expect(time.epochSeconds == epoch)
        #expect(time.weekday == weekday)
    }

    @Test("every day from 1890 to 2110 follows the one before and comes back")
    func everyDay() throws {
        var expected = (year: 1890, month: 1, day: 1)
        let first = try #require(CivilTime(year: 1890, month: 1, day: 1)).dayNumber
        var number = first
        while expected.year < 2111 {
            let time = try #require(CivilTime(year: expected.year, month: expected.month, day: expected.day, hour: 23, minute: 59))
            #expect(time.dayNumber == number)
            #expect(CivilTime(epochSeconds: time.epochSeconds) == time)
            expected.day += 1
            if expected.day > CivilTime.days(inMonth: expected.month, of: expected.year) {
                expected.day = 1
                expected.month += 1
            }
            if expected.month > 12 {
                expected.month = 1
                expected.year += 1
            }
            number += 1
        }
        #expect(number - first == 80_718)
    }

    @Test("there is no 30 February, no hour 24, no second 60")
    func refuses() {
        #expect(CivilTime(year: 2023, month: 2, day: 29) == nil)
        #expect(CivilTime(year: 2024, month: 2, day: 29) != nil)
        #expect(CivilTime(year: 1900, month: 2, day: 29) == nil)
        #expect(CivilTime(year: 2024, month: 13, day: 1) == nil)
        #expect(CivilTime(year: 2024, month: 0, day: 1) == nil)
        #expect(CivilTime(year: 2024, month: 4, day: 31) == nil)
        #expect(CivilTime(year: 2024, month: 1, day: 1, hour: 24) == nil)
        #expect(CivilTime(year: 2024, month: 1, day: 1, second: 60) == nil)
        #expect(CivilTime(year: 10_000, month: 1, day: 1) == nil)
    }

    @Test("moments and offsets out of range are held to the calendar's ends")
    func extremes() {
        #expect(CivilTime(epochSeconds: .max).year == 9999)
        #expect(CivilTime(epochSeconds: .min).year == 0)
        #expect(CivilTime(epochSeconds: .min, offsetSeconds: -28_800).year == 0)
        #expect(CivilTime(epochSeconds: 0, offsetSeconds: .max).offsetSeconds == 86_400)
    }

    @Test("another offset shows the same moment")
    func offsets() {
        let time = CivilTime(epochSeconds: 1_700_000_000)
        #expect(iso(time.at(offsetSeconds: 0)) == "2023-11-14T22:13:20")
        #expect(time.at(offsetSeconds: 0).epochSeconds == time.epochSeconds)
    }

    private func iso(_ time: CivilTime) -> String {
        func pad(_ number: Int, _ width: Int) -> String { String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)" }
        return
            "\(pad(time.year, 4))-\(pad(time.month, 2))-\(pad(time.day, 2))T\(pad(time.hour, 2)):\(pad(time.minute, 2)):\(pad(time.second, 2))"
    }
}
