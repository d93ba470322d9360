/// The static table (RFC 7541, appendix A), and what of it the gateway's own answers use.
enum HPACKStaticTable {
    /// Name and value of each entry; the first has the index 1.
    static let rows: [(name: StaticString, value: StaticString)] = [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"),
        (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
        (":status", "404"), (":status", "500"), ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""),
        ("accept-ranges", ""), ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""),
        ("cache-control", ""), ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
        ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""),
        ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
        ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""),
        ("server", ""), ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""),
        ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ]

    /// An entry's text, name and value one behind the other, and what the name means.
    struct Entry: Sendable {
        let text: [UInt8]
        let nameCount: Int
        let kind: FieldKind
    }

    /// The entries; the first has the index 1.
    static let entries: [Entry] = rows.map { row in
        let name = row.name.withUTF8Buffer { Array($0) }
        let value = row.value.withUTF8Buffer { Array($0) }
        return Entry(text: name + value, nameCount: name.count, kind: name.withUnsafeBytes { FieldKind($0) })
    }

    /// The index of a known field's name; 0 where it has none.
    static let indices: [UInt8] = KnownField.allCases.map { field in
        let name = field.name.withUTF8Buffer { $0.map(WireSyntax.lowercase) }
        guard !name.isEmpty, let index = entries.firstIndex(where: { Array($0.text.prefix($0.nameCount)) == name }) else { return 0 }
        return UInt8(index + 1)
    }

    /// The index of a status that has one; 0 otherwise.
    @inline(__always)
    static func index(ofStatus status: Int) -> Int {
        switch status {
        case 200: 8
        case 204: 9
        case 206: 10
        case 304: 11
        case 400: 12
        case 404: 13
        case 500: 14
        default: 0
        }
    }

    /// The index of the name `:status`.
    static let status = 8
}
