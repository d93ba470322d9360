internal import Adapters
internal import GatewayCore

extension RecordingRun {
    /// The call's file with the moment that its request is recorded at, where the request shows it: a time, a nonce. Otherwise the next run would
    /// make another request. Written only before a new `sent.http`.
    func pinned(
        _ bytes: [UInt8], _ recording: Recording, _ named: String?, _ mayBreak: Bool, _ result: inout RecordingResult
    ) throws(ToolFault) -> [UInt8] {
        guard updates, try recording.bytes(.sent) == nil, let object = try? JSONCodec.decode(bytes).object, !object.isEmpty else {
            return bytes
        }
        let now = try CallFile.moment(.object(object)).epochMilliseconds / 1000
        func requests(at seconds: Int64) -> (file: [UInt8], request: DepartmentRequest?) {
            var added = ""
            if object["now"] == nil { added += ",\n  \"now\": \"\(CivilTime(epochSeconds: seconds).rfc3339)\"" }
            if object["random"] == nil {
                let digits = (0..<4).map { _ in String(UInt32.random(in: .min ... .max) | 0x1000_0000, radix: 16) }.joined()
                added += ",\n  \"random\": \"\(digits)\""
            }
            var file = bytes
            while let last = file.last, last == 0x20 || (0x09...0x0D).contains(last) { file.removeLast() }
            file.removeLast()
            while let last = file.last, last == 0x20 || (0x09...0x0D).contains(last) { file.removeLast() }
            file += Array("\(added)\n}\n".utf8)
            let call = try? CallFile(file, in: snapshot, department: named, mayBreak: mayBreak)
            return (file, call.flatMap { call in try? call.request() })
        }
        let (first, second) = (requests(at: now), requests(at: now + 86_400))
        guard let one = first.request, let other = second.request, one != other else { return bytes }
        try write(first.file, .call, recording, &result)
        return first.file
    }
}
