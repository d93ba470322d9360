import Foundation
import Testing

@testable import Gateway

private func text(_ meters: Meters, process: ProcessFigures? = nil) -> String {
    var figures = AccessLog.Figures()
    (figures.dropped, figures.waiting, figures.isFailing) = (3, 2, true)
    return String(decoding: MetricsPage.render(meters, accessLog: figures, process: process), as: UTF8.self)
}

private func busyMeters() throws -> Meters {
    let meters = Meters(ends: ["answered", "refused", "client-gone"])
    let answered = try #require(meters.end("answered"))
    let gone = try #require(meters.end("client-gone"))
    let loops = [meters.makeLoopMeters(), meters.makeLoopMeters()]
    let route = meters.route("cases.submit")
    let odd = meters.route("a\"b\\c\r\nd市")
    let scjg = meters.department("hlj-scjg")
    for loop in loops {
        loop.connectionOpened()
        loop.upstreamConnectionOpened()
        loop.record(
            ExchangeMeasure(status: 201, end: answered, total: 3_000_000, upstream: 2_500_000, bytesIn: 922, bytesOut: 100),
            route: route, department: scjg)
    }
    loops[0].upstreamConnectionClosed()
    loops[1].record(
        ExchangeMeasure(status: 0, end: gone, total: 61_000_000_000, bytesIn: 10, bytesOut: 0), route: odd, department: nil)
    meters.reloaded(.applied, revision: 7)
    return meters
}

