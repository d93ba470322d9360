import Adapters
import GatewayCore
import NIOCore

/// What the admin side answers.
struct AdminAPI: Sendable {
    struct Request: Sendable {
        let method: RequestMethod
        let path: String
        let query: String
    }

    struct Reply: Sendable {
        let status: Int
        let mediaType: String
        let body: [UInt8]

        init(status: Int, text: String) {
            self.status = status
            mediaType = "text/plain; charset=utf-8"
            body = Array((text + "\n").utf8)
        }

        init(status: Int = 200, json: Value) {
            self.status = status
            mediaType = "application/json"
            body = JSONCodec.encode(json)
        }

        init(metrics: [UInt8]) {
            status = 200
            mediaType = "text/plain; version=0.0.4; charset=utf-8"
            body = metrics
        }
    }

    let server: GatewayServer
    /// Whether this is the socket: only there may anything be changed or asked beyond health and metrics.
    let mayControl: Bool

    func answer(_ request: Request) async -> Reply {
        let isRead = request.method == .get || request.method == .head
        switch request.path {
        case "/healthz" where isRead: return Reply(status: 200, text: "ok")
        case "/readyz" where isRead:
            return server.isDraining ? Reply(status: 503, text: "draining") : Reply(status: 200, text: "ready")
        case "/metrics" where isRead: return Reply(metrics: server.metricsPage())
        case "/status" where isRead && mayControl: return Reply(json: status())
        case "/routes" where isRead && mayControl: return Reply(json: routes())
        case "/configuration" where isRead && mayControl: return configuration(request)
        case "/history" where isRead && mayControl: return Reply(json: history())
        case "/reload" where request.method == .post && mayControl: return await reload(request)
        case "/rollback" where request.method == .post && mayControl: return await rollback(request)
        case "/healthz", "/readyz", "/metrics", "/status", "/routes", "/configuration", "/history", "/reload", "/rollback":
            return mayControl || ["/healthz", "/readyz", "/metrics"].contains(request.path)
                ? Reply(status: 405, text: "another method, or the Unix socket")
                : Reply(status: 404, text: "the Unix socket answers to this")
        default: return Reply(status: 404, text: "nothing here; there are /healthz, /readyz and /metrics")
        }
    }

    private func status() -> Value {
        let (snapshot, figures) = (server.snapshot, LoopFigures(server.meters))
        return [
            "state": .string(server.isDraining ? "draining" : "running"),
            "revision": .integer(Int64(snapshot.revision)),
            "fingerprint": .string(snapshot.fingerprint),
            "startedAt": .string(Self.time(server.startedAt)),
            "routesDirectory": .string(server.options.routes),
            "listen": .array(server.addresses.map { .string($0.description) }),
            "admin": server.adminAddress.map { .string($0.description) } ?? .null,
            "workers": .integer(Int64(server.loops.count)),
            "connections": .integer(Int64(server.door.open)),
            "upgraded": .integer(Int64(clamping: figures.upgraded)),
            "refused": Self.refused(figures),
            "departments": .array(snapshot.departments.map { .string($0.id) }),
            "upstreams": .array(server.upstreamFigures.map { Self.upstream($0.name, $0.figures) }),
            "waivers": .array(snapshot.everyUpstream.flatMap { upstream in upstream.waivers.map { .string("\(upstream.id): \($0)") } }),
            "routes": .integer(Int64(snapshot.routes.count)),
            "consumers": .integer(Int64(snapshot.consumers.consumers.count)),
            "heldFrom": server.store.history.hold.map { .integer(Int64($0.left)) } ?? .null,
            "history": .array(entries()),
        ]
    }

    /// What was in force, oldest first.
    private func entries() -> [Value] {
        let history = server.store.history
        let kept = Set(history.kept)
        return history.entries.map { entry in
            [
                "revision": .integer(Int64(entry.revision)), "fingerprint": .string(entry.fingerprint),
                "appliedAt": .string(Self.time(entry.appliedAt)), "by": .string(entry.by), "how": .string(entry.how.rawValue),
                "changed": .array(entry.changed.map(Value.string)), "kept": .bool(kept.contains(entry.revision)),
            ]
        }
    }

    private func history() -> Value {
        let hold = server.store.history.hold
        return [
            "revision": .integer(Int64(server.snapshot.revision)), "heldFrom": hold.map { .integer(Int64($0.left)) } ?? .null,
            "entries": .array(entries()),
        ]
    }

    private static func counts(_ names: [String], _ numbers: [Int]) -> Value {
        var object = Object()
        for (name, number) in zip(names, numbers) { object[name] = .integer(Int64(number)) }
        return .object(object)
    }

