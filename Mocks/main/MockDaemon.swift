internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import MockDepartments
internal import NIOPosix

/// Plays the departments until it is told to stop.
@main
struct MockDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mocks", abstract: "Plays department systems; see Mocks/README.md.")

    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port of 省市场监督管理局; 0 takes a free one.") var scjgPort = 9101
    @Option(help: "The port of 省发展和改革委员会; 0 takes a free one.") var fgwPort = 9102
    @Option(help: "The port of the Harbin platform; 0 takes a free one.") var hrbPort = 9103
    @Option(help: "The port of 省统一受理平台; 0 takes a free one.") var tyslPort = 9104
    @Option(help: "The port of the national sharing platform; 0 takes a free one.") var sharePort = 9105
    @Option(help: "The port of 省企业信用信息平台; 0 takes a free one.") var qyxxPort = 9106
    @Option(help: "The port of 省电子证照库; 0 takes a free one.") var zzkPort = 9107
    @Option(help: "The port of 省住房和城乡建设厅; 0 takes a free one.") var zjtPort = 9108

    private var ports: [MockDepartment: Int] {
        [
            .scjg: scjgPort, .fgw: fgwPort, .hrb: hrbPort, .tysl: tyslPort, .share: sharePort, .qyxx: qyxxPort, .zzk: zzkPort,
            .zjt: zjtPort,
        ]
    }

    func run() async throws {
        let (stopped, stop) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { stop.finish() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let city: MockCity
        do {
            city = try await MockCity.start(host: host, ports: ports, on: MultiThreadedEventLoopGroup.singleton)
        } catch {
            throw ValidationError("cannot listen on \(host): \(error)")
        }
        for server in city.servers { print("\(server.department.rawValue) listening on http://\(host):\(server.port)") }
        fflush(nil)
        for await _ in stopped {}
        try await city.stop()
    }
}
