internal import Adapters
internal import Glibc

/// The files of a history of configurations. Every file that says something is written anew under another name, synced and renamed; texts
/// are held to their digests when they are read.
struct HistoryFiles: Sendable {
    typealias Fault = ConfigurationHistory.Fault
    typealias Entry = ConfigurationHistory.Entry
    typealias Hold = ConfigurationHistory.Hold

    let directory: String

    private var indexPath: String { "\(directory)/index.json" }
    private func manifestPath(_ revision: Int) -> String { "\(directory)/revision-\(revision).json" }
    private func textPath(_ digest: String) -> String { "\(directory)/texts/\(digest)" }

    /// Makes the directories.
    func prepare() throws(Fault) {
        for path in [directory, "\(directory)/texts"] where mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw fault("make", path)
        }
    }

    // MARK: Reading

    /// What the index says; nil where there is none.
    func index() throws(Fault) -> ([Entry], Hold?)? {
        guard let bytes = try read(indexPath) else { return nil }
        guard let value = try? JSONCodec.decode(bytes), let listed = value["entries"]?.array else { throw damaged(indexPath) }
        var entries: [Entry] = []
        for item in listed {
            guard case .integer(let revision)? = item["revision"], case .integer(let seconds)? = item["appliedAt"],
                let fingerprint = item["fingerprint"]?.string, let by = item["by"]?.string,
                let how = item["how"]?.string.flatMap(ConfigurationHistory.How.init), let number = Int(exactly: revision)
            else { throw damaged(indexPath) }
            entries.append(
                Entry(
                    revision: number, fingerprint: fingerprint, appliedAt: seconds, by: by, how: how,
                    changed: (item["changed"]?.array ?? []).compactMap(\.string)))
        }
        guard let held = value["hold"], held.object != nil else { return (entries, nil) }
        guard case .integer(let left)? = held["left"], case .integer(let revision)? = held["revision"],
            let fingerprint = held["fingerprint"]?.string, let from = Int(exactly: left), let to = Int(exactly: revision)
        else { throw damaged(indexPath) }
        return (entries, Hold(left: from, fingerprint: fingerprint, revision: to))
    }

    /// The revisions that have a manifest.
    func revisions() throws(Fault) -> [Int] {
        try names(in: directory).compactMap { name in
            guard let match = name.wholeMatch(of: /revision-([0-9]{1,9})\.json/) else { return nil }
            return Int(match.1)
        }.sorted()
    }

    /// The digest of each file of a revision.
    func manifest(_ revision: Int) throws(Fault) -> [String: String] {
        let path = manifestPath(revision)
        guard let bytes = try read(path), let files = (try? JSONCodec.decode(bytes))?["files"]?.object else { throw damaged(path) }
        var digests: [String: String] = [:]
        for field in files.fields {
            // A digest becomes the name of a file: nothing else may stand there.
            guard let digest = field.value.string, digest.wholeMatch(of: /[0-9a-f]{64}/) != nil else { throw damaged(path) }
            digests[field.name] = digest
        }
        return digests
    }

    /// The digests of the texts that are there.
    func texts() throws(Fault) -> [String] { try names(in: "\(directory)/texts").filter { $0.utf8.count == 64 } }

    /// A text.
    func text(_ digest: String) throws(Fault) -> [UInt8] {
        guard let bytes = try read(textPath(digest)) else { throw Fault(description: "\(textPath(digest)) is not there") }
        return bytes
    }

    private func names(in path: String) throws(Fault) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw fault("read", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private func read(_ path: String) throws(Fault) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw fault("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("read", path) }
            guard count > 0 else { return bytes }
            bytes += part[0..<count]
        }
    }

    // MARK: Writing

    func write(index entries: [Entry], _ hold: Hold?) throws(Fault) {
        let listed = entries.map { entry -> Value in
            [
                "revision": .integer(Int64(entry.revision)), "fingerprint": .string(entry.fingerprint),
                "appliedAt": .integer(entry.appliedAt),
                "by": .string(entry.by), "how": .string(entry.how.rawValue), "changed": .array(entry.changed.map(Value.string)),
            ]
        }
        let held: Value =
            hold.map {
                [
                    "left": .integer(Int64($0.left)), "fingerprint": .string($0.fingerprint), "revision": .integer(Int64($0.revision)),
                ]
            } ?? .null
        try replace(indexPath, JSONCodec.encode(["entries": .array(listed), "hold": held], indented: true) + [0x0A])
    }

    func write(manifest digests: [String: String], _ revision: Int) throws(Fault) {
        var files = Object(capacity: digests.count)
        for (name, digest) in digests.sorted(by: { $0.key < $1.key }) { files.append(name, .string(digest)) }
        let value: Value = ["revision": .integer(Int64(revision)), "files": .object(files)]
        try replace(manifestPath(revision), JSONCodec.encode(value, indented: true) + [0x0A])
    }

    func write(text bytes: [UInt8], _ digest: String, synced: Bool) throws(Fault) {
        try write(bytes, to: textPath(digest) + ".new", synced: synced)
        guard rename(textPath(digest) + ".new", textPath(digest)) == 0 else { throw fault("replace", textPath(digest)) }
    }

    /// Waits until texts that were written without that are on the disk.
    func syncTexts() { sync() }

    func remove(manifest revision: Int) { unlink(manifestPath(revision)) }
    func remove(text digest: String) { unlink(textPath(digest)) }

    private func replace(_ path: String, _ bytes: [UInt8]) throws(Fault) {
        try prepare()
        try write(bytes, to: path + ".new", synced: true)
        guard rename(path + ".new", path) == 0 else { throw fault("replace", path) }
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw fault("open", directory) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw fault("sync", directory) }
    }

    private func write(_ bytes: [UInt8], to path: String, synced: Bool) throws(Fault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault("write", path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault("write", path) }
            done += count
        }
        if synced, fsync(descriptor) != 0 { throw fault("sync", path) }
    }

    private func damaged(_ path: String) -> Fault {
        Fault(description: "\(path) is damaged; move the directory \(directory) away to begin a new history")
    }

    private func fault(_ verb: String, _ path: String) -> Fault {
        Fault(description: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
