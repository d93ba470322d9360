import Adapters
import CLibCurl
import GatewayCore
import Synchronization

/// One transfer of libcurl's: what is asked for, and what came back.
///
/// `@unchecked Sendable`: made on an event loop, which then keeps it only to ask the atomic `hasBegun` and to hand it back to
/// `CurlEngine.cancel`; what changes is touched on the engine's thread alone, from the moment it was handed over. One that is never
/// handed over is touched by its loop alone. The last reference to go, on whichever thread, finds no other.
final class CurlTransfer: @unchecked Sendable {
    /// What is asked for.
    enum Work {
        /// An HTTP request.
        case http(DepartmentRequest, fields: [String], isWrite: Bool)
        /// A file that is stored and then renamed; `commands` are the server's own, run after the last byte.
        case store([UInt8], commands: [String])
        /// A file's content.
        case fetch
        /// Whether a file is there: nothing of it, or its first byte.
        case probe
        /// The server's own commands alone.
        case command([String])
    }

    /// What came of it.
    enum Outcome {
        /// The reply.
        case reply(DepartmentReply)
        /// None.
        case failed(UpstreamFailure)
    }

    let settings: UpstreamSettings
    private let endpoint: Endpoint
    private let path: String
    private let work: Work
    private let milliseconds: Int64
    private let headLimit: (bytes: Int, fields: Int)
    private let report: @Sendable (Outcome, _ nanoseconds: Int64, _ retries: Int) -> Void
    /// Whether the first byte of the reply is there; the loop asks.
    let hasBegun = Atomic<Bool>(false)

    private(set) var handle: UnsafeMutableRawPointer?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var sent = 0
    private var requests = 0
    private var retries = 0
    private var isAnswered = true
    private var status = 0
    private var head = CurlReplyHead()
    private var body: [UInt8] = []
    private var refusal: UpstreamFailure?

    init(
        _ work: Work, path: String, at endpoint: Endpoint, _ settings: UpstreamSettings, within milliseconds: Int64,
        headLimit: (bytes: Int, fields: Int), report: @escaping @Sendable (Outcome, _ nanoseconds: Int64, _ retries: Int) -> Void
    ) {
        self.work = work
        self.path = path
        self.endpoint = endpoint
        self.settings = settings
        self.milliseconds = max(1, milliseconds)
        self.headLimit = headLimit
        self.report = report
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        dispose()
        errorText.deallocate()
    }

    /// Reports a failure without having begun.
    func refuse(_ failure: UpstreamFailure) { report(.failed(failure), 0, 0) }

    // MARK: The engine's thread

