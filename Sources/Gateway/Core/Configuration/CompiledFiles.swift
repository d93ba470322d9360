internal import Adapters
internal import Synchronization

/// What was compiled before, so that a reload compiles only what has changed: of ten thousand departments that is mostly one.
///
/// What a department's file comes to depends on its text, on the contract's text, and on the secrets and files that it refers to. Where all
/// of them are what they were, so is the result, its warnings included. What has errors is not kept.
public final class CompiledFiles: Sendable {
    /// A department's file and what it was made of.
    private struct Entry {
        var text: RouteSources.Text
        let references: ReferenceReadings
        let problems: [Problem]
        let file: DepartmentFile
    }

    private struct Kept {
        var text: RouteSources.Text
        let problems: [Problem]
        let contract: Contract
        var files: [String: Entry] = [:]
    }

    private let kept = Mutex<Kept?>(nil)

    /// Nothing yet.
    public init() {}

    /// The contract of a text, with its problems; nil where it cannot be used. With another text than the one before, the departments'
    /// files are compiled anew too.
    func contract(_ text: RouteSources.Text, _ diagnostics: Diagnostics, compile: (Diagnostics) -> Contract?) -> Contract? {
        kept.withLock { kept in
            if let known = kept, known.text == text {
                known.problems.forEach(diagnostics.add)
                return known.contract
            }
            let found = Diagnostics()
            found.observer = diagnostics.observer
            let contract = compile(found)
            found.problems.forEach(diagnostics.add)
            kept = contract.flatMap { found.hasErrors ? nil : Kept(text: text, problems: found.problems, contract: $0) }
            return contract
        }
    }

    /// What a department's text comes to against a contract, with its problems; nil where it cannot be used.
    func department(
        _ text: RouteSources.Text, against contract: Contract, _ references: ReferenceReader, compile: (ReferenceReader) -> DepartmentFile?
    ) -> DepartmentFile? {
        kept.withLock { kept in
            // A contract that somebody else has compiled is not the one that the files were compiled against.
            guard kept?.contract.operations.first === contract.operations.first else { return compile(references) }
            if let known = kept?.files[text.path], known.text == text, references.finds(known.references) {
                // The equal text of the new configuration takes the place of the old one's: one copy is enough.
                kept?.files[text.path]?.text = text
                known.problems.forEach(references.diagnostics.add)
                return known.file
            }
            let (reader, notes) = references.noting()
            let file = compile(reader)
            let problems = reader.diagnostics.problems
            problems.forEach(references.diagnostics.add)
            kept?.files[text.path] = file.flatMap { file in
                reader.diagnostics.hasErrors ? nil : Entry(text: text, references: notes.readings, problems: problems, file: file)
            }
            return file
        }
    }

    /// Lets go of files that a configuration does not have any more.
    func retain(only sources: RouteSources) {
        kept.withLock { kept in
            guard let files = kept?.files, files.count > sources.departments.count else { return }
            let names = Set(sources.departments.map(\.path))
            kept?.files = files.filter { names.contains($0.key) }
        }
    }
}
