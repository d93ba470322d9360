internal import Glibc

/// A directory that one change at a time is made to, until the lock is let go or the program ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Waits ten seconds at most for whoever has it.
    init(_ directory: String) throws(ToolFault) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolFault("\(directory) cannot be read: \(String(cString: strerror(errno)))") }
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(20_000)
        }
        throw ToolFault("\(directory) is being changed by another program; nothing was written")
    }

    deinit { close(descriptor) }
}
