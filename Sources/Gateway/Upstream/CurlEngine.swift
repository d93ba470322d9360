import CLibCurl
import GatewayCore
import Glibc
import Synchronization

/// libcurl's multi interface on a thread of its own, for what the event loops' own transport cannot do. The thread begins with the
/// first transfer.
///
/// Ledger: what loops hand over is behind one `Mutex`; everything of libcurl's, and every transfer that was handed over, is touched
/// on the thread only, but `curl_multi_wakeup`, which libcurl allows from everywhere.
final class CurlEngine: Sendable {
    private struct Inbox {
        var begun: [CurlTransfer] = []
        var cancelled: [CurlTransfer] = []
        var thread: pthread_t?
        var isStopping = false
        /// libcurl's handle, from the thread's beginning until `stop`. `nonisolated(unsafe)`: the pointer is read and set under the `Mutex`
        /// around this inbox. What it points to is used on the thread alone, but by `curl_multi_wakeup`, which libcurl allows from
        /// everywhere as long as the handle lives (curl_multi_wakeup(3)): it is called under the lock too, and `stop` takes the pointer
        /// away under it, and has waited for the thread, before the handle is freed.
        nonisolated(unsafe) var multi: UnsafeMutableRawPointer?

        /// Has the thread look into the inbox.
        func wakeUp() { if let multi { curl_multi_wakeup(multi) } }
    }

    private let inbox = Mutex(Inbox())
    /// The files that are being put into mailboxes now, and what is in them, so that no two calls put the same one.
    private let files = Mutex<[String: [UInt8]]>([:])

    /// libcurl's own preparations, once in the process.
    private static let isReady = tongban_curl_start() == CURLE_OK

    /// How many transfers to one upstream may wait for their turn.
    static let queueLimit = 4096

    /// Begins a transfer; it reports to whom it was made for.
    func begin(_ transfer: CurlTransfer) {
        let hasBegun = inbox.withLock { inbox in
            guard !inbox.isStopping, start(&inbox) else { return false }
            inbox.begun.append(transfer)
            inbox.wakeUp()
            return true
        }
        if !hasBegun { transfer.refuse(.unreachable) }
    }

    /// Takes the name of a file for one call; what is in the file of another call that has it.
    func claim(_ file: String, content: [UInt8]) -> [UInt8]? {
        files.withLock { files in
            if let other = files[file] { return other }
            files[file] = content
            return nil
        }
    }

    /// Lets the name go.
    func release(_ file: String) { files.withLock { $0[file] = nil } }

    /// Gives a transfer up; it may report all the same when it has ended this instant.
    func cancel(_ transfer: CurlTransfer) {
        inbox.withLock { inbox in
            inbox.cancelled.append(transfer)
            inbox.wakeUp()
        }
    }

    /// Ends the thread; transfers at hand fail.
    func stop() {
        let thread = inbox.withLock { inbox in
            inbox.isStopping = true
            inbox.wakeUp()
            defer { inbox.thread = nil }
            return inbox.thread
        }
        guard let thread else { return }
        pthread_join(thread, nil)
        inbox.withLock { inbox in
            curl_multi_cleanup(inbox.multi)
            inbox.multi = nil
        }
    }

    /// Whether the thread runs, beginning it where it does not.
    private func start(_ inbox: inout Inbox) -> Bool {
        if inbox.thread != nil { return true }
        guard Self.isReady, let multi = curl_multi_init() else { return false }
        var thread = pthread_t()
        let engine = Unmanaged.passRetained(self)
        inbox.multi = multi
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<CurlEngine>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, engine.toOpaque())
        guard result == 0 else {
            engine.release()
            inbox.multi = nil
            curl_multi_cleanup(multi)
            return false
        }
        inbox.thread = thread
        return true
    }

    // MARK: The thread

    private func run() {
        blockBrokenPipeSignal()
        guard let multi = inbox.withLock({ $0.multi }) else { return }
        var queue = CurlQueue(multi)
        while true {
            let (begun, cancelled, isStopping) = inbox.withLock { inbox in
                defer { (inbox.begun, inbox.cancelled) = ([], []) }
                return (inbox.begun, inbox.cancelled, inbox.isStopping)
            }
            for transfer in begun { queue.enter(transfer) }
            for transfer in cancelled { queue.drop(transfer) }
            if isStopping { return queue.dropAll() }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var code = CURLE_OK
            while let handle = tongban_curl_next_ended(multi, &code) { queue.ended(handle, code) }
            queue.closeIdle()
            // libcurl's own timers shorten the wait, and so does a wake-up.
            curl_multi_poll(multi, nil, 0, 1000, nil)
        }
    }

    /// A peer that closes a connection must be an error of a write, not the end of the process.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// The connections of one upstream as it is configured. libcurl itself would hand a connection on to whoever asks for the same server and
