import CLibCurl

/// What libcurl's codes mean in the words of this side.
enum CurlFault {
    /// What was known when a transfer failed.
    struct Situation {
        /// Whether the request, or the first of them, was begun.
        let hasSent: Bool
        /// Whether the head of a reply had begun.
        let hasAnswer: Bool
        /// libcurl's own text.
        let text: String
        /// X509_V_ERR_… of the server's certificate.
        let verification: Int32
    }

    /// The failure of a code.
    static func failure(_ code: CURLcode, _ situation: Situation) -> UpstreamFailure {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return situation.hasSent ? .timeout : .connectTimeout
        case CURLE_PEER_FAILED_VERIFICATION where situation.text.contains("fingerprint"): return .hostKey
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED:
            return .tls(tls(code, situation))
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            if let fault = TLSFault(words: situation.text) { return .tls(fault) }
            return situation.hasAnswer ? .closedInReply : situation.hasSent ? .closedBeforeReply : .unreachable
        case CURLE_PARTIAL_FILE: return .closedInReply
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: return .unreadable
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR: return .loginDenied
        case CURLE_PROXY: return .proxy
        case CURLE_REMOTE_FILE_NOT_FOUND: return .noSuchFile
        case CURLE_QUOTE_ERROR, CURLE_UPLOAD_FAILED, CURLE_REMOTE_ACCESS_DENIED, CURLE_REMOTE_DISK_FULL, CURLE_FTP_COULDNT_RETR_FILE:
            return .commandRefused
        case CURLE_COULDNT_RESOLVE_PROXY: return .proxy
        default: return situation.hasAnswer ? .closedInReply : .unreachable
        }
    }

    private static func tls(_ code: CURLcode, _ situation: Situation) -> TLSFault {
        if code == CURLE_PEER_FAILED_VERIFICATION {
            return TLSFault(verification: situation.verification) ?? TLSFault(words: situation.text) ?? .wrongName
        }
        return TLSFault(words: situation.text) ?? .other
    }
}
