/// A call that travels as a file over FTP or SFTP: what is put where, and where the answer is looked for. Paths begin at the login's
/// directory unless they begin with `/`.
public struct FileDelivery: Sendable, Hashable {
    /// What happens to an answer once its content was understood.
    public enum Afterwards: Sendable, Hashable {
        /// It stays.
        case keep
        /// It is removed.
        case delete
        /// It is renamed to this path.
        case move(String)
    }

    /// Where the answer is looked for.
    public struct Answer: Sendable, Hashable {
        /// Its path.
        public let path: String
        /// How long to wait between two looks.
        public let every: Duration
        /// How long to look in all; the call's own time bounds it too.
        public let within: Duration
        /// What happens to it.
        public let afterwards: Afterwards
    }

    /// The path of the file that is put there; nil when only an answer is looked for.
    public let path: String?
    /// What is added to the file's name until all of it is there.
    public let temporary: String
    /// Where the answer is looked for; nil when the call ends with the delivery.
    public let answer: Answer?
}
