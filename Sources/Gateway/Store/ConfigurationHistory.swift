internal import Adapters
public import GatewayCore
internal import Synchronization

/// The configurations that were in force, on the disk: who put which in force when, and the texts of the newest of them, so that an older
/// one can be put in force again, by this gateway or after a restart.
///
/// In its directory `index.json` says what happened, `revision-N.json` which files a revision had, and `texts/SHA256` holds each text
/// once. Route files name secrets and hold none; all of it is readable by the owner only.
public final class ConfigurationHistory: Sendable {
    /// How a configuration came into force.
    public enum How: String, Sendable, Hashable {
        /// The gateway began with it.
        case start
        /// It was loaded.
        case reload
        /// Somebody went back to it.
        case rollback
        /// The gateway went back to it by itself: exchanges fared badly under the one after it.
        case takenBack = "taken-back"
    }

    /// One configuration that came into force.
    public struct Entry: Sendable, Hashable {
        /// Its number.
        public let revision: Int
        /// SHA-256 over all texts, in hex.
        public let fingerprint: String
        /// Seconds since 1970.
        public let appliedAt: Int64
        /// Who asked: a user, or a signal.
        public let by: String
        /// How.
        public let how: How
        /// The files that came, went or differ from the configuration before, by their names below the directory.
        public let changed: [String]
    }

    /// A rollback that holds: the files in the directory are still those that were gone back from.
    public struct Hold: Sendable, Hashable {
        /// The revision that was left.
        public let left: Int
        /// The fingerprint of the texts that were left.
        public let fingerprint: String
        /// The revision that is in force in its place.
        public let revision: Int
    }

