import Adapters
import Foundation
import Gateway
import GatewayCore
import Logging
import MockDepartments
import NIOPosix
import Synchronization
import Testing

/// Every story, one after another: some of them measure, and two cores are not many.
@Suite("Stories", .serialized)
enum Stories {}

/// A gateway in front of the mock departments, with a routes directory, secrets, state and a log of its own.
final class Stage: Sendable {
    let city: MockCity
    let folder: String
    private let running: Mutex<GatewayServer>

    static let portalKey = "demo-portal-key"
    static let daqingKey = "demo-daqing-key"

    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
        .path

    /// The gateway that runs now.
    var gateway: GatewayServer { running.withLock { $0 } }
    /// The port that serves the portal.
    var port: Int { gateway.addresses[0].port }

    private init(city: MockCity, folder: String, gateway: GatewayServer) {
        self.city = city
        self.folder = folder
        running = Mutex(gateway)
    }

    /// Plays a story. With `listen` that is what `gateway.yaml` says instead of a plain port. `edit` changes the copied route files before the gateway starts: the text of a file by its name.
    static func play(
        listen: String? = nil, edit: (_ file: String, _ text: inout String) -> Void = { _, _ in }, extra: [String: String] = [:],
        prepare: (_ folder: String) throws -> Void = { _ in },
        _ story: (Stage) async throws -> Void
    ) async throws {
        let city = try await MockCity.start(on: MultiThreadedEventLoopGroup.singleton)
        let folder = "/tmp/tongban-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder + "/secrets", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: project + "/Routes", toPath: folder + "/Routes")
        for line in try String(contentsOfFile: project + "/Mocks/demo-secrets.env", encoding: .utf8).split(separator: "\n") {
            let halves = line.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, !line.hasPrefix("#") else { continue }
            try String(halves[1]).write(toFile: "\(folder)/secrets/\(halves[0])", atomically: false, encoding: .utf8)
        }
        for (name, text) in extra { try text.write(toFile: "\(folder)/Routes/\(name)", atomically: false, encoding: .utf8) }
        for name in ["gateway", "consumers"] + MockDepartment.allCases.map({ "departments/\($0.rawValue)" }) {
            try rewrite("\(folder)/Routes/\(name).yaml") { text in
                for server in city.servers {
                    text = text.replacingOccurrences(
                        of: "127.0.0.1:\(server.department.usualPort)", with: "127.0.0.1:\(server.port)")
                }
                edit(name, &text)
            }
        }
        try prepare(folder)
        if let listen {
            try rewrite("\(folder)/Routes/gateway.yaml") { text in
                text = text.replacingOccurrences(
                    of: "listen: [127.0.0.1:8080]", with: "listen: " + listen.replacingOccurrences(of: "FOLDER", with: folder))
            }
        }
        let stage = Stage(city: city, folder: folder, gateway: try await startGateway(in: folder, listens: listen != nil))
        do {
            try await story(stage)
        } catch {
            await stage.end()
            throw error
        }
        await stage.end()
    }

