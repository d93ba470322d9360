internal import Adapters

/// The `certificates` of consumers in `consumers.yaml`.
struct CertificatesFile {
    /// The keys of an item.
    static let keys = ["subject", "public-key", "expires"]

    /// Whose certificates are whose.
    private(set) var table = CertificateTable()
    private let isAsked: Bool
    private let diagnostics: Diagnostics

    /// `isAsked` says whether any listener asks callers for certificates.
    init(isAsked: Bool, _ diagnostics: Diagnostics) {
        self.isAsked = isAsked
        self.diagnostics = diagnostics
    }

    /// Reads an item of a consumer's `certificates`.
    mutating func add(_ node: Node, consumer: Int) {
        guard let section = Section(node, as: "a certificate", keys: Self.keys, diagnostics) else { return }
        let key = ConsumerTable.Key(consumer: consumer, expires: ConsumersFile.expiry(section, diagnostics))
        if !isAsked {
            diagnostics.warning(
                "no-listener", "no listener asks callers for certificates, so that this one is never shown", at: node.place,
                help: "in gateway.yaml, under a listener's 'tls': clients: optional, and client-ca")
        }
        switch (section["subject"], section["public-key"]) {
        case (let place?, nil): subject(section, place, key)
        case (nil, let place?): publicKey(section, place, key)
        default:
            diagnostics.error(
                "missing-key", "a certificate is known by 'subject' or by 'public-key', one of them", at: node.place,
                help: "'gatewayctl consumers certificate' writes it from the certificate's file")
        }
    }

    private mutating func subject(_ section: Section, _ node: Node, _ key: ConsumerTable.Key) {
        guard let text = section.string("subject") else { return }
        // The other ways of writing a name: /C=CN/CN=portal, or C = CN, CN = portal.
        guard text.contains("="), !text.hasPrefix("/"), !text.replacing("\\,", with: "").contains(", "), !text.contains(" = ") else {
            diagnostics.error(
                "wrong-value", "'\(text)' is no subject as RFC 4514 writes it", at: node.place,
                help: "such as CN=portal,O=Daqing,C=CN; openssl x509 -noout -subject -nameopt RFC2253,utf8,-esc_msb shows it")
            return
        }
        if table.subjects.updateValue(key, forKey: Array(text.utf8)) != nil {
            diagnostics.error("duplicate-key", "another entry has this subject already", at: node.place)
        }
    }

    private mutating func publicKey(_ section: Section, _ node: Node, _ key: ConsumerTable.Key) {
        guard let text = section.string("public-key") else { return }
        guard text.hasPrefix("sha256:"), let digest = KeyDigest(hex: String(text.dropFirst(7))) else {
            diagnostics.error(
                "wrong-digest", "a certificate's public key stands here as its digest", at: node.place,
                help: "sha256: and 64 hex digits; 'gatewayctl consumers certificate' writes it from the certificate's file")
            return
        }
        if table.keys.updateValue(key, forKey: digest) != nil {
            diagnostics.error("duplicate-key", "another entry has this public key already", at: node.place)
        }
    }
}
