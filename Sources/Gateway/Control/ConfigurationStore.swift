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
    /// The texts are still those of the revision that was gone back from; the one in use stays.
    case held(revision: Int, left: Int)
    /// The configuration cannot be used; the old one goes on.
    case refused([Problem])
    /// The new snapshot was applied, exchanges fared badly under it, and the old one is in use again.
    case rolledBack(revision: Int, reason: String)
    /// The configuration is good, but something it needs cannot be had, such as a port; the old one goes on.
    case cannotStart(String)
}

/// Loads configurations, one at a time, off the event loops.
final class ConfigurationStore: Sendable {
    /// What compiling came to.
    enum Compiled {
        /// A configuration, and what is to be said of it.
        case ready(Snapshot, [Problem])
        /// It is the one that is in use.
        case same
        /// It is still the one that was gone back from.
        case held(ConfigurationHistory.Hold)
        /// It cannot be used.
        case refused([Problem])
    }

    let directory: RouteDirectory
    /// What was in force before.
    let history: ConfigurationHistory
    private let secretsDirectory: String?
    private let buckets = BucketRegistry()
    private let memory = CredentialMemory()
    private let compiled = CompiledFiles()
    private let secretsFingerprint = Mutex("")

    init(directory: RouteDirectory, secretsDirectory: String?, history: ConfigurationHistory) {
        self.directory = directory
        self.secretsDirectory = secretsDirectory
        self.history = history
    }

    /// The buckets of `limits.yaml`.
    var limits: LimitStore { buckets.limits }

    // MARK: Compiling

    /// Compiles the directory for a start. A rollback holds as long as the directory's texts are those that were gone back from; what was
    /// in use before the stop keeps its number.
    func start(_ sources: RouteSources) -> Compiled {
        let fingerprint = Compiler.fingerprint(sources)
        var problems: [Problem] = []
        if let hold = history.hold, hold.fingerprint == fingerprint {
            do throws(ConfigurationHistory.Fault) {
                let kept = try history.sources(of: hold.revision, directory: directory.path)
                if case .ready(let snapshot, let warnings) = compile(kept, since: nil, revision: hold.revision) {
                    return .ready(snapshot, warnings + [ConfigurationStore.holding(hold)])
                }
                problems.append(ConfigurationStore.lost(hold, "it cannot be used any more"))
            } catch { problems.append(ConfigurationStore.lost(hold, error.description)) }
        }
        let last = history.entries.last
        let revision = last?.fingerprint == fingerprint ? last?.revision ?? 1 : history.nextRevision
        switch compile(sources, since: nil, revision: revision) {
        case .ready(let snapshot, let warnings): return .ready(snapshot, warnings + problems)
        case .refused(let errors): return .refused(errors + problems)
        case let other: return other
        }
    }

    /// Reads and compiles the directory. `again` loads it though it is what was gone back from.
    func compile(since current: Snapshot, again: Bool) -> Compiled {
        let sources: RouteSources
        do { sources = try directory.read() } catch {
            return .refused([Problem(.error, "unreadable", error.description, at: nil)])
        }
        let hold = history.hold
        if let hold, !again, hold.fingerprint == Compiler.fingerprint(sources) { return renewed(hold, current) }
        let compiled = compile(sources, since: current, revision: history.nextRevision)
        guard let hold, case .ready(let snapshot, let warnings) = compiled else { return compiled }
        return .ready(snapshot, warnings + [ConfigurationStore.leaving(hold)])
    }

    /// What a reload comes to while a rollback holds: its texts stay, and take secrets and certificates that have changed.
    private func renewed(_ hold: ConfigurationHistory.Hold, _ current: Snapshot) -> Compiled {
        do throws(ConfigurationHistory.Fault) {
            let kept = try history.sources(of: hold.revision, directory: directory.path)
            switch compile(kept, since: current, revision: hold.revision) {
            case .ready(let snapshot, let warnings): return .ready(snapshot, warnings + [ConfigurationStore.holding(hold)])
            case .same, .held: return .held(hold)
            case .refused(let problems): return .refused(problems)
            }
        } catch { return .held(hold) }
    }

