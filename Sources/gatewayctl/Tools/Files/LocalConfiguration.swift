package import Adapters
package import GatewayCore
internal import RouteFiles

/// A configuration compiled on this side, away from any gateway.
package struct LocalConfiguration {
    /// The configuration; nil when it has errors.
    package let snapshot: Snapshot?
    /// Everything that was found, the errors first.
    package let problems: [Problem]
    /// The secrets that are not there and whose names stand in for them, in order.
    package let standIns: [String]

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
        standIns = []
    }

    /// Compiles texts.
    package init(sources: RouteSources, secrets: SecretSource, missing: Compiler.MissingSecrets = .warn, standIns: Bool = false) {
        let diagnostics = Diagnostics()
        let unset = UnsetSecrets()
        let compiler = Compiler(diagnostics, buckets: BucketRegistry(), missingSecrets: missing, file: RouteDirectory.referenced) { name in
            if let value = secrets.value(name) { return value }
            guard standIns else { return nil }
            unset.names.insert(name)
            return SecretMention.standIn(for: name)
        }
        snapshot = compiler.compile(sources, revision: 0)
        let sorted = diagnostics.sorted
        problems = sorted.filter { $0.severity == .error } + sorted.filter { $0.severity == .warning }
        self.standIns = unset.names.sorted()
    }

    /// The configuration, or a fault that shows everything that is wrong with it.
    package func usable() throws(ToolFault) -> Snapshot {
        guard let snapshot else {
            throw ToolFault("the configuration cannot be used", problems: problems.filter { $0.severity == .error })
        }
        return snapshot
    }
}

/// Collects names while a configuration is compiled.
private final class UnsetSecrets {
    var names: Set<String> = []
}
