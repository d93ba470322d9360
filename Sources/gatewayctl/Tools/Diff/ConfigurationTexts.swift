package import Adapters
package import GatewayCore
internal import RouteFiles

/// The texts of a configuration, from a directory or from a gateway that runs it.
package enum ConfigurationTexts {
    /// The texts of a directory.
    package static func read(_ directory: String) throws(ToolFault) -> RouteSources {
        do throws(RouteDirectory.Fault) { return try RouteDirectory(path: directory).read() } catch {
            throw ToolFault(error.description, kind: .unreadable)
        }
    }

    /// The texts that a gateway runs: `listed` is its answer, `{files: [{name, sha256}]}`. Those that are the same as in `local` are not
    /// asked for; `text` asks for one of the others by name.
    package static func running(
        _ listed: Value, beside local: RouteSources, text: (String) throws(ToolFault) -> String?
    ) throws(ToolFault) -> RouteSources {
        let own = local.named
        var files: [String: [UInt8]] = [:]
        for file in listed["files"]?.array ?? [] {
            guard let name = file["name"]?.string else { continue }
            if let bytes = own[name], file["sha256"]?.string == Hex.encode(Digest.compute(.sha256, bytes)) {
                files[name] = bytes
            } else {
                guard let text = try text(name) else { throw ToolFault("the gateway does not give its text of \(name)", kind: .gateway) }
                files[name] = Array(text.utf8)
            }
        }
        return RouteSources(directory: "", named: files)
    }
}
