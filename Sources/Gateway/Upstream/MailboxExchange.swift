import Adapters
import GatewayCore
import NIOCore

/// A call that travels as a file: put there under a temporary name, renamed, and its answer looked for until it is there or the time
/// is up. Each step is a transfer of libcurl's; none is taken twice. A file that is there already is never replaced: it may be another's case.
final class MailboxExchange: DepartmentExchange, DeadlineOwner {
    private let loop: LoopContext
    private let trip: RoundTrip
    private let delivery: FileDelivery
    private let engine: CurlEngine
    private let endpoint: Endpoint
    private var transfer: CurlTransfer?
    private var outcome = RoundTripOutcome(result: .failure(AdapterFault(.internal, "no outcome")))
    private var looksUntil: Int64 = 0
    private var isWaiting = false
    private var isOver = false
    /// The name that is taken at the engine.
    private var claimed: String?

    var deadlineSlot = -1
    private(set) var deadline: Int64

    init(_ trip: RoundTrip, _ delivery: FileDelivery, loop: LoopContext, engine: CurlEngine) {
        self.loop = loop
        self.trip = trip
        self.delivery = delivery
        self.engine = engine
        // One server for the whole call: the answer is looked for where the file was put.
        endpoint = trip.endpoint ?? trip.pool.endpoint(after: nil)
        deadline = trip.callEnds
        outcome.endpoint = endpoint.description
    }

    func start() {
        loop.deadlines.enter(self)
        if let path = delivery.path { find(path) } else { beginLooking() }
    }

    func cancel() {
        guard !isOver else { return }
        end()
        transfer.map(engine.cancel)
        transfer = nil
    }

    private func end() {
        isOver = true
        loop.deadlines.leave(self)
        claimed.map(engine.release)
        claimed = nil
    }

    // MARK: The steps

    /// Looks whether the file is there from before: FTP's rename would replace it.
    private func find(_ path: String) {
        let name = "\(endpoint)\(path)"
        if let other = engine.claim(name, content: trip.request.body) { return isThere(other) }
        claimed = name
        let paths = MailboxPaths(trip.pool.settings.scheme)
        begin(trip.isWrite ? .probe : .fetch, paths.url(path)) { exchange, result in
            switch result {
            case .reply(let reply): exchange.isThere(reply.body)
            // A directory that may be written and not read gives nothing away.
            case .failed(.noSuchFile), .failed(.commandRefused): exchange.put(path, paths)
            case .failed(let failure): exchange.finish(.failure(failure.fileFault(handsIn: false)))
            }
        }
    }

    /// The department has not taken the file of an earlier call yet. If it asks the same that is as good as having put it.
    private func isThere(_ content: [UInt8]) {
        let detail = "the department's mailbox still holds a file of this name, and it stays: nothing was handed in"
        if trip.isWrite { return finish(.failure(AdapterFault(.duplicate, detail))) }
        if content == trip.request.body { return beginLooking() }
        var fault = AdapterFault(.upstreamUnavailable, "the department's mailbox still holds another question under this name")
        fault.retryAfter = 30
        finish(.failure(fault))
    }

    private func put(_ path: String, _ paths: MailboxPaths) {
        let temporary = path + delivery.temporary
        begin(.store(trip.request.body, commands: paths.rename(temporary, to: path)), paths.url(temporary)) { exchange, result in
            switch result {
            case .reply: exchange.beginLooking()
            case .failed(let failure):
                if case .commandRefused = failure { exchange.command([paths.remove(temporary)], paths)() }
                exchange.finish(.failure(failure.fileFault(handsIn: true)))
            }
        }
    }

    /// Commands whose outcome changes nothing, to be run at once or later; they outlive the exchange and do not hold it.
    private func command(_ commands: [String], _ paths: MailboxPaths) -> () -> Void {
        let (engine, endpoint, settings) = (engine, endpoint, trip.pool.settings)
        return {
            engine.begin(
                CurlTransfer(
                    .command(commands), path: paths.url(""), at: endpoint, settings, within: 30_000, headLimit: (65536, 1000)
                ) { _, _, _ in })
        }
    }

    private func beginLooking() {
        guard let answer = delivery.answer else { return finish(.success(.pending)) }
        let within = answer.within.nanoseconds
        looksUntil = within > 0 ? min(loop.now + within, trip.callEnds) : trip.callEnds
        look(answer)
    }

    private func look(_ answer: FileDelivery.Answer) {
        let paths = MailboxPaths(trip.pool.settings.scheme)
        begin(.fetch, paths.url(answer.path)) { exchange, result in
            switch result {
            case .reply(let reply): exchange.found(DepartmentReply(status: 200, body: reply.body), answer, paths)
            case .failed(.noSuchFile): exchange.notYet(answer)
            case .failed(let failure): exchange.finish(.failure(failure.fileFault(handsIn: false)))
            }
        }
    }