    /// What the gateway turned away since it began, by what it has of it too much.
    private static func refused(_ figures: LoopFigures) -> Value {
        let (bounds, limits) = (ConnectionCensus.Refusal.allCases, RefusedLimit.allCases)
        return [
            "connections": counts(bounds.map(\.rawValue), bounds.map { Int(clamping: figures.refused($0)) }),
            "requests": counts(limits.map(\.rawValue), limits.map { Int(clamping: figures.refused($0)) }),
            "overload": .integer(Int64(clamping: figures.shed)),
        ]
    }

    /// What goes on at one upstream.
    private static func upstream(_ name: String, _ figures: UpstreamFigures) -> Value {
        return [
            "name": .string(name), "calls": .integer(Int64(figures.inFlight)),
            "concurrent": figures.concurrent.map { .integer(Int64($0)) } ?? .null,
            "waiting": counts(CallPriority.allCases.map(\.name), figures.waiting),
            "breakerOpened": .integer(Int64(figures.counts.openings)),
            "refused": counts(UpstreamRefusal.Reason.allCases.map(\.rawValue), figures.counts.refused),
            "endpoints": .array(
                figures.endpoints.map {
                    ["endpoint": .string($0.name), "state": .string($0.state.rawValue), "calls": .integer(Int64($0.inFlight))]
                }),
        ]
    }

    private func routes() -> Value { .array(server.snapshot.routes.indices.map { RouteExplanation.value($0, in: server.snapshot) }) }

    /// The names and digests of the files in use, or with `file=NAME` the text of one. Route files name secrets and hold none, and
    /// consumers' keys stand in them as digests; still this is for the socket only.
    private func configuration(_ request: Request) -> Reply {
        let snapshot = server.snapshot
        let files = snapshot.sources.named
        if let name = parameters(of: request)["file"] {
            guard let bytes = files[String(name)] else { return Reply(status: 404, text: "no such file is in use") }
            return Reply(json: ["name": .string(String(name)), "text": .string(String(decoding: bytes, as: UTF8.self))])
        }
        return Reply(json: [
            "revision": .integer(Int64(snapshot.revision)), "fingerprint": .string(snapshot.fingerprint),
            "files": .array(
                files.sorted { $0.key < $1.key }.map { name, bytes in
                    [
                        "name": .string(name), "sha256": .string(Hex.encode(Digest.compute(.sha256, bytes))),
                        "bytes": .integer(Int64(bytes.count)),
                    ]
                }),
        ])
    }

    private func parameters(of request: Request) -> [Substring: Substring] {
        var parameters: [Substring: Substring] = [:]
        for pair in request.query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { parameters[parts[0]] = parts[1] }
        }
        return parameters
    }

    private func reload(_ request: Request) async -> Reply {
        let parameters = parameters(of: request)
        let user = String((parameters["by"] ?? "unknown").prefix(64))
        let seconds = min(60, max(0, parameters["watch"].flatMap { Int($0) } ?? 0))
        return reply(await server.reload(by: user, watch: .seconds(seconds), again: parameters["again"] == "1"))
    }

    private func rollback(_ request: Request) async -> Reply {
        let parameters = parameters(of: request)
        let user = String((parameters["by"] ?? "unknown").prefix(64))
        let wanted = parameters["to"].map { Int($0) }
        if case .some(nil) = wanted { return Reply(status: 400, text: "'to' is no revision's number") }
        return reply(await server.rollback(to: wanted ?? nil, by: user))
    }

    private func reply(_ result: LoadResult) -> Reply {
        switch result {
        case .applied(let revision, let warnings):
            return Reply(
                json: ["result": "applied", "revision": .integer(Int64(revision)), "problems": .array(warnings.map(ProblemReport.value))])
        case .unchanged(let revision): return Reply(json: ["result": "unchanged", "revision": .integer(Int64(revision)), "problems": []])
        case .held(let revision, let left):
            return Reply(
                json: ["result": "held", "revision": .integer(Int64(revision)), "heldFrom": .integer(Int64(left)), "problems": []])
        case .refused(let problems):
            return Reply(
                status: 422,
                json: [
                    "result": "refused", "revision": .integer(Int64(server.snapshot.revision)),
                    "problems": .array(problems.map(ProblemReport.value)),
                ])
        case .rolledBack(let revision, let reason):
            return Reply(
                status: 409,
                json: ["result": "rolledBack", "revision": .integer(Int64(revision)), "reason": .string(reason), "problems": []])
        case .cannotStart(let reason):
            return Reply(
                status: 503,
                json: [
                    "result": "cannotStart", "revision": .integer(Int64(server.snapshot.revision)), "reason": .string(reason),
                    "problems": [],
                ])
        }
    }

    private static func time(_ seconds: Int64) -> String {
        CivilTime(epochSeconds: seconds).rfc3339
    }
}
