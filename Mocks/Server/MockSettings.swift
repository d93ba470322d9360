/// One of the departments that the mocks play.
public enum MockDepartment: String, Sendable, CaseIterable {
    /// 省市场监督管理局: SOAP 1.1 with a GBK XML in a string.
    case scjg = "hlj-scjg"
    /// 省发展和改革委员会: JSON with a token from a login.
    case fgw = "hlj-fgw"
    /// 哈尔滨市 platform: signed GB18030 forms.
    case hrb
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
}
