import Adapters
import GatewayCore
import NIOCore

/// A department's push: collected, believed or not, put into the contract's events, kept on the disk, and answered in the department's
/// words. Nothing is answered as taken before it is kept.
final class CallbackExchange: ClientExchange {
    private unowned let connection: ClientConnection
    private let adapter: CallbackAdapter
    private let department: Department
    private let path: String
    private let query: [(name: String, value: String)]
    private let fields: [DepartmentRequest.Field]
    private var body = ByteBuffer()
    private var isOver = false

    init(_ callback: CallbackRoute, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection) {
        self.connection = connection
        department = (connection.current.state ?? connection.loop.current).snapshot.departments[callback.department]
        adapter = department.callbacks[callback.index]
        path = String(decoding: bytes[head.path.range], as: UTF8.self)
        query = RequestText.query(head, bytes)
        fields = head.fields.map { field in
            DepartmentRequest.Field(
                String(decoding: bytes[field.name.range], as: UTF8.self), String(decoding: bytes[field.value.range], as: UTF8.self))
        }
        connection.current.facts.department = callback.department
    }

    func requestBody(_ bytes: ByteBuffer) {
        if body.readableBytes == 0 {
            body = bytes
        } else {
            var bytes = bytes
            body.writeBuffer(&bytes)
        }
    }

    func requestEnd() {
        guard !isOver else { return }
        let loop = connection.loop
        let call = AdapterCall(
            input: .object(Object()), secrets: department.secrets,
            moment: CallMoment(epochMilliseconds: loop.epochMilliseconds, random: loop.randomPair()))
        let push = CallbackPush(
            method: connection.current.method == .put ? "PUT" : "POST", path: path, query: query, fields: fields,
            body: Array(body.readableBytesView))
        let receipt: CallbackAdapter.Receipt
        do throws(AdapterFault) {
            receipt = try adapter.receive(push, call)
            try check(receipt.events)
        } catch { return answer(adapter.answer(refusing: error, call), error) }
        let received = CivilTime(epochSeconds: loop.epochMilliseconds / 1000).rfc3339
        let entries = receipt.events.map { event in
            EventJournal.Entry(
                key: event.key,
                fields: [
                    "received": .string(received), "department": .string(department.id), "callback": .string(adapter.id),
                    "event": event.value,
                ])
        }
        loop.keep(entries) { [weak self] fault in
            guard let self, !self.isOver else { return }
            self.answer(fault.map { self.adapter.answer(refusing: $0, call) } ?? receipt.answer, fault)
        }
    }

    /// A department speaks of its own cases: whoever holds its key could otherwise report on every department's.
    private func check(_ events: [CallbackAdapter.Event]) throws(AdapterFault) {
        guard let snapshot = connection.current.state?.snapshot else { return }
        let own = connection.current.facts.department
        for event in events {
            guard let caseNo = event.value["caseNo"]?.string, !snapshot.mayReport(caseNo, department: own) else { continue }
            throw AdapterFault(.invalidField, "the push speaks of a case that is not of \(department.id)'s")
        }
    }

    func cancel() { isOver = true }

    private func answer(_ answer: CallbackAdapter.Answer?, _ fault: AdapterFault?) {
        guard let answer else {
            isOver = true
            return connection.refuse(fault ?? AdapterFault(.internal, "the callback's answer cannot be made"), allow: [])
        }
        isOver = true
        connection.serving = nil
        connection.current.code = fault?.code
        connection.write(
            LocalReply(status: answer.status, mediaType: answer.mediaType ?? "text/plain", body: answer.body, location: nil),
            end: fault == nil ? .completed : .refused)
    }
}
