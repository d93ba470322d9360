import GatewayCore
import NIOCore

// What is sent. All of a connection's streams write into one buffer, which leaves when the loop has done what is at hand: answers that
// are there at the same time share a record of TLS and a call of the kernel's.
extension HTTP2Session {
    /// How much is gathered before it leaves.
    private static let gathered = 65_536
    /// Answers to the client's frames that may wait for it to take them.
    private static let mostUnread = 1000

    /// Whether a stream may send at once: nobody waits for a turn.
    var sendsNow: Bool { isWritable && waiting.isEmpty && !isPumping }

    /// Sends what is written once the loop has done what is at hand.
    func flushSoon() {
        guard !isFlushDue, stage != .closed else { return }
        isFlushDue = true
        loop.flushes.add(self)
    }

    /// The loop has done what was at hand.
    func flushIsDue() {
        isFlushDue = false
        pump()
        flushNow()
    }

    /// Puts the machine's frames behind what is written.
    private func takeControl() {
        guard !machine.control.isEmpty else { return }
        unreadAnswers += machine.answers
        machine.takeControl { output.writeBytes($0) }
    }

    /// Sends what is written.
    func flushNow() {
        guard let context, stage == .open || stage == .leaving else { return }
        let unread = unreadAnswers
        takeControl()
        guard output.readableBytes > 0 else { return }
        var sent: EventLoopPromise<Void>?
        if unreadAnswers > unread {
            let answers = unreadAnswers - unread
            let promise = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { _ in bound.value.unreadAnswers -= answers }
            sent = promise
        }
        let bytes = output
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: sent)
        if unreadAnswers > Self.mostUnread, !machine.isFailed { fail(.unreadAnswers) }
    }

    private func makeRoom(_ bytes: Int) {
        takeControl()
        if output.readableBytes + bytes > Self.gathered, output.readableBytes > 0 { flushNow() }
        if output.capacity == 0 { output = loop.allocator.buffer(capacity: max(4096, bytes)) }
    }

    /// Sends the head of an answer; false when that is impossible.
    func send(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer, _ slot: Int, ends: Bool) -> Bool {
        let room = HTTP2Connection.headRoom(head)
        makeRoom(room)
        let count = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
            machine.writeHead(head, bytes, slot, ends: ends, into: $0)
        }
        return count > 0
    }

    /// Sends as much of a stream's content as may be sent now: how much that was. With the last of it the answer ends, where it `ends`.
    func send(_ content: UnsafeRawBufferPointer, _ slot: Int, ends: Bool, frames: Int = .max) -> Int {
        var sent = 0
        var left = frames
        repeat {
            let count = min(machine.sendable(slot), content.count - sent)
            guard count > 0 || content.isEmpty, left > 0 else { return sent }
            left -= 1
            let room = count + HTTP2FrameHeader.size
            makeRoom(room)
            let piece = UnsafeRawBufferPointer(rebasing: content[sent..<sent + count])
            let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                machine.writeContent(piece, slot, ends: ends && sent + count == content.count, into: $0)
            }
            guard written > 0 else { return sent }
            sent += count
        } while sent < content.count && isWritable
        return sent
    }

    /// Lets the streams that wait take turns, one frame each, as long as the windows and the channel take more.
    func pump() {
        guard !isPumping, !waiting.isEmpty, stage == .open || stage == .leaving else { return }
        isPumping = true
        var inVain = 0
        while isWritable, inVain < waiting.count, let stream = waiting.popFirst() {
            inVain = stream.sendsFrame() ? 0 : inVain + 1
            if stream.isWaiting { waiting.append(stream) }
        }
        isPumping = false
        let streams = relieved
        relieved.removeAll(keepingCapacity: true)
        for stream in streams { stream.relieve() }
        settle()
    }
}
