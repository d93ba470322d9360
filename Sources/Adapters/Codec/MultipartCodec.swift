/// A form's fields and files as `multipart/form-data` (RFC 7578).
public enum MultipartCodec {
    /// One file.
    public struct File: Sendable {
        /// The name of the field.
        public let name: String
        /// The file's own name; nil for a part without one.
        public let fileName: String?
        /// Its media type, of printable ASCII; nil for none.
        public let mediaType: String?
        /// Its bytes.
        public let content: [UInt8]
    }

    /// The body: fields first, so that whoever reads it knows them when the files come. Names are escaped as browsers do (HTML, "multipart form
    /// data"): no name can end its quotes or its line. The boundary must not be foreseen by whoever chose the content.
    public static func encode(
        _ fields: [(String, String)], files: [File], boundary: String, charset: Charset
    ) throws(CodecFault) -> [UInt8] {
        var out: [UInt8] = []
        for (name, value) in fields {
            try head(name, nil, nil, boundary, charset, &out)
            out += try charset.encode(value)
            out += Array("\r\n".utf8)
        }
        for file in files {
            try head(file.name, file.fileName, file.mediaType, boundary, charset, &out)
            out += file.content
            out += Array("\r\n".utf8)
        }
        out += Array("--\(boundary)--\r\n".utf8)
        return out
    }

    private static func head(
        _ name: String, _ fileName: String?, _ mediaType: String?, _ boundary: String, _ charset: Charset, _ out: inout [UInt8]
    ) throws(CodecFault) {
        out += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"".utf8)
        out += try charset.encode(escaped(name))
        if let fileName {
            out += Array("\"; filename=\"".utf8)
            out += try charset.encode(escaped(fileName))
        }
        out += Array("\"".utf8)
        if let mediaType { out += Array("\r\nContent-Type: \(mediaType)".utf8) }
        out += Array("\r\n\r\n".utf8)
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "%22"
            case "\r": out += "%0D"
            case "\n": out += "%0A"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
