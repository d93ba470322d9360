internal import Adapters

extension LoginAdapter {
    /// The session's values in a reply, by name; nil where the department is not done.
    func values(in reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Value? {
        guard case .answer((let session, _)) = try settle(reply, to: call) else { return nil }
        return .object(values(of: session))
    }

    /// A session's values by name.
    func values(of session: DepartmentSession) -> Object {
        var values = Object()
        for name in valueNames { values[name] = session[name].map(Value.string) }
        return values
    }
}
