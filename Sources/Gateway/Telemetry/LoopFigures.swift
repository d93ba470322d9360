import GatewayCore
import Synchronization

/// What the event loops have counted beside their exchanges, in all: for the metrics page and for `gatewayctl status`.
struct LoopFigures {
    private let sums: [UInt64]

    init(_ meters: Meters) { self.init(meters.state.withLock { $0.shards.map(\.loop) }) }

    init(_ shards: [MeterShard]) {
        var sums = [UInt64](repeating: 0, count: MeterBlock.stride)
        for shard in shards { for block in shard.current.prefix(1) { block.read(name: 0, into: &sums) } }
        self.sums = sums
    }

    /// Clients' connections that are open.
    var connections: UInt64 { open(MeterCell.opened, MeterCell.closed) }
    /// Connections to upstreams that are open.
    var upstreamConnections: UInt64 { open(MeterCell.upstreamOpened, MeterCell.upstreamClosed) }
    /// Connections of clients that have changed to another protocol.
    var upgraded: UInt64 { open(MeterCell.upgraded, MeterCell.upgradeEnded) }
    /// Requests that were turned away because the gateway had too much to do.
    var shed: UInt64 { sums[MeterCell.shed] }
    /// Connections that were closed as they came.
    func refused(_ reason: ConnectionCensus.Refusal) -> UInt64 { sums[MeterCell.refused + reason.index] }
    /// Requests that a limit turned away.
    func refused(_ limit: RefusedLimit) -> UInt64 { sums[MeterCell.limited + limit.index] }

    private func open(_ opened: Int, _ closed: Int) -> UInt64 {
        // The loop goes on while it is read: a connection may come and go between the two reads and be seen closed only.
        UInt64(max(0, Int64(bitPattern: sums[opened] &- sums[closed])))
    }
}

extension MetricsPage {
    /// What the event loops count beside their exchanges.
    mutating func loops(_ state: Meters.State) {
        let figures = LoopFigures(state.shards.map(\.loop))
        family("tongban_connections", "gauge", "Client connections that are open, however many streams they carry.")
        sample("tongban_connections", value: String(figures.connections))
        family(
            "tongban_connections_refused_total", "counter",
            "Client connections that were closed as they came, by the bound that was reached.")
        for reason in ConnectionCensus.Refusal.allCases {
            sample("tongban_connections_refused_total", "bound=\"\(reason.rawValue)\"", value: String(figures.refused(reason)))
        }
        family("tongban_limited_total", "counter", "Requests that a limit turned away, by its kind.")
        for limit in RefusedLimit.allCases {
            sample("tongban_limited_total", "kind=\"\(limit.rawValue)\"", value: String(figures.refused(limit)))
        }
        family("tongban_shed_total", "counter", "Requests that were turned away because the gateway had too much to do.")
        sample("tongban_shed_total", value: String(figures.shed))
        family("tongban_upgraded_connections", "gauge", "Client connections that have changed to another protocol.")
        sample("tongban_upgraded_connections", value: String(figures.upgraded))
        family("tongban_upstream_connections", "gauge", "Connections to departments that are open.")
        sample("tongban_upstream_connections", value: String(figures.upstreamConnections))
    }
}
