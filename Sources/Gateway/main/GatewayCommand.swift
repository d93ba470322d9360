import ArgumentParser
import Dispatch
import Gateway
import GatewayCore
import Glibc
import Logging
import Synchronization

/// The daemon: runs in the foreground, logs to standard error, reloads on SIGHUP, opens its access log anew on SIGUSR1, drains on
/// SIGTERM and SIGINT.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "One contract in front of every department's own approval system.",
        discussion: "Exit codes: 0 stopped as asked; 1 the configuration cannot be used; 3 it can, but the gateway could not start.")

    @Option(help: "The routes directory.") var routes = "Routes"
    @Option(help: "HOST:PORT to serve on, instead of those in gateway.yaml; may be given more than once.") var listen: [String] = []
    @Option(help: "HOST:PORT of probes and metrics, or 'off'.") var admin: String?
    @Option(help: "The Unix socket of gatewayctl.") var socket: String?
    @Option(help: "The directory of what must survive a restart.") var state: String?
    @Option(help: "A directory with one file per secret; the environment is asked where it has none.") var secrets: String?
    @Option(help: "Where access records go: stdout, off, or a file.") var accessLog: String?
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel = "info"

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "tongban") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let server: GatewayServer
        do throws(GatewayServer.StartFault) {
            server = try GatewayServer(options: try options(), logger: logger)
        } catch {
            for problem in error.problems { FileOutput.standardError("\(problem)") }
            FileOutput.standardError("gateway: \(error.description)\n")
            throw ExitCode(error.problems.isEmpty ? 3 : 1)
        }
        let signals = SignalStream([SIGHUP, SIGUSR1, SIGTERM, SIGINT]) { Self.cutShort(server) }
        do { try await server.start() } catch {
            FileOutput.standardError("gateway: \(error)\n")
            await server.stop()
            throw ExitCode(3)
        }
        logger.notice("listening", metadata: ["on": "\(server.addresses)", "revision": "\(server.snapshot.revision)"])
        for await number in signals.numbers {
            if number == SIGHUP {
                await reload(server, logger)
            } else if number == SIGUSR1 {
                server.reopenAccessLog()
            } else {
                logger.notice("stopping", metadata: ["signal": "\(number)"])
                break
            }
        }
        await server.stop()
        // Whoever asked twice hears so, once the records are written.
        if signals.isAskedAgain { try? await Task.sleep(for: .seconds(2)) }
        logger.notice("stopped")
    }

    /// Exchanges at hand are cut; their records are written first, unless that takes longer than a person waits.
    private static func cutShort(_ server: GatewayServer) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(1)) { _exit(130) }
        Task {
            await server.cutShort()
            _exit(130)
        }
    }

    private func reload(_ server: GatewayServer, _ logger: Logger) async {
        switch await server.reload(by: "SIGHUP") {
        case .refused(let problems): for problem in problems { FileOutput.standardError("\(problem)") }
        case .cannotStart(let reason), .rolledBack(_, let reason): logger.error("reload", metadata: ["reason": "\(reason)"])
        case .held(let revision, let left):
            logger.notice("reload", metadata: ["held": "\(revision)", "files": "those of revision \(left), which was gone back from"])
        case .applied, .unchanged: break
        }
    }

    private func options() throws(GatewayServer.StartFault) -> GatewayServer.Options {
        var options = GatewayServer.Options()
        options.routes = routes
        for text in listen {
            guard let address = Endpoint(address: text) else {
                throw GatewayServer.StartFault(description: "'\(text)' is no address to listen on; it would be such as 127.0.0.1:8080")
            }
            options.listen.append(address)
        }
        if let admin, admin != "off", Endpoint(address: admin) == nil {
            throw GatewayServer.StartFault(description: "'\(admin)' is no admin address; it would be such as 127.0.0.1:9090, or off")
        }
        options.adminListen = admin
        options.adminSocket = socket
        options.state = state
        options.secretsDirectory = secrets
        switch accessLog {
        case nil: break
        case "stdout"?: options.accessLog = .standardOutput
        case "off"?: options.accessLog = .off
        case let path?: options.accessLog = .file(path)
        }
        return options
    }
}

/// Writes whole texts to standard error.
enum FileOutput {
    static func standardError(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Signals as a stream; at a second one that ends the program `again` is called.
final class SignalStream: Sendable {
    let numbers: AsyncStream<Int32>
    private let sources: Mutex<[any DispatchSourceSignal]>
    private let stops = Stops()

    /// Whether a second signal that ends the program has come.
    var isAskedAgain: Bool { stops.count > 1 }

    init(_ wanted: [Int32], again: @escaping @Sendable () -> Void) {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        numbers = stream
        let stops = stops
        sources = Mutex(
            wanted.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    // Whoever asks twice does not want to wait for the drain.
                    if number == SIGTERM || number == SIGINT, stops.next() > 1 { again() }
                    continuation.yield(number)
                }
                source.resume()
                return source
            })
    }
}

/// Counts the signals that end the program.
private final class Stops: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func next() -> Int {
        state.withLock { count in
            count += 1
            return count
        }
    }
}
