internal import Adapters

extension Section {
    /// A rate such as `200/s`: a count per `s`, `m`, `h` or `d`, and how many at once, which is the count unless said.
    func rate(_ key: String, burst: Int? = nil) -> RateRule? {
        guard let text = string(key), let place = self[key]?.place else { return nil }
        guard let match = text.wholeMatch(of: /([0-9]{1,9})\/(s|m|h|d)/), let count = Int(match.1), count > 0 else {
            diagnostics.error("wrong-rate", "'\(text)' is no rate", at: place, help: "a count per s, m, h or d, such as 200/s")
            return nil
        }
        let seconds = ["s": 1, "m": 60, "h": 3600, "d": 86_400][String(match.2)] ?? 1
        if let rule = RateRule(count: count, per: .seconds(seconds), burst: burst) { return rule }
        diagnostics.error("wrong-rate", "'\(text)' with this burst is out of range", at: place, help: "a smaller burst")
        return nil
    }

    /// A length of time in nanoseconds, within `range`.
    func nanoseconds(_ key: String, in range: ClosedRange<Duration>) -> Int64? {
        duration(key, in: range).map { duration in
            let (seconds, attoseconds) = duration.components
            return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        }
    }
}
