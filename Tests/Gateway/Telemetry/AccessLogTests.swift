import Adapters
import Foundation
import Testing

@testable import Gateway
import GatewayCore

private func sample() -> AccessRecord {
    var record = AccessRecord(epochMilliseconds: 1_700_000_000_007, traceID: (0x0AF7_6519_16CD_43DD, 0x8448_EB21_1C80_319C))
    record.requestID = "req-1"
    record.consumer = "portal"
    record.route = "cases.submit"
    record.department = "hlj-scjg"
    record.upstream = "127.0.0.1:9101"
    record.method = "POST"
    record.path = "/v1/cases"
    record.status = 422
    record.code = .upstreamRejected
    record.end = "answered"
    record.totalNanoseconds = 12_345_678
    record.upstreamNanoseconds = 9_000_999
    record.bytesIn = 922
    record.bytesOut = 1_024
    record.client = "10.1.2.3"
    record.httpVersion = "1.1"
    record.retries = 1
    record.revision = 42
    return record
}

private func object(_ line: some Sequence<UInt8>) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
}

@Suite struct AccessRecordTests {
    @Test("A record is one line of JSON with every field")
    func line() throws {
        #expect(
            String(decoding: sample().line(), as: UTF8.self) == #"""
                {"time":"2023-11-15T06:13:20.007+08:00","traceId":"0af7651916cd43dd8448eb211c80319c","requestId":"req-1","consumer":"portal",\#
                "route":"cases.submit","department":"hlj-scjg","upstream":"127.0.0.1:9101","method":"POST","path":"/v1/cases","status":422,\#
                "code":"UPSTREAM_REJECTED","end":"answered","ms":12.345,"upstreamMs":9.000,"bytesIn":922,"bytesOut":1024,\#
                "client":"10.1.2.3","httpVersion":"1.1","retries":1,"revision":42}

                """#)
        var record = sample()
        record.spanID = 0xB7AD_6B71_6920_3331
        record.operator = "clerk 7"
        record.code = nil
        record.requestID = ""
        record.upstreamNanoseconds = -1
        let fields = try object(record.line())
        #expect(fields["spanId"] as? String == "b7ad6b7169203331")
        #expect(fields["operator"] as? String == "clerk 7")
        #expect(fields["code"] as? String == "")
        #expect(fields["requestId"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(fields["upstreamMs"] == nil)
    }

    @Test("Any text comes back from the line as it was, or cut at 1,024 bytes between characters")
    func escapes() throws {
        let texts = [
            "\"", "\\", "\u{0}\u{1F}\n\r\t\u{7F}", "𠮷野家\u{2028}", "1234567\"", "12345678\\90", String(repeating: "\u{1}", count: 3_000),
            String(repeating: "吉", count: 342), String(repeating: "a", count: 1_024), "x" + String(repeating: "𠮷", count: 300),
        ]
        for text in texts {
            var record = sample()
            record.route = text
            record.requestID = text
            record.end = text
            let line = record.line()
            #expect(line.last == UInt8(ascii: "\n"))
            #expect(line.dropLast().allSatisfy { $0 >= 0x20 })
            let fields = try object(line)
            for key in ["route", "requestId", "end"] {
                let found = try #require(fields[key] as? String)
                #expect(text.utf8.starts(with: found.utf8))
                #expect(text.utf8.count <= 1_024 ? found == text : (1_021...1_024).contains(found.utf8.count))
            }
        }
    }

    @Test("What JSON must escape is escaped at every place of a text of every length")
    func escapesEverywhere() throws {
        for length in 0...33 {
            for place in 0...length {
                for odd in ["\"", "\\", "\u{0}", "\u{1F}", "é", "\u{80}", ""] {
                    var record = sample()
                    record.consumer = String(repeating: "!", count: place) + odd + String(repeating: "~", count: length - place)
                    let found = try object(record.line())["consumer"] as? String
                    #expect(found == record.consumer)
                }
            }
        }
    }

    @Test("Numbers of every length are written right")
    func numbers() throws {
        var number: Int64 = 1
        for _ in 0..<63 {
            for value in [number, number - 1, -number, .max - number] {
                var record = sample()
                record.bytesIn = value
                record.totalNanoseconds = number
                record.traceID = (UInt64(bitPattern: value), UInt64(number))
                let line = String(decoding: record.line(), as: UTF8.self)
                #expect(line.contains("\"bytesIn\":\(value),"))
                #expect(line.contains("\"ms\":\(number / 1_000_000).\(String(format: "%03d", number / 1_000 % 1_000)),"))
                #expect(line.contains(String(format: "\"traceId\":\"%016lx%016lx\"", UInt64(bitPattern: value), UInt64(number))))
            }
            number &*= 2
        }
    }

    @Test("Personal numbers that a client put where it could are masked, also next to what JSON escapes")
    func masked() throws {
        for put in [\AccessRecord.requestID, \.operator, \.method, \.path] {
            for text in ["230100199001010016", "\u{1}13812345678", "a=%3113812345678&b=%2013812345678", "\n11010519491231002X\""] {
                var record = sample()
                record[keyPath: put] = text
                let line = String(decoding: record.line(), as: UTF8.self)
                #expect(!line.contains("13812345678") || text.contains("%31"))
                #expect(!line.contains("199001010016") && !line.contains("19491231002"))
                #expect(line.contains("**"))
            }
        }
    }

    @Test("The time is right over second, day and leap year borders")
    func times() {
        let cases: [(Int64, String)] = [
            (0, "1970-01-01T08:00:00.000+08:00"), (-1, "1970-01-01T07:59:59.999+08:00"),
            (1_709_135_999_999, "2024-02-28T23:59:59.999+08:00"),
            (1_709_136_000_000, "2024-02-29T00:00:00.000+08:00"), (1_735_660_799_001, "2024-12-31T23:59:59.001+08:00"),
            (1_735_660_800_000, "2025-01-01T00:00:00.000+08:00"), (951_753_600_000, "2000-02-29T00:00:00.000+08:00"),
        ]
        var clock = TimestampText()
        for (time, text) in cases + cases.reversed() {
            let written = [UInt8](unsafeUninitializedCapacity: 29) { buffer, count in
                var cursor = ByteCursor(UnsafeMutableRawBufferPointer(buffer))
                clock.write(time, to: &cursor)
                count = cursor.count
            }
            #expect(String(decoding: written, as: UTF8.self) == text)
            #expect(ShanghaiTime.day(epochMilliseconds: time) == text.prefix(10).filter { $0 != "-" })
        }
    }
}

@Suite struct AccessLogTests {
    let directory: TemporaryDirectory
    var path: String { directory.file("access.jsonl") }

    init() throws { directory = try TemporaryDirectory() }

    private func revisions(_ path: String) throws -> [Int] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(data.isEmpty || data.last == UInt8(ascii: "\n"))
        return try data.split(separator: UInt8(ascii: "\n")).map { try #require(try object($0)["revision"] as? Int) }
    }

    @Test("Every record of every loop is in the file once after flush and close")
    func nothingLost() async throws {
        let log = try AccessLog(target: .file(path))
        await withTaskGroup(of: Void.self) { group in
            for loop in 0..<4 {
                group.addTask {
                    let buffer = log.makeBuffer()
                    var record = sample()
                    for number in 0..<5_000 {
                        record.revision = Int64(loop * 5_000 + number)
                        buffer.record(record)
                        if number % 300 == 0 { buffer.tick() }
                    }
                    buffer.flush()
                }
            }
        }
        log.close()
        #expect(log.dropped == 0 && log.written == 20_000)
        let found = try revisions(path)
        #expect(found.sorted() == Array(0..<20_000))
        for loop in 0..<4 { #expect(found.filter { $0 / 5_000 == loop } == Array(loop * 5_000..<(loop + 1) * 5_000)) }
    }

    @Test("A tick brings what a loop has written to the file without a close")
    func tick() async throws {
        let log = try AccessLog(target: .file(path))
        let buffer = log.makeBuffer()
        buffer.record(sample())
        #expect(try revisions(path).isEmpty)
        buffer.tick()
        for _ in 0..<200 where try revisions(path).isEmpty { usleep(10_000) }
        #expect(try revisions(path) == [42])
    }

    @Test("A renamed file is followed by a new one after reopen, with no record lost")
    func rotation() throws {
        let log = try AccessLog(target: .file(path))
        let buffer = log.makeBuffer()
        var record = sample()
        for number in 0..<30 {
            record.revision = Int64(number)
            buffer.record(record)
            buffer.flush()
            if number % 10 == 9 {
                try FileManager.default.moveItem(atPath: path, toPath: "\(path).\(number)")
                try log.reopen()
            }
        }
        log.close()
        let files = ["\(path).9", "\(path).19", "\(path).29", path]
        #expect(try files.flatMap { try revisions($0) } == Array(0..<30))
    }

    @Test("While the disk is full records wait, and are dropped and counted when too many wait")
    func fullDisk() throws {
        let log = try AccessLog(target: .file("/dev/full"), queueLimit: 4)
        let buffer = log.makeBuffer()
        var record = sample()
        #expect(log.isWriting)
        for number in 0..<10 {
            record.revision = Int64(number)
            buffer.record(record)
            buffer.flush()
        }
        for _ in 0..<200 where log.failure == nil { usleep(10_000) }
        #expect(log.failure == "No space left on device")
        #expect(!log.isWriting)
        #expect(log.dropped == 6)
        log.close()
        #expect(log.dropped == 10 && log.written == 0)
    }

    @Test("Records that waited while writing failed are written when it works again")
    func recovery() throws {
        let link = directory.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
        let log = try AccessLog(target: .file(link))
        let buffer = log.makeBuffer()
        var record = sample()
        for number in 0..<5 {
            record.revision = Int64(number)
            buffer.record(record)
            buffer.flush()
        }
        for _ in 0..<200 where log.failure == nil { usleep(10_000) }
        try FileManager.default.removeItem(atPath: link)
        try log.reopen()
        for _ in 0..<200 where log.written < 5 { usleep(10_000) }
        #expect(log.failure == nil && log.isWriting && log.dropped == 0)
        log.close()
        #expect(try revisions(link) == Array(0..<5))
    }

    @Test("A write that stops in the middle of a line is finished as a whole line in the file that is opened next")
    func tornLine() async throws {
        let path = self.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let log = try AccessLog(target: .file(path))
            let buffer = log.makeBuffer()
            let length = sample().line().count
            var limit = rlimit(rlim_cur: rlim_t(length * 2 + 100), rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for _ in 0..<5 { buffer.record(sample()) }
            buffer.flush()
            for _ in 0..<200 where log.failure == nil { usleep(10_000) }
            #expect(log.failure == "File too large")
            try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            try log.reopen()
            log.close()
            #expect(log.written == 5 && log.dropped == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".1")).count == length * 2 + 100)
        }
        #expect(try revisions(path) == [42, 42, 42])
    }

    @Test("After close records count as dropped; a buffer that is let go hands over what it has")
    func ends() throws {
        let log = try AccessLog(target: .file(path))
        do { log.makeBuffer().record(sample()) }
        let late = log.makeBuffer()
        log.close()
        log.close()
        late.record(sample())
        late.flush()
        #expect(log.written == 1 && log.dropped == 1)
        #expect(try revisions(path) == [42])
    }

    @Test("Records larger than a buffer are written whole")
    func large() throws {
        let log = try AccessLog(target: .file(path))
        let buffer = log.makeBuffer()
        var record = sample()
        let long = String(repeating: "\u{1}", count: 1_024)
        (record.consumer, record.route, record.department, record.upstream) = (long, long, long, long)
        (record.end, record.client, record.path, record.method, record.requestID) = (long, long, long, long, long)
        (record.operator, record.httpVersion) = (long, long)
        for number in 0..<20 {
            record.revision = Int64(number)
            buffer.record(record)
            buffer.record(sample())
        }
        buffer.flush()
        log.close()
        #expect(try revisions(path) == (0..<20).flatMap { [$0, 42] })
    }

    @Test("Off writes nothing; a path that cannot be opened is an error that names it")
    func targets() throws {
        let off = try AccessLog(target: .off)
        let buffer = off.makeBuffer()
        buffer.record(sample())
        buffer.flush()
        off.close()
        #expect(off.dropped == 0 && off.written == 0 && off.isWriting)
        #expect {
            try AccessLog(target: .file("/proc/none/x"))
        } throws: { ($0 as? AccessLogError)?.description == "cannot open the access log '/proc/none/x': No such file or directory" }
    }
}