/// user, whatever host key or key file a newer configuration names.
private final class CurlConnections {
    let share: UnsafeMutableRawPointer?

    init() {
        share = curl_share_init()
        if let share { _ = tongban_curl_share_connections(share) }
    }

    /// Closes them; no handle uses them any more. On a thread of its own: libcurl takes leave of an FTP server, and waits two minutes for one that
    /// says nothing.
    deinit {
        guard let share else { return }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { curl_share_cleanup(argument) }
                return nil
            }, share)
        if result == 0 { pthread_detach(thread) } else { curl_share_cleanup(share) }
    }
}

/// The transfers of the engine's thread: those that run, and those that wait because their upstream has no connection left.
private struct CurlQueue {
    private struct Group {
        var running = 0
        var waiting: [CurlTransfer] = []
        let connections = CurlConnections()
        var lastUse = ContinuousClock.now
    }

    private let multi: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var groups: [UpstreamSettings: Group] = [:]

    init(_ multi: UnsafeMutableRawPointer) { self.multi = multi }

    /// Closes what nobody has used for as long as a connection is kept.
    mutating func closeIdle() {
        let now = ContinuousClock.now
        func isIdle(_ settings: UpstreamSettings, _ group: Group) -> Bool {
            group.running == 0 && now - group.lastUse > settings.keepAlive
        }
        if groups.contains(where: isIdle) { groups = groups.filter { !isIdle($0, $1) } }
    }

    mutating func enter(_ transfer: CurlTransfer) {
        var group = groups.removeValue(forKey: transfer.settings) ?? Group()
        if group.running < transfer.settings.connections {
            if run(transfer, group.connections) { group.running += 1 }
        } else if group.waiting.count < CurlEngine.queueLimit {
            group.waiting.append(transfer)
        } else {
            transfer.refuse(.saturated)
        }
        group.lastUse = .now
        groups[transfer.settings] = group
    }

    private mutating func run(_ transfer: CurlTransfer, _ connections: CurlConnections) -> Bool {
        guard let handle = transfer.prepare(connections.share), curl_multi_add_handle(multi, handle) == CURLM_OK else {
            transfer.dispose()
            transfer.refuse(.unreachable)
            return false
        }
        running[handle] = transfer
        return true
    }

    mutating func drop(_ transfer: CurlTransfer) {
        if let handle = transfer.handle, running[handle] != nil {
            remove(handle)
        } else {
            groups[transfer.settings]?.waiting.removeAll { $0 === transfer }
        }
    }

    mutating func ended(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        running[handle]?.ended(code)
        remove(handle)
    }

    mutating func dropAll() {
        for group in groups.values { for transfer in group.waiting { transfer.refuse(.unreachable) } }
        for (handle, transfer) in running {
            transfer.refuse(.unreachable)
            curl_multi_remove_handle(multi, handle)
            transfer.dispose()
        }
        running = [:]
        groups = [:]
    }

    private mutating func remove(_ handle: UnsafeMutableRawPointer) {
        guard let transfer = running.removeValue(forKey: handle) else { return }
        curl_multi_remove_handle(multi, handle)
        transfer.dispose()
        guard var group = groups.removeValue(forKey: transfer.settings) else { return }
        group.running -= 1
        while !group.waiting.isEmpty, group.running < transfer.settings.connections {
            if run(group.waiting.removeFirst(), group.connections) { group.running += 1 }
        }
        group.lastUse = .now
        groups[transfer.settings] = group
    }
}
