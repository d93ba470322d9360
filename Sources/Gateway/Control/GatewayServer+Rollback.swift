import Adapters
import GatewayCore
import NIOPosix
import RouteFiles
import Synchronization

extension GatewayServer {
    /// Puts a configuration that was in force before in force again: the one with a number, else the one before the one in use. It holds
    /// until the files in the directory are others than those that were left, over restarts too.
    public func rollback(to wanted: Int?, by user: String) async -> LoadResult {
        await turn.take()
        let result = await rollbackInTurn(to: wanted, by: user)
        await turn.pass()
        return result
    }

    private func rollbackInTurn(to wanted: Int?, by user: String) async -> LoadResult {
        let old = snapshot
        guard let revision = wanted ?? store.history.revision(before: old.revision, fingerprint: old.fingerprint) else {
            return .refused([
                Problem(
                    .error, "no-revision", "there is no kept configuration before revision \(old.revision)", at: nil,
                    help: "gatewayctl history lists what is kept")
            ])
        }
        if revision == old.revision { return .unchanged(revision: revision) }
        let compiled = try? await threads.runIfActive { self.store.compile(kept: revision) }
        let result: LoadResult
        switch compiled {
        case .ready(let next, let warnings)?:
            let directory = try? await threads.runIfActive { try? self.store.directory.read() }
            let left = (directory ?? nil).map(Compiler.fingerprint) ?? old.fingerprint
            // What stands in the files needs no hold against them.
            let hold = ConfigurationHistory.Hold(left: old.revision, fingerprint: left, revision: revision)
            result = await putInForce(next, warnings, by: user, how: .rollback, hold: left == next.fingerprint ? nil : hold)
        case .refused(let problems)?: result = .refused(problems)
        case .same?, .held?: result = .unchanged(revision: revision)
        case nil: result = .cannotStart("the gateway is stopping")
        }
        count(result, "rollback", by: user)
        return result
    }
}
