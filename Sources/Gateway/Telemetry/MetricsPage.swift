public import GatewayCore
internal import Synchronization

/// The page of `/metrics`: Prometheus text exposition format 0.0.4. Made from the counters of all loops without stopping
/// any; only names that have counted something are written, so its size follows the traffic, not the configuration.
public struct MetricsPage {
    /// The media type of the page.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var out: [UInt8] = []

    /// The page as it is now. `process` is nil in tests of the rest.
    public static func render(
        _ meters: Meters, upstreams: [(name: String, figures: UpstreamFigures)] = [], accessLog: AccessLog.Figures, process: ProcessFigures?
    ) -> [UInt8] {
        var page = MetricsPage()
        let state = meters.state.withLock { $0 }
        page.routes(state)
        page.departments(state)
        page.upstreams(upstreams)
        page.ends(meters.ends, state)
        page.failures(meters.failures, state)
        page.loops(state)
        page.configuration(state)
        page.family("tongban_access_log_dropped_total", "counter", "Access records dropped because the log could not keep up.")
        page.sample("tongban_access_log_dropped_total", value: String(accessLog.dropped))
        page.family("tongban_access_log_waiting_chunks", "gauge", "Chunks of access records that wait to be written.")
        page.sample("tongban_access_log_waiting_chunks", value: String(accessLog.waiting))
        page.family("tongban_access_log_failing", "gauge", "Whether the last write of access records failed.")
        page.sample("tongban_access_log_failing", value: accessLog.isFailing ? "1" : "0")
        if let process { page.process(process) }
        return page.out
    }

    private struct Series {
        let label: String
        let sums: [UInt64]
    }

    /// The sums over all loops of every name that counted something.
    private static func series(_ names: [String], _ label: String, _ shards: [MeterShard]) -> [Series] {
        let loops = shards.map(\.current)
        return names.indices.compactMap { index in
            var sums = [UInt64](repeating: 0, count: MeterBlock.stride)
            for blocks in loops where index / MeterBlock.names < blocks.count {
                blocks[index / MeterBlock.names].read(name: index, into: &sums)
            }
            guard sums.contains(where: { $0 != 0 }) else { return nil }
            return Series(label: "\(label)=\"\(escaped(names[index]))\"", sums: sums)
        }
    }

    private mutating func routes(_ state: Meters.State) {
        let series = MetricsPage.series(state.routes.list, "route", state.shards.map(\.routes))
        family("tongban_requests_total", "counter", "Exchanges by route and class of the status sent; none when no status was sent.")
        let classes = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"]
        for one in series {
            for (index, name) in classes.enumerated() where one.sums[MeterCell.status + index] > 0 {
                sample("tongban_requests_total", "\(one.label),status=\"\(name)\"", value: String(one.sums[MeterCell.status + index]))
            }
        }
        histogram("tongban_request_duration_seconds", "From the head's arrival to the end of the exchange.", series)
        family("tongban_request_bytes_total", "counter", "Bytes received from clients.")
        for one in series { sample("tongban_request_bytes_total", one.label, value: String(one.sums[MeterCell.bytesIn])) }
        family("tongban_reply_bytes_total", "counter", "Bytes sent to clients.")
        for one in series { sample("tongban_reply_bytes_total", one.label, value: String(one.sums[MeterCell.bytesOut])) }
    }

    private mutating func departments(_ state: Meters.State) {
        let series = MetricsPage.series(state.departments.list, "department", state.shards.map(\.departments))
        histogram("tongban_upstream_duration_seconds", "What the department took of an exchange.", series)
    }

    private mutating func ends(_ words: [String], _ state: Meters.State) {
        family("tongban_exchange_ends_total", "counter", "Exchanges by the way they ended.")
        let counted = MetricsPage.series(words, "end", state.shards.map(\.ends))
        for one in counted { sample("tongban_exchange_ends_total", one.label, value: String(one.sums[0])) }
    }

    private mutating func failures(_ words: [String], _ state: Meters.State) {
        let counted = MetricsPage.series(words, "reason", state.shards.map(\.failures))
        family("tongban_authentication_failures_total", "counter", "Requests whose caller was not believed, by the reason.")
        for one in counted { sample("tongban_authentication_failures_total", one.label, value: String(one.sums[0])) }
        family("tongban_authentication_locks_total", "counter", "Addresses and consumers that were locked out.")
        sample("tongban_authentication_locks_total", value: String(counted.reduce(0) { $0 &+ $1.sums[1] }))
    }

    private mutating func configuration(_ state: Meters.State) {
        family("tongban_config_revision", "gauge", "The revision of the configuration in use.")
        sample("tongban_config_revision", value: String(state.revision))
        family("tongban_config_reloads_total", "counter", "Reloads of the configuration by result.")
        for (result, count) in zip(ReloadResult.allCases, state.reloads) {
            sample("tongban_config_reloads_total", "result=\"\(result.rawValue)\"", value: String(count))
        }
    }

    private mutating func process(_ figures: ProcessFigures) {
        func single(_ name: String, _ type: String, _ help: String, _ value: String) {
            family(name, type, help)
            sample(name, value: value)
        }
        single("process_cpu_seconds_total", "counter", "CPU time, user and system.", String(figures.cpuSeconds))
        single("process_resident_memory_bytes", "gauge", "Memory in use.", String(figures.residentBytes))
        single("process_virtual_memory_bytes", "gauge", "Address space in use.", String(figures.virtualBytes))
        single("process_open_fds", "gauge", "Open file descriptors.", String(figures.openDescriptors))
        single("process_max_fds", "gauge", "The limit of open file descriptors.", String(figures.maximumDescriptors))
        single("process_start_time_seconds", "gauge", "Start time since 1970-01-01T00:00:00Z.", String(figures.startTimeSeconds))
    }

    private mutating func histogram(_ name: String, _ help: String, _ series: [Series]) {
        family(name, "histogram", help)
        for one in series {
            var count: UInt64 = 0
            for (index, label) in DurationBuckets.labels.enumerated() {
                count &+= one.sums[MeterCell.buckets + index]
                sample(name + "_bucket", "\(one.label),le=\"\(label)\"", value: String(count))
            }
            count &+= one.sums[MeterCell.buckets + DurationBuckets.labels.count]
            sample(name + "_bucket", "\(one.label),le=\"+Inf\"", value: String(count))
            sample(name + "_sum", one.label, value: String(Double(one.sums[MeterCell.durationSum]) / 1e9))
            sample(name + "_count", one.label, value: String(count))
        }
    }

    mutating func family(_ name: String, _ type: String, _ help: String) {
        out.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n".utf8)
    }

    mutating func sample(_ name: String, _ labels: String = "", value: String) {
        out.append(contentsOf: name.utf8)
        if !labels.isEmpty {
            out.append(UInt8(ascii: "{"))
            out.append(contentsOf: labels.utf8)
            out.append(UInt8(ascii: "}"))
        }
        out.append(UInt8(ascii: " "))
        out.append(contentsOf: value.utf8)
        out.append(UInt8(ascii: "\n"))
    }

    /// A label's value: backslash, quote and line feed are escaped.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}
