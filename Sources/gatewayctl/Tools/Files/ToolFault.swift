package import Adapters
internal import GatewayCore

/// Why a tool cannot go on, for the person or the program that called it.
package struct ToolFault: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is: a closed set of words, which programs may rely on.
    package enum Kind: String, Sendable, CaseIterable {
        /// The command line is not understood.
        case usage
        /// A file cannot be read.
        case unreadable
        /// A file cannot be written.
        case unwritable
        /// The configuration or the contract has errors; `problems` lists them.
        case configuration
        /// No gateway answers on the socket.
        case unreachable
        /// The gateway answers, but not what was asked for.
        case gateway
        /// A call, a recording, a description or a choice that cannot be used.
        case input
    }

    /// What kind it is.
    package let kind: Kind
    /// The sentence, without the place.
    package let message: String
    /// The file that it is about, where there is one.
    package let file: String?
    /// The line in the file, from 1.
    package let line: Int?
    /// What is wrong in a configuration.
    package let problems: [Problem]

    /// Makes a fault.
    package init(_ message: String, kind: Kind = .input, file: String? = nil, line: Int? = nil) {
        self.kind = kind
        self.message = message
        self.file = file
        self.line = line
        problems = []
    }

    /// A configuration that has problems.
    package init(_ message: String, problems: [Problem]) {
        kind = .configuration
        self.message = message
        let first = problems.first { $0.severity == .error }?.place
        file = first?.file.path
        line = first?.line
        self.problems = problems
    }

    /// The fault as text: its place, the sentence, and the problems as `validate` prints them.
    package var description: String {
        guard problems.isEmpty else { return message + "\n" + problems.map(\.description).joined() }
        guard let file else { return message }
        return line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }

    /// `{"error": {kind, message, file, line, problems}}`: what every command prints that fails under `--output json`.
    package var value: Value {
        var error: Object = ["kind": .string(kind.rawValue), "message": .string(message)]
        if let file { error["file"] = .string(file) }
        if let line { error["line"] = .integer(Int64(line)) }
        if !problems.isEmpty { error["problems"] = .array(problems.map(ProblemReport.value)) }
        return ["error": .object(error)]
    }
}
