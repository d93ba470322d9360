internal import Adapters
internal import GatewayCore
internal import RouteFiles

/// The configuration that recordings are held to: a routes directory, and the departments that come with the recordings. A folder of
/// recordings may hold its department's file as `department.yaml`: so it can be handed on whole, before or without a place in a directory.
package enum RecordingConfiguration {
    /// Compiles the directory with the files of departments that it does not have. A department's file that is there already wins.
    package static func compile(
        _ directory: String, recordings root: String, secrets: [String: String]
    ) throws(ToolFault) -> LocalConfiguration {
        let sources = try ConfigurationTexts.read(directory)
        var known = Set(sources.departments.compactMap(id))
        var added: [RouteSources.Text] = []
        let folders = [root] + FileAccess.names(in: root).map { "\(root)/\($0)" }
        for path in folders.map({ "\($0)/department.yaml" }) {
            guard let bytes = try FileAccess.readIfThere(path) else { continue }
            let text = RouteSources.Text(path: path, bytes: bytes)
            if let id = id(text), !known.insert(id).inserted { continue }
            added.append(text)
        }
        let all = RouteSources(
            directory: sources.directory, gateway: sources.gateway, consumers: sources.consumers, contract: sources.contract,
            departments: sources.departments + added, aggregations: sources.aggregations)
        return LocalConfiguration(sources: all, secrets: .fixed(secrets), standIns: true)
    }

    /// The id that a file says; nil where it cannot be read, which compiling reports.
    private static func id(_ text: RouteSources.Text) -> String? {
        Node.read(text.bytes, path: text.path, Diagnostics())?["department"]?.text
    }
}
