internal import Glibc

/// What the kernel knows of this process, for the `process_*` metrics; figures that cannot be read are 0.
public struct ProcessFigures: Sendable, Hashable {
    /// CPU time, user and system, in seconds.
    public let cpuSeconds: Double
    /// Resident memory in bytes.
    public let residentBytes: Int
    /// Address space in bytes.
    public let virtualBytes: Int
    /// Open file descriptors.
    public let openDescriptors: Int
    /// The soft limit of open file descriptors.
    public let maximumDescriptors: UInt64
    /// Start time in seconds since 1970-01-01T00:00:00Z, to a hundredth.
    public let startTimeSeconds: Double

    /// Reads them now: three small files under /proc and one directory. Admin side, not an event loop of the data plane.
    public static func read() -> ProcessFigures {
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        // Fields of proc(5) after the name in parentheses, which may hold spaces: state is number 3, so index 0.
        let fields = text("/proc/self/stat").split(separator: ")").last?.split(separator: " ").map { Double($0) ?? 0 } ?? []
        func field(_ number: Int) -> Double { fields.indices.contains(number - 3) ? fields[number - 3] : 0 }
        let boot = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) } ?? 0
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return ProcessFigures(
            cpuSeconds: (field(14) + field(15)) / ticks, residentBytes: Int(field(24)) * Int(sysconf(Int32(_SC_PAGESIZE))),
            virtualBytes: Int(field(23)), openDescriptors: descriptors(), maximumDescriptors: UInt64(limit.rlim_cur),
            startTimeSeconds: boot + field(22) / ticks)
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count > 0, bytes.count < 1 << 20 else { break }
            bytes.append(contentsOf: part.prefix(count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func descriptors() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // The directory itself was open while it was counted.
        return max(0, count - 1)
    }
}
