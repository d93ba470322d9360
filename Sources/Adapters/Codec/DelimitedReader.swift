/// Reads the rows of a delimited text, one after the other.
struct DelimitedReader {
    private let bytes: [UInt8]
    private let separator: [UInt8]
    private let rowEnds: [[UInt8]]
    private let quote: UInt8?
    private let escape: UInt8?
    /// What a byte behind the escape stands for, where it is not meant as itself.
    private let escapes: [UInt8: [UInt8]]
    private let limits: DecodeLimits
    private var at: Int
    private var cellCount = 0
    private var rowCount = 0
    /// Whether a separator or a row's end can begin with a byte.
    private let begins: [Bool]

    init(_ text: String, _ dialect: DelimitedDialect, _ limits: DecodeLimits) {
        bytes = Array(text.utf8)
        separator = Array(dialect.separator.utf8)
        rowEnds = dialect.rowEnds.map { Array($0.utf8) }
        quote = dialect.quote?.asciiValue
        escape = dialect.escape?.asciiValue
        escapes = Dictionary(dialect.escapes.map { (UInt8(truncatingIfNeeded: $0.key.value), Array(String($0.value).utf8)) }) { first, _ in
            first
        }
        self.limits = limits
        var begins = [Bool](repeating: false, count: 256)
        for word in rowEnds + [separator] { if let first = word.first { begins[Int(first)] = true } }
        self.begins = begins
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The cells of the next row; nil at the end. `columns` is how many there must be, nil for any number; with `atMost` there may be fewer.
    mutating func row(columns: Int?, atMost: Bool = false) throws(CodecFault) -> [String]? {
        try limits.checkLength(bytes.count, format: "delimited text")
        while at < bytes.count {
            let start = at
            let cells = try cells()
            rowCount += 1
            // A row that is nothing but its end.
            if cells.count == 1, cells[0].isEmpty, columns != 1 { continue }
            if let columns, atMost ? cells.count > columns : cells.count != columns {
                throw DelimitedCodec.fault("row \(rowCount) has \(cells.count) cells, and there are \(columns) columns", start)
            }
            return cells
        }
        return nil
    }

    private mutating func cells() throws(CodecFault) -> [String] {
        var row: [String] = []
        while true {
            cellCount += 1
            guard cellCount <= limits.nodes else { throw DelimitedCodec.fault("the text holds more than \(limits.nodes) cells", at) }
            row.append(try cell())
            if skip(separator) { continue }
            skipRowEnd()
            return row
        }
    }

    private mutating func cell() throws(CodecFault) -> String {
        if let quote, at < bytes.count, bytes[at] == quote { return try quoted(quote) }
        var cell: [UInt8] = []
        while at < bytes.count {
            if bytes[at] == escape {
                try copyEscaped(into: &cell)
            } else if isAtEndOfCell {
                break
            } else {
                cell.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: cell, as: UTF8.self)
    }

    private mutating func quoted(_ quote: UInt8) throws(CodecFault) -> String {
        let start = at
        at += 1
        var cell: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            if byte == escape {
                try copyEscaped(into: &cell)
            } else if byte == quote, escape == nil, at + 1 < bytes.count, bytes[at + 1] == quote {
                cell.append(quote)
                at += 2
            } else if byte == quote {
                at += 1
                guard at == bytes.count || isAtEndOfCell else {
                    throw DelimitedCodec.fault("something follows a closing quotation mark", at)
                }
                return String(decoding: cell, as: UTF8.self)
            } else {
                cell.append(byte)
                at += 1
            }
        }
        throw DelimitedCodec.fault("a quotation mark is not closed", start)
    }

    private mutating func copyEscaped(into cell: inout [UInt8]) throws(CodecFault) {
        guard at + 1 < bytes.count else { throw DelimitedCodec.fault("the text ends behind the escape character", at) }
        if let meant = escapes[bytes[at + 1]] { cell += meant } else { cell.append(bytes[at + 1]) }
        at += 2
    }

    private var isAtEndOfCell: Bool { begins[Int(bytes[at])] && (holds(separator) || rowEnds.contains { holds($0) }) }

    private func holds(_ word: [UInt8]) -> Bool { bytes[at...].starts(with: word) }

    private mutating func skip(_ word: [UInt8]) -> Bool {
        guard at < bytes.count, holds(word) else { return false }
        at += word.count
        return true
    }

    private mutating func skipRowEnd() {
        for end in rowEnds where skip(end) { return }
    }
}
