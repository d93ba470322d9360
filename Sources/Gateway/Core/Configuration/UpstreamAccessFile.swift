internal import Adapters

extension UpstreamAuthentication {
    /// Reads `auth` of an upstream: one scheme with its user and password.
    static func read(_ upstream: Section, _ scheme: UpstreamScheme, _ references: ReferenceReader) -> UpstreamAuthentication? {
        let schemes = Scheme.allCases.filter { ($0 == .login) == scheme.carriesFiles }.map(\.rawValue)
        guard let node = upstream["auth"], let section = Section(node, as: "'auth'", keys: schemes, upstream.diagnostics) else {
            return nil
        }
        let chosen = (node.entries ?? []).filter { schemes.contains($0.key) }
        guard let entry = chosen.first, chosen.count == 1, let scheme = Scheme(rawValue: entry.key) else {
            if node.entries?.allSatisfy({ schemes.contains($0.key) }) == true {
                upstream.diagnostics.error(
                    "missing-key", "'auth' needs one scheme", at: node.place, help: "one of: \(schemes.joined(separator: ", "))")
            }
            return nil
        }
        let keys = scheme == .login ? ["user", "password", "key"] : ["user", "password"]
        guard let part = Section(entry.value, as: "'\(entry.key)'", keys: keys, section.diagnostics) else { return nil }
        _ = part.required("user")
        let user = references.material(part, "user", what: "a user's name")
        if let key = part["key"] {
            guard let file = Section(key, as: "'key'", keys: ["file"], section.diagnostics)?.requiredString("file") else { return nil }
            // libcurl reads the key itself; here it is looked at to say early when it is not there.
            let checked = references.material(part, "key", what: "a private key")
            return user.map { UpstreamAuthentication(scheme: scheme, user: $0, password: checked ?? $0, keyFile: file) }
        }
        _ = part.required("password")
        guard let user, let password = references.material(part, "password", what: "a password") else { return nil }
        return UpstreamAuthentication(scheme: scheme, user: user, password: password)
    }
}

extension UpstreamSSH {
    /// Reads `ssh` of an upstream; an SFTP server is never taken on trust.
    static func read(_ upstream: Section, _ scheme: UpstreamScheme) -> UpstreamSSH? {
        let help = "ssh: { host-key: \"SHA256:…\" }, as ssh-keyscan HOST | ssh-keygen -lf - prints it"
        guard let node = upstream["ssh"] else {
            if scheme == .sftp {
                upstream.diagnostics.error(
                    "missing-key", "sftp:// endpoints need the host key that they show", at: upstream.node.place, help: help)
            }
            return nil
        }
        guard scheme == .sftp else {
            upstream.diagnostics.error("wrong-place", "'ssh' belongs to sftp:// endpoints", at: upstream.place(of: "ssh"))
            return nil
        }
        guard let section = Section(node, as: "'ssh'", keys: ["host-key", "verify"], upstream.diagnostics) else { return nil }
        if let waiver = section["verify"], let part = Section(waiver, as: "'verify'", keys: ["off"], section.diagnostics),
            let reason = part.string("off"), reason.count >= 8
        {
            let ssh = UpstreamSSH(hostKey: nil, unverifiedReason: reason)
            section.diagnostics.warning("unverified", ssh.waivers.first ?? "", at: section.place(of: "verify"))
            return ssh
        }
        guard let text = section.requiredString("host-key") else { return nil }
        var digest = text.hasPrefix("SHA256:") ? String(text.dropFirst(7)) : text
        while digest.hasSuffix("=") { digest.removeLast() }
        let isDigest = digest.utf8.count == 43 && (try? Base64Codec.decode(digest + "="))?.count == 32
        if isDigest { return UpstreamSSH(hostKey: digest, unverifiedReason: nil) }
        section.diagnostics.error("bad-digest", "'\(text)' is no SHA-256 of a host key", at: section["host-key"]?.place, help: help)
        return nil
    }
}

extension UpstreamProxy {
    /// Reads `proxy` of an upstream: a URL, or a URL with user and password.
    static func read(_ upstream: Section, _ references: ReferenceReader) -> UpstreamProxy? {
        guard let node = upstream["proxy"] else { return nil }
        if node.entries == nil { return upstream.string("proxy").flatMap { checked($0, nil, nil, at: node.place, upstream.diagnostics) } }
        guard let section = Section(node, as: "'proxy'", keys: ["url", "user", "password"], upstream.diagnostics) else { return nil }
        let user = references.material(section, "user", what: "a user's name")
        let password = references.material(section, "password", what: "a password")
        if (section["user"] == nil) != (section["password"] == nil) {
            section.diagnostics.error("missing-key", "'user' and 'password' of a proxy come together", at: node.place)
        }
        return section.requiredString("url").flatMap {
            checked($0, user, password, at: section["url"]?.place ?? node.place, section.diagnostics)
        }
    }

    private static func checked(
        _ url: String, _ user: Material?, _ password: Material?, at place: Place, _ diagnostics: Diagnostics
    ) -> UpstreamProxy? {
        if let proxy = UpstreamProxy(url: url, user: user, password: password) { return proxy }
        let schemes = schemes.map { "\($0)://" }.joined(separator: ", ")
        diagnostics.error(
            "wrong-address", "'\(url)' is no proxy", at: place,
            help: "a scheme (\(schemes)), a host and a port, such as http://10.0.0.1:3128")
        return nil
    }
}

extension UpstreamTransport {
    /// Reads `transport`, or chooses it by what only libcurl can do.
    static func read(_ upstream: Section, needsCurl: String?) -> UpstreamTransport {
        let said = upstream.choice("transport", of: allCases.map(\.rawValue)).flatMap(UpstreamTransport.init)
        if said == .loop, let needsCurl {
            upstream.diagnostics.error(
                "wrong-transport", "\(needsCurl) needs the transport curl", at: upstream["transport"]?.place,
                help: "leave 'transport' out: it is chosen by what the upstream needs")
        }
        return said ?? (needsCurl == nil ? .loop : .curl)
    }
}