    /// Why the history cannot be used.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// What, and the system's reason.
        public let description: String
    }

    private struct State {
        var entries: [Entry] = []
        var hold: Hold?
        /// Of each kept revision, the digest of each file by its name.
        var kept: [Int: [String: String]] = [:]
        /// The files of the configuration in force.
        var files: [String: String] = [:]
        var texts: Set<String> = []
        /// Whether texts that no revision has were removed: a stop at the wrong moment leaves some.
        var isSwept = false
    }

    /// How many entries are listed.
    static let entryLimit = 100
    /// How many revisions keep their texts.
    static let keptLimit = 20

    private let files: HistoryFiles
    private let state: Mutex<State>

    /// Reads the history in a directory; one that is not there is a history of nothing.
    public init(directory: String) throws(Fault) {
        files = HistoryFiles(directory: directory)
        var state = State()
        if let index = try files.index() { (state.entries, state.hold) = index }
        for revision in try files.revisions() { state.kept[revision] = try files.manifest(revision) }
        state.texts = Set(try files.texts())
        if let last = state.entries.last { state.files = state.kept[last.revision] ?? [:] }
        self.state = Mutex(state)
    }

    /// What came into force, oldest first.
    public var entries: [Entry] { state.withLock { $0.entries } }

    /// The rollback that holds, if any.
    public var hold: Hold? { state.withLock { $0.hold } }

    /// The revisions whose texts are kept, in order.
    public var kept: [Int] { state.withLock { $0.kept.keys.sorted() } }

    /// The number for a new configuration.
    public var nextRevision: Int { state.withLock { ($0.entries.map(\.revision).max() ?? 0) + 1 } }

    /// The newest revision before another that has other texts; nil where there is none.
    public func revision(before revision: Int, fingerprint: String) -> Int? {
        state.withLock { state in
            state.entries.filter { $0.revision < revision && $0.fingerprint != fingerprint && state.kept[$0.revision] != nil }
                .map(\.revision).max()
        }
    }

    /// Notes that a configuration is in force, and keeps its texts. Blocks until it is on the disk.
    public func record(
        _ snapshot: Snapshot, at seconds: Int64, by: String, how: How, hold: Hold? = nil
    ) throws(Fault) {
        let named = snapshot.sources.named
        let digests = named.mapValues { Hex.encode(Digest.compute(.sha256, $0)) }
        let result = state.withLock { state -> Result<Void, Fault> in
            Result { () throws(Fault) -> Void in
                // Texts that were written before something failed are nobody's.
                let wasSwept = state.isSwept
                state.isSwept = false
                try keep(named, digests, snapshot.revision, &state)
                state.isSwept = wasSwept
                let changed = Set(digests.keys).union(state.files.keys).filter { digests[$0] != state.files[$0] }.sorted()
                state.entries.append(
                    Entry(
                        revision: snapshot.revision, fingerprint: snapshot.fingerprint, appliedAt: seconds, by: by, how: how,
                        changed: Array(changed.prefix(20))))
                if state.entries.count > Self.entryLimit { state.entries.removeFirst(state.entries.count - Self.entryLimit) }
                state.files = digests
                state.hold = hold
                try files.write(index: state.entries, hold)
                try forget(&state)
            }
        }
        try result.get()
    }

    /// The rollback does not hold any more.
    public func release() throws(Fault) {
        let result = state.withLock { state -> Result<Void, Fault> in
            guard state.hold != nil else { return .success(()) }
            state.hold = nil
            return Result { () throws(Fault) -> Void in try files.write(index: state.entries, nil) }
        }
        try result.get()
    }

    private func keep(
        _ named: [String: [UInt8]], _ digests: [String: String], _ revision: Int, _ state: inout State
    ) throws(Fault) {
        guard state.kept[revision] != digests else { return }
        try files.prepare()
        let new = digests.filter { !state.texts.contains($0.value) }
        // One after the other where they are few; ten thousand of them are better synced at once.
        let isFew = new.count <= 200
        for (name, digest) in new {
            try files.write(text: named[name] ?? [], digest, synced: isFew)
            state.texts.insert(digest)
        }
        if !isFew { files.syncTexts() }
        try files.write(manifest: digests, revision)
        state.kept[revision] = digests
    }

    /// Removes what is older than the newest revisions; the one in force stays whatever its age.
    private func forget(_ state: inout State) throws(Fault) {
        let inForce = state.entries.last?.revision
        let old = state.kept.keys.sorted().dropLast(Self.keptLimit).filter { $0 != inForce && $0 != state.hold?.left }
        guard !old.isEmpty else { return }
        // Of ten thousand files nearly all stand in the configuration in force too, under the same name.
        var candidates: Set<String> = []
        for revision in old {
            let gone = state.kept.removeValue(forKey: revision) ?? [:]
            for (name, digest) in gone where state.files[name] != digest { candidates.insert(digest) }
            files.remove(manifest: revision)
        }
        let unused: Set<String>
        if state.isSwept, candidates.count <= 20 {
            unused = candidates.filter { digest in !state.kept.values.contains { $0.values.contains(digest) } }
        } else {
            unused = state.texts.subtracting(state.kept.values.flatMap(\.values))
            state.isSwept = true
        }
        for digest in unused { files.remove(text: digest) }
        state.texts.subtract(unused)
    }

    /// The texts of a kept revision, as if they stood in `directory`. Each is held to its digest.
    public func sources(of revision: Int, directory: String) throws(Fault) -> RouteSources {
        guard let digests = state.withLock({ $0.kept[revision] }) else {
            let kept = self.kept.map(String.init).joined(separator: ", ")
            throw Fault(
                description: "the texts of revision \(revision) are not kept; kept are: \(kept.isEmpty ? "none" : kept)")
        }
        var named: [String: [UInt8]] = [:]
        for (name, digest) in digests {
            let bytes = try files.text(digest)
            guard Hex.encode(Digest.compute(.sha256, bytes)) == digest else {
                throw Fault(description: "the kept text of \(name) in revision \(revision) is damaged")
            }
            named[name] = bytes
        }
        return RouteSources(directory: directory, named: named)
    }
}
