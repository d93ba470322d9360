package import Adapters
internal import GatewayCore
internal import RouteFiles

/// New keys, and days.
package enum ConsumerKeys {
    /// A new key: 256 bits from the system, as text that fits a header field.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() }
        return Base64Codec.encodeForURL(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } })
    }

    /// What of a key stands in the file.
    package static func digest(_ key: String) -> String { "sha256:" + Hex.encode(Digest.compute(.sha256, Array(key.utf8))) }

    /// The day of a moment in Asia/Shanghai, `yyyy-MM-dd`.
    package static func day(_ epochSeconds: Int64) -> String { CivilTime(epochSeconds: epochSeconds).dayText }

    /// Whether a text is a day.
    package static func isDay(_ text: String) -> Bool {
        guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/), let year = Int(match.1), let month = Int(match.2),
            let day = Int(match.3)
        else { return false }
        return CivilTime(year: year, month: month, day: day) != nil
    }
}

/// One change to `consumers.yaml`, checked with the rest of the configuration before anything is written.
package struct ConsumersChange {
    private let directory: String
    private var file: ConsumersText
    /// Held until the change is written or given up: two at once would each write what it read, and the first one's keys were lost.
    private var lock: DirectoryLock?

    /// A change to a routes directory; waits for another that is being made.
    package init(directory: String) throws(ToolFault) {
        self.directory = directory
        lock = try DirectoryLock(directory)
        file = try ConsumersText(directory: directory)
    }

    /// The consumers' ids.
    package var ids: [String] { file.ids }

    /// Adds a consumer.
    package mutating func add(_ id: String, name: String?, key: String?) throws(ToolFault) {
        try file.add(id, name: name, key: key.map(ConsumerKeys.digest))
    }

    /// Adds a key; those that are there end on `day`, unless they end before.
    package mutating func rotate(_ id: String, key: String, oldEnd day: String) throws(ToolFault) -> Int {
        let ended = try end(id, on: day) { _ in true }
        try file.append([(key: "digest", value: .string(ConsumerKeys.digest(key)))], to: "keys", of: id)
        return ended
    }

    /// Adds the certificate of a PEM text, by its public key or by its subject; what was written.
    package mutating func certificate(_ id: String, pem: [UInt8], bySubject: Bool, expires: String?) throws(ToolFault) -> Object {
        guard let certificate = CallerCertificate(pem: pem) else { throw ToolFault("no certificate in PEM that can be read") }
        var entries: [(key: String, value: Value)] = [
            bySubject ? (key: "subject", value: .string(certificate.subject)) : (key: "public-key", value: .string(certificate.keyText))
        ]
        if let expires { entries.append((key: "expires", value: .string(expires))) }
        try file.append(entries, to: "certificates", of: id)
        var written = Object()
        for entry in entries { written[entry.key] = entry.value }
        return written
    }

    /// Has credentials end on a day: all of them, or the keys and certificates whose digest begins with a text, the key that a signature goes
    /// by, the subject of a certificate or of a token.
    package mutating func revoke(_ id: String, _ key: String?, on day: String) throws(ToolFault) -> Int {
        let word = key.map { $0.hasPrefix("sha256:") ? String($0.dropFirst(7)) : $0 }
        var ended = try end(id, on: day) { digest in word.map { digest.dropFirst(7).hasPrefix($0) } ?? true }
        for (list, name) in [("signatures", "key"), ("certificates", "subject"), ("tokens", "subject")] {
            for (index, item) in try items(list, id).enumerated() {
                let digest = item["public-key"]?.text?.dropFirst(7) ?? ""
                let isMeant = key == nil || item[name]?.text == key || word.map { !$0.isEmpty && digest.hasPrefix($0) } ?? false
                guard isMeant, !endsBefore(item, day) else { continue }
                try file.end(index, of: list, of: id, on: day)
                ended += 1
            }
        }
        return ended
    }

    /// Adds a grant.
    package mutating func grant(_ id: String, _ entries: [(key: String, value: Value)]) throws(ToolFault) {
        try file.append(entries, to: "grants", of: id)
    }

    private func items(_ list: String, _ id: String) throws(ToolFault) -> [Node] { try file.consumer(id)[list]?.items ?? [] }

    private mutating func end(_ id: String, on day: String, _ isMeant: (String) -> Bool) throws(ToolFault) -> Int {
        var ended = 0
        for (index, item) in try items("keys", id).enumerated() {
            guard let digest = item["digest"]?.text, isMeant(digest), !endsBefore(item, day) else { continue }
            try file.end(index, of: "keys", of: id, on: day)
            ended += 1
        }
        return ended
    }

    /// Days are compared as they are written: the year comes first.
    private func endsBefore(_ item: Node, _ day: String) -> Bool { item["expires"]?.text.map { $0 <= day } ?? false }

    /// Compiles the configuration with the change, and writes the file when it can be used.
    package mutating func write() throws(ToolFault) {
        defer { lock = nil }
        let read: RouteSources
        do { read = try RouteDirectory(path: directory).read() } catch { throw ToolFault(error.description) }
        let sources = RouteSources(
            directory: read.directory, gateway: read.gateway,
            consumers: RouteSources.Text(path: file.path, bytes: Array(file.text.utf8)), limits: read.limits, contract: read.contract,
            departments: read.departments, aggregations: read.aggregations)
        let checked = LocalConfiguration(sources: sources, secrets: .machine(directory: nil))
        guard checked.snapshot != nil else {
            let errors = checked.problems.filter { $0.severity == .error }.map(\.description).joined()
            throw ToolFault("with this change the configuration could not be used; nothing was written\n" + errors)
        }
        try file.write()
    }

    /// The text as it would be written.
    package var text: String { file.text }
}
