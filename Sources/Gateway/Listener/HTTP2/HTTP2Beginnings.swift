import GatewayCore
import NIOCore

/// Requests of one connection that begin when what was read is looked through: one that its client takes back in the same read is not looked
/// at, and calls nobody (CVE-2023-44487).
struct HTTP2Beginnings {
    /// A request and its head as HTTP/1.1 writes it.
    struct Beginning {
        let request: HTTP2Request
        let head: ByteBuffer
    }

    private var waiting: [Beginning] = []
    /// Room for those that come while others begin; kept, so that no read makes an array.
    private var room: [Beginning] = []
    private var isTaken = false

    /// How many have not begun.
    var count: Int { waiting.count }

    /// Another one.
    mutating func add(_ request: HTTP2Request, _ head: ByteBuffer) { waiting.append(Beginning(request: request, head: head)) }

    /// Its client wants the one in a slot no more; whether it was still waiting.
    mutating func takeBack(_ slot: Int) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.request.slot == slot }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Takes all that wait, until they are given back; nil where there are none, or others begin just now.
    mutating func take() -> [Beginning]? {
        guard !waiting.isEmpty, !isTaken else { return nil }
        isTaken = true
        swap(&waiting, &room)
        defer { room = [] }
        return room
    }

    /// All that were taken have begun.
    mutating func giveBack(_ taken: consuming [Beginning]) {
        isTaken = false
        room = taken
        room.removeAll(keepingCapacity: true)
    }

    /// Forgets those that wait.
    mutating func forget() { waiting = [] }
}
