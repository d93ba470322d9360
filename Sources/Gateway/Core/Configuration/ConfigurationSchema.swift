public import Adapters

/// The JSON Schemas (2020-12) of the configuration's files, for editors. A test holds every level of them to what the loader reads.
public enum ConfigurationSchema {
    /// A file that has a schema.
    public enum File: String, Sendable, CaseIterable {
        /// A file of `departments/`.
        case department
        /// A file of `aggregations/`.
        case aggregation
        /// `gateway.yaml`.
        case gateway
        /// `consumers.yaml`.
        case consumers
        /// `limits.yaml`.
        case limits
    }

    /// The schema of a file. `operations` are the contract's, so that a department's file is completed with their names; none leaves them open.
    public static func document(_ file: File, operations: [String] = []) -> Value {
        switch file {
        case .department:
            SchemaText.document(
                "A department's file of Tongban", department(operations), definitions: MappingSchema.definitions + upstreams)
        case .aggregation:
            SchemaText.document(
                "An aggregation of Tongban", MappingSchema.aggregation(operations), definitions: MappingSchema.definitions)
        case .gateway: SchemaText.document("gateway.yaml of Tongban", gateway, definitions: Object())
        case .consumers: SchemaText.document("consumers.yaml of Tongban", consumers, definitions: MappingSchema.definitions + upstreams)
        case .limits: SchemaText.document("limits.yaml of Tongban", limits, definitions: Object())
        }
    }

    // MARK: A department

