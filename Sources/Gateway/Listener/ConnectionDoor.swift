import GatewayCore
import Glibc
import NIOCore
import Synchronization

/// Who is let in: the census of the clients' connections, shared by all event loops. A lock held for one decision as a connection comes, and
/// for another as it goes; requests do not meet it.
final class ConnectionDoor: Sendable {
    /// A connection that is closed before a byte of it is read.
    struct Closed: Error {
        let reason: ConnectionCensus.Refusal
    }

    private let census = Mutex(ConnectionCensus())
    /// Three quarters of the files that the process may have open: the rest is for departments, and for what must go on.
    private let most: Int

    /// A door for a process that may have so many files open.
    init(files: Int) { most = max(1, files / 4 * 3) }

    /// How many are in.
    var open: Int { census.withLock { $0.open } }

    /// Lets one in, or says why not.
    func enter(_ client: ClientAddress?, _ limits: ConnectionLimits) -> ConnectionCensus.Refusal? {
        var limits = limits
        limits.all = min(limits.all, most)
        return census.withLock { $0.enter(client, limits) }
    }

    /// One that was let in has gone.
    func leave(_ client: ClientAddress?) { census.withLock { $0.leave(client) } }
}

extension LoopContext {
    /// Lets a client's connection in, or throws before anything is spent on it: no byte is read, and no handshake begins.
    func letIn(_ channel: any Channel) throws(ConnectionDoor.Closed) {
        let client = channel.remoteAddress?.ipAddress.flatMap { ClientAddress($0) }
        if let reason = door.enter(client, current.snapshot.settings.connections) {
            meters.connectionRefused(reason)
            throw ConnectionDoor.Closed(reason: reason)
        }
        meters.connectionOpened()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        channel.closeFuture.whenComplete { _ in
            bound.value.meters.connectionClosed()
            bound.value.door.leave(client)
        }
    }
}

/// The files that the process may have open; a connection is one.
enum OpenFiles {
    /// Raises the soft limit to the hard one, which is what an administrator has set, and says how many that are.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        // Beyond a million the kernel takes no more (fs.nr_open), and "unlimited" is a number with nothing behind it.
        let wanted = min(limit.rlim_max, 1 << 20)
        if limit.rlim_cur < wanted {
            var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit.rlim_cur = wanted }
        }
        return Int(min(limit.rlim_cur, 1 << 20))
    }
}
