internal import Adapters

extension UpstreamSettings {
    private static let keys = [
        "endpoints", "tls", "ssh", "transport", "auth", "proxy", "timeout", "limits", "keep-alive", "breaker", "outlier", "health",
    ]

    /// Reads an `upstream` mapping.
    init?(id: String, _ node: Node, _ references: ReferenceReader) {
        let diagnostics = references.diagnostics
        guard
            let section = Section(node, as: "'upstream'", keys: Self.keys, diagnostics),
            let (scheme, endpoints) = Self.endpoints(section)
        else { return nil }
        let defaults = UpstreamSettings(id: id, endpoints: endpoints)
        let range = Duration.milliseconds(10)...Duration.seconds(3600)
        let timeout = section["timeout"].flatMap {
            Section($0, as: "'timeout'", keys: ["connect", "first-byte", "total"], diagnostics)
        }
        let limits = section["limits"].flatMap {
            Section($0, as: "'limits'", keys: ["connections", "body", "file"] + ProtectionRules.limitKeys, diagnostics)
        }
        let authentication = UpstreamAuthentication.read(section, scheme, references)
        let proxy = UpstreamProxy.read(section, references)
        let byLogin = authentication.flatMap { $0.scheme == .basic ? nil : "'\($0.scheme.rawValue)'" }
        let needsCurl: String? = scheme.carriesFiles ? "\(scheme.rawValue)://" : proxy != nil ? "'proxy'" : byLogin
        self.init(
            id: id, scheme: scheme, endpoints: endpoints, tls: UpstreamTLS.read(section, scheme, references),
            transport: UpstreamTransport.read(section, needsCurl: needsCurl), authentication: authentication, proxy: proxy,
            ssh: UpstreamSSH.read(section, scheme),
            connectTimeout: timeout?.duration("connect", in: range) ?? defaults.connectTimeout,
            firstByteTimeout: timeout?.duration("first-byte", in: range) ?? defaults.firstByteTimeout,
            totalTimeout: timeout?.duration("total", in: range) ?? defaults.totalTimeout,
            keepAlive: section.duration("keep-alive", in: .zero...Duration.seconds(3600)) ?? defaults.keepAlive,
            connections: limits?.integer("connections", in: 1...65536) ?? defaults.connections,
            replyLimit: limits?.byteCount("body", in: 1024...(1 << 30)) ?? defaults.replyLimit,
            fileLimit: limits?.byteCount("file", in: 1024...(1 << 40)) ?? defaults.fileLimit,
            protection: ProtectionRules.read(section, limits: limits, needsCurl: needsCurl))
    }

    /// The endpoints and the scheme that all of them have.
    private static func endpoints(_ section: Section) -> (UpstreamScheme, [Endpoint])? {
        guard let node = section.required("endpoints") else { return nil }
        let read = (node.items ?? [node]).compactMap { item in
            endpoint(item, section.diagnostics).map { (scheme: $0.scheme, endpoint: $0.endpoint, place: item.place) }
        }
        guard let first = read.first else {
            if node.items?.isEmpty == true {
                section.diagnostics.error("missing-value", "'endpoints' needs at least one endpoint", at: node.place)
            }
            return nil
        }
        for other in read where other.scheme != first.scheme {
            section.diagnostics.error(
                "mixed-schemes", "one endpoint is \(first.scheme.rawValue)://, another \(other.scheme.rawValue)://", at: other.place,
                help: "all endpoints of an upstream are spoken to alike")
        }
        return (first.scheme, read.map(\.endpoint))
    }

    private static func endpoint(_ node: Node, _ diagnostics: Diagnostics) -> (scheme: UpstreamScheme, endpoint: Endpoint)? {
        guard let text = node.text else {
            diagnostics.error("wrong-type", "an endpoint is a text such as https://10.0.0.1:8443", at: node.place)
            return nil
        }
        if let read = UpstreamScheme.read(text) { return read }
        let schemes = UpstreamScheme.allCases.map { "\($0.rawValue)://" }.joined(separator: ", ")
        diagnostics.error(
            "wrong-address", "'\(text)' is no endpoint", at: node.place,
            help: "a scheme (\(schemes)), a host, and perhaps a port, without a path; such as https://10.0.0.1:8443")
        return nil
    }
}
