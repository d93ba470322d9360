import CLibCrypto
import GatewayCore
import NIOCore
import NIOSSL
import Synchronization

/// How one upstream's TLS connections are opened. Made off the event loops, shared by all of them.
final class TLSClient: Sendable {
    private let context: NIOSSLContext
    private let judge: CertificateJudge
    private let name: String?

    /// Throws what NIOSSL says of certificates and keys that it cannot use.
    init(_ tls: UpstreamTLS) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = Self.version(tls.minimum)
        configuration.certificateVerification = tls.unverifiedReason == nil ? .fullVerification : .none
        // The chain is judged below, so that a refusal can say why; nothing is trusted beside it.
        configuration.trustRoots = .certificates([])
        // A department that does not answer the end of a connection does not hold it for long.
        configuration.shutdownTimeout = .seconds(1)
        if tls.minimum < .v12 {
            configuration.cipherSuites += ":ECDHE+AES:RSA+AESGCM:RSA+AES"
        }
        if let certificate = tls.certificate, let key = tls.key {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate.bytes).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key.bytes, format: .pem))
        }
        context = try NIOSSLContext(configuration: configuration)
        judge = CertificateJudge(tls.roots?.bytes)
        name = tls.name
    }

    private static func version(_ version: UpstreamTLS.Version) -> TLSVersion {
        switch version {
        case .v10: .tlsv1
        case .v11: .tlsv11
        case .v12: .tlsv12
        case .v13: .tlsv13
        }
    }

    /// Adds TLS to a channel that is about to connect; `handshake` hears how it went, and is the last handler until then.
    func add(to channel: any Channel, endpoint: Endpoint, handshake: TLSHandshake) throws {
        // An address has no SNI (RFC 6066 §3); NIOSSL then compares the certificate's addresses with the peer's.
        let sought = name ?? endpoint.host
        let isAddress = name == nil && endpoint.isAddress
        let judge = judge
        let bound = NIOLoopBound(handshake, eventLoop: channel.eventLoop)
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : sought) { chain, verdict in
            let fault = judge.fault(of: chain, for: sought, isAddress: isAddress)
            if let fault { bound.value.verdict = fault }
            verdict.succeed(fault == nil ? .certificateVerified : .failed)
        }
        try channel.pipeline.syncOperations.addHandlers([handler, handshake])
    }
}

/// Judges a server's chain by the authorities that an upstream trusts. libcrypto verifies, because it says what is wrong.
///
/// `@unchecked Sendable`: the pointer never changes and the store is not added to after it is made; what verifying looks up in it libcrypto
/// locks itself (X509_STORE_lock(3)), each judgement has an X509_STORE_CTX of its own, and the store is freed with the last reference.
private final class CertificateJudge: @unchecked Sendable {
    private let store: OpaquePointer?

    /// Trusts the certificates of a PEM text; without one whom the system trusts.
    init(_ roots: [UInt8]?) {
        guard let roots else {
            store = clibcrypto_trust(nil, 0)
            return
        }
        store = roots.withUnsafeBytes { clibcrypto_trust($0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), Int32(clamping: $0.count)) }
    }

    deinit { X509_STORE_free(store) }

    func fault(of chain: [NIOSSLCertificate], for name: String, isAddress: Bool) -> TLSFault? {
        let ders = chain.compactMap { try? $0.toDERBytes() }
        guard let store, ders.count == chain.count, !ders.isEmpty else { return .other }
        let all = ders.flatMap { $0 }
        return all.withUnsafeBufferPointer { bytes -> TLSFault? in
            guard let base = bytes.baseAddress else { return .other }
            var starts: [UnsafePointer<UInt8>?] = []
            var offset = 0
            for der in ders {
                starts.append(base + offset)
                offset += der.count
            }
            return TLSFault(verification: clibcrypto_verify_chain(store, name, isAddress ? 1 : 0, starts, ders.map(\.count), ders.count))
        }
    }
}

/// The TLS clients of all upstreams, by what their settings and certificates are: a reload keeps those that did not change.
final class TLSRegistry: Sendable {
    private let clients = Mutex<[UpstreamTLS: TLSClient]>([:])

    /// The client of some settings.
    func client(_ tls: UpstreamTLS) throws -> TLSClient {
        if let client = clients.withLock({ $0[tls] }) { return client }
        let client = try TLSClient(tls)
        clients.withLock { $0[tls] = client }
        return client
    }

    /// Makes what a snapshot needs, so that no event loop has to; the fault, with the upstream, when something cannot be used.
    func prepare(_ snapshot: Snapshot) -> String? {
        for upstream in snapshot.upstreams {
            guard let tls = upstream.tls else { continue }
            do { _ = try client(tls) } catch { return "the TLS settings of the upstream '\(upstream.id)' cannot be used: \(error)" }
        }
        return nil
    }

    /// Forgets what no configuration uses any more.
    func keep(only snapshot: Snapshot) {
        let used = Set(snapshot.upstreams.compactMap(\.tls))
        clients.withLock { clients in clients = clients.filter { used.contains($0.key) } }
    }
}
