/// What was meant where libyaml finds a fault of syntax: its own sentences name tokens, not what a person wrote.
struct YAMLAdvice {
    /// A text in quotation marks that goes over several lines: where it opens, and the line on which it is closed.
    struct Quote {
        let opened: Place
        let closed: Int
    }

    /// libyaml's sentence.
    let reason: String
    /// What libyaml was doing; empty where it does not say.
    let context: String
    /// Where the fault is.
    let place: Place
    /// Where that began which libyaml was reading.
    let began: Place?
    /// The last text over several lines before the fault.
    let quote: Quote?

    /// What would have been right; nil where nothing better than libyaml's sentence is known.
    var help: String? { quotation ?? missedColon ?? indicator ?? structure }

    /// A mark that is missing is noticed only at the next one.
    private var quotation: String? {
        if let quote, place.line == quote.closed {
            return "the quotation mark opened \(Self.text(quote.opened)) is closed only on line \(quote.closed): is one missing?"
        }
        if reason.contains("unknown escape") { return #"between double quotes \ begins an escape: write \\, or take single quotes"# }
        guard context.contains("quoted scalar"), let began else { return nil }
        return "the quotation mark was opened \(Self.text(began)), and is not closed"
    }

    /// A line that was to be a key and its value goes on with the next one, and the fault is found there.
    private var missedColon: String? {
        guard reason.contains("mapping values") || reason.contains("expected ':'") else { return nil }
        var number = place.line
        // The nearest line above that is not empty is the one that went on.
        repeat { number -= 1 } while number > 0 && isBlank(number)
        for number in [began?.line ?? number, number, place.line] {
            let line = place.file.line(number) ?? ""
            if let missed = MissedColon(line.drop { $0 == " " || $0 == "-" }) { return "line \(number): \(missed.advice)" }
        }
        return nil
    }

    private func isBlank(_ number: Int) -> Bool { place.file.line(number)?.allSatisfy(\.isWhitespace) ?? true }

    /// A character that means something to YAML.
    private var indicator: String? {
        let scalars = place.file.line(place.line).map { Array($0.unicodeScalars.dropFirst(place.column - 1)) } ?? []
        if reason.contains("tab character") || scalars.first == "\t" { return "a tab cannot indent a line: use blanks" }
        if reason.contains("cannot start any token"), let first = scalars.first {
            let end = scalars.firstIndex { ",]}\"' ".unicodeScalars.contains($0) } ?? scalars.count
            let word = String(String.UnicodeScalarView(scalars[..<end]))
            return "a value that begins with \(first) needs quotes: \"\(word)\""
        }
        if context.contains("alias") || context.contains("anchor") { return "a value that begins with * or & needs quotes" }
        if reason.contains("tag") || context.contains("tag") { return "a value that begins with ! needs quotes" }
        if context.contains("flow"), let mark = place.file.line(place.line)?.first(where: { "，：［］｛｝“”".contains($0) }) {
            return "'\(mark)' on this line is a full-width sign, which means nothing to YAML"
        }
        return nil
    }

    /// How lines and brackets hang together.
    private var structure: String? {
        let start = began.map { ", and this one began \(Self.text($0))" } ?? ""
        if reason.contains("expected ',' or") {
            return "entries have commas between them\(began.map { "; the bracket was opened \(Self.text($0))" } ?? "")"
        }
        if reason.contains("document start") { return "the keys of a file begin in the same column" }
        if reason.contains("expected key") {
            let line = place.file.line(place.line)?.unicodeScalars.prefix(place.column - 1)
            if let last = line?.last(where: { $0 != " " }), last == "\"" || last == "'" {
                return "nothing can stand behind a text in quotation marks: put all of it between them"
            }
            return "the keys of a mapping begin in the same column\(start)"
        }
        if reason.contains("'-' indicator") { return "the items of a list begin in the same column\(start)" }
        if reason.contains("mapping values") { return "a key stands in the column of those beside it; a text with ': ' in it needs quotes" }
        if reason.contains("sequence entries") { return "a list begins on a line of its own, or stands in brackets: [a, b]" }
        if reason.contains("expected ':'") {
            return "a key has a colon and a blank behind it, such as  name: value\(began.map { "; see line \($0.line)" } ?? "")"
        }
        return nil
    }

    private static func text(_ place: Place) -> String { "on line \(place.line), column \(place.column)" }
}

/// A colon that is none to YAML, so that key and value are one text: a full-width one, or one without a blank behind it.
struct MissedColon {
    /// What was to be the key.
    let key: String
    /// What was to be the value.
    let value: String
    /// Whether the colon is `：` (U+FF1A).
    let isFullWidth: Bool

    /// Looks at a text; nil when nothing in it looks like a key that a value follows at once. An address (`http://…`) is no such thing.
    init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(where: { $0 == ":" || $0 == "：" }) else { return nil }
        let name = text[..<colon]
        let rest = text[text.index(after: colon)...]
        isFullWidth = text[colon] == "："
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_-.@#".contains($0) }), !rest.hasPrefix("//"),
            let first = rest.first, isFullWidth || !first.isWhitespace
        else { return nil }
        key = String(name)
        value = String(rest.drop(while: \.isWhitespace))
    }

    /// What is wrong.
    var message: String { isFullWidth ? "a full-width colon (：) means nothing to YAML" : "a blank is missing behind the colon" }

    /// What is wrong, and what would have been right.
    var advice: String { "\(message); write  \(key): \(value.prefix(60))" }
}

extension Node {
    /// What is wrong with a single value that was to be a key and its value; nil for any other node.
    var colonAdvice: String? {
        guard case .scalar(let text, plain: true) = content else { return nil }
        return MissedColon(text)?.advice
    }
}
