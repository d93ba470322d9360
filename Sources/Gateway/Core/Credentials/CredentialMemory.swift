internal import Synchronization

/// What is remembered of credentials over a reload: nonces that were seen, and who is locked out.
public final class CredentialMemory: Sendable {
    private let books = Mutex<[String: NonceBook]>([:])
    private let sources = Mutex<[TokenKeySource.Remote: TokenKeySource]>([:])
    /// Who is locked out.
    public let lockouts = LockoutTable()

    /// Nothing yet.
    public init() {}

    /// The nonces of a credential: those in use, or an empty book. Control zone.
    func book(of credential: String, limit: Int) -> NonceBook {
        books.withLock { books in
            if let known = books[credential] { return known }
            let book = NonceBook(limit: limit)
            books[credential] = book
            return book
        }
    }

    /// The keys that are fetched from somewhere: those in use, or none yet. Control zone.
    func source(_ remote: TokenKeySource.Remote) -> TokenKeySource {
        sources.withLock { sources in
            if let known = sources[remote] { return known }
            let source = TokenKeySource(remote)
            sources[remote] = source
            return source
        }
    }

    /// Drops the keys of issuers that the published configuration does not have.
    public func retain(only remotes: Set<TokenKeySource.Remote>) {
        sources.withLock { sources in sources = sources.filter { remotes.contains($0.key) } }
    }

    /// Drops the nonces of credentials that the published configuration does not have.
    public func retain(only credentials: Set<String>) {
        books.withLock { books in books = books.filter { credentials.contains($0.key) } }
    }
}