    private static func department(_ operations: [String]) -> Value {
        let own: SchemaKeys = [
            "department": ["type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 64], "name": SchemaText.text,
            "authority": SchemaText.some(SchemaText.text), "items": SchemaText.some(SchemaText.text),
            "acts-for": SchemaText.some(SchemaText.text), "region": SchemaText.text, "zone": SchemaText.text,
            "upstream": SchemaText.ref("upstream"),
            "routes": SchemaText.list(SchemaText.ref("route")), "callbacks": SchemaText.list(SchemaText.ref("callback")),
            "operations": MappingSchema.operations(operations),
            "hours": SchemaText.closed(
                [
                    "open": SchemaText.some(SchemaText.text), "days": SchemaText.some(SchemaText.text),
                    "holidays": SchemaText.some(SchemaText.text), "workdays": SchemaText.some(SchemaText.text),
                    "operations": SchemaText.some(SchemaText.text),
                ], required: ["open"]),
            "priority": SchemaText.closed(
                SchemaKeys(CallPriority.allCases.map { (key: $0.name, shape: SchemaText.some(SchemaText.text)) })),
            "retry": SchemaText.list(
                SchemaText.closed(
                    retry + ["operations": SchemaText.some(SchemaText.text), "idempotent": SchemaText.bool])),
        ]
        return SchemaText.closed(
            DepartmentFile.keys + DepartmentTranslation.keys, own + SchemaKeys(MappingSchema.keys), required: ["department", "upstream"])
    }

    private static var upstreams: Object {
        let versions = SchemaText.words(UpstreamTLS.Version.allCases.map(\.rawValue))
        let material = SchemaText.closed(["secret": SchemaText.text, "file": SchemaText.text])
        let login = SchemaText.closed(["user": material, "password": material, "key": SchemaText.closed(["file": SchemaText.text])])
        let tls: SchemaKeys = [
            "ca": material, "certificate": material, "key": material, "name": SchemaText.text,
            "minimum": SchemaText.any(versions, SchemaText.closed(["version": versions, "reason": SchemaText.text])),
            "verify": SchemaText.closed(["off": SchemaText.text]),
        ]
        let timeout: SchemaKeys = ["connect": SchemaText.duration, "first-byte": SchemaText.duration, "total": SchemaText.duration]
        return [
            "upstream": SchemaText.closed(
                [
                    "endpoints": SchemaText.some(["type": "string"]), "tls": SchemaText.closed(tls),
                    "ssh": SchemaText.closed(["host-key": SchemaText.text, "verify": SchemaText.closed(["off": SchemaText.text])]),
                    "transport": SchemaText.words(UpstreamTransport.allCases.map(\.rawValue)),
                    "auth": SchemaText.closed(
                        SchemaKeys(UpstreamAuthentication.Scheme.allCases.map { (key: $0.rawValue, shape: login) })),
                    "proxy": SchemaText.any(
                        SchemaText.text, SchemaText.closed(["url": SchemaText.text, "user": material, "password": material])),
                    "timeout": SchemaText.closed(timeout),
                    "limits": SchemaText.closed([
                        "connections": SchemaText.number, "body": SchemaText.size, "file": SchemaText.size,
                        "concurrent": SchemaText.number, "rate": SchemaText.text, "burst": SchemaText.number, "queue": SchemaText.number,
                        "wait": SchemaText.duration, "bandwidth": SchemaText.size,
                    ]),
                    "breaker": orOff([
                        "failures": SchemaText.number, "share": SchemaText.number, "window": SchemaText.duration,
                        "pause": SchemaText.duration, "longest": SchemaText.duration,
                    ]),
                    "health": SchemaText.closed(
                        [
                            "path": SchemaText.text, "every": SchemaText.duration, "timeout": SchemaText.duration,
                            "rise": SchemaText.number, "fall": SchemaText.number, "status": SchemaText.some(SchemaText.text),
                        ], required: ["path"]),
                    "outlier": orOff(["failures": SchemaText.number, "slower": SchemaText.number, "pause": SchemaText.duration]),
                    "keep-alive": SchemaText.duration,
                ], required: ["endpoints"]),
            "route": SchemaText.closed(
                [
                    "id": SchemaText.text,
                    "match": SchemaText.closed(
                        ["host": SchemaText.some(SchemaText.text), "path": SchemaText.text, "methods": SchemaText.some(SchemaText.text)],
                        required: ["path"]),
                    "upstream": SchemaText.ref("upstream"), "rewrite": SchemaText.closed(["prefix": SchemaText.text]),
                    "access": SchemaText.words(["granted", "anyone"]), "zones": SchemaText.some(SchemaText.text),
                    "body-limit": SchemaText.size, "underscores": SchemaText.bool, "upgrades": SchemaText.some(SchemaText.text),
                    "retry": SchemaText.closed(retry), "priority": SchemaText.words(CallPriority.allCases.map(\.name)),
                ], required: ["id", "match"]),
        ]
    }

    private static let retry: SchemaKeys = [
        "on": SchemaText.some(SchemaText.text), "attempts": SchemaText.number, "wait": SchemaText.duration,
    ]

    /// A mapping, or the word `off`.
    private static func orOff(_ keys: SchemaKeys) -> Value {
        SchemaText.any(SchemaText.closed(keys), SchemaText.words(["off"]))
    }

    // MARK: The two other files

    private static var gateway: Value {
        SchemaText.closed([
            "listen": SchemaText.some(SchemaText.any(SchemaText.text, listener)),
            "admin": SchemaText.closed(["listen": SchemaText.text, "socket": SchemaText.text]), "state": SchemaText.text,
            "access-log": SchemaText.text, "workers": SchemaText.number, "zones": SchemaText.names(of: SchemaText.some(SchemaText.text)),
            "limits": SchemaText.closed([
                "head": SchemaText.size, "fields": SchemaText.number, "body": SchemaText.size, "body-rate": SchemaText.size,
                "connections": SchemaText.number, "connections-per-address": SchemaText.number,
            ]),
            "overload": SchemaText.closed(["exchanges": SchemaText.number, "lag": SchemaText.duration]),
            "timeouts": SchemaText.closed([
                "head": SchemaText.duration, "body": SchemaText.duration, "idle": SchemaText.duration, "drain": SchemaText.duration,
            ]),
        ])
    }

    private static var listener: Value {
        let material = SchemaText.any(
            SchemaText.closed(["secret": SchemaText.text], required: ["secret"]),
            SchemaText.closed(["file": SchemaText.text], required: ["file"]))
        let certificate = SchemaText.closed(["certificate": material, "key": material], required: ["certificate", "key"])
        let tls = SchemaText.closed(
            [
                "certificates": SchemaText.some(certificate), "minimum": SchemaText.words(ListenerTLS.Version.allCases.map(\.rawValue)),
                "clients": SchemaText.words(ListenerTLS.ClientCertificates.allCases.map(\.rawValue)), "client-ca": material,
            ], required: ["certificates"])
        return SchemaText.closed(["address": SchemaText.text, "tls": tls], required: ["address"])
    }

    private static var limits: Value {
        let whom = SchemaKeys(
            ["consumers", "departments", "regions", "operations", "routes"].map { (key: $0, shape: SchemaText.some(SchemaText.text)) })
        let limit = SchemaText.closed([
            "for": SchemaText.closed(whom), "per": SchemaText.some(SchemaText.words(LimitSubject.allCases.map(\.rawValue))),
            "rate": SchemaText.text, "burst": SchemaText.number, "concurrent": SchemaText.number, "daily": SchemaText.number,
            "monthly": SchemaText.number,
        ])
        return SchemaText.closed(["limits": SchemaText.names(of: limit)], required: ["limits"])
    }

    private static var consumers: Value {
        let consumer = SchemaText.closed([
            "name": SchemaText.text,
            "keys": SchemaText.list(
                SchemaText.closed(
                    ["digest": ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"], "expires": SchemaText.text], required: ["digest"])),
            "signatures": SchemaText.list(
                SchemaText.closed(
                    [
                        "key": SchemaText.text, "secret": SchemaText.text, "convention": SchemaText.text,
                        "algorithm": SchemaText.words(Signer.keyedAlgorithms), "expires": SchemaText.text,
                    ], required: ["key", "secret"])),
            "tokens": SchemaText.list(
                SchemaText.closed(
                    ["issuer": SchemaText.text, "subject": SchemaText.text, "expires": SchemaText.text], required: ["issuer", "subject"])),
            "certificates": SchemaText.list(
                SchemaText.closed(["subject": SchemaText.text, "public-key": SchemaText.text, "expires": SchemaText.text])),
            "grants": SchemaText.list(
                SchemaText.closed([
                    "departments": SchemaText.some(SchemaText.text), "operations": SchemaText.some(SchemaText.text),
                    "regions": SchemaText.some(SchemaText.text), "zones": SchemaText.some(SchemaText.text),
                    "fields": SchemaText.some(SchemaText.text), "routes": SchemaText.some(SchemaText.text), "expires": SchemaText.text,
                ])),
            "rate": SchemaText.closed(["limit": SchemaText.text, "burst": SchemaText.number], required: ["limit"]),
        ])
        let convention = SchemaText.closed(
            [
                "skew": SchemaText.duration, "nonces": SchemaText.number, "signing": SchemaText.ref("signing"),
                "replay": SchemaText.any(SchemaText.words(["nonce", "signature"]), SchemaText.closed(["off": SchemaText.text])),
            ], required: ["signing"])
        let keys = SchemaText.closed(["secret": SchemaText.text, "file": SchemaText.text])
        let fetch = SchemaText.closed(
            ["upstream": SchemaText.ref("upstream"), "path": SchemaText.text, "refresh": SchemaText.duration],
            required: ["upstream", "path"])
        let user: SchemaKeys = [
            "header": SchemaText.text, "kind": SchemaText.words(CallerUser.Kind.allCases.map(\.rawValue)), "id": SchemaText.text,
            "name": SchemaText.text, "level": SchemaText.text, "organisation": SchemaText.text, "idNo": SchemaText.text,
            "mobile": SchemaText.text,
        ]
        let issuer = SchemaText.closed(
            [
                "issuer": SchemaText.text, "audience": SchemaText.some(SchemaText.text), "keys": keys, "fetch": fetch,
                "algorithm": SchemaText.words(TokenAlgorithm.allCases.map(\.rawValue)), "leeway": SchemaText.duration,
                "claims": SchemaText.names(of: SchemaText.some(SchemaText.text)), "consumer": SchemaText.text,
                "user": SchemaText.closed(user),
            ], required: ["issuer", "audience"])
        let lockout = SchemaText.closed([
            "failures": SchemaText.number, "consumer-failures": SchemaText.number, "within": SchemaText.duration,
            "for": SchemaText.duration, "except": SchemaText.some(SchemaText.text),
        ])
        return SchemaText.closed(
            [
                "consumers": SchemaText.names(of: consumer), "conventions": SchemaText.names(of: convention),
                "issuers": SchemaText.names(of: issuer),
                "lockout": SchemaText.any(SchemaText.words(["off"]), lockout),
            ], required: ["consumers"])
    }
}

extension Object {
    /// These fields and those.
    fileprivate static func + (left: Object, right: Object) -> Object {
        var sum = left
        for field in right.fields { sum[field.name] = field.value }
        return sum
    }
}