    /// The handle, ready to run with the connections of a share; nil when libcurl has no memory.
    func prepare(_ connections: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let handle = curl_easy_init() else { return nil }
        if let connections { tongban_curl_pointer(handle, CURLOPT_SHARE, connections) }
        self.handle = handle
        let context = Unmanaged.passUnretained(self).toOpaque()
        tongban_curl_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        tongban_curl_header(handle, receiveHead, context)
        tongban_curl_write(handle, receiveBody, context)
        tongban_curl_read(handle, sendBody, context)
        tongban_curl_prerequest(handle, beforeRequest, context)
        lists += CurlOptions.set(settings, endpoint, path: path, milliseconds: milliseconds, on: handle)
        switch work {
        case .http(let request, let fields, _): setHTTP(handle, request, fields)
        case .store(let bytes, let commands):
            tongban_curl_number(handle, CURLOPT_UPLOAD, 1)
            tongban_curl_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count))
            setList(handle, CURLOPT_POSTQUOTE, commands)
        case .fetch: break
        // FTP tells by asking for the size (RFC 3659 §4); SFTP by opening it.
        case .probe where settings.scheme != .sftp: tongban_curl_number(handle, CURLOPT_NOBODY, 1)
        case .probe: tongban_curl_text(handle, CURLOPT_RANGE, "0-0")
        case .command(let commands):
            tongban_curl_number(handle, CURLOPT_NOBODY, 1)
            setList(handle, CURLOPT_QUOTE, commands)
        }
        return handle
    }

    private func setHTTP(_ handle: UnsafeMutableRawPointer, _ request: DepartmentRequest, _ fields: [String]) {
        switch request.method {
        case "HEAD": tongban_curl_number(handle, CURLOPT_NOBODY, 1)
        case "GET" where request.body.isEmpty: tongban_curl_number(handle, CURLOPT_HTTPGET, 1)
        default:
            if request.body.isEmpty, request.method == "DELETE" {
                tongban_curl_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
                break
            }
            request.body.withUnsafeBytes { _ = tongban_curl_post(handle, $0.baseAddress, curl_off_t($0.count)) }
            if request.method != "POST" { tongban_curl_text(handle, CURLOPT_CUSTOMREQUEST, request.method) }
        }
        setList(handle, CURLOPT_HTTPHEADER, fields)
    }

    private func setList(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ texts: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { list = curl_slist_append(list, text) ?? list }
        guard let list else { return }
        tongban_curl_list(handle, option, list)
        lists.append(list)
    }

    /// It has ended.
    func ended(_ code: CURLcode) {
        guard let handle else { return }
        var (before, first): (curl_off_t, curl_off_t) = (0, 0)
        tongban_curl_info_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &before)
        tongban_curl_info_offset(handle, CURLINFO_STARTTRANSFER_TIME_T, &first)
        let outcome: Outcome
        if code == CURLE_OK, refusal == nil, case .http = work, !head.isComplete {
            // libcurl takes a head that was cut off, and no body behind it, for a reply.
            outcome = .failed(head.hasBegun ? .closedInReply : .closedBeforeReply)
        } else if code == CURLE_OK || isEmptyProbe(code), refusal == nil {
            tongban_curl_status(handle, &status)
            outcome = isThere(handle) ? .reply(DepartmentReply(status: status, fields: head.fields, body: body)) : .failed(.noSuchFile)
        } else {
            let situation = CurlFault.Situation(
                hasSent: requests > 0, hasAnswer: head.hasBegun, text: String(cString: errorText), verification: verification(handle))
            outcome = .failed(refusal ?? CurlFault.failure(code, situation))
        }
        report(outcome, max(0, Int64(first - before)) * 1000, retries)
    }

    /// Whether what was looked for is there. An FTP server that knows no SIZE has said nothing, and libcurl takes that for success.
    private func isThere(_ handle: UnsafeMutableRawPointer) -> Bool {
        guard case .probe = work, settings.scheme != .sftp else { return true }
        var length: curl_off_t = -1
        tongban_curl_info_offset(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
        return length >= 0
    }

    /// An empty file has no first byte, and is there.
    private func isEmptyProbe(_ code: CURLcode) -> Bool {
        guard case .probe = work else { return false }
        return code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME
    }

    private func verification(_ handle: UnsafeMutableRawPointer) -> Int32 {
        var result = 0
        tongban_curl_info_number(handle, CURLINFO_SSL_VERIFYRESULT, &result)
        return Int32(truncatingIfNeeded: result)
    }

    /// Frees what libcurl holds.
    func dispose() {
        if let handle { curl_easy_cleanup(handle) }
        handle = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    // MARK: Called by libcurl

    /// Before each request of the transfer. A write that is begun again without an answer in between would be sent twice.
    fileprivate func mayRequest() -> Bool {
        if !isAnswered {
            if case .http(_, _, true) = work {
                refusal = .closedBeforeReply
                return false
            }
            retries += 1
        }
        isAnswered = false
        // What answers is the reply to this request, whatever a challenge before it said.
        head = CurlReplyHead()
        requests += 1
        sent = 0
        return true
    }

    fileprivate func received(head line: UnsafeRawBufferPointer) -> Bool {
        // What an FTP server says is no head.
        guard case .http = work else { return true }
        guard head.add(line) else {
            refusal = .unreadable
            return false
        }
        if head.isComplete { isAnswered = true }
        hasBegun.store(true, ordering: .relaxed)
        guard head.bytes <= headLimit.bytes, head.fields.count <= headLimit.fields else {
            refusal = .headTooLarge
            return false
        }
        return true
    }

    fileprivate func received(body bytes: UnsafeRawBufferPointer) -> Bool {
        hasBegun.store(true, ordering: .relaxed)
        guard body.count + bytes.count <= settings.replyLimit else {
            refusal = .tooLarge(settings.replyLimit)
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    fileprivate func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard case .store(let bytes, _) = work else { return 0 }
        let count = min(buffer.count, bytes.count - sent)
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
        sent += count
        return count
    }
}

/// The head of a reply, line by line, as libcurl gives it. The heads of informational replies and of the rounds of an
/// authentication come first; each new status line begins anew.
struct CurlReplyHead {
    private(set) var fields: [DepartmentRequest.Field] = []
    private(set) var bytes = 0
    private(set) var hasBegun = false
    /// Whether the last line was the empty one at the end of a final head.
    private(set) var isComplete = false
    private var isInformational = false

    /// Takes a line; false when it is none of HTTP's.
    mutating func add(_ line: UnsafeRawBufferPointer) -> Bool {
        var text = line[...]
        while let last = text.last, last == 0x0A || last == 0x0D { text.removeLast() }
        bytes += line.count
        if text.starts(with: "HTTP/".utf8) {
            (fields, bytes, hasBegun, isComplete) = ([], line.count, true, false)
            let code = text.split(separator: 0x20).dropFirst().first.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            isInformational = (100...199).contains(code)
            return true
        }
        guard !text.isEmpty else {
            isComplete = hasBegun && !isInformational
            return true
        }
        guard let colon = text.firstIndex(of: 0x3A) else { return false }
        let value = text[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        let field = DepartmentRequest.Field(String(decoding: text[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        // Two lengths that differ could be read either way (RFC 9112 §6.3); libcurl takes the last.
        if field.name.lowercased() == "content-length" {
            if fields.contains(where: { $0.name.lowercased() == "content-length" && $0.value != field.value }) { return false }
        }
        fields.append(field)
        return true
    }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private func receiveHead(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    return transfer.received(head: UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
}

private func receiveBody(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    return transfer.received(body: UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
}

private func sendBody(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let transfer = transfer(context) else { return 0 }
    return transfer.send(into: UnsafeMutableRawBufferPointer(start: data, count: size * count))
}

private func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ primary: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?,
    _ primaryPort: Int32,
    _ localPort: Int32
) -> Int32 {
    transfer(context)?.mayRequest() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
