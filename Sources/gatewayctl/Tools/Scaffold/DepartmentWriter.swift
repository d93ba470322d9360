internal import Adapters
internal import GatewayCore
internal import RouteFiles

/// Writes the first files of a department into a routes directory.
package struct DepartmentWriter {
    private let directory: String

    /// A writer into a routes directory.
    package init(directory: String) { self.directory = directory }

    /// Writes the file, the schema it points to, and a recording. Nothing is replaced, and nothing is written when the directory would not
    /// be valid with it.
    package func write(_ department: NewDepartment) throws(ToolFault) -> [String] {
        let text = DepartmentTemplate(department: department).text
        return try write(text, id: department.id, example: ExampleRecording(department: department))
    }

    /// Writes the text of a department's file. `example` is a first recording.
    func write(_ text: String, id: String, example: ExampleRecording?) throws(ToolFault) -> [String] {
        let file = "\(directory)/departments/\(id).yaml"
        let folder = "\(directory)/recordings/\(id)/cases.get/example"
        for path in [file, "\(directory)/departments/\(id).yml"] + (example == nil ? [] : ["\(directory)/recordings/\(id)"])
        where FileAccess.exists(path) {
            throw ToolFault("is there already, and is not replaced", file: path)
        }
        let snapshot = try checked(text, file)
        try FileAccess.makeDirectory("\(directory)/departments")
        try FileAccess.write(Array(text.utf8), to: file)
        var written = [file]
        let schema = "\(directory)/schema/department.schema.json"
        try FileAccess.makeDirectory("\(directory)/schema")
        let document = ConfigurationSchema.document(.department, operations: ContractFile.operations(in: directory))
        try FileAccess.write(JSONCodec.encode(document, indented: true) + [0x0A], to: schema, replacing: true)
        written.append(schema)
        guard let example else { return written }
        try FileAccess.makeDirectory(folder)
        try FileAccess.write(example.call, to: "\(folder)/call.json")
        try FileAccess.write(try example.reply(), to: "\(folder)/reply.http")
        let result = snapshot.map { RecordingRun($0, updates: true).run(Recording(folder: folder, name: folder)) }
        if let fault = result?.fault { throw ToolFault("the example does not come out: \(fault)") }
        return written + (["call.json", "reply.http"] + (result?.written ?? [])).map { "\(folder)/\($0)" }
    }

    /// The configuration with the new file; nil when the directory had errors of its own before.
    private func checked(_ text: String, _ file: String) throws(ToolFault) -> Snapshot? {
        let sources: RouteSources
        do throws(RouteDirectory.Fault) { sources = try RouteDirectory(path: directory).read() } catch {
            throw ToolFault(error.description, kind: .unreadable)
        }
        func compiled(_ departments: [RouteSources.Text]) -> LocalConfiguration {
            LocalConfiguration(
                sources: RouteSources(
                    directory: sources.directory, gateway: sources.gateway, consumers: sources.consumers, contract: sources.contract,
                    departments: departments, aggregations: sources.aggregations), secrets: .fixed([:]), standIns: true)
        }
        func errors(_ configuration: LocalConfiguration) -> [Problem] { configuration.problems.filter { $0.severity == .error } }
        let after = compiled((sources.departments + [RouteSources.Text(path: file, bytes: Array(text.utf8))]).sorted { $0.path < $1.path })
        if let snapshot = after.snapshot { return snapshot }
        let before = Set(errors(compiled(sources.departments)).map(\.description))
        let new = errors(after).filter { !before.contains($0.description) }
        guard new.isEmpty else { throw ToolFault("nothing was written: the routes directory would not be valid", problems: new) }
        return nil
    }
}
