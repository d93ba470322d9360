internal import Adapters

/// What `gateway.yaml` says. Every value has a default, so the file may be missing.
public struct GatewaySettings: Sendable, Hashable {
    /// Where access records go.
    public enum AccessLogTarget: Sendable, Hashable {
        /// Standard output.
        case standardOutput
        /// A file, appended to.
        case file(String)
        /// Nowhere.
        case off
    }

    /// Addresses that serve the portal.
    public var listen = [ListenerSettings(Endpoint(host: "127.0.0.1", port: 8080))]
    /// The address of probes and metrics; nil for none.
    public var adminListen: Endpoint? = Endpoint(host: "127.0.0.1", port: 9090)
    /// The Unix socket of `gatewayctl`.
    public var adminSocket = "var/gateway.sock"
    /// The directory of what must survive a restart.
    public var state = "var"
    /// Where access records go.
    public var accessLog = AccessLogTarget.standardOutput
    /// The networks that callers come from.
    public var zones = ZoneTable()
    /// Event loops; 0 is one per core.
    public var workers = 0
    /// The largest head, in bytes.
    public var headLimit = 32 << 10
    /// The most header fields.
    public var fieldLimit = 100
    /// The largest body of a contract call, in bytes; a plain route may say more.
    public var bodyLimit = 1 << 20
    /// How many bytes a second a body must bring on average; 0 asks for none.
    public var bodyRate = 256
    /// How many connections clients may have open.
    public var connections = ConnectionLimits()
    /// How long a head may take, from its first byte.
    public var headTimeout = Duration.seconds(10)
    /// How long a body, or a client that takes an answer, may stay silent.
    public var bodyTimeout = Duration.seconds(30)
    /// How long a kept connection may be idle.
    public var idleTimeout = Duration.seconds(75)
    /// How long exchanges in flight may take to end when the gateway stops.
    public var drainTimeout = Duration.seconds(30)

    /// When the gateway itself has too much to do.
    public var overload = OverloadRule()

    /// The defaults.
    public init() {}

    /// Reads `gateway.yaml`.
    init(_ node: Node, _ references: ReferenceReader) {
        self.init()
        let diagnostics = references.diagnostics
        guard
            let section = Section(
                node, as: "gateway.yaml",
                keys: ["listen", "admin", "state", "access-log", "workers", "limits", "timeouts", "zones", "overload"],
                diagnostics)
        else { return }
        if let node = section["listen"] {
            let items = node.items ?? [node]
            listen = items.compactMap { ListenerSettings.read($0, references) }
            if items.isEmpty {
                diagnostics.error("missing-value", "'listen' needs at least one address", at: section.place(of: "listen"))
            }
        }
        if let admin = section["admin"], let part = Section(admin, as: "'admin'", keys: ["listen", "socket"], diagnostics) {
            if let node = part["listen"] { adminListen = node.text == "off" ? nil : ListenerSettings.address(node, diagnostics) }
            if let path = part.string("socket") { adminSocket = path }
        }
        if let path = section.string("state") { state = path }
        if let target = section.string("access-log") {
            accessLog = target == "stdout" ? .standardOutput : target == "off" ? .off : .file(target)
        }
        if let count = section.integer("workers", in: 0...256) { workers = count }
        if let node = section["zones"] { zones = ZoneTable(node, diagnostics) }
        readLimits(section)
        readTimeouts(section)
        readOverload(section)
    }

    private mutating func readOverload(_ section: Section) {
        guard let node = section["overload"], let part = Section(node, as: "'overload'", keys: ["exchanges", "lag"], section.diagnostics)
        else { return }
        if let count = part.integer("exchanges", in: 1...10_000_000) { overload.exchanges = count }
        if let lag = part.nanoseconds("lag", in: .milliseconds(50)...Duration.seconds(60)) { overload.lag = lag }
    }

    private static let limitKeys = ["head", "fields", "body", "body-rate", "connections", "connections-per-address"]

    private mutating func readLimits(_ section: Section) {
        guard let node = section["limits"],
            let limits = Section(node, as: "'limits'", keys: Self.limitKeys, section.diagnostics)
        else { return }
        if let bytes = limits.byteCount("head", in: 1024...(1 << 20)) { headLimit = bytes }
        if let count = limits.integer("fields", in: 10...1000) { fieldLimit = count }
        if let bytes = limits.byteCount("body", in: 1024...(1 << 30)) { bodyLimit = bytes }
        if let bytes = limits.byteCount("body-rate", in: 0...(1 << 30)) { bodyRate = bytes }
        if let count = limits.integer("connections", in: 1...10_000_000) { connections.all = count }
        if let count = limits.integer("connections-per-address", in: 1...10_000_000) { connections.perAddress = count }
    }

    private mutating func readTimeouts(_ section: Section) {
        guard let node = section["timeouts"],
            let timeouts = Section(node, as: "'timeouts'", keys: ["head", "body", "idle", "drain"], section.diagnostics)
        else { return }
        let range = Duration.milliseconds(100)...Duration.seconds(3600)
        if let duration = timeouts.duration("head", in: range) { headTimeout = duration }
        if let duration = timeouts.duration("body", in: range) { bodyTimeout = duration }
        if let duration = timeouts.duration("idle", in: range) { idleTimeout = duration }
        if let duration = timeouts.duration("drain", in: .zero...Duration.seconds(3600)) { drainTimeout = duration }
    }
}
