internal import Adapters

extension ListenerSettings {
    /// Reads an item of `listen`: an address, or an address with `tls`; nil, with a problem, when it is neither.
    static func read(_ node: Node, _ references: ReferenceReader) -> ListenerSettings? {
        guard node.entries != nil else { return address(node, references.diagnostics).map { ListenerSettings($0) } }
        guard let section = Section(node, as: "an item of 'listen'", keys: ["address", "tls"], references.diagnostics),
            let place = section.required("address"), let address = address(place, references.diagnostics)
        else { return nil }
        guard let node = section["tls"] else { return ListenerSettings(address) }
        return ListenerTLS.read(node, references).map { ListenerSettings(address, tls: $0) }
    }

    /// Reads an address.
    static func address(_ node: Node, _ diagnostics: Diagnostics) -> Endpoint? {
        if let text = node.text, let address = Endpoint(address: text) { return address }
        diagnostics.error(
            "wrong-address", "\(node.text.map { "'\($0)'" } ?? node.kindName) is no address to listen on", at: node.place,
            help: "a host and a port, such as 127.0.0.1:8080 or [::1]:8080")
        return nil
    }
}

extension ListenerTLS {
    /// Reads `tls` of a listener.
    static func read(_ node: Node, _ references: ReferenceReader) -> ListenerTLS? {
        let keys = ["certificates", "minimum", "clients", "client-ca"]
        guard let section = Section(node, as: "'tls'", keys: keys, references.diagnostics) else { return nil }
        var tls = ListenerTLS()
        if let node = section.required("certificates") {
            let items = node.items ?? [node]
            tls.identities = items.compactMap { identity($0, references) }
            if items.isEmpty {
                section.diagnostics.error("missing-value", "'certificates' needs at least one", at: section.place(of: "certificates"))
            }
        }
        if let text = section.choice("minimum", of: Version.allCases.map(\.rawValue)) { tls.minimum = Version(rawValue: text) ?? .v12 }
        if let text = section.choice("clients", of: ClientCertificates.allCases.map(\.rawValue)) {
            tls.clients = ClientCertificates(rawValue: text) ?? .none
        }
        tls.clientRoots = references.material(section, "client-ca", what: "certificates in PEM")
        tls.checkClients(section)
        return tls.identities.isEmpty ? nil : tls
    }

    private static func identity(_ node: Node, _ references: ReferenceReader) -> Identity? {
        guard let section = Section(node, as: "a certificate", keys: ["certificate", "key"], references.diagnostics) else { return nil }
        let there = (section.required("certificate"), section.required("key"))
        let certificate = references.material(section, "certificate", what: "a certificate in PEM")
        let key = references.material(section, "key", what: "a key in PEM")
        guard there.0 != nil, there.1 != nil, let certificate, let key else { return nil }
        let pair = CertificatePair(section, certificate: certificate, key: key)
        return pair.isUsable() ? Identity(certificate: certificate, key: key) : nil
    }

    private func checkClients(_ section: Section) {
        if let clientRoots, clientRoots.isThere, (PEM.certificates(in: clientRoots.bytes) ?? 0) == 0 {
            section.diagnostics.error(
                "not-pem", "\(clientRoots.origin) holds no certificate in PEM that can be read", at: section["client-ca"]?.place)
        }
        if clients == .none, section["client-ca"] != nil {
            section.diagnostics.error(
                "wrong-place", "'client-ca' means nothing where clients show no certificates", at: section.place(of: "client-ca"),
                help: "clients: optional, or required")
        }
        if clients != .none, section["client-ca"] == nil {
            section.diagnostics.error(
                "missing-key", "'clients: \(clients.rawValue)' needs 'client-ca': who signs the certificates that are accepted",
                at: section.place(of: "clients"), help: "client-ca: { file: tls/clients.pem }")
        }
    }
}

/// A certificate and the key that should belong to it, as a file names them.
struct CertificatePair {
    private let section: Section
    private let certificate: Material?
    private let key: Material?

    init(_ section: Section, certificate: Material?, key: Material?) {
        self.section = section
        self.certificate = certificate
        self.key = key
    }

    /// Whether both are there and belong together, as far as they are at hand here; problems are reported.
    @discardableResult
    func isUsable() -> Bool {
        let hasCertificate = CertificatePair.check(
            section, certificate, "certificate", CertificatePair.holdsCertificates, "holds no certificate in PEM that can be read")
        let hasKey = CertificatePair.check(section, key, "key", PEM.hasKey, "holds no private key in PEM, or one that is encrypted")
        guard let certificate, let key, hasCertificate, hasKey else { return false }
        guard certificate.isThere, key.isThere, !PEM.matches(certificate: certificate.bytes, key: key.bytes) else { return true }
        section.diagnostics.error(
            "wrong-key", "the key in \(key.origin) does not belong to the certificate in \(certificate.origin)", at: section["key"]?.place,
            help: "the first certificate of the PEM text is the gateway's own")
        return false
    }

    static func holdsCertificates(_ bytes: [UInt8]) -> Bool { (PEM.certificates(in: bytes) ?? 0) > 0 }

    /// Whether a material is what it should be; one that is not at hand here may be.
    static func check(
        _ section: Section, _ material: Material?, _ key: String, _ isGood: ([UInt8]) -> Bool, _ message: String
    ) -> Bool {
        guard let material else { return false }
        guard material.isThere, !isGood(material.bytes) else { return true }
        section.diagnostics.error("not-pem", "\(material.origin) \(message)", at: section[key]?.place)
        return false
    }
}
