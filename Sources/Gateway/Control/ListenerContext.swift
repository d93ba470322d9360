import GatewayCore
import NIOCore
import NIOSSL
import Synchronization

/// What a listener shows to connections that are accepted from now on. A reload puts another in its place; connections that are open
/// keep what they began with.
final class ListenerContext: Sendable {
    private let held: Mutex<NIOSSLContext?>

    /// Throws what NIOSSL says of certificates and keys that it cannot use.
    init(_ tls: ListenerTLS?) throws { held = Mutex(try tls.map { try NIOSSLContext(configuration: .listener($0)) }) }

    /// What is shown now; nil where no TLS is spoken.
    var context: NIOSSLContext? { held.withLock { $0 } }

    /// Shows something else from now on.
    func show(_ other: ListenerContext) {
        let next = other.context
        held.withLock { $0 = next }
    }
}

extension TLSConfiguration {
    /// What is spoken to clients: Mozilla's intermediate profile, as far as BoringSSL has it.
    fileprivate static func listener(_ tls: ListenerTLS) throws -> TLSConfiguration {
        let shown = try tls.identities.map { try ShownIdentity($0) }
        guard let first = shown.first else { throw NIOSSLError.failedToLoadCertificate }
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: first.chain, privateKey: first.key)
        configuration.minimumTLSVersion = tls.minimum == .v13 ? .tlsv13 : .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        if tls.clients != .none, let roots = tls.clientRoots {
            configuration.certificateVerification = tls.clients == .required ? .noHostnameVerification : .optionalVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(roots.bytes))
        }
        if shown.count > 1 {
            configuration.sslContextCallback = { values, promise in
                var choice = NIOSSLContextConfigurationOverride.noChanges
                if let name = values.serverHostname?.lowercased(), let found = shown.first(where: { $0.serves(name) }) {
                    choice.certificateChain = found.chain
                    choice.privateKey = found.key
                }
                promise.succeed(choice)
            }
        }
        return configuration
    }
}

/// A certificate as NIOSSL takes it, and the names that it is for.
private struct ShownIdentity: Sendable {
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource
    /// Its names in lower case (RFC 5280 §4.2.1.6).
    private let names: [String]

    init(_ identity: ListenerTLS.Identity) throws {
        let certificates = try NIOSSLCertificate.fromPEMBytes(identity.certificate.bytes)
        chain = certificates.map { .certificate($0) }
        key = .privateKey(try NIOSSLPrivateKey(bytes: identity.key.bytes, format: .pem))
        names =
            certificates.first.map { certificate in
                certificate._subjectAlternativeNames().filter { $0.nameType == .dnsName }
                    .map { String(decoding: $0.contents, as: UTF8.self).lowercased() }
            } ?? []
    }

    /// Whether it is for a host; `*` stands for the first label and nothing else (RFC 6125 §6.4.3).
    func serves(_ host: String) -> Bool {
        names.contains { name in
            guard name.hasPrefix("*.") else { return name == host }
            guard let dot = host.firstIndex(of: ".") else { return false }
            return host[dot...] == name.dropFirst()
        }
    }
}
