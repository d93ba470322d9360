public import Adapters

/// A department, compiled.
public final class Department: Sendable {
    /// Its id in the file.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// The 18-digit codes that its item codes begin with.
    public let authorities: [String]
    /// Item codes that come here whatever they begin with.
    public let items: [String]
    /// Beginnings of the codes of other authorities that it answers for, in the operations that those do not offer themselves.
    public let actsFor: [String]
    /// Where it is.
    public let region: Region?
    /// Its zone; nil where its file names none.
    public let zone: Int?
    /// Its upstream's index in the snapshot.
    public let upstream: Int
    /// How its calls are translated.
    public let translation: DepartmentTranslation
    /// What it pushes.
    public let callbacks: [CallbackAdapter]
    /// The secrets its file names, resolved.
    public let secrets: Secrets
    /// When, how urgently and how often each operation is called, by the operation's index in the contract.
    public let callRules: [CallRules]
    /// When its plain routes are open; nil for always.
    public let plainHours: OpeningHours?

    init(
        id: String, name: String, authorities: [String], items: [String], actsFor: [String], region: Region?, zone: Int?, upstream: Int,
        translation: DepartmentTranslation, callbacks: [CallbackAdapter], secrets: Secrets, callRules: CallRulesFile
    ) {
        self.id = id
        self.name = name
        self.authorities = authorities
        self.items = items
        self.actsFor = actsFor
        self.region = region
        self.zone = zone
        self.upstream = upstream
        self.translation = translation
        self.callbacks = callbacks
        self.secrets = secrets
        self.callRules = callRules.rules
        plainHours = callRules.plainHours
    }

    /// Whether its file has a mapping for an operation.
    public func serves(_ operation: String) -> Bool { translation.operations[operation] != nil }
}

/// One file of `Routes/departments`, read but not yet resolved against the others. A class: a reload hands on thousands.
final class DepartmentFile: Sendable {
    let id: String
    let idPlace: Place
    let name: String
    let authorities: [(code: String, place: Place)]
    let items: [(code: String, place: Place)]
    let actsFor: [(code: String, place: Place)]
    let region: Region?
    let zone: (name: String, place: Place)?
    let upstream: UpstreamSettings
    let translation: DepartmentTranslation
    let plainRoutes: [PlainRouteDraft]
    let callbacks: [CallbackDraft]
    let callRules: CallRulesFile

    static let keys =
        ["department", "name", "authority", "items", "acts-for", "region", "zone", "upstream", "routes", "callbacks"] + CallRulesFile.keys

    /// Reads a file; nil when it cannot be used. Every problem goes to `diagnostics`.
    init?(_ node: Node, contract: Contract, references: ReferenceReader, _ diagnostics: Diagnostics) {
        guard let section = Section(node, as: "a department", keys: Self.keys + DepartmentTranslation.keys, diagnostics) else { return nil }
        let id = section.requiredString("department")
        if let id, !Self.isIdentifier(id) {
            diagnostics.error(
                "wrong-id", "'\(id)' cannot be a department's id", at: section["department"]?.place,
                help: "lower-case letters, digits and '-', beginning with a letter, such as hlj-scjg")
        }
        authorities = Self.codes("authority", section) {
            Identifier.uscc.flaw(in: $0) == nil
        } fault: {
            "'\($0)' is no unified social credit code (GB 32100)"
        }
        items = Self.codes("items", section) {
            Identifier.itemCode.flaw(in: $0) == nil
        } fault: {
            "'\($0)' is no item code of 31 digits"
        }
        actsFor = Self.actsFor(section)
        region = Self.region(section)
        zone = section.string("zone").map { ($0, section.place(of: "zone")) }
        let upstream = section.required("upstream").flatMap { UpstreamSettings(id: id ?? "?", $0, references) }
        let translation = DepartmentTranslation(section, contract: contract, diagnostics)
        callRules = CallRulesFile(section, contract)
        plainRoutes = (section["routes"]?.items ?? []).compactMap { PlainRouteDraft($0, references) }
        if let routes = section["routes"], routes.items == nil {
            diagnostics.error("wrong-type", "'routes' must be a list, not \(routes.kindName)", at: routes.place)
        }
        callbacks = Self.callbacks(section, contract, diagnostics)
        guard let id, let upstream, let translation else { return nil }
        if authorities.isEmpty, items.isEmpty, actsFor.isEmpty, !translation.operations.isEmpty {
            diagnostics.error(
                "missing-key", "a department with operations needs 'authority', 'items' or 'acts-for'", at: section.place(of: "department"),
                help: "the 18-digit code that its item codes begin with")
        }
        for (name, adapter) in translation.operations where adapter.usesFiles != upstream.scheme.carriesFiles {
            let place = section["operations"]?.entries?.first { $0.key == name }?.place
            diagnostics.error(
                "wrong-kind", "the operation '\(name)' cannot be called at \(upstream.scheme.rawValue):// endpoints", at: place,
                help: "the kind mailbox goes with ftp://, ftps:// and sftp://, all others with http:// and https://")
        }
        self.id = id
        idPlace = section["department"]?.place ?? node.place
        name = section.string("name") ?? id
        self.upstream = upstream
        self.translation = translation
    }

    private static func callbacks(_ section: Section, _ contract: Contract, _ diagnostics: Diagnostics) -> [CallbackDraft] {
        guard let node = section["callbacks"], let compiler = CallbackCompiler(section, at: node, contract: contract, diagnostics) else {
            return []
        }
        guard let items = node.items else {
            diagnostics.error("wrong-type", "'callbacks' must be a list, not \(node.kindName)", at: node.place)
            return []
        }
        return items.compactMap { CallbackDraft($0, compiler, diagnostics) }
    }

    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func codes(
        _ key: String, _ section: Section, _ isValid: (String) -> Bool, fault: (String) -> String
    ) -> [(code: String, place: Place)] {
        guard let node = section[key] else { return [] }
        return (node.items ?? [node]).compactMap { item in
            guard let code = item.text else {
                section.diagnostics.error("wrong-type", "'\(key)' must be a code or a list of codes", at: item.place)
                return nil
            }
            // A few codes in use fail their own check digit: warn, do not refuse.
            if !isValid(code) { section.diagnostics.warning("wrong-code", fault(code), at: item.place) }
            return (code, item.place)
        }
    }

    /// Whole codes, or beginnings that end in `*`; here without it.
    private static func actsFor(_ section: Section) -> [(code: String, place: Place)] {
        guard let node = section["acts-for"] else { return [] }
        return (node.items ?? [node]).compactMap { item in
            let text = item.text ?? ""
            let code = text.hasSuffix("*") ? String(text.dropLast()) : text
            let isBeginning = text.hasSuffix("*") && code.utf8.count < 18 && code.utf8.allSatisfy(Self.isCodeCharacter)
            if isBeginning || Identifier.uscc.flaw(in: text) == nil { return (code, item.place) }
            section.diagnostics.error(
                "wrong-code", "'\(text)' names no authorities", at: item.place,
                help: "a unified social credit code (GB 32100), or the beginning of some followed by '*', such as \"1123*\"")
            return nil
        }
    }

    private static func isCodeCharacter(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) }

    private static func region(_ section: Section) -> Region? {
        guard let text = section.string("region") else { return nil }
        if let region = Region(text) { return region }
        section.diagnostics.error(
            "wrong-code", "'\(text)' is no region", at: section["region"]?.place, help: "6 or 12 digits (GB/T 2260), such as \"230100\"")
        return nil
    }
}
