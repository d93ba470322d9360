import Adapters
import ArgumentParser
import CLibCurl
import Glibc

/// Speaks to the gateway's admin socket, over libcurl.
struct AdminClient {
    /// Why there is no answer.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    let socket: String

    /// One request; the status and the JSON of the answer.
    func ask(_ method: String, _ path: String, timeout: Int = 60) throws(Fault) -> (status: Int, body: Value) {
        guard let handle = curl_easy_init() else { throw Fault(description: "libcurl did not start") }
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
            throw Fault(description: "no gateway answers on \(socket): \(String(cString: curl_easy_strerror(code)))")
        }
        var status = 0
        tongban_curl_status(handle, &status)
        do throws(CodecFault) {
            return (status, try JSONCodec.decode(received.bytes))
        } catch {
            // The admin side says in a line of text what it does not do.
            let text = String(decoding: received.bytes.prefix(200), as: UTF8.self).split(separator: "\n").first ?? ""
            throw Fault(
                description: status == 200
                    ? "the gateway's answer is no JSON: \(error.reason)" : "the gateway answered with status \(status): \(text)")
        }
    }

    /// The same, ending the program with a message where there is no answer.
    func askOrExit(_ method: String, _ path: String, timeout: Int = 60) throws -> (status: Int, body: Value) {
        do throws(Fault) { return try ask(method, path, timeout: timeout) } catch {
            standardError("gatewayctl: \(error.description)\n")
            throw ExitCode(1)
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
