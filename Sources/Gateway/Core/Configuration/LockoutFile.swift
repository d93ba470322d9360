internal import Adapters

/// `lockout` of `consumers.yaml`: when repeated failures lock somebody out.
enum LockoutFile {
    /// The keys of the section.
    static let keys = ["failures", "consumer-failures", "within", "for", "except"]

    /// The rule; nil when the file says `off`.
    static func read(_ section: Section, _ diagnostics: Diagnostics) -> LockoutRule? {
        guard let node = section["lockout"] else { return LockoutRule() }
        if node.text == "off" {
            diagnostics.warning("lockout", "nobody is locked out, however often a credential is wrong", at: section.place(of: "lockout"))
            return nil
        }
        guard let part = Section(node, as: "'lockout'", keys: keys, diagnostics) else { return nil }
        var rule = LockoutRule()
        if let failures = part.integer("failures", in: 3...1_000_000) { rule.failures = failures }
        if let failures = part.integer("consumer-failures", in: 3...1_000_000) { rule.consumerFailures = failures }
        let range = Duration.seconds(1)...Duration.seconds(86400)
        if let window = part.duration("within", in: range) { rule.window = window.nanoseconds }
        if let duration = part.duration("for", in: range) { rule.duration = duration.nanoseconds }
        if let texts = part.strings("except") {
            rule.except = texts.compactMap { text in
                if let range = AddressRange(text) { return range }
                diagnostics.error(
                    "wrong-address", "'\(text)' is no address and no range", at: part.place(of: text, in: "except"),
                    help: "such as 10.1.2.3, 10.1.0.0/16 or 2001:db8::/32")
                return nil
            }
        }
        return rule
    }
}
