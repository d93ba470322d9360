import Adapters
import GatewayCore
import RouteFiles

/// What a start reads before there is anything to serve.
extension GatewayServer {
    static func sources(_ options: Options) throws(StartFault) -> RouteSources {
        do throws(RouteDirectory.Fault) { return try RouteDirectory(path: options.routes).read() } catch {
            let problem = Problem(.error, "unreadable", error.description, at: nil)
            throw StartFault(description: "the configuration in \(options.routes) cannot be used", problems: [problem])
        }
    }

    static func store(_ options: Options, _ state: String) throws(StartFault) -> ConfigurationStore {
        do throws(ConfigurationHistory.Fault) {
            return ConfigurationStore(
                directory: RouteDirectory(path: options.routes), secretsDirectory: options.secretsDirectory,
                history: try ConfigurationHistory(directory: "\(state)/history"))
        } catch { throw StartFault(description: "the state directory cannot be used: \(error.description)") }
    }

    static func first(_ compiled: ConfigurationStore.Compiled, _ options: Options) throws(StartFault) -> (Snapshot, [Problem]) {
        switch compiled {
        case .ready(let snapshot, let warnings): return (snapshot, warnings)
        case .refused(let problems):
            throw StartFault(description: "the configuration in \(options.routes) cannot be used", problems: problems)
        case .same, .held: throw StartFault(description: "there is no configuration to begin with")
        }
    }
}

extension AccessLogTarget {
    /// What `gateway.yaml` says.
    init(_ target: GatewaySettings.AccessLogTarget) {
        switch target {
        case .standardOutput: self = .standardOutput
        case .file(let path): self = .file(path)
        case .off: self = .off
        }
    }
}
