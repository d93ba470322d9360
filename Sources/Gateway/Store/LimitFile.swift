internal import Glibc
public import GatewayCore

/// The file of what limits must remember over a restart: quotas, and rates with much to make up for. Written whole to a file beside it
/// and renamed, so that there is always one that can be read.
///
///     tongban-limits 1 SEED SEED MILLISECONDS
///     q KEY KEY VALUE
public struct LimitFile: Sendable {
    /// What a file holds.
    public struct Content: Sendable, Hashable {
        /// The seed of its keys.
        public var seed: LimitSeed
        /// Milliseconds since 1970 at which it was written.
        public var written: Int64
        /// What is kept.
        public var kept: [KeptLimit]

        /// Makes a content.
        public init(seed: LimitSeed, written: Int64, kept: [KeptLimit]) {
            self.seed = seed
            self.written = written
            self.kept = kept
        }
    }

    /// Why it cannot be read or written.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// What, and the system's reason.
        public let description: String
    }

    private let path: String

    /// A file.
    public init(path: String) { self.path = path }

    /// Reads it; nil when there is none.
    public func read() throws(Fault) -> Content? {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return nil }
            throw fault("read")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[0..<count] }
        guard let content = Self.parse(String(decoding: bytes, as: UTF8.self)) else {
            throw Fault(description: "\(path) is no file of limits; move it away to begin with full limits")
        }
        return content
    }

    private static func parse(_ text: String) -> Content? {
        var lines = text.split(separator: "\n").makeIterator()
        guard let head = lines.next()?.split(separator: " "), head.count == 5, head[0] == "tongban-limits", head[1] == "1",
            let high = UInt64(head[2], radix: 16), let low = UInt64(head[3], radix: 16), let written = Int64(head[4])
        else { return nil }
        var kept: [KeptLimit] = []
        while let line = lines.next() {
            let words = line.split(separator: " ")
            guard words.count == 4, let kind = KeptLimit.Kind(rawValue: String(words[0])), let high = UInt64(words[1], radix: 16),
                let low = UInt64(words[2], radix: 16), let value = Int64(words[3])
            else { return nil }
            kept.append(KeptLimit(kind: kind, high: high, low: low, value: value))
        }
        return Content(seed: LimitSeed(high: high, low: low), written: written, kept: kept)
    }

    /// Writes it; when this returns it is on the disk.
    public func write(_ content: Content) throws(Fault) {
        let seed = content.seed
        var text = "tongban-limits 1 \(String(seed.high, radix: 16)) \(String(seed.low, radix: 16)) \(content.written)\n"
        for one in content.kept {
            text += "\(one.kind.rawValue) \(String(one.high, radix: 16)) \(String(one.low, radix: 16)) \(one.value)\n"
        }
        let temporary = path + ".new"
        guard let file = fopen(temporary, "we") else { throw fault("write") }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0 && fdatasync(fileno(file)) == 0
        guard fclose(file) == 0, isWritten, rename(temporary, path) == 0 else { throw fault("write") }
    }

    private func fault(_ what: String) -> Fault { Fault(description: "cannot \(what) \(path): \(String(cString: strerror(errno)))") }
}
