/// A header that is composed of the signature and of values that stand nowhere else: `HMAC id={id}, ts={ts}, sig={signature}`.
struct SignatureTemplate: Sendable {
    private enum Piece: Sendable, Equatable {
        case text(String)
        case name(String)
    }

    /// The name of the signature among the names in braces.
    static let signature = "signature"

    private let pieces: [Piece]

    /// What is wrong with a template, in words for its writer.
    struct Flaw: Error { let message: String }

    /// The names in braces, without the signature's.
    var names: [String] {
        pieces.compactMap { if case .name(let name) = $0, name != SignatureTemplate.signature { name } else { nil } }
    }

    /// Reads a template: texts, and names in braces with something between any two.
    init(_ text: String) throws(Flaw) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw Flaw(message: "a brace does not close") }
            let name = String(rest[rest.index(after: open)..<close])
            if open > rest.startIndex {
                pieces.append(.text(String(rest[..<open])))
            } else if case .name? = pieces.last {
                throw Flaw(message: "two names stand side by side, so nobody can tell where one ends")
            }
            guard !pieces.contains(.name(name)) else { throw Flaw(message: "{\(name)} stands twice") }
            pieces.append(.name(name))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        guard pieces.contains(.name(SignatureTemplate.signature)) else { throw Flaw(message: "{signature} is missing") }
        self.pieces = pieces
    }

    /// The header's value.
    func text(_ signature: String, _ values: [(String, String)]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .name(SignatureTemplate.signature): signature
            case .name(let name): values.first { $0.0 == name }?.1 ?? ""
            }
        }.joined()
    }

    /// The values in a header, by name, the signature's among them; nil when the header is not made like this.
    func read(_ header: String) -> [(String, String)]? {
        var values: [(String, String)] = []
        var rest = header[...]
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .text(let text):
                guard rest.hasPrefix(text) else { return nil }
                rest = rest.dropFirst(text.count)
            case .name(let name):
                var end = rest.endIndex
                if index + 1 < pieces.count, case .text(let next) = pieces[index + 1] {
                    guard let found = rest.firstRange(of: next) else { return nil }
                    end = found.lowerBound
                }
                values.append((name, String(rest[..<end])))
                rest = rest[end...]
            }
        }
        return rest.isEmpty ? values : nil
    }
}
