internal import Adapters
internal import GatewayCore

/// One file that differs, with the lines that do.
package struct FileDifference: Sendable {
    /// A line that came or went.
    package struct Line: Sendable, Hashable {
        /// Whether it came.
        package let isNew: Bool
        /// Its one-based number in the file that it stands in.
        package let number: Int
        /// The line, masked.
        package let text: String
    }

    /// The file's name below the routes directory.
    package let name: String
    /// What happened to it.
    package let change: ConfigurationDiff.Change
    /// The lines of a file that changed, in order; none for one that came or went.
    package let changed: [Line]

    /// Every file that differs.
    static func all(_ old: RouteSources, _ new: RouteSources) -> [FileDifference] {
        let (before, after) = (old.named, new.named)
        return Set(before.keys).union(after.keys).sorted().compactMap { name in
            switch (before[name], after[name]) {
            case (let left?, let right?):
                guard left != right else { return nil }
                return FileDifference(name: name, change: .changed, changed: lines(left, right))
            case (nil, _?): return FileDifference(name: name, change: .added, changed: [])
            default: return FileDifference(name: name, change: .removed, changed: [])
            }
        }
    }

    private static func lines(_ old: [UInt8], _ new: [UInt8]) -> [Line] {
        func split(_ bytes: [UInt8]) -> [String] {
            String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        let (left, right) = (split(old), split(new))
        let difference = right.difference(from: left)
        var removed: [Int: String] = [:]
        var added: [Int: String] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, let text, _): removed[offset] = text
            case .insert(let offset, let text, _): added[offset] = text
            }
        }
        var lines: [Line] = []
        var (from, to) = (0, 0)
        while from < left.count || to < right.count {
            if let text = removed[from] {
                lines.append(Line(isNew: false, number: from + 1, text: shown(text)))
                from += 1
            } else if let text = added[to] {
                lines.append(Line(isNew: true, number: to + 1, text: shown(text)))
                to += 1
            } else {
                (from, to) = (from + 1, to + 1)
            }
        }
        return lines
    }

    /// A line without citizens' numbers, and of a key's digest only its beginning.
    private static func shown(_ text: String) -> String {
        Masking.text(text).replacing(/sha256:([0-9a-f]{8})[0-9a-f]+/) { "sha256:\($0.1)…" }
    }

    /// For a person.
    var lines: [String] {
        switch change {
        case .added: return ["\(name) is new"]
        case .removed: return ["\(name) is gone"]
        case .changed:
            let shown = changed.prefix(200).map { line in
                let number = String(line.number)
                return "  \(line.isNew ? "+" : "-")\(String(repeating: " ", count: max(1, 5 - number.count)))\(number) | \(line.text)"
            }
            return [name] + shown + (changed.count > 200 ? ["  … and \(changed.count - 200) more lines"] : [])
        }
    }

    /// For programs.
    var value: Value {
        [
            "name": .string(name), "change": .string(change.rawValue),
            "lines": .array(
                changed.map { line in
                    ["new": .bool(line.isNew), "number": .integer(Int64(line.number)), "text": .string(line.text)]
                }),
        ]
    }
}
