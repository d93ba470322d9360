/// Numbers in ideographs, as certificates and seals write them, made digits: 二〇二四年五月二十三日 is 2024年5月23日.
enum ChineseNumerals {
    private static let digits: [Unicode.Scalar: Int64] = [
        "〇": 0, "○": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "两": 2,
        "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
    ]
    private static let units: [Unicode.Scalar: Int64] = [
        "十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000,
    ]

    /// A text with every number in ideographs as digits; what is no number stays as it is.
    static func digits(in text: String) -> String {
        var out = ""
        var run: [Unicode.Scalar] = []
        func end() {
            if !run.isEmpty { out += number(run) }
            run = []
        }
        for scalar in text.unicodeScalars {
            if digits[scalar] != nil || units[scalar] != nil {
                run.append(scalar)
            } else {
                end()
                out.unicodeScalars.append(scalar)
            }
        }
        end()
        return out
    }

    private static func number(_ run: [Unicode.Scalar]) -> String {
        guard run.contains(where: { units[$0] != nil }) else { return run.compactMap { digits[$0].map(String.init) }.joined() }
        return value(run).map(String.init) ?? String(String.UnicodeScalarView(run))
    }

    /// What a run with units says, which is below 10 to the power of 12; nil where units do not become smaller, one has no digit before it, or
    /// a last digit leaves its unit to be guessed (一万二).
    private static func value(_ run: [Unicode.Scalar]) -> Int64? {
        var total: Int64 = 0
        // Of the four places below 万, or below 亿: what they come to, the last unit, and what stands since then.
        var (section, unit, digit, isZero) = (Int64(0), Int64(10_000), Int64?.none, false)
        var large = Int64.max
        func whole() -> Int64? {
            guard let digit else { return section }
            return section == 0 && total == 0 || unit == 10 || isZero ? section + digit : nil
        }
        for (position, scalar) in run.enumerated() {
            if let found = digits[scalar] {
                guard digit == nil else { return nil }
                if found == 0 { isZero = true } else { digit = found }
                continue
            }
            guard let next = units[scalar] else { return nil }
            if next < 10_000 {
                guard next < unit, let factor = digit ?? (next == 10 && position == 0 ? 1 : nil) else { return nil }
                (section, unit) = (section + factor * next, next)
            } else {
                guard next < large, let part = whole(), part > 0 else { return nil }
                (total, section, unit, large) = (total + part * next, 0, 10_000, next)
            }
            (digit, isZero) = (nil, false)
        }
        return whole().map { total + $0 }
    }
}
