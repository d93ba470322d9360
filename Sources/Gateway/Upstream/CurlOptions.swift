import CLibCurl
import GatewayCore

/// What every transfer of an upstream is told.
enum CurlOptions {
    private typealias Handle = UnsafeMutableRawPointer

    /// Sets everything but the work itself; the lists must live as long as the handle.
    static func set(
        _ settings: UpstreamSettings, _ endpoint: Endpoint, path: String, milliseconds: Int64, on handle: UnsafeMutableRawPointer
    ) -> [UnsafeMutablePointer<curl_slist>] {
        tongban_curl_number(handle, CURLOPT_NOSIGNAL, 1)
        tongban_curl_number(handle, CURLOPT_TIMEOUT_MS, Int(milliseconds))
        tongban_curl_number(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.nanoseconds / 1_000_000))
        tongban_curl_number(handle, CURLOPT_MAXAGE_CONN, max(1, Int(settings.keepAlive.components.seconds)))
        if settings.keepAlive == .zero { tongban_curl_number(handle, CURLOPT_FORBID_REUSE, 1) }
        tongban_curl_number(handle, CURLOPT_FOLLOWLOCATION, 0)
        tongban_curl_number(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // A path is one name and no walk through directories.
        tongban_curl_number(handle, CURLOPT_FTP_FILEMETHOD, Int(CURLFTPMETHOD_NOCWD.rawValue))
        if settings.scheme == .ftp, settings.tls != nil { tongban_curl_number(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
        if let key = settings.ssh?.hostKey { tongban_curl_text(handle, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, key) }
        setProxy(settings.proxy, handle)
        setAuthentication(settings.authentication, handle)
        if let tls = settings.tls { setTLS(tls, handle) }
        return setAddress(settings, endpoint, path: path, handle)
    }

    private static func setAddress(_ settings: UpstreamSettings, _ endpoint: Endpoint, path: String, _ handle: Handle)
        -> [UnsafeMutablePointer<curl_slist>]
    {
        let scheme = settings.scheme.rawValue
        tongban_curl_text(handle, CURLOPT_PROTOCOLS_STR, scheme)
        tongban_curl_number(handle, CURLOPT_PATH_AS_IS, 1)
        guard let name = settings.tls?.name else {
            tongban_curl_text(handle, CURLOPT_URL, "\(scheme)://\(endpoint)\(path)")
            return []
        }
        // The name that the certificate bears stands in the URL, and the connection goes to the endpoint.
        tongban_curl_text(handle, CURLOPT_URL, "\(scheme)://\(name):\(endpoint.port)\(path)")
        guard let list = curl_slist_append(nil, "::\(endpoint)") else { return [] }
        tongban_curl_list(handle, CURLOPT_CONNECT_TO, list)
        return [list]
    }

    /// The file's proxy or none: libcurl would otherwise take the environment's.
    private static func setProxy(_ proxy: UpstreamProxy?, _ handle: Handle) {
        tongban_curl_text(handle, CURLOPT_PROXY, proxy?.url ?? "")
        tongban_curl_text(handle, CURLOPT_NOPROXY, "")
        guard let proxy else { return }
        tongban_curl_number(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        guard let user = proxy.user, let password = proxy.password else { return }
        tongban_curl_text(handle, CURLOPT_PROXYUSERNAME, user.text)
        tongban_curl_text(handle, CURLOPT_PROXYPASSWORD, password.text)
        tongban_curl_number(handle, CURLOPT_PROXYAUTH, tongban_curlauth_any)
    }

    private static func setAuthentication(_ authentication: UpstreamAuthentication?, _ handle: Handle) {
        guard let authentication else { return }
        switch authentication.scheme {
        case .login: break
        case .basic: tongban_curl_number(handle, CURLOPT_HTTPAUTH, tongban_curlauth_basic)
        case .digest: tongban_curl_number(handle, CURLOPT_HTTPAUTH, tongban_curlauth_digest)
        case .ntlm: tongban_curl_number(handle, CURLOPT_HTTPAUTH, tongban_curlauth_ntlm)
        }
        tongban_curl_text(handle, CURLOPT_USERNAME, authentication.user.text)
        guard let file = authentication.keyFile else {
            tongban_curl_text(handle, CURLOPT_PASSWORD, authentication.password.text)
            tongban_curl_number(handle, CURLOPT_SSH_AUTH_TYPES, tongban_curlssh_password)
            return
        }
        tongban_curl_text(handle, CURLOPT_SSH_PRIVATE_KEYFILE, file)
        tongban_curl_number(handle, CURLOPT_SSH_AUTH_TYPES, tongban_curlssh_key)
    }

    private static func setTLS(_ tls: UpstreamTLS, _ handle: Handle) {
        let versions = [
            UpstreamTLS.Version.v10: CURL_SSLVERSION_TLSv1_0, .v11: CURL_SSLVERSION_TLSv1_1, .v12: CURL_SSLVERSION_TLSv1_2,
            .v13: CURL_SSLVERSION_TLSv1_3,
        ]
        tongban_curl_number(handle, CURLOPT_SSLVERSION, Int(versions[tls.minimum] ?? CURL_SSLVERSION_TLSv1_2))
        // Below 1.2 OpenSSL also wants its own level of security lowered.
        if tls.minimum < .v12 { tongban_curl_text(handle, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0") }
        let verifies = tls.unverifiedReason == nil
        tongban_curl_number(handle, CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0)
        tongban_curl_number(handle, CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
        func blob(_ option: CURLoption, _ material: Material?) {
            guard let material else { return }
            material.bytes.withUnsafeBytes { _ = tongban_curl_blob(handle, option, $0.baseAddress, $0.count) }
        }
        blob(CURLOPT_CAINFO_BLOB, tls.roots)
        blob(CURLOPT_SSLCERT_BLOB, tls.certificate)
        blob(CURLOPT_SSLKEY_BLOB, tls.key)
    }
}
