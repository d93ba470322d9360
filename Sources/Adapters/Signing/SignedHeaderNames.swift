import Glibc

/// The names in a list of signed header fields, as a request carries it.
enum SignedHeaderNames {
    /// How many names a list may have.
    static let most = 64

    /// The names of a list, sorted, in lower case and without the blanks that some lists have behind a comma; nothing between two separators
    /// is none. Nil where there are more than `most`.
    static func list(_ text: UnsafeBufferPointer<UInt8>, _ join: String) -> [String]? {
        if let known = Memory.local.withObject({ $0.names(of: text, join) }) { return known }
        var names = split(text, join)
        guard names.count <= most else { return nil }
        names.sort { UTF8Text.compare($0, $1) < 0 }
        Memory.local.withObject { $0.note(text, join, names) }
        return names
    }

    private static func split(_ text: UnsafeBufferPointer<UInt8>, _ join: String) -> [String] {
        var names: [String] = []
        UTF8Text.withBytes(of: join) { separator in
            var start = 0
            var at = 0
            while !separator.isEmpty, at &+ separator.count <= text.count {
                if text[at] == separator[0], text[at..<at + separator.count].elementsEqual(separator) {
                    append(text[start..<at], to: &names)
                    at &+= separator.count
                    start = at
                } else {
                    at &+= 1
                }
            }
            append(text[start...], to: &names)
        }
        return names
    }

    private static func append(_ name: Slice<UnsafeBufferPointer<UInt8>>, to names: inout [String]) {
        var bytes = name
        while bytes.first == 0x20 { bytes.removeFirst() }
        while bytes.last == 0x20 { bytes.removeLast() }
        guard !bytes.isEmpty else { return }
        names.append(String(decoding: bytes.map(ASCIICase.lower), as: UTF8.self))
    }

    /// The lists that this thread read last: a client sends the same one with every request.
    private final class Memory {
        private struct Entry {
            let text: [UInt8]
            let join: String
            let names: [String]
        }

        static let local = ThreadLocal { Memory() }
        /// How many lists are kept, and how long one may be, in bytes: whoever sends others pays for them alone.
        private static let (mostLists, mostBytes) = (8, 1024)

        private var entries = Recent<Entry>(most: mostLists)

        func names(of text: UnsafeBufferPointer<UInt8>, _ join: String) -> [String]? {
            guard let base = text.baseAddress else { return nil }
            for entry in entries.all
            where entry.text.count == text.count && memcmp(entry.text, base, text.count) == 0 && entry.join == join {
                return entry.names
            }
            return nil
        }

        func note(_ text: UnsafeBufferPointer<UInt8>, _ join: String, _ names: [String]) {
            guard text.count <= Memory.mostBytes else { return }
            entries.keep(Entry(text: Array(text), join: join, names: names))
        }
    }
}
