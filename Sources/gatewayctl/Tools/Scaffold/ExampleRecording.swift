internal import Adapters

/// The first recording of a new department: a call, and the reply that its template expects.
struct ExampleRecording {
    let department: NewDepartment

    /// The call's file.
    var call: [UInt8] {
        let call: Value = [
            "operation": "cases.get", "input": ["caseNo": .string(department.exampleCase)], "now": "2026-11-24T10:00:00+08:00",
            "random": "550e8400e29b41d4a716446655440000",
        ]
        return JSONCodec.encode(call, indented: true) + [0x0A]
    }

    /// The reply's file, in the department's charset.
    func reply() throws(ToolFault) -> [UInt8] {
        let charset = department.charset
        let (type, text) =
            switch department.kind {
            case .rest, .form: ("application/json", json)
            case .soap: ("text/xml", envelope)
            case .delimited: ("text/plain", rows)
            case .mailbox: ("", declaration + result)
            }
        let body: [UInt8]
        do { body = try charset.encode(text) } catch {
            throw ToolFault("the example cannot be written in \(charset.name): \(error.description)")
        }
        let field = type.isEmpty ? "" : "Content-Type: \(type); charset=\(charset.name)\r\n"
        return Array("HTTP/1.1 200 OK\r\n\(field)\r\n".utf8) + body
    }

    private var rows: String { "0|成功\r\n\(department.exampleCase)|2026-000001|02|20261124100000\r\n" }

    private var declaration: String { "<?xml version=\"1.0\" encoding=\"\(department.charset.name)\"?>" }

    private var result: String {
        "<RESULT><code>0</code><msg>成功</msg><data><sblsh>\(department.exampleCase)</sblsh><ywlsh>2026-000001</ywlsh>"
            + "<slzt>02</slzt><slsj>20261124100000</slsj></data></RESULT>"
    }

    private var json: String {
        "{\"code\":\"0\",\"msg\":\"成功\",\"data\":{\"sblsh\":\"\(department.exampleCase)\",\"ywlsh\":\"2026-000001\",\"slzt\":\"02\",\"slsj\":\"20261124100000\"}}"
    }

    private var envelope: String {
        let escaped = result.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return declaration + "<soapenv:Envelope "
            + "xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>"
            + "<ser:queryCaseResponse xmlns:ser=\"http://service.example/\"><return>\(escaped)</return></ser:queryCaseResponse>"
            + "</soapenv:Body></soapenv:Envelope>"
    }
}
