/// A way in which a department's system fails, on demand.
public enum Misbehaviour: String, Sendable, CaseIterable {
    /// The department's general failure inside HTTP 200.
    case errorIn200 = "error-in-200"
    /// The session token is refused although it was good.
    case expiredToken = "expired-token"
    /// The caller's own credential is refused.
    case badCredential = "bad-credential"
    /// The answer comes late.
    case slow
    /// The answer does not come.
    case hang
    /// The connection closes in the middle of the body.
    case cutOff = "cut-off"
    /// The body's bytes are not what its label says.
    case wrongCharset = "wrong-charset"
    /// A status code that is in no list.
    case unknownStatus = "unknown-status"
    /// A maintenance page under HTTP 200.
    case html
    /// The department's own "not found".
    case notFound = "not-found"
    /// A good answer without the fields that matter.
    case missingField = "missing-field"
    /// A body that ends in the middle of the document.
    case unparsable
    /// As `unparsable`; for the SOAP department the inner document is cut and the envelope whole.
    case badXML = "bad-xml"
    /// As `unparsable`.
    case badJSON = "bad-json"
    /// The SOAP department's answer carries a DOCTYPE with an entity.
    case dtd
    /// HTTP 500.
    case http500 = "http-500"
    /// RST in place of an answer.
    case connectionReset = "connection-reset"
    /// A reply head that contradicts itself.
    case badFraming = "bad-framing"
    /// A well-formed answer of more than 20 MB.
    case huge
}

/// One of the functions a department offers.
public enum MockFunction: String, Sendable, CaseIterable {
    case submit = "cases.submit"
    case query = "cases.get"
    case events = "cases.events"
    case items = "items.list"
    case item = "items.get"
    case search = "cases.search"
    case result = "cases.result"
    case corrections = "cases.corrections.list"
    case answer = "cases.corrections.answer"
    case withdraw = "cases.withdraw"
    case licences = "licences.list"
    case licenceSearch = "licences.search"
    case licence = "licences.get"
    case licenceVerify = "licences.verify"
    case licenceFile = "licences.file"
    case verify = "verifications.create"
    case evaluate = "evaluations.create"
    case login
    /// What comes between a login and a business call.
    case authorise
}

/// A misbehaviour that applies to one call, and how long it takes.
struct Quirk: Sendable {
    let mode: Misbehaviour
    let seconds: Double
}

/// The misbehaviour that is ordered for the next calls.
struct MisbehaviourPlan: Sendable {
    let mode: Misbehaviour
    var times: Int
    let seconds: Double
    let only: MockFunction?

    /// The quirk for a call, if it is one of those ordered; counts it.
    mutating func take(for function: MockFunction) -> Quirk? {
        // A refused credential shows at the login, where a department has one; other faults show at business calls.
        let meant = only.map { $0 == function } ?? ((function != .login || mode == .badCredential) && function != .authorise)
        guard times > 0, meant else { return nil }
        times -= 1
        return Quirk(mode: mode, seconds: seconds)
    }
}
