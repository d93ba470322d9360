public import Adapters

/// Turns the texts of a routes directory into a snapshot, finding every problem on the way. Pure: no file, no clock.
public struct Compiler {
    /// What to do about a secret that is named and not there.
    public enum MissingSecrets: Sendable {
        /// The configuration cannot be used.
        case refuse
        /// Say so and go on; for checking a configuration away from where its secrets are.
        case warn
    }

    private let diagnostics: Diagnostics
    private let buckets: BucketRegistry
    private let references: ReferenceReader
    private let memory: CredentialMemory
    private let compiled: CompiledFiles

    /// A compiler; `compiled` holds what was compiled before, `secret` gives the value of a name, `file` the bytes of a file that the routes refer to, such as a certificate.
    public init(
        _ diagnostics: Diagnostics, buckets: BucketRegistry, memory: CredentialMemory = CredentialMemory(),
        compiled: CompiledFiles = CompiledFiles(), missingSecrets: MissingSecrets = .refuse,
        file: @escaping (String) -> Result<[UInt8], ReferenceFault> = { _ in .failure(ReferenceFault("no files here")) },
        secret: @escaping (String) -> String?
    ) {
        self.diagnostics = diagnostics
        self.buckets = buckets
        self.memory = memory
        self.compiled = compiled
        references = ReferenceReader(diagnostics, missing: missingSecrets, secret: secret, file: file)
    }

