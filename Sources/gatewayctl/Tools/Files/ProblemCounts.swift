package import Adapters

/// How many errors and warnings there are, in words.
package struct ProblemCounts {
    /// How many make a configuration unusable.
    package let errors: Int
    /// How many do not.
    package let warnings: Int
    private let first: Place?

    /// Counts problems.
    package init(_ problems: [Problem]) {
        errors = problems.count { $0.severity == .error }
        warnings = problems.count - errors
        first = problems.first { $0.severity == .error }?.place
    }

    /// `1 error, 20 warnings`, and where to look first.
    package var text: String {
        func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
        let place = first.map { " (the first at \($0.file.path):\($0.line):\($0.column))" } ?? ""
        return errors == 0 ? counted(warnings, "warning") : "\(counted(errors, "error"))\(place), \(counted(warnings, "warning"))"
    }
}
