/// Compiles what a message must carry to be believed: `signature`, `signing` and `skew` of a callback or of a reply.
struct SignatureCompiler {
    let compiler: MappingCompiler
    /// What the message is, in the words of a problem: a callback, a reply.
    let message: String
    /// Whether it comes with a method, a path and a query of its own, which a convention may sign.
    let hasTarget: Bool

    private var diagnostics: Diagnostics { compiler.diagnostics }

    /// What the section asks for, nil where it asks for nothing; `isWhole` says whether all of it could be read.
    func signature(_ section: Section) -> (signature: MessageSignature?, isWhole: Bool) {
        let carried = section["signature"].flatMap(carried)
        let convention = convention(section)
        let isWhole = (section["signature"] == nil || carried != nil) && (section["signing"] == nil || convention != nil)
        guard carried != nil || convention != nil else { return (nil, isWhole) }
        return (MessageSignature(convention: convention, carried: carried), isWhole)
    }

    private func carried(_ node: Node) -> CarriedValue? {
        guard let section = Section(node, as: "'signature'", keys: ["received", "expected", "case"], diagnostics) else { return nil }
        let received = section.required("received").flatMap { compiler.rule($0, for: "received", landing: .form) }
        let expected = section.required("expected").flatMap { compiler.rule($0, for: "expected", landing: .form) }
        let word = section.choice("case", of: ["exact", "ignore"])
        guard let received, let expected else { return nil }
        return CarriedValue(received: received, expected: expected, ignoresCase: word == "ignore")
    }

    private func convention(_ section: Section) -> SigningConvention? {
        let skew = section.duration("skew", in: .seconds(1)...(.seconds(86_400))) ?? .seconds(300)
        guard let node = section["signing"] else {
            if section["skew"] != nil {
                diagnostics.error(
                    "wrong-place", "'skew' says how old a signed message may be, and \(message) has no 'signing'",
                    at: section.place(of: "skew"))
            }
            return nil
        }
        guard let signer = Signer(node, diagnostics) else { return nil }
        if !hasTarget, signer.readsTarget {
            diagnostics.error(
                "wrong-place", "\(message) has no method, path and query that could be signed", at: node.place,
                help: "sign its body, its headers, or its fields as form")
            return nil
        }
        compiler.references.secrets += signer.mentions(verifying: true)
        return SigningConvention(verifier: Verifier(signer, skewMilliseconds: skew.milliseconds))
    }
}

extension Signer {
    /// Whether the method, the path or the query takes part, or carries something.
    fileprivate var readsTarget: Bool {
        text.parts.contains(where: \.readsTarget)
            || (additions.map(\.target) + [target]).contains { if case .query = $0 { true } else { false } }
    }
}

extension SigningPart {
    /// Whether the method, the path or the query is read.
    fileprivate var readsTarget: Bool {
        switch self {
        case .method, .path: true
        case .parameters(let list): list.origin != .form
        case .digest(_, let text, _): text.parts.contains(where: \.readsTarget)
        case .group(let parts): parts.contains(where: \.readsTarget)
        default: false
        }
    }
}