    /// The fingerprint of the texts: two configurations with the same one are the same. Secrets count, by their digest.
    public static func fingerprint(_ sources: RouteSources) -> String {
        var bytes: [UInt8] = []
        for text in sources.all {
            bytes += Array(text.path.utf8) + [0] + Array("\(text.bytes.count)".utf8) + [0] + text.bytes
        }
        return Digest.compute(.sha256, bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// What `gateway.yaml` says, as far as it can be read; its problems are found when the whole is compiled.
    public static func settings(of sources: RouteSources) -> GatewaySettings {
        let silent = Diagnostics()
        let nothing = ReferenceReader(
            silent, missing: .warn, secret: { _ in nil }, file: { _ in .failure(ReferenceFault("not read")) })
        return sources.gateway.flatMap { Node.read($0.bytes, path: $0.path, silent) }.map { GatewaySettings($0, nothing) }
            ?? GatewaySettings()
    }

    /// Compiles; nil when any problem is an error.
    public func compile(_ sources: RouteSources, revision: Int) -> Snapshot? {
        let settings = settings(sources)
        guard let text = sources.contract else {
            diagnostics.error(
                "missing-file", "\(sources.directory) has no contract/openapi.yaml", at: nil,
                help: "the unified contract is an OpenAPI 3.1 document")
            return nil
        }
        let contract = compiled.contract(text, diagnostics) { found in
            Node.read(text.bytes, path: text.path, found).flatMap { Contract($0, found) }
        }
        guard let contract else { return nil }
        return compile(sources, settings, contract, revision)
    }

    /// Compiles against a contract that was compiled before, for whoever tries many texts with the same one.
    package func compile(_ sources: RouteSources, against contract: Contract, revision: Int) -> Snapshot? {
        compile(sources, settings(sources), contract, revision)
    }

    private func settings(_ sources: RouteSources) -> GatewaySettings {
        sources.gateway.flatMap(read).map { GatewaySettings($0, references) } ?? GatewaySettings()
    }

    private func compile(_ sources: RouteSources, _ settings: GatewaySettings, _ contract: Contract, _ revision: Int) -> Snapshot? {
        if contract.operations.count > 64 {
            diagnostics.error("too-large", "the contract has \(contract.operations.count) operations; 64 is the most", at: nil)
        }
        let files = sources.departments.compactMap { text in
            compiled.department(text, against: contract, references) { reader in
                Node.read(text.bytes, path: text.path, reader.diagnostics).flatMap {
                    DepartmentFile($0, contract: contract, references: reader, reader.diagnostics)
                }
            }
        }
        checkUnique(files)
        let departments = files.enumerated().map { index, file in department(file, upstream: index, settings.zones) }
        var upstreams = files.map(\.upstream)
        var routes = contractRoutes(contract, settings)
        for (index, file) in files.enumerated() {
            routes += plainRoutes(file, department: index, &upstreams, departments[index].zone, settings.zones)
            routes += callbacks(file, department: index)
        }
        let table = routeTable(routes)
        // What names departments and routes can be judged only when all of their files could be read.
        let isWhole = files.count == sources.departments.count
        let consumers = self.consumers(sources, settings, contract, departments, routes, isWhole: isWhole)
        let limits = limits(sources, contract, departments, routes, consumers, isWhole: isWhole)
        let aggregations = self.aggregations(sources, contract: contract, departments: departments)
        guard !diagnostics.hasErrors else { return nil }
        compiled.retain(only: sources)
        let parts = SnapshotParts(
            routes: routes, table: table, upstreams: upstreams, departments: departments, consumers: consumers, limits: limits,
            aggregations: aggregations)
        return Snapshot(
            revision: revision, fingerprint: Self.fingerprint(sources), sources: sources, settings: settings, contract: contract,
            parts: parts)
    }

    private func read(_ text: RouteSources.Text) -> Node? { Node.read(text.bytes, path: text.path, diagnostics) }

    private func checkUnique(_ files: [DepartmentFile]) {
        func check(_ what: String, _ values: [(text: String, place: Place)]) {
            var first: [String: Place] = [:]
            for value in values {
                if let other = first[value.text] {
                    diagnostics.error(
                        "duplicate-\(what)", "\(what) '\(value.text)' belongs to another file already", at: value.place,
                        help: "the first is at \(other.file.path):\(other.line)")
                } else {
                    first[value.text] = value.place
                }
            }
        }
        check("department", files.map { ($0.id, $0.idPlace) })
        check("authority", files.flatMap { $0.authorities.map { ($0.code, $0.place) } })
        check("item", files.flatMap { $0.items.map { ($0.code, $0.place) } })
        // Two that act for the same authorities must not offer the same operation: which one is asked would be chance.
        let deputies = files.flatMap { file in
            file.actsFor.flatMap { code in file.translation.operations.keys.sorted().map { ("\($0) for '\(code.code)*'", code.place) } }
        }
        check("deputy", deputies)
        check("route", files.flatMap { $0.plainRoutes.map { ($0.id, $0.place) } + $0.callbacks.map { ($0.id, $0.place) } })
    }

    private func department(_ file: DepartmentFile, upstream: Int, _ zones: ZoneTable) -> Department {
        var values: [String: String] = [:]
        var asked: Set<String> = []
        let names = file.translation.secretNames + file.callbacks.flatMap(\.adapter.secretNames)
        for mention in names {
            if asked.insert(mention.name).inserted { values[mention.name] = references.secret(mention.name, at: mention.place) }
            // `defaults` and anchors are read once for each operation, and name the secret at one place.
            if let value = values[mention.name], let flaw = mention.flaw(in: value), !diagnostics.holds("bad-secret", at: mention.place) {
                diagnostics.error("bad-secret", flaw, at: mention.place)
            }
        }
        return Department(
            id: file.id, name: file.name, authorities: file.authorities.map(\.code), items: file.items.map(\.code),
            actsFor: file.actsFor.map(\.code), region: file.region,
            zone: file.zone.flatMap { zones.index(of: $0.name, at: $0.place, diagnostics) }, upstream: upstream,
            translation: file.translation,
            callbacks: file.callbacks.map(\.adapter), secrets: Secrets(values), callRules: file.callRules)
    }

    private func contractRoutes(_ contract: Contract, _ settings: GatewaySettings) -> [Route] {
        var routes: [Route] = []
        for (index, operation) in contract.operations.enumerated() {
            guard let pattern = try? PathPattern(operation.pathTemplate) else {
                diagnostics.error("wrong-path", "the contract's path '\(operation.pathTemplate)' cannot be served", at: nil)
                continue
            }
            routes.append(
                Route(
                    id: operation.id, pattern: pattern, methods: [operation.method], hosts: ["*"], access: .granted,
                    target: .contract(index), bodyLimit: settings.bodyLimit, origin: "contract/openapi.yaml"))
        }
        if let pattern = try? PathPattern("/v1/openapi.json") {
            routes.append(
                Route(
                    id: "contract-document", pattern: pattern, methods: ["GET"], hosts: ["*"], access: .anyone, target: .contractDocument,
                    bodyLimit: 0, origin: "contract/openapi.yaml"))
        }
        return routes
    }

    private func plainRoutes(
        _ file: DepartmentFile, department: Int, _ upstreams: inout [UpstreamSettings], _ zone: Int?, _ zones: ZoneTable
    ) -> [Route] {
        file.plainRoutes.map { draft in
            let open = draft.zones.names.reduce(into: UInt64(0)) { mask, name in
                if let index = zones.index(of: name, at: draft.zones.place, diagnostics) { mask |= 1 << UInt64(index) }
            }
            var upstream = department
            if let own = draft.upstream {
                upstream = upstreams.count
                upstreams.append(own)
            }
            let settings = draft.upstream ?? file.upstream
            if settings.transport != .loop || settings.authentication != nil {
                diagnostics.error(
                    "wrong-transport", "the plain route '\(draft.id)' streams, and its upstream is one for mapped calls only",
                    at: draft.place,
                    help: "give the route an 'upstream' of its own, without 'auth', 'proxy' and 'transport'")
            }
            var plain = PlainRoute(upstream: upstream, rewrite: draft.rewrite, prefixLength: draft.pattern.literalPrefixLength)
            plain.rules = draft.rules
            plain.rules.hours = file.callRules.plainHours
            plain.department = department
            plain.keepsUnderscores = draft.underscores
            plain.upgrades = draft.upgrades
            return Route(
                id: draft.id, pattern: draft.pattern, methods: draft.methods, hosts: draft.hosts, access: draft.access,
                target: .plain(plain), bodyLimit: draft.bodyLimit, zone: zone, zones: open,
                origin: "\(draft.place.file.path):\(draft.place.line)")
        }
    }

    private func callbacks(_ file: DepartmentFile, department: Int) -> [Route] {
        file.callbacks.enumerated().map { index, draft in
            Route(
                id: draft.id, pattern: draft.pattern, methods: draft.methods, hosts: ["*"], access: .anyone,
                target: .callback(CallbackRoute(department: department, index: index, from: draft.from)), bodyLimit: draft.bodyLimit,
                origin: "\(draft.place.file.path):\(draft.place.line)")
        }
    }

    private func routeTable(_ routes: [Route]) -> RouteTable {
        var conflicts: [RouteTable.Conflict] = []
        let entries = routes.enumerated().map { index, route in
            RouteTable.Entry(hosts: route.hosts, pattern: route.pattern, methods: route.methods, route: index)
        }
        let table = RouteTable(entries, conflicts: &conflicts)
        for conflict in conflicts {
            let (route, other) = (routes[conflict.route], routes[conflict.other])
            diagnostics.error(
                "route-conflict", "route '\(route.id)' (\(route.origin)) answers to the same requests as '\(other.id)' (\(other.origin))",
                at: nil,
                help: "give one of them another path, host or method")
        }
        return table
    }

    /// What answers an operation by several calls, by the operation's index: a file of `aggregations/`, otherwise the contract's own word.
    private func aggregations(_ sources: RouteSources, contract: Contract, departments: [Department]) -> [Aggregation?] {
        var result = contract.operations.map { operation -> Aggregation? in
            guard operation.department.isFanOut, operation.answersList else { return nil }
            return .everyDepartment(operation.id, isPaged: operation.requestFields.contains("page"))
        }
        var taken: [String: String] = [:]
        for text in sources.aggregations {
            let compiler = AggregationCompiler(contract: contract, departments: departments.map(\.id), diagnostics)
            guard let node = read(text), let aggregation = compiler.compile(node),
                let index = contract.operations.firstIndex(where: { $0.id == aggregation.operation })
            else { continue }
            if let other = taken.updateValue(text.path, forKey: aggregation.operation) {
                diagnostics.error(
                    "duplicate-operation", "'\(aggregation.operation)' is answered by another aggregation already",
                    at: node["operation"]?.place ?? node.place, help: "the first is in \(other)")
            }
            result[index] = aggregation
        }
        return result
    }

    private func limits(
        _ sources: RouteSources, _ contract: Contract, _ departments: [Department], _ routes: [Route], _ consumers: ConsumerTable,
        isWhole: Bool
    ) -> LimitRows {
        guard let node = sources.limits.flatMap(read) else { return LimitRows(store: buckets.limits) }
        let scope = LimitsFile.Scope(
            consumers: consumers.consumers.map(\.id), departments: departments.map(\.id), operations: contract.operations.map(\.id),
            routes: routes, isWhole: isWhole)
        return LimitsFile.read(node, scope, buckets.limits, diagnostics)
    }

    private func consumers(
        _ sources: RouteSources, _ settings: GatewaySettings, _ contract: Contract, _ departments: [Department], _ routes: [Route],
        isWhole: Bool
    ) -> ConsumerTable {
        let plain = routes.enumerated().compactMap { index, route -> (id: String, index: Int)? in
            if case .plain = route.target { return (route.id, index) }
            return nil
        }
        let scope = ConsumersFile.Scope(
            departments: NamePatterns(departments.map(\.id)), operations: NamePatterns(contract.operations.map(\.id)),
            routes: NamePatterns(plain.map(\.id)), routeIndexes: plain.map(\.index), isWhole: isWhole, zones: settings.zones,
            contract: contract,
            asksCertificates: settings.listen.contains { ($0.tls?.clients ?? .none) != .none })
        guard let text = sources.consumers, let node = read(text) else { return ConsumerTable(consumers: [], keys: [:]) }
        let file = ConsumersFile(node, scope: scope, buckets: buckets, references: references, memory: memory, diagnostics)
        file.issuers?.checkPlaces()
        return ConsumerTable(
            consumers: file.consumers, keys: file.keys, signing: file.signing?.table ?? SigningTable(),
            tokens: file.issuers?.table ?? .none, certificates: file.certificates.table, lockout: file.lockout,
            lockouts: memory.lockouts)
    }
}
