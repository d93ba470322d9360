/// Lines of `NAME=value`: the demo secrets of a test system.
package enum SecretsFile {
    /// Reads one; empty lines and those that begin with `#` do not count.
    package static func read(_ path: String) throws(ToolFault) -> [String: String] {
        var values: [String: String] = [:]
        let text = String(decoding: try FileAccess.read(path), as: UTF8.self)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
                throw ToolFault("a line is NAME=value", file: path, line: index + 1)
            }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }
}
