/// What stands at the root of a decoded reply besides the reply itself, where a file asks for it: `http` and `call`.
struct ReplyRoots {
    /// `$.http`: the status and the header fields.
    var http: Value?
    /// `$.call`: the contract's request that the reply answers. A field of the department's own of that name stays what it is.
    var call: Value?

    /// The tree with them in it. A tree that is no object stands at `body`.
    func added(to tree: Value) -> Value {
        guard http != nil || call != nil else { return tree }
        var object = tree.object ?? Object(dictionaryLiteral: ("body", tree))
        if let http { object["http"] = http }
        if let call, object["call"] == nil { object["call"] = call }
        return .object(object)
    }
}
