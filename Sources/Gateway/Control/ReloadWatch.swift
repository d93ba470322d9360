import GatewayCore
import NIOCore

/// How exchanges ended under one snapshot, over all loops.
struct SnapshotHealth: Sendable, Hashable {
    var ended = 0
    var faulty = 0

    /// Whether a new snapshot does so much worse than the one before that it should go: at least `least` exchanges have ended
    /// under it, and the share of faulty ones is half or more above the old one's.
    func isWorse(than old: SnapshotHealth, least: Int = 5) -> Bool {
        guard ended >= least else { return false }
        let share = Double(faulty) / Double(ended)
        let before = old.ended > 0 ? Double(old.faulty) / Double(old.ended) : 0
        return share >= before + 0.5
    }
}

extension GatewayServer {
    /// The health of the snapshot that the loops use now.
    func health() async -> SnapshotHealth {
        var sum = SnapshotHealth()
        for bound in loops {
            let one = try? await bound.eventLoop.submit { (bound.value.current.ended, bound.value.current.faulty) }.get()
            sum.ended += one?.0 ?? 0
            sum.faulty += one?.1 ?? 0
        }
        return sum
    }
}
