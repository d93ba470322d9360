internal import CLibZ

/// Compressed bytes: gzip (RFC 1952) and zlib (RFC 1950).
public enum Compression {
    /// The envelope around the compressed bytes.
    public enum Format: String, Sendable, CaseIterable {
        /// RFC 1952, written without a time and a name, so that equal bytes give equal bytes.
        case gzip
        /// RFC 1950.
        case zlib
    }

    private static let chunk = 1 << 16

    /// The bytes, compressed.
    public static func compress(_ bytes: [UInt8], _ format: Format) throws(CodecFault) -> [UInt8] {
        var stream = z_stream()
        guard clibz_deflate_start(&stream, format == .gzip ? 31 : 15) == Z_OK else { throw fault("no memory to compress") }
        defer { deflateEnd(&stream) }
        let result = run(&stream, bytes, limit: .max) { deflate(&$0, Z_FINISH) }
        guard case .ended(let out, _) = result else { throw fault("the bytes cannot be compressed") }
        return out
    }

    /// The bytes that were compressed in either format. More than `limit` of them, a wrong checksum, an end too early and anything
    /// behind the end are faults.
    public static func expand(_ bytes: [UInt8], limit: Int = DecodeLimits().bytes) throws(CodecFault) -> [UInt8] {
        var stream = z_stream()
        guard clibz_inflate_start(&stream, 47) == Z_OK else { throw fault("no memory to expand") }
        defer { inflateEnd(&stream) }
        switch run(&stream, bytes, limit: limit, { inflate(&$0, Z_NO_FLUSH) }) {
        case .ended(let out, 0): return out
        case .ended(_, let left): throw fault("something follows the compressed bytes", bytes.count - left)
        case .tooLong: throw fault("it expands to more than \(limit) bytes")
        case .cutOff: throw fault("the compressed bytes end too early", bytes.count)
        case .broken(let left): throw fault("not compressed as gzip or zlib, or damaged", bytes.count - left)
        }
    }

    private enum Outcome {
        case ended([UInt8], left: Int)
        case tooLong, cutOff
        case broken(left: Int)
    }

    /// Feeds the bytes to zlib until it says that the stream has ended.
    private static func run(_ stream: inout z_stream, _ bytes: [UInt8], limit: Int, _ step: (inout z_stream) -> CInt) -> Outcome {
        guard bytes.count <= UInt32.max else { return .tooLong }
        var input = bytes
        return input.withUnsafeMutableBufferPointer { input in
            // An empty array has no address, and zlib wants none where there is nothing to read.
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var out: [UInt8] = []
            while true {
                var status: CInt = 0
                let part = [UInt8](unsafeUninitializedCapacity: chunk) { space, count in
                    stream.next_out = space.baseAddress
                    stream.avail_out = UInt32(space.count)
                    status = step(&stream)
                    count = space.count - Int(stream.avail_out)
                }
                out += part
                if out.count > limit { return .tooLong }
                let left = Int(stream.avail_in)
                switch status {
                case Z_STREAM_END: return .ended(out, left: left)
                case Z_OK where left > 0 || part.count == chunk: continue
                case Z_OK, Z_BUF_ERROR: return .cutOff
                default: return .broken(left: left)
                }
            }
        }
    }

    private static func fault(_ reason: String, _ offset: Int? = nil) -> CodecFault {
        CodecFault(format: "gzip", reason: reason, offset: offset)
    }
}
