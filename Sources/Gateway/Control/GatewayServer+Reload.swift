import Adapters
import GatewayCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

// What is in force, and how it is replaced.
extension GatewayServer {
    /// Compiles the routes directory anew and publishes it. A bad one changes nothing; an identical one is a no-op.
    ///
    /// With `watch` it looks, for that long, how exchanges end under the new configuration, and takes the old one back when they
    /// fare so much worse that the new one must be the reason.
    ///
    /// Files that were gone back from are not loaded unless `again` says so.
    public func reload(by user: String, watch: Duration = .zero, again: Bool = false) async -> LoadResult {
        await turn.take()
        let (old, before) = (snapshot, await health())
        var result = await reloadUncounted(by: user, again: again)
        await turn.pass()
        if case .applied(let revision, _) = result, watch > .zero {
            result = await self.watch(revision, old, before, for: watch, by: user) ?? result
        }
        count(result, "reload", by: user)
        return result
    }

    /// Counts and logs what a load came to.
    func count(_ result: LoadResult, _ what: StaticString, by user: String) {
        let word: ReloadResult =
            switch result {
            case .applied, .rolledBack: .applied
            case .unchanged, .held: .unchanged
            case .refused, .cannotStart: .refused
            }
        meters.reloaded(word, revision: Int64(snapshot.revision))
        logger.info("\(what)", metadata: ["result": "\(word)", "by": "\(user)", "revision": "\(snapshot.revision)"])
    }

    private func reloadUncounted(by user: String, again: Bool) async -> LoadResult {
        let compiled = try? await threads.runIfActive { self.store.compile(since: self.snapshot, again: again) }
        switch compiled {
        case .ready(let next, let warnings)?:
            let hold = store.history.hold.flatMap { $0.revision == next.revision ? $0 : nil }
            return await putInForce(next, warnings, by: user, how: .reload, hold: hold)
        case .same?:
            // What was gone back to stands in the files again.
            _ = try? await threads.runIfActive { try? self.store.history.release() }
            return .unchanged(revision: snapshot.revision)
        case .held(let hold)?: return .held(revision: snapshot.revision, left: hold.left)
        case .refused(let problems)?: return .refused(problems)
        case nil: return .cannotStart("the gateway is stopping")
        }
    }

    /// Publishes a configuration to every loop, and keeps it in the history.
    func putInForce(
        _ next: Snapshot, _ warnings: [Problem], by user: String, how: ConfigurationHistory.How, hold: ConfigurationHistory.Hold?
    ) async -> LoadResult {
        if let fault = (try? await threads.runIfActive { self.tls.prepare(next) }) ?? nil { return .cannotStart(fault) }
        if options.listen.isEmpty, next.settings.listen != snapshot.settings.listen {
            if let fault = await changeListeners(to: next.settings.listen) { return .cannotStart(fault) }
        }
        guard await publish(next) else { return .cannotStart("the gateway is stopping") }
        current.withLock { $0 = next }
        let unkept = await keep(next, by: user, how: how, hold: hold)
        sessions.keep(
            only: Set(
                next.departments.compactMap { department in department.translation.login.map { Publication.sessionName(department, $0) } }))
        guards.keep(only: Set(next.upstreams.indices.map(next.upstreamName)))
        tls.keep(only: next)
        return .applied(revision: next.revision, warnings: warnings + unkept)
    }

    /// Has every loop use a snapshot in the place of the one in use. What can be made beforehand is. False where the gateway is stopping.
    private func publish(_ next: Snapshot) async -> Bool {
        let before = snapshot
        guard let publication = try? await threads.runIfActive({ Publication(next, after: before, self.shared) }) else { return false }
        for bound in loops { try? await bound.eventLoop.submit { bound.value.publish(publication) }.get() }
        return true
    }

    /// Keeps in the history what is in force. A configuration that cannot be kept is in force all the same, with a warning.
    @discardableResult
    private func keep(
        _ next: Snapshot, by user: String, how: ConfigurationHistory.How, hold: ConfigurationHistory.Hold?
    ) async -> [Problem] {
        let seconds = Self.epochSeconds()
        let fault = (try? await threads.runIfActive { self.store.applied(next, at: seconds, by: user, how: how, hold: hold) }) ?? nil
        guard let fault else { return [] }
        logger.error("history", metadata: ["reason": "\(fault)"])
        let message = "revision \(next.revision) is in use and is not kept: \(fault)"
        return [
            Problem(.warning, "not-kept", message, at: nil, help: "nothing can go back to it, and a restart may give its number to another")
        ]
    }

    /// Nil when all is well after the watch, otherwise the rollback.
    private func watch(_ revision: Int, _ old: Snapshot, _ before: SnapshotHealth, for time: Duration, by user: String) async -> LoadResult?
    {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(100))
            let now = await health()
            guard now.isWorse(than: before) else { continue }
            await turn.take()
            let isTakenBack = await takeBack(revision, to: old, by: user)
            await turn.pass()
            guard isTakenBack else { return nil }
            return .rolledBack(revision: old.revision, reason: "\(now.faulty) of \(now.ended) exchanges failed under revision \(revision)")
        }
        return nil
    }

    /// Puts the old configuration in force again; false where somebody else has changed what is in force meanwhile.
    private func takeBack(_ revision: Int, to old: Snapshot, by user: String) async -> Bool {
        let new = snapshot
        guard new.revision == revision else { return false }
        guard await publish(old) else { return false }
        current.withLock { $0 = old }
        let hold = ConfigurationHistory.Hold(left: revision, fingerprint: new.fingerprint, revision: old.revision)
        await keep(old, by: user, how: .takenBack, hold: hold)
        return true
    }

    /// Opens what is new before closing what is gone; when one cannot be opened nothing changes. What stays shows its new certificates to
    /// connections to come.
    private func changeListeners(to wanted: [ListenerSettings]) async -> String? {
        let old = listeners.withLock { $0 }
        var next: [ListenerChannel] = []
        var opened: [ListenerChannel] = []
        var renewed: [(listener: ListenerChannel, context: ListenerContext)] = []
        do throws(StartFault) {
            for settings in wanted {
                let context = try context(settings)
                if let kept = old.first(where: { $0.address == settings.address }) {
                    renewed.append((kept, context))
                    next.append(kept)
                } else {
                    let listener = try await bind(settings.address, context)
                    opened.append(listener)
                    next.append(listener)
                }
            }
        } catch {
            for listener in opened { try? await listener.channel.close() }
            return error.description
        }
        for (listener, context) in renewed { listener.context.show(context) }
        let result = next
        listeners.withLock { $0 = result }
        for listener in old where !wanted.contains(where: { $0.address == listener.address }) { try? await listener.channel.close() }
        return nil
    }
}
