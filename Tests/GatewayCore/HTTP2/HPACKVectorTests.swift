import GatewayCore
import Testing

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter(\.isHexDigit).map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Decodes one block after the other; each as lines `name: value`, or the reason of the fault.
private func decode(_ blocks: [[UInt8]], tableSize: Int = 4096, most: Int = 1 << 20) -> [[String]] {
    var decoder = HPACKDecoder(tableSize: tableSize)
    return blocks.map { block in
        var section = FieldSection(most: most)
        do throws(HTTP2Fault) {
            try block.withUnsafeBytes { bytes -> Result<Void, HTTP2Fault> in
                do throws(HTTP2Fault) { return .success(try decoder.decode(bytes, into: &section)) } catch { return .failure(error) }
            }.get()
        } catch { return [error.reason] }
        return section.texts.map { String(decoding: $0.name, as: UTF8.self) + ": " + String(decoding: $0.value, as: UTF8.self) }
    }
}

@Suite("Field blocks of HTTP/2")
struct HPACKVectorTests {
    @Test(
        "the examples of RFC 7541, C.2",
        arguments: [
            ("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header"),
            ("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path"),
            ("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret"),
            ("82", ":method: GET"),
        ])
    func single(_ example: (hex: String, field: String)) { #expect(decode([bytes(example.hex)]) == [[example.field]]) }

    static let requests = [
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
        [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
    ]

    static let replies = [
        [":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"],
        [":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"],
        [
            ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", "location: https://www.example.com",
            "content-encoding: gzip", "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        ],
    ]

    @Test("the requests of RFC 7541, C.3 and C.4: plain, and with the Huffman code")
    func requests() {
        let plain = [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ]
        #expect(decode(plain.map(bytes)) == Self.requests)
        let coded = [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ]
        #expect(decode(coded.map(bytes)) == Self.requests)
    }

    @Test("the replies of RFC 7541, C.5 and C.6: a table of 256 bytes, with evictions")
    func replies() {
        let plain = [
            """
            4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768
            7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d
            """,
            "4803 3330 37c1 c0bf",
            """
            88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153
            444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
            3d31
            """,
        ]
        #expect(decode(plain.map(bytes), tableSize: 256) == Self.replies)
        let coded = [
            """
            4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8
            e9ae 82ae 43d3
            """,
            "4883 640e ffc1 c0bf",
            """
            88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b
            3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07
            """,
        ]
        #expect(decode(coded.map(bytes), tableSize: 256) == Self.replies)
    }

    @Test(
        "what is no block is a fault",
        arguments: [
            ("index 0 (§6.1)", "80", "field-index"),
            ("an index behind the tables (§2.3.3)", "be", "field-index"),
            ("a name behind the tables", "7e 01 61", "field-index"),
            ("an index that does not end", "ff", "field-integer"),
            ("an index that does not end soon (§5.1)", "ff 80 80 80 80 80 80 00", "field-integer"),
            ("an index that no table has", "ff ff ff ff 7f", "field-integer"),
            ("a text longer than the block", "00 05 61", "field-text"),
            ("a name without a value", "00 01 61", "field-text"),
            ("padding longer than seven bits (§5.2)", "00 81 1f 83 1f ff ff", "field-huffman"),
            ("padding that is not all ones (§5.2)", "00 81 18 81 1f", "field-huffman"),
            ("the end of a string in one (§5.2)", "00 84 ff ff ff ff 81 1f", "field-huffman"),
            ("an update behind a field (§4.2)", "82 20", "table-size"),
            ("an update over the setting (§6.3)", "3f e2 1f", "table-size"),
        ])
    func faults(_ example: (name: String, hex: String, reason: String)) {
        #expect(decode([bytes(example.hex)]) == [[example.reason]], "\(example.name)")
    }

    @Test("the table's room changes, and an entry larger than it empties it (§4.3, §4.4)")
    func room() {
        let add = bytes("4001 6101 62")
        #expect(decode([add, bytes("be")]) == [["a: b"], ["a: b"]])
        #expect(decode([add, bytes("20"), bytes("be")]) == [["a: b"], [], ["field-index"]])
        #expect(decode([add, bytes("20 3f e1 1f"), bytes("be")]) == [["a: b"], [], ["field-index"]])
        #expect(decode([add, bytes("3f 03"), bytes("be")]) == [["a: b"], [], ["a: b"]])
        #expect(decode([add, bytes("22"), bytes("be")]) == [["a: b"], [], ["field-index"]])
        let large = [0x40, 1, 0x61, 60] + [UInt8](repeating: 0x62, count: 60)
        #expect(decode([add, large, bytes("be")], tableSize: 64).last == ["field-index"])
        // The name of an entry that is evicted by the very field that uses it (§4.4).
        let again = [0x7e, 30] + [UInt8](repeating: 0x63, count: 30)
        #expect(decode([add, again, bytes("be")], tableSize: 64).last == ["a: " + String(repeating: "c", count: 30)])
    }

    @Test("a section that is too large is not kept, and the table follows all the same")
    func large() {
        let entry = [0x40, 1, 0x61, 100] + [UInt8](repeating: 0x62, count: 100)
        var decoder = HPACKDecoder()
        var section = FieldSection(most: 1000)
        let block = entry + [UInt8](repeating: 0xbe, count: 1500) + bytes("4001 6301 64")
        #expect(throws: Never.self) { try block.withUnsafeBytes { try decoder.decode($0, into: &section) } }
        #expect(section.isTooLarge && section.texts.isEmpty)
        // Two bytes that name a field of thousands are not read without end.
        let name = [0x40, 0x7f, 0xa1, 0x1e] + [UInt8](repeating: 0x6e, count: 4000) + [0]
        var flooded = HPACKDecoder()
        let flood = name + [[UInt8]](repeating: [0x7e, 0], count: 500).flatMap { $0 }
        #expect(throws: HTTP2Fault(.fieldFlood)) { try flood.withUnsafeBytes { try flooded.decode($0, into: &section) } }
        var next = FieldSection(most: 1000)
        #expect(throws: Never.self) { try ([0xbe, 0xbf] as [UInt8]).withUnsafeBytes { try decoder.decode($0, into: &next) } }
        #expect(next.texts.map(\.name) == [[0x63], [0x61]])
    }
}
