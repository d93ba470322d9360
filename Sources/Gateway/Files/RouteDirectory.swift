internal import Glibc
public import GatewayCore

/// Reads a routes directory and the secrets that it refers to: the only place where configuration meets files.
public struct RouteDirectory: Sendable {
    /// A file that cannot be read.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// What, and the system's reason.
        public let description: String
    }

    /// The directory, as given.
    public let path: String

    /// A directory.
    public init(path: String) { self.path = path }

    /// The largest file that is read, in bytes: far above any route file, far below what would hurt.
    private static let fileLimit = 64 << 20

    /// Reads every text. A missing file is no fault here: the compiler says what is needed.
    public func read() throws(Fault) -> RouteSources {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            throw Fault(description: "\(path) is no directory of routes")
        }
        return RouteSources(
            directory: path, gateway: try text("gateway.yaml"), consumers: try text("consumers.yaml"),
            limits: try text("limits.yaml"),
            contract: try text("contract/openapi.yaml"),
            departments: try texts(in: "departments"), aggregations: try texts(in: "aggregations"))
    }

    /// The YAML files of a folder, by name.
    private func texts(in folder: String) throws(Fault) -> [RouteSources.Text] {
        guard let directory = opendir("\(path)/\(folder)") else {
            if let fault = Self.absence("\(path)/\(folder)", errno) { throw fault }
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml"), !name.hasPrefix(".") { names.append(name) }
        }
        var texts: [RouteSources.Text] = []
        for name in names.sorted() {
            if let text = try text("\(folder)/\(name)") { texts.append(text) }
        }
        return texts
    }

    private func text(_ name: String) throws(Fault) -> RouteSources.Text? {
        let file = "\(path)/\(name)"
        switch Self.bytes(of: file) {
        case .success(let bytes): return bytes.map { RouteSources.Text(path: file, bytes: $0) }
        case .failure(let fault): throw fault
        }
    }

    /// Why a name could not be opened; nil where there is nothing of that name. A link that leads nowhere is something: taken for nothing, it
    /// would make a department or all consumers disappear without a word.
    private static func absence(_ name: String, _ error: Int32) -> Fault? {
        guard error == ENOENT || error == ENOTDIR else {
            return Fault(description: "\(name) cannot be read: \(String(cString: strerror(error)))")
        }
        var info = stat()
        return lstat(name, &info) == 0 ? Fault(description: "\(name) cannot be read: it is a link to nothing, or no directory") : nil
    }

    /// The bytes of a regular file; nil when there is nothing of that name.
    private static func bytes(of file: String) -> Result<[UInt8]?, Fault> {
        // Without waiting: opening a pipe would wait for whoever writes into it, and a reload with it.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return absence(file, errno).map(Result.failure) ?? .success(nil) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            return .failure(Fault(description: "\(file) cannot be read: it is no regular file"))
        }
        return contents(of: descriptor, expected: Int(info.st_size), file).map(Optional.some)
    }

    /// What is left to read; `expected` bytes by what the system says, which may change meanwhile.
    private static func contents(of descriptor: Int32, expected: Int, _ file: String) -> Result<[UInt8], Fault> {
        var bytes: [UInt8] = []
        var failure: Int32 = 0
        while true {
            guard bytes.count <= fileLimit else { return .failure(Fault(description: "\(file) is larger than \(fileLimit) bytes")) }
            // A byte more than expected, so that the end is seen.
            let room = max(4096, min(expected, fileLimit) + 1 - bytes.count)
            let part = [UInt8](unsafeUninitializedCapacity: room) { memory, count in
                repeat { count = Glibc.read(descriptor, memory.baseAddress, room) } while count < 0 && errno == EINTR
                failure = count < 0 ? errno : 0
                count = max(0, count)
            }
            if failure != 0 { return .failure(Fault(description: "\(file) cannot be read: \(String(cString: strerror(failure)))")) }
            if part.isEmpty { return .success(bytes) }
            if bytes.isEmpty { bytes = part } else { bytes += part }
        }
    }

    /// A file that a route file refers to by its path, such as a certificate.
    public static func referenced(_ path: String) -> Result<[UInt8], ReferenceFault> {
        switch bytes(of: path) {
        case .success(let bytes?): .success(bytes)
        case .success(nil): .failure(ReferenceFault("there is no such file"))
        case .failure(let fault): .failure(ReferenceFault(fault.description))
        }
    }

    /// A secret: a file of that name in `secretsDirectory` (its last line end does not count), otherwise the environment's
    /// variable of that name. Nil when there is neither, or the name could be a path.
    public static func secret(_ name: String, secretsDirectory: String?) -> String? {
        guard !name.isEmpty,
            name.utf8.allSatisfy({ $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        if let secretsDirectory, case .success(let bytes?) = bytes(of: "\(secretsDirectory)/\(name)") {
            var text = Substring(String(decoding: bytes, as: UTF8.self))
            if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text = text.dropLast() }
            return String(text)
        }
        return getenv(name).map { String(cString: $0) }
    }
}
