import Adapters
import Foundation

/// The test data beside the project (`suites/`), from `TONGBAN_SHARED` or `../shared` of the project's root.
enum CodecSuites {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["TONGBAN_SHARED"] { return URL(fileURLWithPath: path) }
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.deletingLastPathComponent().appendingPathComponent("shared")
    }()

    static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appendingPathComponent("suites/" + path).path) }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appendingPathComponent("suites/" + path))) }

    static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("suites/" + folder).path).sorted()
    }

    /// The 515 naughty strings, read by Foundation and not by the code under test.
    static func naughtyStrings() throws -> [String] {
        try JSONSerialization.jsonObject(with: Data(bytes("naughty-strings/blns.json"))) as? [String] ?? []
    }
}

/// The fault that an operation throws; nil when it succeeds.
func codecFault<Result>(_ operation: () throws(CodecFault) -> Result) -> CodecFault? {
    do throws(CodecFault) {
        _ = try operation()
        return nil
    } catch {
        return error
    }
}

/// The processor time of the calling thread in milliseconds that an operation takes.
func cpuMilliseconds(_ operation: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
    let start = now()
    operation()
    return now() - start
}