    private func end() async {
        await gateway.stop()
        try? await city.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// `listens` leaves the listeners to `gateway.yaml`.
    private static func startGateway(in folder: String, listens: Bool = false) async throws -> GatewayServer {
        var options = GatewayServer.Options()
        options.routes = folder + "/Routes"
        if !listens { options.listen = [Endpoint(host: "127.0.0.1", port: 0)] }
        options.adminListen = "127.0.0.1:0"
        options.adminSocket = folder + "/admin.sock"
        options.state = folder + "/state"
        options.secretsDirectory = folder + "/secrets"
        options.accessLog = .file(folder + "/access.log")
        let gateway = try GatewayServer(options: options, logger: Logger(label: "stories") { _ in SwiftLogNoOpLogHandler() })
        try await gateway.start()
        return gateway
    }

    /// Stops the gateway and starts another on the same folder, as a restart of the machine would.
    func restart() async throws {
        await gateway.stop()
        let next = try await Self.startGateway(in: folder)
        running.withLock { $0 = next }
    }

    /// Has the gateway take on what was changed.
    func reload() async throws {
        let result = await gateway.reload(by: "story")
        guard case .applied = result else { throw WireSurprise("the reload was not applied: \(result)") }
    }

    /// Changes a route file; it counts from the next reload on.
    func change(_ name: String, _ change: (inout String) -> Void) throws { try Self.rewrite("\(folder)/Routes/\(name).yaml", change) }

    private static func rewrite(_ path: String, _ change: (inout String) -> Void) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        change(&text)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    // MARK: Calling

    /// A request as text.
    static func request(
        _ method: String, _ target: String, key: String? = portalKey, fields: [(String, String)] = [], body: String? = nil
    ) -> String {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: portal.example\r\n"
        if let key { text += "X-Api-Key: \(key)\r\n" }
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        guard let body else { return text + "\r\n" }
        if !fields.contains(where: { $0.0.lowercased() == "content-type" }) { text += "Content-Type: application/json\r\n" }
        return text + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    /// One call on a connection of its own.
    func call(
        _ method: String, _ target: String, key: String? = portalKey, fields: [(String, String)] = [], body: String? = nil,
        within seconds: Double = 15
    ) async throws -> RawReply {
        let port = port
        let text = Self.request(method, target, key: key, fields: fields, body: body)
        return try await aside {
            let connection = try RawConnection(port: port)
            try connection.send(text)
            return try connection.reply(to: method, within: seconds)
        }
    }

    /// What the admin socket answers.
    func admin(_ path: String) async throws -> RawReply {
        let socket = gateway.adminSocketPath
        return try await aside {
            let connection = try RawConnection(path: socket)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            return try connection.reply()
        }
    }

    /// Submits a case; the gateway numbers it unless the fields say a number.
    func submit(_ item: String, _ fields: [String: Value] = [:], key: String? = portalKey) async throws -> RawReply {
        try await call("POST", "/v1/cases", key: key, body: Self.submission(item, fields))
    }

    /// The body of a submission.
    static func submission(_ item: String, _ fields: [String: Value] = [:]) -> String {
        var object: Object = [
            "itemCode": .string(item), "applicant": person, "region": "230102", "channel": "web", "applyTime": "2026-11-24T10:00:00+08:00",
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object[name] = value }
        return String(decoding: JSONCodec.encode(.object(object)), as: UTF8.self)
    }

    /// A synthetic person whose name no two-byte charset holds, and whose number ends in X.
    static let person: Value = [
        "kind": "person", "name": "𠮷野㐂䶮", "idType": "idCard", "idNo": "11010519491231002X", "mobile": "13900001234",
        "address": "哈尔滨市示例区示例街1号 <A座> & B座 ]]> 100%+1",
    ]

    // MARK: Records

    /// The access records, once there are `count`; without a count those of now. They are written beside the path, so it waits.
    func records(_ count: Int) async throws -> [Value] {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let text = (try? String(contentsOfFile: folder + "/access.log", encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").compactMap { try? JSONCodec.decode(text: String($0)) }
            if lines.count >= count || ContinuousClock.now > deadline { return lines }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The whole log as bytes on the disk.
    var log: String { (try? String(contentsOfFile: folder + "/access.log", encoding: .utf8)) ?? "" }
}

/// The three departments, as the stories need them.
enum Office: String, CaseIterable, Sendable {
    case scjg = "hlj-scjg"
    case fgw = "hlj-fgw"
    case hrb

    /// An item that takes applications.
    var item: String {
        switch self {
        case .scjg: "11230000MB1A0001XM2000125005000"
        case .fgw: "11230000MB1A00028M2000104033000"
        case .hrb: "11230100MB1A00036M3230125011000"
        }
    }

    /// A case that is there from the start.
    var knownCase: String { item + "202611020001" }

    /// The authority's code.
    var authority: String { String(item.prefix(18)) }

    /// Its server.
    func server(of city: MockCity) -> MockServer {
        switch self {
        case .scjg: city.scjg
        case .fgw: city.fgw
        case .hrb: city.hrb
        }
    }
}

/// The resident memory of this process, in bytes.
func residentMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
}
