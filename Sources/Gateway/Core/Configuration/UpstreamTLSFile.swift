internal import Adapters

extension UpstreamTLS {
    private static let keys = ["ca", "certificate", "key", "name", "minimum", "verify"]

    /// Reads `tls` of an upstream; nil where the scheme speaks no TLS.
    static func read(_ upstream: Section, _ scheme: UpstreamScheme, _ references: ReferenceReader) -> UpstreamTLS? {
        guard let node = upstream["tls"] else { return scheme.isSecure ? UpstreamTLS() : nil }
        guard scheme.takesTLS else {
            upstream.diagnostics.error(
                "wrong-place", "'tls' means nothing for \(scheme.rawValue):// endpoints", at: upstream.place(of: "tls"),
                help: "write the endpoints with https://")
            return nil
        }
        guard let section = Section(node, as: "'tls'", keys: keys, upstream.diagnostics) else { return nil }
        var tls = UpstreamTLS()
        tls.roots = references.material(section, "ca", what: "certificates in PEM")
        tls.certificate = references.material(section, "certificate", what: "a certificate in PEM")
        tls.key = references.material(section, "key", what: "a key in PEM")
        tls.readName(section)
        tls.readMinimum(section)
        tls.readVerify(section)
        tls.checkMaterial(section)
        return tls
    }

    private mutating func readName(_ section: Section) {
        guard let text = section.string("name") else { return }
        let isName = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        if isName, !text.isEmpty, text.utf8.count <= 253 {
            name = text
        } else {
            section.diagnostics.error(
                "bad-name", "'\(text)' is no host name", at: section["name"]?.place, help: "the name that the certificate bears")
        }
    }

    private mutating func readMinimum(_ section: Section) {
        guard let node = section["minimum"] else { return }
        let full = node.entries == nil ? nil : Section(node, as: "'minimum'", keys: ["version", "reason"], section.diagnostics)
        let versions = Version.allCases.map(\.rawValue)
        let text = full.map { $0.choice("version", of: versions) } ?? section.choice("minimum", of: versions)
        guard let version = text.flatMap(Version.init) else {
            if let full, full["version"] == nil { _ = full.required("version") }
            return
        }
        minimum = version
        guard version < .v12 else { return }
        outdatedReason = full.flatMap { Self.reason($0, "reason") }
        if outdatedReason == nil {
            section.diagnostics.error(
                "missing-reason", "TLS \(version.rawValue) is broken and is spoken only for a reason", at: node.place,
                help: "minimum: { version: \"\(version.rawValue)\", reason: \"why this server cannot do better, and until when\" }")
        } else {
            section.diagnostics.warning("old-tls", waivers.last ?? "", at: section.place(of: "minimum"))
        }
    }

    private mutating func readVerify(_ section: Section) {
        guard let node = section["verify"] else { return }
        let full = node.entries == nil ? nil : Section(node, as: "'verify'", keys: ["off"], section.diagnostics)
        unverifiedReason = full.flatMap { Self.reason($0, "off") }
        if unverifiedReason == nil {
            section.diagnostics.error(
                "missing-reason", "a server's certificate is verified unless a written reason says why not", at: node.place,
                help: "verify: { off: \"why, and until when\" }")
        } else {
            section.diagnostics.warning("unverified", waivers.first ?? "", at: section.place(of: "verify"))
        }
    }

    /// A reason that somebody can read: more than a word.
    private static func reason(_ section: Section, _ key: String) -> String? {
        guard let text = section.string(key), text.count >= 8, text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text
    }

    private func checkMaterial(_ section: Section) {
        _ = CertificatePair.check(
            section, roots, "ca", CertificatePair.holdsCertificates, "holds no certificate in PEM that can be read")
        if (section["certificate"] == nil) != (section["key"] == nil) {
            let (there, lacking) = section["key"] == nil ? ("certificate", "key") : ("key", "certificate")
            section.diagnostics.error("missing-key", "'\(there)' is no use without '\(lacking)'", at: section.place(of: there))
        }
        CertificatePair(section, certificate: certificate, key: key).isUsable()
    }
}
