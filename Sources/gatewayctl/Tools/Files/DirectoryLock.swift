internal import Glibc

/// A directory that one program at a time changes, until the lock is let go or the program ends.
final class DirectoryLock {
    private let descriptor: Int32

    /// Waits until nobody else has it.
    init(_ directory: String) throws(ToolFault) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolFault("\(directory) cannot be read: \(String(cString: strerror(errno)))") }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    deinit { close(descriptor) }
}
