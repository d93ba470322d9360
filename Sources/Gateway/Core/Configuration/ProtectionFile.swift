internal import Adapters

extension ProtectionRules {
    /// The words of `limits` that are about what the department can stand.
    static let limitKeys = ["concurrent", "rate", "burst", "queue", "wait", "bandwidth"]

    /// Reads what an `upstream` mapping says of sparing the department; `limits` is its own section, already opened.
    static func read(_ upstream: Section, limits: Section?, needsCurl: String?) -> ProtectionRules {
        var rules = ProtectionRules()
        /// Why its calls do not travel over the event loops' own transport.
        let takesAnother = needsCurl ?? (upstream["transport"]?.text == "curl" ? "'transport: curl'" : nil)
        rules.concurrent = limits?.integer("concurrent", in: 1...65536)
        if let limits {
            let burst = limits.integer("burst", in: 1...1_000_000_000)
            rules.rate = limits.rate("rate", burst: burst)
            if burst != nil, limits["rate"] == nil {
                limits.diagnostics.error("missing-key", "'burst' belongs to a 'rate'", at: limits.place(of: "burst"))
            }
            rules.bandwidth = limits.byteCount("bandwidth", in: BandwidthRule.least...BandwidthRule.most).map { BandwidthRule(rate: $0) }
            rules.queue = limits.integer("queue", in: 0...100_000) ?? rules.queue
            rules.wait = limits.nanoseconds("wait", in: .milliseconds(1)...Duration.seconds(600)) ?? rules.wait
        }
        if let node = upstream["breaker"] {
            rules.breaker = isOff(node) ? nil : BreakerRule.read(node, upstream.diagnostics)
        }
        if let node = upstream["outlier"] {
            rules.outlier = isOff(node) ? nil : OutlierRule.read(node, upstream.diagnostics)
        }
        if let node = upstream["health"] {
            rules.health = HealthRule.read(node, upstream.diagnostics)
            if let reason = takesAnother {
                upstream.diagnostics.error(
                    "wrong-place", "'health' asks over the event loops' own transport, and \(reason) takes another",
                    at: upstream.place(of: "health"))
            }
        }
        if let limits, limits["bandwidth"] != nil, let reason = takesAnother {
            upstream.diagnostics.error(
                "wrong-place", "'bandwidth' is counted on the event loops' own transport, and \(reason) takes another",
                at: limits.place(of: "bandwidth"))
        }
        return rules
    }

    private static func isOff(_ node: Node) -> Bool { node.text == "off" }
}

extension BreakerRule {
    fileprivate static func read(_ node: Node, _ diagnostics: Diagnostics) -> BreakerRule {
        var rule = BreakerRule()
        guard let section = Section(node, as: "'breaker'", keys: ["failures", "share", "window", "pause", "longest"], diagnostics) else {
            return rule
        }
        let range = Duration.milliseconds(100)...Duration.seconds(3600)
        rule.failures = section.integer("failures", in: 1...1_000_000) ?? rule.failures
        rule.share = section.integer("share", in: 1...100) ?? rule.share
        rule.window = section.nanoseconds("window", in: range) ?? rule.window
        rule.pause = section.nanoseconds("pause", in: range) ?? rule.pause
        let longest = section.nanoseconds("longest", in: range)
        rule.longestPause = longest ?? max(rule.longestPause, rule.pause)
        if let longest, longest < rule.pause {
            diagnostics.error(
                "out-of-range", "'longest' is shorter than 'pause'", at: section.place(of: "longest"),
                help: "the pause is doubled with every failed probe until it is as long as 'longest'")
        }
        return rule
    }
}

extension OutlierRule {
    fileprivate static func read(_ node: Node, _ diagnostics: Diagnostics) -> OutlierRule {
        var rule = OutlierRule()
        guard let section = Section(node, as: "'outlier'", keys: ["failures", "slower", "pause"], diagnostics) else { return rule }
        rule.failures = section.integer("failures", in: 1...1_000_000) ?? rule.failures
        rule.slower = section.integer("slower", in: 2...1000)
        rule.pause = section.nanoseconds("pause", in: .milliseconds(100)...Duration.seconds(3600)) ?? rule.pause
        return rule
    }
}

extension HealthRule {
    fileprivate static func read(_ node: Node, _ diagnostics: Diagnostics) -> HealthRule? {
        guard let section = Section(node, as: "'health'", keys: ["path", "every", "timeout", "rise", "fall", "status"], diagnostics),
            let path = section.requiredString("path")
        else { return nil }
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            diagnostics.error(
                "wrong-path", "'\(path)' is no path", at: section["path"]?.place, help: "it begins with / and has no spaces: /health")
            return nil
        }
        var rule = HealthRule(path: path)
        rule.every = section.nanoseconds("every", in: .milliseconds(100)...Duration.seconds(3600)) ?? rule.every
        rule.timeout = section.nanoseconds("timeout", in: .milliseconds(50)...Duration.seconds(600)) ?? rule.timeout
        rule.rise = section.integer("rise", in: 1...100) ?? rule.rise
        rule.fall = section.integer("fall", in: 1...100) ?? rule.fall
        rule.statuses = (section.strings("status") ?? []).compactMap { text in
            if let status = Int(text), (100...599).contains(status) { return status }
            diagnostics.error("unknown-value", "'\(text)' is no status", at: section.place(of: text, in: "status"), help: "from 100 to 599")
            return nil
        }
        return rule
    }
}