    /// Compiles a configuration that was in force before.
    func compile(kept revision: Int) -> Compiled {
        do throws(ConfigurationHistory.Fault) {
            return compile(try history.sources(of: revision, directory: directory.path), since: nil, revision: revision)
        } catch { return .refused([Problem(.error, "no-revision", error.description, at: nil)]) }
    }

    private func compile(_ sources: RouteSources, since current: Snapshot?, revision: Int) -> Compiled {
        let diagnostics = Diagnostics()
        let used = Mutex<[String: String]>([:])
        let file = { (path: String) in
            let read = RouteDirectory.referenced(path)
            if case .success(let bytes) = read { used.withLock { $0["file \(path)"] = String(decoding: bytes, as: UTF8.self) } }
            return read
        }
        let compiler = Compiler(diagnostics, buckets: buckets, memory: memory, compiled: compiled, file: file) { [secretsDirectory] name in
            let value = RouteDirectory.secret(name, secretsDirectory: secretsDirectory)
            used.withLock { $0[name] = value }
            return value
        }
        guard let snapshot = compiler.compile(sources, revision: revision) else { return .refused(diagnostics.sorted) }
        let secrets = Self.fingerprint(used.withLock { $0 })
        let same = current.map { $0.fingerprint == snapshot.fingerprint } ?? false
        let sameSecrets = secretsFingerprint.withLock { known in
            defer { known = secrets }
            return known == secrets
        }
        return same && sameSecrets ? .same : .ready(snapshot, diagnostics.sorted)
    }

    // MARK: What is in force

    /// Notes that a snapshot is in force; nil, or why that could not be kept.
    func applied(
        _ snapshot: Snapshot, at seconds: Int64, by: String, how: ConfigurationHistory.How, hold: ConfigurationHistory.Hold? = nil
    ) -> String? {
        memory.retain(only: snapshot.consumers.signing.books)
        memory.retain(only: Set(snapshot.consumers.tokens.sources.compactMap(\.remote)))
        buckets.retain(only: Set(snapshot.consumers.consumers.map { BucketKey(owner: $0.id, limit: "consumer") }))
        do throws(ConfigurationHistory.Fault) {
            // A restart with what was in use is no change.
            if how == .start, let last = history.entries.last, last.revision == snapshot.revision {
                if history.hold?.revision != snapshot.revision { try history.release() }
                return nil
            }
            try history.record(snapshot, at: seconds, by: by, how: how, hold: hold)
            return nil
        } catch { return error.description }
    }

    /// A digest of the secrets and certificates in use: a changed one is a changed configuration, though no route file says so.
    private static func fingerprint(_ secrets: [String: String]) -> String {
        let text = secrets.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count):\($0.key)\($0.value.utf8.count):\($0.value)" }.joined()
        return Digest.compute(.sha256, Array(text.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
    }

    // MARK: What is said of a rollback

    private static func holding(_ hold: ConfigurationHistory.Hold) -> Problem {
        Problem(
            .warning, "rolled-back",
            "revision \(hold.revision) is in force; the files in the directory are still those of revision \(hold.left), which was gone back from",
            at: nil, help: "mend the files and reload; 'gatewayctl reload --again' loads them as they are")
    }

    private static func leaving(_ hold: ConfigurationHistory.Hold) -> Problem {
        Problem(
            .warning, "leaves-rollback", "this leaves revision \(hold.revision), to which was gone back from revision \(hold.left)", at: nil
        )
    }

    private static func lost(_ hold: ConfigurationHistory.Hold, _ reason: String) -> Problem {
        Problem(
            .warning, "rollback-lost",
            "the rollback from revision \(hold.left) to \(hold.revision) does not hold: \(reason); the files in the directory are loaded",
            at: nil)
    }
}
