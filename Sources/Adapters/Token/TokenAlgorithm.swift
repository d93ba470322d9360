/// How a token is signed (RFC 7518 §3.1, RFC 8037).
public enum TokenAlgorithm: String, Sendable, CaseIterable {
    // The names are those of the registry.
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// What kind of key it needs.
    enum Family: Sendable { case rsa, pss, curve, edwards, secret }

    var family: Family {
        switch self {
        case .rs256, .rs384, .rs512: .rsa
        case .ps256, .ps384, .ps512: .pss
        case .es256, .es384, .es512: .curve
        case .edDSA: .edwards
        case .hs256, .hs384, .hs512: .secret
        }
    }

    /// libcrypto's name of the digest; nil where the signature has its own.
    var digest: String? {
        switch self {
        case .rs256, .ps256, .es256, .hs256: "SHA256"
        case .rs384, .ps384, .es384, .hs384: "SHA384"
        case .rs512, .ps512, .es512, .hs512: "SHA512"
        case .edDSA: nil
        }
    }

    /// How many bytes r and s have each.
    var coordinateLength: Int {
        switch self {
        case .es256: 32
        case .es384: 48
        case .es512: 66
        default: 0
        }
    }
}
