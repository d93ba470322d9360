public import Adapters

/// What a route does, for `gatewayctl routes list` and `routes explain`.
public enum RouteExplanation {
    /// `{id, kind, hosts, path, methods, access, bodyLimit, origin, upstream | departments, policies[]}`.
    public static func value(_ index: Int, in snapshot: Snapshot) -> Value {
        let route = snapshot.routes[index]
        var object: Object = [
            "id": .string(route.id), "kind": .string(kind(route)), "path": .string(route.pattern.description),
            "methods": .array(route.methods.map { .string($0) }), "hosts": .array(route.hosts.map { .string($0) }),
            "access": .string(route.access == .anyone ? "anyone" : "granted"), "bodyLimit": .integer(Int64(route.bodyLimit)),
            "origin": .string(route.origin),
        ]
        switch route.target {
        case .plain(let plain):
            object["upstream"] = upstream(snapshot.upstreams[plain.upstream])
            object["underscores"] = .bool(plain.keepsUnderscores)
            object["upgrades"] = .array(plain.upgrades.map { .string($0) })
        case .contract:
            let serving = snapshot.departments.filter { $0.translation.operations[route.id] != nil }
            object["departments"] = .array(
                serving.map { department in
                    [
                        "department": .string(department.id), "name": .string(department.name),
                        "authorities": .array(department.authorities.map { .string($0) }),
                        "items": .array(department.items.map { .string($0) }),
                        "upstream": upstream(snapshot.upstreams[department.upstream]),
                    ]
                })
        case .contractDocument, .callback: break
        }
        object["consumers"] = .array(consumers(index, in: snapshot))
        object["policies"] = .array(
            snapshot.policies[index].map { policy in
                ["name": .string(policy.name), "slot": .string(policy.slot.name), "reason": .string(policy.reason)]
            })
        return .object(object)
    }

    private static func kind(_ route: Route) -> String {
        switch route.target {
        case .contract: "contract"
        case .plain: "plain"
        case .callback: "callback"
        case .contractDocument: "document"
        }
    }

    private static func upstream(_ settings: UpstreamSettings) -> Value {
        var object: Object = [
            "endpoints": .array(settings.urls.map { .string($0) }),
            "connectTimeout": .string("\(settings.connectTimeout)"), "firstByteTimeout": .string("\(settings.firstByteTimeout)"),
            "totalTimeout": .string("\(settings.totalTimeout)"), "connections": .integer(Int64(settings.connections)),
        ]
        if settings.transport != .loop { object["transport"] = .string(settings.transport.rawValue) }
        if let authentication = settings.authentication { object["authentication"] = .string(authentication.scheme.rawValue) }
        if let proxy = settings.proxy { object["proxy"] = .string(proxy.url) }
        if let tls = settings.tls { object["tls"] = self.tls(tls) }
        if !settings.waivers.isEmpty { object["waivers"] = .array(settings.waivers.map { .string($0) }) }
        return .object(object)
    }

    private static func tls(_ tls: UpstreamTLS) -> Value {
        var object: Object = [
            "minimum": .string(tls.minimum.rawValue), "verified": .bool(tls.unverifiedReason == nil),
            "roots": .string(tls.roots?.origin ?? "the system's"),
        ]
        if let certificate = tls.certificate { object["certificate"] = .string(certificate.origin) }
        if let name = tls.name { object["name"] = .string(name) }
        return .object(object)
    }

    /// The consumers that some grant lets in.
    private static func consumers(_ index: Int, in snapshot: Snapshot) -> [Value] {
        let route = snapshot.routes[index]
        if route.access == .anyone { return ["anyone"] }
        return snapshot.consumers.consumers.filter { consumer in
            if case .contract(let operation) = route.target { return consumer.mayCall(operation: operation) }
            return consumer.routes[index] != nil
        }.map { .string($0.id) }
    }
}
