import GatewayCore
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

/// What is written leaves at the end of a turn, never in the middle of somebody's work.
@Suite("Flushes at the end of a turn")
struct FlushQueueTests {
    private final class Owner: FlushOwner {
        var flushed = 0
        var whenFlushed: () -> Void = {}
        func flushIsDue() {
            flushed += 1
            whenFlushed()
        }
    }

    @Test("everybody who has written is flushed once, when the turn ends")
    func atTheEnd() {
        let loop = EmbeddedEventLoop()
        let queue = FlushQueue(eventLoop: loop)
        let owners = (0..<3).map { _ in Owner() }
        for owner in owners { queue.add(owner) }
        #expect(owners.map(\.flushed) == [0, 0, 0])
        loop.run()
        #expect(owners.map(\.flushed) == [1, 1, 1])
        loop.run()
        #expect(owners.map(\.flushed) == [1, 1, 1])
        queue.add(owners[1])
        loop.run()
        #expect(owners.map(\.flushed) == [1, 2, 1])
        queue.end()
    }

    @Test("who writes because of a flush is flushed in the same turn, after the others")
    func reentrant() {
        let loop = EmbeddedEventLoop()
        let queue = FlushQueue(eventLoop: loop)
        let (first, second, late) = (Owner(), Owner(), Owner())
        first.whenFlushed = {
            queue.add(late)
            queue.pieceEnded()
            #expect(late.flushed == 0 && second.flushed == 0)
        }
        queue.add(first)
        queue.add(second)
        loop.run()
        #expect((first.flushed, second.flushed, late.flushed) == (1, 1, 1))
        queue.end()
    }

    @Test("after a long piece of work those that wait go on when it ends, not in it; and at once when the loop has ended")
    func patience() async throws {
        let loop = EmbeddedEventLoop()
        let queue = FlushQueue(eventLoop: loop)
        let (first, second) = (Owner(), Owner())
        queue.add(first)
        let began = ContinuousClock.now
        while ContinuousClock.now - began < .milliseconds(1) {}
        queue.add(second)
        #expect((first.flushed, second.flushed) == (0, 0))
        queue.pieceEnded()
        #expect((first.flushed, second.flushed) == (1, 1))
        loop.run()
        queue.end()
        queue.add(first)
        #expect((first.flushed, second.flushed) == (2, 1))
    }

    @Test("a new configuration finds each upstream again once, wherever it stands now")
    func ancestors() throws {
        func upstream(_ name: String, _ port: Int) throws -> Publication.Named {
            let endpoint = Endpoint(host: "127.0.0.1", port: port)
            return .init(name: name, settings: UpstreamSettings(id: name, endpoints: [endpoint]))
        }
        let (a, b, c) = (try upstream("a", 1), try upstream("b", 2), try upstream("c", 3))
        let changed = try upstream("b", 9)
        let other = Publication.Named(name: "route a", settings: a.settings)
        #expect(Publication.ancestors(of: [a, b, c], among: [a, b, c]) == [0, 1, 2])
        #expect(Publication.ancestors(of: [b, c], among: [a, b, c]) == [1, 2])
        #expect(Publication.ancestors(of: [c, changed, a], among: [a, b, c]) == [2, -1, 0])
        #expect(Publication.ancestors(of: [other, a, a], among: [a]) == [-1, 0, -1])
        #expect(Publication.ancestors(of: [a, a], among: [a]) == [0, -1])
        #expect(Publication.ancestors(of: [a], among: []) == [-1])
    }
}
