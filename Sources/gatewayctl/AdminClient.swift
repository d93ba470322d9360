import Adapters
import CLibCurl
import Glibc
import IntegratorTools

/// Speaks to the gateway's admin socket, over libcurl.
struct AdminClient {
    let socket: String

    /// One request; the status and the JSON of the answer.
    func ask(_ method: String, _ path: String, timeout: Int = 60) throws(ToolFault) -> (status: Int, body: Value) {
        guard let handle = curl_easy_init() else { throw ToolFault("libcurl did not start", kind: .unreachable) }
        defer { curl_easy_cleanup(handle) }
        var received = Received()
        let code = withUnsafeMutablePointer(to: &received) { pointer in
            tongban_curl_text(handle, CURLOPT_URL, "http://gateway\(path)")
            tongban_curl_text(handle, CURLOPT_UNIX_SOCKET_PATH, socket)
            tongban_curl_text(handle, CURLOPT_CUSTOMREQUEST, method)
            tongban_curl_number(handle, CURLOPT_TIMEOUT, timeout)
            tongban_curl_number(handle, CURLOPT_NOSIGNAL, 1)
            tongban_curl_write(handle, receive, pointer)
            return curl_easy_perform(handle)
        }
        guard code == CURLE_OK else {
            throw ToolFault("no gateway answers on \(socket): \(String(cString: curl_easy_strerror(code)))", kind: .unreachable)
        }
        var status = 0
        tongban_curl_status(handle, &status)
        do throws(CodecFault) {
            return (status, try JSONCodec.decode(received.bytes))
        } catch {
            // The admin side says in a line of text what it does not do.
            let text = String(decoding: received.bytes.prefix(200), as: UTF8.self).split(separator: "\n").first ?? ""
            throw ToolFault(
                status == 200 ? "the gateway's answer is no JSON: \(error.reason)" : "the gateway answered with status \(status): \(text)",
                kind: .gateway)
        }
    }
}

private struct Received {
    var bytes: [UInt8] = []
}

private func receive(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let data, let context else { return 0 }
    let received = context.assumingMemoryBound(to: Received.self)
    received.pointee.bytes += UnsafeRawBufferPointer(start: data, count: size * count)
    return size * count
}
