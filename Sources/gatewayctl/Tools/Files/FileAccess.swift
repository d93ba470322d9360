internal import Glibc

/// The few things that the tools do with files.
package enum FileAccess {
    /// The bytes of a file; `-` is standard input.
    package static func read(_ path: String) throws(ToolFault) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path, "cannot be read", .unreadable) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw fault(path, "cannot be read", .unreadable) }
            if count == 0 { return bytes }
            bytes += chunk[0..<count]
            if bytes.count > 256 << 20 { throw ToolFault("is larger than 256 MiB", kind: .unreadable, file: path) }
        }
    }

    /// The bytes of a file; nil when there is none.
    package static func readIfThere(_ path: String) throws(ToolFault) -> [UInt8]? {
        exists(path) ? try read(path) : nil
    }

    /// Writes a file; `replacing` says whether one that is there may go.
    package static func write(_ bytes: [UInt8], to path: String, replacing: Bool = false) throws(ToolFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replacing ? O_TRUNC : O_EXCL), 0o644)
        guard descriptor >= 0 else { throw fault(path, "cannot be written", .unwritable) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault(path, "cannot be written", .unwritable) }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a directory and those above it.
    package static func makeDirectory(_ path: String) throws(ToolFault) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made == "/" ? "" : "/") + part
            if mkdir(made, 0o755) != 0, errno != EEXIST { throw fault(made, "cannot be made", .unwritable) }
        }
        guard isDirectory(path) else { throw ToolFault("is no directory", kind: .unwritable, file: path) }
    }

    /// Whether there is anything of that name.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether it is a directory.
    package static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory but hidden ones, in order; none when there is no such directory.
    package static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func fault(_ path: String, _ what: String, _ kind: ToolFault.Kind) -> ToolFault {
        ToolFault("\(what): \(String(cString: strerror(errno)))", kind: kind, file: path)
    }
}
