import Testing

@testable import Adapters

/// Forms with files.
@Suite("multipart/form-data")
struct MultipartTests {
    private static let yaml = """
        operations:
          cases.submit:
            rest: { path: /up, body: multipart, charset: GBK }
            request:
              no: $.no
              meta: { fields: { content: { document: { json: object }, fields: { xm: $.name } }, type: { const: application/json } } }
              fj: { each: $.files, fields: { file: "@.name", base64: "@.data" } }
            reply: { success: http, fields: {} }
        """

    private func sent(_ input: Value) throws -> DepartmentRequest {
        try TranslationFixture.compiled(Self.yaml).request(TranslationFixture.call(input))
    }

    @Test("fields come first, then a part for each file, with its name, its type and its bytes")
    func parts() throws {
        let file: Value = ["name": "甲\".pdf", "data": .string(Base64Codec.encode([0, 255, 13, 10]))]
        let request = try sent(["no": "7", "name": "李", "files": [file, ["name": "b", "data": "AA=="]]])
        let type = try #require(request.field("Content-Type"))
        let boundary = try #require(type.split(separator: "=").last.map(String.init))
        #expect(type == "multipart/form-data; boundary=\(boundary)" && boundary.utf8.count == 40)
        var expected = try Charset.gbk.encode(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"no\"\r\n\r\n7\r\n"
                + "--\(boundary)\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"xm\":\"李\"}\r\n"
                + "--\(boundary)\r\nContent-Disposition: form-data; name=\"fj\"; filename=\"甲%22.pdf\"\r\n\r\n")
        expected += [0, 255, 13, 10]
        expected += Array(
            "\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"fj\"; filename=\"b\"\r\n\r\n\u{0}\r\n--\(boundary)--\r\n".utf8)
        #expect(request.body == expected)
    }

    @Test("no value begins a part or a field of a head")
    func breakingOut() throws {
        let request = try sent(["no": "7\r\n--x\r\n", "name": "a", "files": [["name": "a\r\nX: 1", "data": "AA=="]]])
        let text = String(decoding: request.body, as: UTF8.self)
        #expect(text.contains("filename=\"a%0D%0AX: 1\"") && text.ranges(of: "Content-Disposition").count == 3)
        let other = try TranslationFixture.compiled(Self.yaml).request(
            AdapterCall(input: ["no": "7"], secrets: Secrets([:]), moment: CallMoment(epochMilliseconds: 1, random: (3, 4))))
        #expect(other.field("Content-Type") != request.field("Content-Type"))
    }

    @Test("a file needs bytes, and they must be what they are said to be")
    func faults() {
        #expect(throws: AdapterFault.self) { try sent(["files": [["name": "x", "data": "*"]]]) }
        #expect(throws: AdapterFault.self) { try sent(["files": [["name": "x"]]]) }
        let wrong = TranslationFixture(Self.yaml.replacing("base64: \"@.data\"", with: "bytes: \"@.data\""))
        #expect(wrong.problems.map(\.rule).sorted() == ["missing-key", "unknown-field"])
    }

    @Test("a signature takes the fields for a form")
    func signed() throws {
        let operation = try TranslationFixture.compiled(
            """
            signing: { algorithm: md5, parts: [form: { order: sorted }, secret: K], output: hex, place: { parameter: sign } }
            """ + "\n" + Self.yaml)
        let request = try operation.request(TranslationFixture.call(["no": "7"], secrets: ["K": "s"]))
        let sign = Hex.encode(Digest.compute(.md5, Array("no=7s".utf8)))
        #expect(String(decoding: request.body, as: UTF8.self).contains("name=\"sign\"\r\n\r\n\(sign)\r\n"))
    }
}
