/// The namespaces whose elements and attributes keep a prefix in the tree: the configuration's own prefix, whatever the document's is.
public struct XMLNames: Sendable, Hashable {
    /// One namespace; both texts end with a zero byte, for C.
    struct Namespace: Sendable, Hashable {
        let uri: [UInt8]
        let prefix: [UInt8]
    }

    /// No namespace is told from another.
    public static let local = XMLNames([])

    let namespaces: [Namespace]

    /// Namespaces by prefix.
    public init(_ namespaces: [(prefix: String, uri: String)]) {
        self.namespaces = namespaces.map { Namespace(uri: Array($0.uri.utf8) + [0], prefix: Array($0.prefix.utf8) + [0]) }
    }

    /// The prefix of a namespace, with its zero byte.
    func prefix(of uri: UnsafePointer<UInt8>) -> [UInt8]? {
        namespaces.first { namespace in namespace.uri.indices.allSatisfy { uri[$0] == namespace.uri[$0] } }?.prefix
    }
}
