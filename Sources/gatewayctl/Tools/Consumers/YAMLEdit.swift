package import Adapters

/// A YAML text that is changed where it stands: nothing else moves, comments and order stay. Places are those of the text as it was read, so
/// one edit is made for each reading; whoever edits reads the result again and compares it with what was meant.
package struct YAMLEdit {
    private var lines: [String]
    private let lineEnd: String

    /// A text.
    package init(_ text: String) {
        lineEnd = text.utf8.contains(0x0D) ? "\r" : ""
        // By bytes: to Swift a CR and the LF behind it are one character.
        lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// The text as it stands now.
    package var text: String { lines.joined(separator: "\n") }

    // MARK: Changes

    /// Adds an item, written in one line, at the end of a list; false when it cannot be done.
    package mutating func append(item: String, to list: Node) -> Bool {
        let place = list.place
        if scalar(at: place) == "[" {
            guard let end = closing(from: place) else { return false }
            return insert(list.items?.isEmpty == false ? ", " + item : item, line: end.line, column: end.column)
        }
        guard scalar(at: place) == "-" else { return false }
        let last = lastLine(from: place.line, deeperThan: place.column - 1, including: "-")
        return insert(line: String(repeating: " ", count: place.column - 1) + "- " + item, after: last)
    }

    /// Adds entries, written as lines without their common indentation, at the end of a mapping; `flow` is the same in one line.
    package mutating func append(lines added: [String], flow: String, to mapping: Node) -> Bool {
        guard let first = mapping.entries?.first else { return false }
        if let open = opening(before: first.place) {
            guard let end = closing(from: open) else { return false }
            return insert(", " + flow, line: end.line, column: end.column, trimming: true)
        }
        let indent = first.place.column - 1
        var last = lastLine(from: first.place.line, deeperThan: indent - 1, including: nil)
        for line in added {
            guard insert(line: line.isEmpty ? "" : String(repeating: " ", count: indent) + line, after: last) else { return false }
            last += 1
        }
        return true
    }

    /// Replaces a value that stands in one line.
    package mutating func replace(_ value: Node, by text: String) -> Bool {
        let (index, column) = (value.place.line - 1, value.place.column - 1)
        guard lines.indices.contains(index) else { return false }
        var scalars = Array(lines[index].unicodeScalars)
        guard column >= 0, column + value.place.length <= scalars.count else { return false }
        scalars.replaceSubrange(column..<column + value.place.length, with: text.unicodeScalars)
        lines[index] = String(String.UnicodeScalarView(scalars))
        return true
    }

    /// Replaces a pair of braces with nothing between them by lines.
    package mutating func replaceEmpty(_ mapping: Node, by text: String) -> Bool {
        guard scalar(at: mapping.place) == "{", let end = closing(from: mapping.place), end.line == mapping.place.line else { return false }
        var scalars = Array(lines[end.line - 1].unicodeScalars)
        let start = mapping.place.column - 1
        scalars.replaceSubrange(start..<end.column, with: text.unicodeScalars)
        lines[end.line - 1] = String(String.UnicodeScalarView(scalars)).replacing(" \n", with: "\n")
        return true
    }

    /// Adds an entry behind the last one of a mapping whose last value is a scalar.
    package mutating func append(key: String, value: String, to mapping: Node) -> Bool {
        guard let first = mapping.entries?.first, let last = mapping.entries?.last, case .scalar = last.value.content else { return false }
        if opening(before: first.place) != nil {
            let place = last.value.place
            return insert(", \(key): \(value)", line: place.line, column: place.column + place.length)
        }
        return insert(line: String(repeating: " ", count: first.place.column - 1) + "\(key): \(value)", after: last.value.place.line)
    }

    // MARK: Places

    private func scalar(at place: Place) -> Unicode.Scalar? { scalar(place.line, place.column) }

    private func scalar(_ line: Int, _ column: Int) -> Unicode.Scalar? {
        guard lines.indices.contains(line - 1) else { return nil }
        let scalars = lines[line - 1].unicodeScalars
        guard column >= 1, let index = scalars.index(scalars.startIndex, offsetBy: column - 1, limitedBy: scalars.endIndex),
            index < scalars.endIndex
        else { return nil }
        return scalars[index]
    }

    /// The brace before the first key of a mapping in braces; nil for a mapping in lines of its own.
    private func opening(before place: Place) -> Place? {
        var (line, column) = (place.line, place.column - 1)
        while line >= 1 {
            while column >= 1 {
                switch scalar(line, column) {
                case " ", "\t": column -= 1
                case "{": return Place(file: place.file, line: line, column: column)
                default: return nil
                }
            }
            line -= 1
            // A comment behind the brace would have to be read from its beginning.
            guard lines.indices.contains(line - 1), !lines[line - 1].contains("#") else { return nil }
            column = lines[line - 1].unicodeScalars.count
        }
        return nil
    }

    /// The bracket or brace that closes the one at a place; quoted texts and comments are passed over.
    private func closing(from place: Place) -> (line: Int, column: Int)? {
        var depth = 0
        var quote: Unicode.Scalar?
        for number in place.line...max(place.line, lines.count) {
            let scalars = Array(lines[number - 1].unicodeScalars)
            var index = number == place.line ? place.column - 1 : 0
            while index < scalars.count {
                let one = scalars[index]
                if let open = quote {
                    if one == "\\", open == "\"" { index += 1 } else if one == open { quote = nil }
                } else {
                    switch one {
                    case "\"", "'": quote = one
                    case "[", "{": depth += 1
                    case "]", "}":
                        depth -= 1
                        if depth == 0 { return (number, index + 1) }
                    case "#" where index == 0 || scalars[index - 1] == " ": index = scalars.count
                    default: break
                    }
                }
                index += 1
            }
        }
        return nil
    }

    /// The last line of what begins at a line: lines that are empty or a comment do not end it, and do not lengthen it.
    private func lastLine(from line: Int, deeperThan indent: Int, including marker: Unicode.Scalar?) -> Int {
        var last = line
        for number in line + 1..<max(line + 1, lines.count + 1) {
            let text = lines[number - 1]
            let rest = text.drop { $0 == " " }
            guard let first = rest.unicodeScalars.first, first != "#", first != "\r" else { continue }
            let own = text.count - rest.count
            guard own > indent || (marker != nil && own == indent && first == marker) else { break }
            last = number
        }
        return last
    }

    private mutating func insert(line: String, after number: Int) -> Bool {
        guard number >= 1, number <= lines.count else { return false }
        lines.insert(line + lineEnd, at: number)
        return true
    }

    private mutating func insert(_ text: String, line: Int, column: Int, trimming: Bool = false) -> Bool {
        guard lines.indices.contains(line - 1) else { return false }
        var scalars = Array(lines[line - 1].unicodeScalars)
        guard column >= 1, column - 1 <= scalars.count else { return false }
        var at = column - 1
        // `{ a: 1 }` has a blank before its brace, which stays behind what is added.
        while trimming, at > 0, scalars[at - 1] == " " { at -= 1 }
        if !trimming, at > 0, scalars.indices.contains(at), scalars[at] == "]" {
            while at > 0, scalars[at - 1] == " " { at -= 1 }
        }
        scalars.insert(contentsOf: text.unicodeScalars, at: at)
        lines[line - 1] = String(String.UnicodeScalarView(scalars))
        return true
    }
}
