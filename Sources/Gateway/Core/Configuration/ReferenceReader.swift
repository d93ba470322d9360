internal import Adapters

/// Why a file that the routes refer to cannot be had.
public struct ReferenceFault: Error, Sendable, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A reason.
    public init(_ description: String) { self.description = description }
}

/// What a file's references came to.
struct ReferenceReadings: Sendable, Hashable {
    /// The value of each secret; nil for one that is not set.
    var secrets: [String: String?] = [:]
    /// The bytes of each file; nil for one that cannot be read.
    var files: [String: [UInt8]?] = [:]
}

/// Takes down what references come to while a file is read.
final class ReferenceNotes {
    /// So far.
    fileprivate(set) var readings = ReferenceReadings()
}

/// Resolves what route files only refer to: secrets by name, files by path. What cannot be had is reported with its place.
struct ReferenceReader {
    let diagnostics: Diagnostics
    private let missing: Compiler.MissingSecrets
    private let secret: (String) -> String?
    private let file: (String) -> Result<[UInt8], ReferenceFault>

    init(
        _ diagnostics: Diagnostics, missing: Compiler.MissingSecrets, secret: @escaping (String) -> String?,
        file: @escaping (String) -> Result<[UInt8], ReferenceFault>
    ) {
        self.diagnostics = diagnostics
        self.missing = missing
        self.secret = secret
        self.file = file
    }

    /// A reader of the same that takes down what it finds, and reports to diagnostics of its own.
    func noting() -> (reader: ReferenceReader, notes: ReferenceNotes) {
        let (notes, found, secret, file) = (ReferenceNotes(), Diagnostics(), secret, file)
        found.observer = diagnostics.observer
        let reader = ReferenceReader(found, missing: missing) { name in
            let value = secret(name)
            notes.readings.secrets[name] = .some(value)
            return value
        } file: { path in
            let result = file(path)
            notes.readings.files[path] = .some(try? result.get())
            return result
        }
        return (reader, notes)
    }

    /// Whether references come to what they came to before.
    func finds(_ readings: ReferenceReadings) -> Bool {
        readings.secrets.allSatisfy { secret($0.key) == $0.value } && readings.files.allSatisfy { (try? file($0.key).get()) == $0.value }
    }

    /// The value of a secret.
    func secret(_ name: String, at place: Place) -> String? {
        if let value = secret(name) { return value }
        let help = "set the environment variable \(name), or put a file of that name into the secrets directory"
        report("missing-secret", "the secret '\(name)' is not set", at: place, help: help)
        return nil
    }

    private func report(_ rule: String, _ message: String, at place: Place, help: String?) {
        switch missing {
        case .refuse: diagnostics.error(rule, message, at: place, help: help)
        case .warn: diagnostics.warning(rule, message + " here", at: place, help: help)
        }
    }

    /// What `{ secret: NAME }` or `{ file: PATH }` refers to; nil, with a problem, when the node says something else.
    func material(_ section: Section, _ key: String, what: String) -> Material? {
        guard let node = section[key] else { return nil }
        let help = "a reference: { secret: NAME } or { file: PATH }"
        guard node.entries != nil else {
            diagnostics.error("literal-secret", "'\(key)' is no reference to \(what)", at: node.place, help: help)
            return nil
        }
        guard let reference = Section(node, as: "'\(key)'", keys: ["secret", "file"], diagnostics) else { return nil }
        switch (reference["secret"], reference["file"]) {
        case (let node?, nil): return diagnostics.secretName(node).map { secretMaterial($0, at: node.place) }
        case (nil, let node?): return reference.string("file").map { fileMaterial($0, at: node.place) }
        default:
            diagnostics.error("missing-key", "'\(key)' needs 'secret' or 'file', one of them", at: node.place, help: help)
            return nil
        }
    }

    private func secretMaterial(_ name: String, at place: Place) -> Material {
        // A trial lets a secret's name in braces stand for one that is not set.
        guard let value = secret(name, at: place), value != "{\(name)}" else { return Material(missing: "secret \(name)") }
        return Material(origin: "secret \(name)", bytes: Array(value.utf8))
    }

    private func fileMaterial(_ path: String, at place: Place) -> Material {
        switch file(path) {
        case .success(let bytes): return Material(origin: "file \(path)", bytes: bytes)
        case .failure(let fault):
            let help = fault.description + "; a path begins at the directory in which the program was started, unless it is absolute"
            report("unreadable", "the file '\(path)' cannot be read", at: place, help: help)
            return Material(missing: "file \(path)")
        }
    }
}