@Suite struct MetricsPageTests {
    @Test("The loops' counters add up on the page")
    func sums() throws {
        let lines = Set(text(try busyMeters()).split(separator: "\n").map(String.init))
        let expected = [
            #"tongban_requests_total{route="cases.submit",status="2xx"} 2"#,
            #"tongban_requests_total{route="a\"b\\c\#u{D}\nd市",status="none"} 1"#,
            #"tongban_request_duration_seconds_bucket{route="cases.submit",le="0.0025"} 0"#,
            #"tongban_request_duration_seconds_bucket{route="cases.submit",le="0.005"} 2"#,
            #"tongban_request_duration_seconds_bucket{route="cases.submit",le="+Inf"} 2"#,
            #"tongban_request_duration_seconds_sum{route="cases.submit"} 0.006"#,
            #"tongban_request_duration_seconds_count{route="cases.submit"} 2"#,
            #"tongban_request_duration_seconds_bucket{route="a\"b\\c\#u{D}\nd市",le="60"} 0"#,
            #"tongban_request_duration_seconds_bucket{route="a\"b\\c\#u{D}\nd市",le="+Inf"} 1"#,
            #"tongban_upstream_duration_seconds_bucket{department="hlj-scjg",le="0.0025"} 2"#,
            #"tongban_request_bytes_total{route="cases.submit"} 1844"#, #"tongban_reply_bytes_total{route="cases.submit"} 200"#,
            #"tongban_exchange_ends_total{end="answered"} 2"#, #"tongban_exchange_ends_total{end="client-gone"} 1"#,
            "tongban_connections 2", "tongban_upstream_connections 1", "tongban_config_revision 7",
            #"tongban_config_reloads_total{result="applied"} 1"#, #"tongban_config_reloads_total{result="refused"} 0"#,
            "tongban_access_log_dropped_total 3", "tongban_access_log_waiting_chunks 2", "tongban_access_log_failing 1",
        ]
        for line in expected { #expect(lines.contains(line), "\(line)") }
    }

    @Test("Each family stands once, with its help and type before its samples; names and values are in the format's letters")
    func strictForm() throws {
        let page = text(try busyMeters(), process: .read())
        #expect(page.last == "\n")
        var seen: Set<String> = []
        var family = ""
        let sample = try Regex(#"([a-z_]+)(\{([a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*)\})? ([0-9.e+-]+)"#)
        for line in page.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP ") {
                family = String(words[2])
                #expect(seen.insert(family).inserted)
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == family)
            } else {
                let match = try #require(line.wholeMatch(of: sample), "\(line)")
                let name = String(match.output[1].substring ?? "")
                #expect([family, family + "_bucket", family + "_sum", family + "_count"].contains(name))
                #expect(Double(match.output[7].substring ?? "") != nil)
            }
        }
        #expect(seen.count == 33)
    }

    @Test("prometheus_client parses the page", .enabled(if: hasPrometheusClient, "the Python package prometheus_client is absent"))
    func independentParser() throws {
        let script = """
            import sys
            from prometheus_client.parser import text_string_to_metric_families as parse
            families = {f.name: f for f in parse(sys.stdin.buffer.read().decode())}
            requests = {(s.labels["route"], s.labels["status"]): s.value for s in families["tongban_requests"].samples}
            assert requests == {("cases.submit", "2xx"): 2.0, ('a"b\\\\c\\r\\nd市', "none"): 1.0}, requests
            assert families["tongban_request_duration_seconds"].type == "histogram"
            assert families["process_resident_memory_bytes"].samples[0].value > 1e6
            assert families["process_open_fds"].samples[0].value >= 3
            assert 1.6e9 < families["process_start_time_seconds"].samples[0].value < 1e10
            """
        let directory = try TemporaryDirectory()
        try Data(text(try busyMeters(), process: .read()).utf8).write(to: URL(fileURLWithPath: directory.file("page")))
        let (status, output) = try python(script, input: directory.file("page"))
        #expect(status == 0, "\(output)")
    }

    @Test("A route that comes back after a reload goes on counting; names beyond the limit share one series")
    func namesAreBounded() throws {
        let meters = Meters(ends: ["answered"], nameLimit: 200)
        let answered = try #require(meters.end("answered"))
        #expect(meters.end("unheard-of") == nil)
        let loop = meters.makeLoopMeters()
        for number in 0..<300 {
            loop.record(
                ExchangeMeasure(status: 200, end: answered, total: 1, upstream: 1, bytesIn: 1, bytesOut: 1),
                route: meters.route("r\(number)"), department: meters.department("d\(number)"))
        }
        #expect(meters.route("r7") == meters.route("r7"))
        let page = text(meters)
        #expect(page.contains(#"tongban_requests_total{route="r198",status="2xx"} 1"#))
        #expect(page.contains(#"tongban_requests_total{route="_other",status="2xx"} 101"#))
        #expect(page.contains(#"tongban_upstream_duration_seconds_count{department="_other"} 101"#))
        #expect(!page.contains("r199"))
    }

    @Test("Durations fall in the bucket whose bound they do not exceed")
    func buckets() {
        #expect(DurationBuckets.bounds.count == DurationBuckets.labels.count)
        for (index, bound) in DurationBuckets.bounds.enumerated() {
            #expect(DurationBuckets.index(bound) == index)
            #expect(DurationBuckets.index(bound + 1) == index + 1)
            #expect(Double(DurationBuckets.labels[index]) == Double(bound) / 1e9)
        }
        #expect(DurationBuckets.index(0) == 0 && DurationBuckets.index(.max) == 15)
    }

    @Test("Reading while the loops count sees counters that never run backwards, and misses none in the end")
    func whileCounting() async throws {
        let meters = Meters(ends: ["answered"])
        let answered = try #require(meters.end("answered"))
        let routes = (0..<130).map { meters.route("r\($0)") }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let loop = meters.makeLoopMeters()
                    for number in 0..<50_000 {
                        loop.record(
                            ExchangeMeasure(status: 200, end: answered, total: 1, bytesIn: 1, bytesOut: 1),
                            route: routes[number % routes.count], department: nil)
                    }
                }
            }
            group.addTask {
                var last = 0
                for _ in 0..<20 {
                    let line = text(meters).split(separator: "\n").first { $0.hasPrefix("tongban_exchange_ends_total{") }
                    let count = line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
                    #expect(count >= last)
                    last = count
                }
            }
        }
        #expect(text(meters).contains(#"tongban_exchange_ends_total{end="answered"} 100000"#))
    }
}

private let hasPrometheusClient = (try? python("import prometheus_client", input: "/dev/null"))?.status == 0

private func python(_ script: String, input: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", script]
    process.standardInput = FileHandle(forReadingAtPath: input)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
