public import Adapters

/// A file that a department's answer speaks of: its bytes in the answer itself, or where the department has them. Decided here, fetched by
/// the gateway.
public struct FileReference: Sendable, Hashable {
    /// Where the bytes are.
    public enum Source: Sendable, Hashable {
        /// In the answer.
        case bytes([UInt8])
        /// At the department: path and query, beginning with `/`.
        case target(String)
    }

    /// Where the bytes are.
    public let source: Source
    /// The media type for the caller; nil takes that of the department's reply.
    public let mediaType: String?
    /// The value of a Content-Disposition field (RFC 6266): the caller's browser saves the file, it does not show it.
    public let disposition: String

    /// Reads a typed answer `{name, mediaType, content | url}`. A URL must lead to one of `endpoints`: a department's answer does not send
    /// the gateway elsewhere.
    ///
    /// - Throws: UPSTREAM_BAD_REPLY where neither `content` nor `url` can be used.
    public init(_ answer: Value, endpoints: [Endpoint], limit: Int) throws(AdapterFault) {
        mediaType = answer["mediaType"]?.string
        disposition = Self.disposition(answer["name"]?.string)
        if let text = answer["content"]?.string {
            // Four digits hold three bytes: what is too large is not decoded first.
            guard text.utf8.count / 4 * 3 <= limit + 2 else { throw Self.tooLarge(limit) }
            do { source = .bytes(try Base64Codec.decode(text)) } catch {
                throw AdapterFault(.upstreamBadReply, "the file in the department's answer is no Base64: \(error.reason)")
            }
        } else if let url = answer["url"]?.string {
            source = .target(try Self.target(url, endpoints))
        } else {
            throw AdapterFault(.upstreamBadReply, "the department's answer has neither 'content' nor 'url' of the file")
        }
    }

    /// A file larger than the route allows.
    public static func tooLarge(_ limit: Int) -> AdapterFault {
        AdapterFault(.upstreamBadReply, "the file is larger than \(limit) bytes")
    }

    private static func target(_ url: String, _ endpoints: [Endpoint]) throws(AdapterFault) -> String {
        var target = Substring(url)
        if !url.hasPrefix("/") || url.hasPrefix("//") {
            let rest = url.hasPrefix("http://") ? url.dropFirst("http://".count) : url.hasPrefix("https://") ? url.dropFirst(8) : ""
            let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
            let port = url.hasPrefix("https://") ? 443 : 80
            guard let host = Endpoint(address: String(rest[..<end]), defaultPort: port),
                endpoints.contains(where: { $0.host.lowercased() == host.host.lowercased() && $0.port == host.port })
            else {
                throw AdapterFault(.upstreamBadReply, "the file's URL does not lead to the department's own endpoints")
            }
            target = rest[end...]
            if !target.hasPrefix("/") { target = "/" + target }
        }
        target = target.prefix { $0 != "#" }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw AdapterFault(.upstreamBadReply, "the file's URL holds characters that a URL cannot hold")
        }
        return String(target)
    }

    /// `attachment; filename*=UTF-8''…` (RFC 8187); the name without any path.
    private static func disposition(_ name: String?) -> String {
        guard let last = name?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last, !last.isEmpty else { return "attachment" }
        return "attachment; filename*=UTF-8''" + FormCodec.percentEncodeQuery(String(last))
    }
}
