import Adapters
import Testing

@testable import GatewayCore

@Suite("Opening hours")
struct OpeningHoursTests {
    private static func hours(_ stretches: [String] = ["08:30-17:30"], holidays: [String] = [], workdays: [String] = []) throws
        -> OpeningHours
    {
        OpeningHours(
            stretches: try stretches.map { try #require(OpeningHours.Stretch($0)) },
            holidays: try holidays.map { try #require(OpeningHours.Days($0)) },
            workdays: try workdays.map { try #require(OpeningHours.Days($0)) })
    }

    private static func at(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) throws -> Int64 {
        try #require(CivilTime(year: 2026, month: month, day: day, hour: hour, minute: minute, second: second)).epochSeconds
    }

    @Test("open from the first second of 8:30 to the last before 17:30, in Asia/Shanghai")
    func edges() throws {
        let hours = try Self.hours()
        // 2026-11-30 is a Monday.
        #expect(hours.state(at: try Self.at(11, 30, 8, 29, 59)) == .closed(opens: try Self.at(11, 30, 8, 30)))
        #expect(hours.state(at: try Self.at(11, 30, 8, 30)) == .open)
        #expect(hours.state(at: try Self.at(11, 30, 17, 29, 59)) == .open)
        #expect(hours.state(at: try Self.at(11, 30, 17, 30)) == .closed(opens: try Self.at(12, 1, 8, 30)))
    }

    @Test("a pause at noon")
    func noon() throws {
        let hours = try Self.hours(["13:30-17:30", "08:30-12:00"])
        #expect(hours.state(at: try Self.at(11, 30, 12)) == .closed(opens: try Self.at(11, 30, 13, 30)))
        #expect(hours.state(at: try Self.at(11, 30, 13, 30)) == .open)
    }

    @Test("a weekend, a holiday and the day worked in its place")
    func days() throws {
        let hours = try Self.hours(holidays: ["2026-10-01..2026-10-07"], workdays: ["2026-10-10"])
        // Friday evening: Monday.
        #expect(hours.state(at: try Self.at(11, 27, 18)) == .closed(opens: try Self.at(11, 30, 8, 30)))
        // The evening before the holidays: a Wednesday; they end on a Wednesday.
        #expect(hours.state(at: try Self.at(9, 30, 18)) == .closed(opens: try Self.at(10, 8, 8, 30)))
        #expect(hours.state(at: try Self.at(10, 5, 10)) == .closed(opens: try Self.at(10, 8, 8, 30)))
        // A Saturday that is worked.
        #expect(hours.state(at: try Self.at(10, 10, 10)) == .open)
        #expect(hours.state(at: try Self.at(10, 9, 18)) == .closed(opens: try Self.at(10, 10, 8, 30)))
    }

    @Test("whatever the moment, it opens at the moment that it names and not a second earlier")
    func promise() throws {
        let hours = try Self.hours(["08:30-12:00", "13:30-17:30"], holidays: ["2026-12-31..2027-01-03"], workdays: ["2026-12-26"])
        let start = try Self.at(12, 1, 0)
        var random = SplitMix(state: 7)
        for _ in 0..<2000 {
            let moment = start + Int64.random(in: 0..<60 * 86_400, using: &random)
            guard case .closed(let opens) = hours.state(at: moment) else { continue }
            let next = try #require(opens)
            #expect(hours.state(at: next) == .open)
            #expect(hours.state(at: next - 1) == .closed(opens: next))
            #expect(next > moment)
        }
    }

    @Test("one that never opens says so, and before 1970 the days are right too")
    func never() throws {
        let never = try Self.hours(holidays: ["2000-01-01..2999-12-31"])
        #expect(never.state(at: try Self.at(6, 1, 10)) == .closed(opens: nil))
        #expect(never.fault(at: try Self.at(6, 1, 10), department: "某局")?.retryAfter == nil)
        // 1969-12-31 was a Wednesday.
        #expect(try Self.hours().state(at: -86_400 + 4 * 3600) == .open)
    }

    @Test("the problem says when, and Retry-After how long")
    func fault() throws {
        let fault = try #require(try Self.hours().fault(at: try Self.at(11, 29, 8, 30), department: "某局"))
        #expect(fault.code == .upstreamUnavailable)
        #expect(fault.detail == "某局 is closed until 2026-11-30T08:30:00+08:00; nothing was sent")
        #expect(fault.retryAfter == 86_400)
    }

    @Test("what is no stretch and no day is none", arguments: ["8:30-17:30", "17:30-08:30", "08:30", "08:60-09:00", "08:30-24:01", ""])
    func mistakes(text: String) {
        #expect(OpeningHours.Stretch(text) == nil)
        #expect(OpeningHours.Days(text) == nil)
        #expect(OpeningHours.Days("2026-02-30") == nil)
        #expect(OpeningHours.Days("2026-03-02..2026-03-01") == nil)
    }
}