    private func notYet(_ answer: FileDelivery.Answer) {
        let next = loop.now + answer.every.nanoseconds
        // A look at a mailbox that hands nothing in is one look: whoever asks comes again.
        guard next < looksUntil, delivery.path != nil || answer.within > .zero else { return finish(.success(.pending)) }
        isWaiting = true
        deadline = next
    }

    private func found(_ reply: DepartmentReply, _ answer: FileDelivery.Answer, _ paths: MailboxPaths) {
        let commands: [String] =
            switch answer.afterwards {
            case .keep: []
            case .delete: [paths.remove(answer.path)]
            case .move(let path): paths.rename(answer.path, to: path)
            }
        if !commands.isEmpty {
            // Only an answer that was understood leaves its place; when that fails, it is found once more and nothing is lost.
            outcome.settle = command(commands, paths)
        }
        finish(.success(reply))
    }

    private func begin(
        _ work: CurlTransfer.Work, _ path: String, then: @escaping (MailboxExchange, CurlTransfer.Outcome) -> Void
    ) {
        let left = (trip.callEnds - loop.now) / 1_000_000
        let bound = NIOLoopBound((exchange: self, then: then), eventLoop: loop.eventLoop)
        let transfer = CurlTransfer(work, path: path, at: endpoint, trip.pool.settings, within: left, headLimit: (65536, 1000)) {
            result, nanoseconds, _ in
            bound.eventLoop.execute {
                let exchange = bound.value.exchange
                guard !exchange.isOver else { return }
                exchange.transfer = nil
                exchange.outcome.nanoseconds += nanoseconds
                bound.value.then(exchange, result)
            }
        }
        self.transfer = transfer
        deadline = trip.callEnds
        engine.begin(transfer)
    }

    private func finish(_ result: Result<DepartmentReply, AdapterFault>) {
        guard !isOver else { return }
        end()
        outcome.result = result
        trip.owner.roundTripEnded(outcome)
    }

    func deadlinePassed(now: Int64) {
        if isWaiting, now < trip.callEnds, let answer = delivery.answer {
            isWaiting = false
            return look(answer)
        }
        transfer.map(engine.cancel)
        finish(.failure(UpstreamFailure.timeout.fileFault(handsIn: delivery.path != nil)))
    }
}

/// How a mailbox's paths are written for libcurl: in a URL, and in the commands of FTP (RFC 959) and SFTP.
struct MailboxPaths: Sendable {
    private let isSSH: Bool

    init(_ scheme: UpstreamScheme) { isSSH = scheme == .sftp }

    /// The path in a URL: FTP's begin at the login's directory, and a second slash leaves it; SFTP's say `~` for it.
    func url(_ path: String) -> String {
        let encoded = Self.encoded(path)
        if isSSH { return path.hasPrefix("/") ? encoded : "/~/" + encoded }
        return path.hasPrefix("/") ? "/%2F" + encoded.dropFirst() : "/" + encoded
    }

    /// Renames a file.
    func rename(_ old: String, to new: String) -> [String] {
        isSSH ? ["rename \"\(old)\" \"\(new)\""] : ["RNFR \(old)", "RNTO \(new)"]
    }

    /// Removes a file.
    func remove(_ path: String) -> String { isSSH ? "rm \"\(path)\"" : "DELE \(path)" }

    /// Percent-encoded (RFC 3986) but for its slashes.
    private static func encoded(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E: out.append(byte)
            default: out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension UpstreamFailure {
    /// The problem that the portal sees where files are exchanged. A file that was not renamed was never handed in.
    fileprivate func fileFault(handsIn: Bool) -> AdapterFault {
        switch self {
        case .timeout where handsIn:
            AdapterFault(.upstreamTimeout, "the department's mailbox did not take the file in time; it is not put there again")
        case .timeout: AdapterFault(.upstreamTimeout, "the department's mailbox did not answer in time")
        case .loginDenied: AdapterFault(.upstreamCredential, "the department's mailbox does not accept the gateway's login")
        case .noSuchFile: AdapterFault(.upstreamUnavailable, "the department's mailbox has no such directory")
        case .commandRefused: AdapterFault(.upstreamUnavailable, "the department's mailbox refused the file: it was not handed in")
        case .closedBeforeReply where handsIn, .closedInReply where handsIn:
            AdapterFault(.upstreamBadReply, "the connection to the mailbox broke; whether the file was handed in is not known")
        case .closedBeforeReply, .closedInReply: AdapterFault(.upstreamUnavailable, "the connection to the mailbox broke")
        default: fault(isWrite: handsIn)
        }
    }
}
