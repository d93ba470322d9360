import Adapters
import GatewayCore
import Logging
import NIOCore
import Synchronization

/// Fetches the keys of issuers, off the path of requests: looks once a second at what is due, and has libcurl's thread fetch it.
final class KeySetRefresh: Sendable {
    private let curl: CurlEngine
    private let logger: Logger
    private let task = Mutex<RepeatedTask?>(nil)

    /// A refresh that fetches nothing before it is started.
    init(curl: CurlEngine, logger: Logger) {
        self.curl = curl
        self.logger = logger
    }

    /// Begins; `sources` are those of the configuration in use.
    func start(on eventLoop: any EventLoop, _ sources: @escaping @Sendable () -> [TokenKeySource]) {
        let repeated = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(1)) { [self] _ in
            for source in sources() where source.isDue(now: Self.now) { fetch(source) }
        }
        task.withLock { $0 = repeated }
    }

    /// Ends.
    func stop() { task.withLock { $0?.cancel() } }

    private static var now: Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }

    private func fetch(_ source: TokenKeySource) {
        guard let remote = source.remote, !remote.upstream.endpoints.isEmpty else { return }
        let endpoint = remote.upstream.endpoints[source.failures % remote.upstream.endpoints.count]
        let fields = [DepartmentRequest.Field("Accept", "application/jwk-set+json, application/json")]
        let request = DepartmentRequest(method: "GET", target: remote.path, fields: fields, body: [])
        let limit = remote.upstream.totalTimeout.nanoseconds / 1_000_000
        let transfer = CurlTransfer(
            .http(request, fields: fields.map { "\($0.name): \($0.value)" }, isWrite: false), path: remote.path, at: endpoint,
            remote.upstream, within: min(limit, 10_000), headLimit: (32 << 10, 100)
        ) { [logger] outcome, _, _ in
            var text: [UInt8]?
            var reason = "no reply"
            if case .reply(let reply) = outcome {
                if reply.status == 200 { text = reply.body } else { reason = "status \(reply.status)" }
            }
            let flaw = source.fetched(text, now: Self.now)
            guard text == nil || flaw != nil else { return }
            logger.warning(
                "an issuer's keys cannot be had; those in use stay",
                metadata: ["issuer": "\(remote.upstream.id)", "reason": "\(flaw?.description ?? reason)"])
        }
        curl.begin(transfer)
    }
}
