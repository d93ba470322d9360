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

    /// A run of numerals: digit by digit, or with units, of which none may be too large for what stands before it.
    private static func number(_ run: [Unicode.Scalar]) -> String {
        let asIs = String(String.UnicodeScalarView(run))
        // 万元 and 十 behind a digit of another kind are words.
        guard run.contains(where: { units[$0] != nil }) else { return run.compactMap { digits[$0].map(String.init) }.joined() }
        guard run.count <= 24, run[0] == "十" || run[0] == "拾" || digits[run[0]] != nil else { return asIs }
        // `section` counts what stands below 万, `total` what stands above.
        var (total, section, digit): (Int64, Int64, Int64?) = (0, 0, nil)
        for scalar in run {
            if let value = digits[scalar] {
                guard digit == nil || digit == 0 else { return asIs }
                digit = value
            } else if let unit = units[scalar] {
                if unit == 10_000 {
                    total += (section + (digit ?? 0)) * unit
                    section = 0
                } else if unit > 10_000 {
                    let (product, isTooLarge) = (total + section + (digit ?? 0)).multipliedReportingOverflow(by: unit)
                    guard !isTooLarge else { return asIs }
                    (total, section) = (product, 0)
                } else {
                    section += (digit ?? (unit == 10 && section == 0 ? 1 : 0)) * unit
                }
                digit = nil
            }
        }
        return String(total + section + (digit ?? 0))
    }
}
