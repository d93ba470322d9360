import Adapters
import Testing

@testable import IntegratorTools

@Suite("A message in a file")
struct MessageTextTests {
    private func reply(_ text: String) throws -> DepartmentReply { try MessageText(Array(text.utf8)).reply() }

    private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(
        "a body in chunks is put together",
        arguments: [
            ("4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n", "{\"a\":1}"), ("4\n{\"a\"\n3\n:1}\n0\n\n", "{\"a\":1}"),
            ("7\r\n{\"a\":1}\r\n0\r\nX-Sum: 1\r\n\r\n", "{\"a\":1}"), ("0\r\n\r\n", ""), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ])
    func chunks(_ body: String, _ expected: String) throws {
        #expect(String(decoding: try reply(Self.head + body).body, as: UTF8.self) == expected)
    }

    @Test(
        "a body that a tool took out of its chunks already stays as it is",
        arguments: [
            "{\"a\":1}", "7\r\n{\"a\":1}\r\n", "7\r\n{\"a\":1}\r\n0\r\n\r\nmore", "ff\r\n{\"a\":1}\r\n0\r\n\r\n", "-1\r\n\r\n0\r\n\r\n", "",
            "5\r\n",
        ])
    func plain(_ body: String) throws {
        #expect(String(decoding: try reply(Self.head + body).body, as: UTF8.self) == body)
        #expect(String(decoding: try reply("HTTP/1.1 200 OK\n\n0\r\n\r\n").body, as: UTF8.self) == "0\r\n\r\n", "nothing says chunked")
    }

    @Test("an interim reply is not the reply")
    func interim() throws {
        let found = try reply(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\nX-A: 1\r\n\r\nbody")
        #expect(found.status == 201 && found.fields.map(\.name) == ["X-A"])
        #expect(String(decoding: found.body, as: UTF8.self) == "body")
        #expect(try reply("HTTP/1.1 100 Continue\r\n\r\nno reply").status == 100)
        #expect { try reply("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nA: 1\nrubbish\n\n") } throws: {
            ($0 as? ToolFault)?.message == "line 5 is no header field"
        }
    }
}
