public import Adapters
import GatewayCore
import RouteFiles
import Synchronization

/// What a load of the configuration came to.
public enum LoadResult: Sendable {
    /// A new snapshot, published.
    case applied(revision: Int, warnings: [Problem])
    /// The texts and secrets are those that are in use.
    case unchanged(revision: Int)
    /// The configuration cannot be used; the old one goes on.
    case refused([Problem])
    /// The new snapshot was applied, exchanges fared badly under it, and the old one is in use again.
    case rolledBack(revision: Int, reason: String)
    /// The configuration is good, but something it needs cannot be had, such as a port; the old one goes on.
    case cannotStart(String)
}

/// One entry of the history: who applied what, when.
public struct RevisionRecord: Sendable {
    /// The number.
    public let revision: Int
    /// SHA-256 over all texts, in hex.
    public let fingerprint: String
    /// Seconds since 1970.
    public let appliedAt: Int64
    /// Who asked: a user, or a signal.
    public let by: String
}

/// Loads configurations, one at a time, off the event loops.
final class ConfigurationStore: Sendable {
    private struct State {
        var revision = 0
        var secretsFingerprint = ""
        var history: [RevisionRecord] = []
    }

    let directory: RouteDirectory
    private let secretsDirectory: String?
    private let buckets = BucketRegistry()
    private let memory = CredentialMemory()
    private let state = Mutex(State())

    /// How many entries of the history are kept.
    private static let historyLimit = 100

    init(directory: RouteDirectory, secretsDirectory: String?) {
        self.directory = directory
        self.secretsDirectory = secretsDirectory
    }

    /// The history, oldest first.
    var history: [RevisionRecord] { state.withLock { $0.history } }

    /// Reads and compiles. Nil in `snapshot` together with no problems means that nothing changed since `current`.
    func compile(since current: Snapshot?) -> (snapshot: Snapshot?, problems: [Problem]) {
        let diagnostics = Diagnostics()
        let sources: RouteSources
        do { sources = try directory.read() } catch {
            return (nil, [Problem(.error, "unreadable", error.description, at: nil)])
        }
        let used = Mutex<[String: String]>([:])
        let next = state.withLock { $0.revision } + 1
        let file = { (path: String) in
            let read = RouteDirectory.referenced(path)
            if case .success(let bytes) = read { used.withLock { $0["file \(path)"] = String(decoding: bytes, as: UTF8.self) } }
            return read
        }
        let compiler = Compiler(diagnostics, buckets: buckets, memory: memory, file: file) { [secretsDirectory] name in
            let value = RouteDirectory.secret(name, secretsDirectory: secretsDirectory)
            used.withLock { $0[name] = value }
            return value
        }
        let snapshot = compiler.compile(sources, revision: next)
        guard let snapshot else { return (nil, diagnostics.sorted) }
        let secrets = Self.fingerprint(used.withLock { $0 })
        let same = current.map { $0.fingerprint == snapshot.fingerprint } ?? false
        let sameSecrets = state.withLock { state in
            defer { state.secretsFingerprint = secrets }
            return state.secretsFingerprint == secrets
        }
        if same, sameSecrets { return (nil, []) }
        return (snapshot, diagnostics.sorted)
    }

    /// Notes that a snapshot is in use.
    func applied(_ snapshot: Snapshot, at seconds: Int64, by: String) {
        state.withLock { state in
            // Numbers are never used twice, also after a rollback.
            state.revision = max(state.revision, snapshot.revision)
            state.history.append(RevisionRecord(revision: snapshot.revision, fingerprint: snapshot.fingerprint, appliedAt: seconds, by: by))
            if state.history.count > Self.historyLimit { state.history.removeFirst() }
        }
        memory.retain(only: snapshot.consumers.signing.books)
        buckets.retain(only: Set(snapshot.consumers.consumers.map { BucketKey(owner: $0.id, limit: "consumer") }))
    }

    /// A digest of the secrets and certificates in use: a changed one is a changed configuration, though no route file says so.
    private static func fingerprint(_ secrets: [String: String]) -> String {
        let text = secrets.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count):\($0.key)\($0.value.utf8.count):\($0.value)" }.joined()
        return Digest.compute(.sha256, Array(text.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
    }
}
