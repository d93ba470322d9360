/// One of the departments that the mocks play.
public enum MockDepartment: String, Sendable, CaseIterable {
    /// 省市场监督管理局: SOAP 1.1 with a GBK XML in a string.
    case scjg = "hlj-scjg"
    /// 省发展和改革委员会: JSON with a token from a login.
    case fgw = "hlj-fgw"
    /// 哈尔滨市 platform: signed GB18030 forms.
    case hrb
    /// 省统一受理平台: XML pushed in a form field, a ticket in return.
    case tysl = "hlj-tysl"
    /// 国家政务服务共享平台: signed headers, a JSON text in a form field.
    case share = "gj-share"
    /// 省企业信用信息平台: JSON, dates as numbers.
    case qyxx = "hlj-qyxx"
    /// 省电子证照库: a login, an authorisation, then the licences.
    case zzk = "hlj-zzk"
    /// 省住房和城乡建设厅: a JSON text in a form field, XML in a text of the JSON in return.
    case zjt = "hlj-zjt"

    /// The port that the route files of the project name.
    public var usualPort: Int {
        switch self {
        case .scjg: 9101
        case .fgw: 9102
        case .hrb: 9103
        case .tysl: 9104
        case .share: 9105
        case .qyxx: 9106
        case .zzk: 9107
        case .zjt: 9108
        }
    }
}

/// What may be changed about a department for a test.
public struct MockSettings: Sendable, Hashable {
    /// Seconds that a login token lives.
    public var tokenLifetime: Int
    /// Whether a timestamp must be within five minutes of the clock.
    public var checkClock: Bool
    /// Whether a nonce is refused the second time within ten minutes.
    public var checkNonce: Bool

    /// Settings; the defaults are a strict department's.
    public init(tokenLifetime: Int = 1800, checkClock: Bool = true, checkNonce: Bool = true) {
        self.tokenLifetime = tokenLifetime
        self.checkClock = checkClock
        self.checkNonce = checkNonce
    }
}

/// The demo credentials, the only ones that the departments accept.
public enum MockCredentials {
    /// The user of 省市场监督管理局.
    public static let scjgUser = "tongban"
    /// The password of 省市场监督管理局.
    public static let scjgPassword = "demoScjgPassword"
    /// The account of 省发展和改革委员会.
    public static let fgwAccount = "tongban"
    /// The password of 省发展和改革委员会.
    public static let fgwPassword = "demoFgwPassword"
    /// The appKey of the Harbin platform.
    public static let hrbAppKey = "HLJ0001"
    /// The signing secret of the Harbin platform.
    public static let hrbAppSecret = "demoSecret"
    /// The system code of 省统一受理平台.
    public static let tyslCode = "hljtysl01"
    /// The access key of the sharing platform.
    public static let shareKey = "demoShareKey"
    /// The signing secret of the sharing platform.
    public static let shareSecret = "demoAppSecret0001"
    /// The application's key at 省企业信用信息平台.
    public static let qyxxKey = "demoQyxxKey"
    /// The account at 省电子证照库.
    public static let zzkAccount = "tongban"
    /// Its password.
    public static let zzkPassword = "demoZzkPassword"
    /// The application's key there.
    public static let zzkAppKey = "demoZzkApp"
    /// The application's secret there.
    public static let zzkAppSecret = "demoZzkSecret"
    /// The APIKEY of 省住房和城乡建设厅.
    public static let zjtKey = "demoZjtKey"
}
