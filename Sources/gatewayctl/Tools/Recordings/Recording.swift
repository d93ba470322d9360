internal import Adapters

/// One recorded call in a folder: what the contract asked, what was sent, what came back, and what a correct gateway makes of it.
package struct Recording: Sendable, Hashable {
    /// The folder.
    package let folder: String
    /// The folder's path below the root of the recordings.
    package let name: String

    /// The names of the files.
    enum File: String {
        case call = "call.json"
        case sent = "sent.http"
        case reply = "reply.http"
        case answer = "answer.json"
        case fault = "fault.json"
        case push = "push.http"
        case events = "events.json"
        case words = "answer.http"
        case results = "results.json"
        case session = "session.json"
    }

    /// The folder of an aggregation's replies, `parts/PART/DEPARTMENT.reply.http`, and of the requests that ask for them.
    var parts: String { "\(folder)/parts" }

    /// Every folder below `root` that holds a call, in order; `root` itself may be one.
    package static func all(below root: String) -> [Recording] {
        var found: [Recording] = []
        collect(root, "", 8, &found)
        return found
    }

    private static func collect(_ folder: String, _ name: String, _ depth: Int, _ found: inout [Recording]) {
        if FileAccess.exists("\(folder)/\(File.call.rawValue)") {
            found.append(Recording(folder: folder, name: name.isEmpty ? folder : name))
        }
        guard depth > 0 else { return }
        for inner in FileAccess.names(in: folder) where FileAccess.isDirectory("\(folder)/\(inner)") {
            collect("\(folder)/\(inner)", name.isEmpty ? inner : "\(name)/\(inner)", depth - 1, &found)
        }
    }

    /// The department whose folder it stands in; nil when no folder of its path is one of `departments`.
    func department(among departments: [String]) -> String? {
        folder.split(separator: "/").map(String.init).last(where: departments.contains)
    }

    func path(_ file: File) -> String { "\(folder)/\(file.rawValue)" }

    func bytes(_ file: File) throws(ToolFault) -> [UInt8]? { try FileAccess.readIfThere(path(file)) }

    /// The JSON of a file; nil when there is none.
    func json(_ file: File) throws(ToolFault) -> Value? {
        guard let bytes = try bytes(file) else { return nil }
        do { return try JSONCodec.decode(bytes) } catch { throw ToolFault("is no JSON: \(error.description)", file: path(file)) }
    }

    /// The message in a file; nil when there is none.
    func message(_ file: File) throws(ToolFault) -> MessageText? {
        guard let bytes = try bytes(file) else { return nil }
        do { return try MessageText(bytes) } catch { throw ToolFault(error.description, file: path(file)) }
    }
}
