package import Adapters
package import GatewayCore
internal import RouteFiles

/// A configuration compiled on this side, away from any gateway.
package struct LocalConfiguration {
    /// The configuration; nil when it has errors.
    package let snapshot: Snapshot?
    /// Everything that was found.
    package let problems: [Problem]

    /// Where secrets come from.
    package enum SecretSource: Sendable {
        /// Files in a directory, else the environment: what a gateway would use.
        case machine(directory: String?)
        /// These and no others: what a test uses, so that it comes out the same everywhere.
        case fixed([String: String])

        func value(_ name: String) -> String? {
            switch self {
            case .machine(let directory): RouteDirectory.secret(name, secretsDirectory: directory)
            case .fixed(let values): values[name]
            }
        }
    }

    /// Compiles a routes directory. With `standIns` a secret that is not there is replaced by its name in braces.
    package init(directory: String, secrets: SecretSource, missing: Compiler.MissingSecrets = .warn, standIns: Bool = false) {
        switch Result(catching: { () throws(RouteDirectory.Fault) in try RouteDirectory(path: directory).read() }) {
        case .success(let sources): self.init(sources: sources, secrets: secrets, missing: missing, standIns: standIns)
        case .failure(let fault): self.init(problems: [Problem(.error, "unreadable", fault.description, at: nil)])
        }
    }

    private init(problems: [Problem]) {
        snapshot = nil
        self.problems = problems
    }

    /// Compiles texts.
    package init(sources: RouteSources, secrets: SecretSource, missing: Compiler.MissingSecrets = .warn, standIns: Bool = false) {
        let diagnostics = Diagnostics()
        let compiler = Compiler(diagnostics, buckets: BucketRegistry(), missingSecrets: missing, file: RouteDirectory.referenced) { name in
            secrets.value(name) ?? (standIns ? SecretMention.standIn(for: name) : nil)
        }
        snapshot = compiler.compile(sources, revision: 0)
        problems = diagnostics.sorted
    }

    /// The configuration, or a fault that shows everything that is wrong with it.
    package func usable() throws(ToolFault) -> Snapshot {
        guard let snapshot else {
            throw ToolFault("the configuration cannot be used\n" + problems.map(\.description).joined())
        }
        return snapshot
    }
}
