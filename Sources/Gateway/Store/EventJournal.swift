public import Adapters
internal import Glibc
internal import Synchronization

/// The events that departments have pushed: one JSON line each, on the disk before the department hears that it was taken, and each
/// once, restarts included. One file a day (Asia/Shanghai); old files are the operator's to keep or remove. Whoever delivers events
/// reads these files from where it stopped.
///
/// An event is known by its key for as long as the files of the newest two days, or the newest `memory` keys, hold it.
public final class EventJournal: Sendable {
    /// An event to be kept.
    public struct Entry: Sendable {
        /// What makes it the same event when it is pushed again: a SHA-256 in hex.
        public let key: String
        /// The line's other members, a JSON object without `key`.
        public let fields: Object

        /// Makes an entry.
        public init(key: String, fields: Object) {
            self.key = key
            self.fields = fields
        }
    }

    /// Why an event cannot be kept.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// What, and the system's reason.
        public let description: String
    }

    private struct State {
        var day = ""
        var descriptor: Int32 = -1
        var length = 0
        var keys: Set<String> = []
        var order: [String] = []
        var oldest = 0
    }

    private let directory: String
    private let memory: Int
    private let state: Mutex<State>

    /// Opens the journal in `directory`, which is made where it is not there, and reads the keys of the newest two files.
    public init(directory: String, memory: Int = 200_000) throws(Fault) {
        self.directory = directory
        self.memory = memory
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw Self.fault("make", directory) }
        state = Mutex(State())
        let names = try Self.files(directory).suffix(2)
        for name in names {
            for key in try Self.keys("\(directory)/\(name)") { state.withLock { remember(key, &$0) } }
        }
    }

    /// Keeps those entries that are new, together with `fields` and their keys; whether each was new. Blocks until they are on the disk.
    /// Where it throws, none of them counts as kept.
    public func append(_ entries: [Entry], day: String) throws(Fault) -> [Bool] {
        let result = state.withLock { state -> Result<[Bool], Fault> in
            var isNew: [Bool] = []
            var lines: [UInt8] = []
            var fresh: Set<String> = []
            for entry in entries {
                let new = !state.keys.contains(entry.key) && fresh.insert(entry.key).inserted
                isNew.append(new)
                guard new else { continue }
                var object: Object = ["key": .string(entry.key)]
                for field in entry.fields.fields { object.append(field.name, field.value) }
                lines += JSONCodec.encode(.object(object)) + [0x0A]
            }
            guard !lines.isEmpty else { return .success(isNew) }
            do throws(Fault) { try write(lines, day, &state) } catch { return .failure(error) }
            for (entry, new) in zip(entries, isNew) where new { remember(entry.key, &state) }
            return .success(isNew)
        }
        return try result.get()
    }

    /// Closes the file.
    public func close() {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
            state.day = ""
        }
    }

    private func remember(_ key: String, _ state: inout State) {
        guard state.keys.insert(key).inserted else { return }
        if state.order.count < memory {
            state.order.append(key)
        } else {
            state.keys.remove(state.order[state.oldest])
            state.order[state.oldest] = key
            state.oldest = (state.oldest + 1) % memory
        }
    }

    // MARK: Files

    private func write(_ bytes: [UInt8], _ day: String, _ state: inout State) throws(Fault) {
        if state.day != day { try open(day, &state) }
        let path = Self.path(directory, day)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(state.descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let fault = Self.fault("write to", path)
                // Half a line must not stay in front of later ones; when it cannot be removed, the next write opens the file anew and does.
                if ftruncate(state.descriptor, off_t(state.length)) != 0 { state.day = "" }
                throw fault
            }
            done += count
        }
        guard fdatasync(state.descriptor) == 0 else {
            let fault = Self.fault("sync", path)
            state.day = ""
            throw fault
        }
        state.length += bytes.count
    }

    private func open(_ day: String, _ state: inout State) throws(Fault) {
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
        state.day = ""
        let path = Self.path(directory, day)
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fault("open", path) }
        // A last line without an end was cut off by a crash: nobody was told that it is kept.
        let whole = try Self.wholeLines(path)
        guard ftruncate(descriptor, off_t(whole)) == 0 else {
            let fault = Self.fault("mend", path)
            Glibc.close(descriptor)
            throw fault
        }
        state.descriptor = descriptor
        state.length = whole
        state.day = day
    }

    private static func path(_ directory: String, _ day: String) -> String { "\(directory)/events-\(day).jsonl" }

    private static func files(_ directory: String) throws(Fault) -> [String] {
        guard let handle = opendir(directory) else { throw fault("read", directory) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("events-"), name.hasSuffix(".jsonl") { names.append(name) }
        }
        return names.sorted()
    }

    private static func keys(_ path: String) throws(Fault) -> [String] {
        var keys: [String] = []
        try lines(path) { line in
            if let key = (try? JSONCodec.decode(Array(line)))?["key"]?.string { keys.append(key) }
        }
        return keys
    }

    /// The length of a file up to its last line end.
    private static func wholeLines(_ path: String) throws(Fault) -> Int {
        var length = 0
        try lines(path) { length += $0.count + 1 }
        return length
    }

    /// Each whole line of a file, without holding the file in memory.
    private static func lines(_ path: String, _ each: (ArraySlice<UInt8>) -> Void) throws(Fault) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault("open", path) }
        defer { Glibc.close(descriptor) }
        var rest: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("read", path) }
            guard count > 0 else { return }
            rest += part[0..<count]
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: 0x0A) {
                each(rest[start..<end])
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }
    }

    private static func fault(_ operation: String, _ path: String) -> Fault {
        Fault(description: "cannot \(operation) '\(path)': \(String(cString: strerror(errno)))")
    }
}
