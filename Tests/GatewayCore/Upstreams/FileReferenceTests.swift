import Adapters
import GatewayCore
import Testing

@Suite("A file that a department's answer speaks of")
struct FileReferenceTests {
    private let endpoints = [Endpoint(host: "10.1.2.3", port: 8080), Endpoint(host: "files.example", port: 443)]

    private func source(_ answer: Value, limit: Int = 100) throws -> FileReference.Source {
        try FileReference(answer, endpoints: endpoints, limit: limit).source
    }

    @Test("its bytes stand in the answer as Base64, line breaks or not")
    func content() throws {
        #expect(try source(["content": "5b\n6Q"]) == .bytes([0xE5, 0xBE, 0x90]))
        #expect(throws: AdapterFault.self) { try source(["content": "5b6"]) }
        #expect(throws: AdapterFault.self) { try source(["content": "5b6Q5b6Q"], limit: 2) }
    }

    @Test(
        "a URL leads to the department's own endpoints, and its path and query are what is fetched",
        arguments: [
            ("/files/1?t=a", "/files/1?t=a"), ("http://10.1.2.3:8080/f/1#x", "/f/1"), ("https://FILES.example/f", "/f"),
            ("http://10.1.2.3:8080", "/"), ("http://10.1.2.3:8080?id=1", "/?id=1"),
        ])
    func ownURL(_ url: String, _ target: String) throws {
        #expect(try source(["url": .string(url)]) == .target(target))
    }

    @Test(
        "a URL that leads elsewhere, or is none, is refused",
        arguments: [
            "http://10.1.2.3:8081/f", "http://169.254.169.254/latest", "http://10.1.2.3:8080@evil.example/", "//evil.example/f",
            "file:///etc/passwd", "ftp://10.1.2.3:8080/f", "/f\r\nHost: evil", "/名", "f/1", "",
        ])
    func foreignURL(_ url: String) {
        #expect(throws: AdapterFault.self) { try source(["url": .string(url)]) }
    }

    @Test("its name becomes a Content-Disposition without a path, whatever it holds")
    func name() throws {
        func disposition(_ name: String) throws -> String {
            try FileReference(["name": .string(name), "content": "5b6Q"], endpoints: [], limit: 10).disposition
        }
        #expect(try disposition("证照.pdf") == "attachment; filename*=UTF-8''%E8%AF%81%E7%85%A7.pdf")
        #expect(try disposition("../../etc/passwd") == "attachment; filename*=UTF-8''passwd")
        #expect(try disposition("a\"\r\nX: y") == "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20y")
        #expect(try disposition("/") == "attachment")
    }
}
