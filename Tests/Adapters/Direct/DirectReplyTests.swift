import Testing

@testable import Adapters

/// One pass must give what the mapping gives, or leave the reply to it.
@Suite("Direct answers", .enabled(if: !Recording.all.isEmpty, "Mocks/recordings is not there"))
struct DirectReplyTests {
    let departments: ShippedDepartments

    init() throws { departments = try ShippedDepartments.loaded.get() }

    /// The recordings whose operation has a plan.
    private func planned(_ recording: Recording) throws -> (DirectReply, OperationAdapter, ContractOperation, AdapterCall, DepartmentReply)?
    {
        let (id, call) = try recording.call()
        guard let translation = departments.translations[recording.department], let direct = translation.goal(of: id)?.direct else {
            return nil
        }
        return (
            direct, try #require(translation.operations[id]), try #require(departments.contract.operation(id)), call, try recording.reply()
        )
    }

    /// What the mapping and the contract make of a reply; nil for a problem.
    private func slowly(
        _ adapter: OperationAdapter, _ operation: ContractOperation, _ call: AdapterCall, _ reply: DepartmentReply
    ) -> [UInt8]? {
        guard case .answer(let made)? = try? adapter.settle(reply, to: call), let answer = try? operation.answer(from: made, to: call.input)
        else {
            return nil
        }
        return JSONCodec.encode(answer)
    }

    @Test("most recorded answers in plain JSON are given in one pass")
    func covers() throws {
        var (given, left) = (0, 0)
        for recording in Recording.all {
            guard let (direct, adapter, operation, call, reply) = try planned(recording),
                let expected = slowly(adapter, operation, call, reply)
            else { continue }
            if let answer = direct.answer(in: reply, to: call) {
                given += 1
                #expect(answer.body == expected, "\(recording)")
            } else {
                left += 1
            }
        }
        #expect(given >= 20, "\(given) given, \(left) left to the mapping")
        #expect(given > 4 * left, "\(given) given, \(left) left to the mapping")
    }

    @Test("a reply changed at random has the mapping's answer or none", arguments: Recording.all)
    func agrees(_ recording: Recording) throws {
        guard let (direct, adapter, operation, call, reply) = try planned(recording), let tree = try? JSONCodec.decode(reply.body) else {
            return
        }
        var chance = SplitMix(seed: 7)
        var given = 0
        for _ in 0..<150 {
            var changed = tree
            for _ in 0...chance.below(3) { changed = chance.changed(changed) }
            let text = chance.respaced(JSONCodec.encode(changed))
            let reply = DepartmentReply(status: reply.status, fields: reply.fields, body: text)
            guard let answer = direct.answer(in: reply, to: call) else { continue }
            given += 1
            let expected = slowly(adapter, operation, call, reply)
            #expect(answer.body == expected, "\(String(decoding: text, as: UTF8.self))\n\(String(decoding: answer.body, as: UTF8.self))")
            guard let expected, let value = try? JSONCodec.decode(expected) else { return }
            #expect(answer.facts["region"] == value["region"])
            #expect(operation.status(of: answer.facts) == operation.status(of: value))
            #expect(operation.location(of: answer.facts) == operation.location(of: value))
            #expect(answer.regions == (value["items"]?.array ?? []).compactMap { $0["region"]?.string })
        }
        if slowly(adapter, operation, call, reply) != nil, direct.answer(in: reply, to: call) != nil { #expect(given > 0) }
        for coding in ["br", "gzip", "identity"] {
            let coded = DepartmentReply(
                status: reply.status, fields: reply.fields + [.init("content-encoding", coding)], body: reply.body)
            #expect(direct.answer(in: coded, to: call) == nil)
        }
    }

    @Test(
        "a reply cut off or with a byte changed has the mapping's answer or none",
        arguments: Recording.all.filter { $0.name.hasSuffix("rare") || $0.name.hasSuffix("company") })
    func survives(_ recording: Recording) throws {
        guard let (direct, adapter, operation, call, reply) = try planned(recording) else { return }
        var chance = SplitMix(seed: 11)
        let marks = Array("\"\\{}[]:,0e.-n \u{1}x".utf8)
        for _ in 0..<600 {
            var body = reply.body
            if chance.below(4) == 0 { body.removeLast(chance.below(body.count)) }
            if !body.isEmpty { body[chance.below(body.count)] = marks[chance.below(marks.count)] }
            let broken = DepartmentReply(status: reply.status, fields: reply.fields, body: body)
            guard let answer = direct.answer(in: broken, to: call) else { continue }
            #expect(answer.body == slowly(adapter, operation, call, broken), "\(String(decoding: body, as: UTF8.self))")
        }
    }
}

/// Changes to a tree, the same ones for the same seed.
private struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }

    /// The tree with one value inside it replaced, or one field taken away.
    mutating func changed(_ value: Value) -> Value {
        switch value {
        case .object(let object) where !object.isEmpty && below(12) > 0:
            let chosen = below(object.fields.count)
            var out = Object()
            for (index, field) in object.fields.enumerated() {
                if index != chosen {
                    out.append(field.name, field.value)
                } else if below(10) > 0 {
                    out.append(field.name, changed(field.value))
                }
            }
            return .object(out)
        case .array(let items) where !items.isEmpty && below(8) > 0:
            var items = items
            let chosen = below(items.count)
            switch below(6) {
            case 0: items.remove(at: chosen)
            case 1: items.append(items[chosen])
            case 2: return items[chosen]
            default: items[chosen] = changed(items[chosen])
            }
            return .array(items)
        default: return replacement(for: value)
        }
    }

    private mutating func replacement(for value: Value) -> Value {
        let others: [Value] = [
            .null, "", [], [:], 0, 7, 40, true, false, .double(1.5), .double(1e30), .decimal("12345678901234567890"), "null", "1", "00",
            "2026-11-02 09:15:00", "2026-11-02", "2026-13-40", "20261102091500", 1_793_582_100_000, "a \"quoted\" \\ text\n\u{1F600}",
            "龘𠮷", ["x"], [["a": "b"]], ["a": ["b": .null]], "230100", "230600000000", .integer(.min), "é", "K\u{212A}",
        ]
        if case .integer(let number) = value, below(3) == 0 { return .string(String(number)) }
        if case .string(let text) = value, below(3) == 0 { return below(2) == 0 ? [.string(text)] : .string(text + "x") }
        return others[below(others.count)]
    }

    /// The text with white space between its tokens, and a slash or a letter of its strings escaped.
    mutating func respaced(_ text: [UInt8]) -> [UInt8] {
        guard below(2) == 0 else { return text }
        var out: [UInt8] = []
        var isInside = false
        var isEscaped = false
        for byte in text {
            if isInside, !isEscaped, byte == UInt8(ascii: "a"), below(4) == 0 {
                out += Array("\\u0061".utf8)
                continue
            }
            if !isInside, below(6) == 0 { out.append([0x20, 0x0A, 0x09, 0x0D][below(4)]) }
            out.append(byte)
            if isInside, !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInside.toggle() }
                isEscaped = false
            }
        }
        return out
    }
}
