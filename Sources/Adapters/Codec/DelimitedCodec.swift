/// Delimited text ⇄ a list of objects, one for each row.
public enum DelimitedCodec {
    /// Reads rows. The row before all others may have fewer cells than it has columns: a failure's has often less to say than a success's.
    /// Any other row with more or fewer cells than there are columns, a quotation mark that does not end, and a header that lacks a
    /// column of the dialect are faults. Empty rows of several columns are skipped. Offsets count the text's UTF-8 bytes. Widths count the
    /// bytes of `charset`.
    public static func decode(
        _ text: String, _ dialect: DelimitedDialect, charset: Charset = .utf8, limits: DecodeLimits = .init()
    ) throws(CodecFault) -> Value {
        if let widths = dialect.widths {
            return try FixedWidthsCodec(widths, rowEnds: dialect.rowEnds, charset: charset).decode(text, limits)
        }
        var reader = DelimitedReader(text, dialect, limits)
        var rows: [Value] = []
        if !dialect.first.isEmpty {
            guard let cells = try reader.row(columns: dialect.first.count, atMost: true) else { return .array([]) }
            rows.append(row(dialect.first, cells))
        }
        let columns: [String]
        if dialect.hasHeader {
            guard let header = try reader.row(columns: nil) else { return .array(rows) }
            columns = try checked(header, dialect)
        } else {
            columns = dialect.columns
        }
        while let cells = try reader.row(columns: columns.count) { rows.append(row(columns, cells)) }
        return .array(rows)
    }

    private static func row(_ columns: [String], _ cells: [String]) -> Value {
        var row = Object(capacity: columns.count)
        for (name, cell) in zip(columns, cells) { row.append(name, .string(cell)) }
        return .object(row)
    }

    private static func checked(_ header: [String], _ dialect: DelimitedDialect) throws(CodecFault) -> [String] {
        guard Set(header).count == header.count else { throw fault("two columns have one name") }
        if let missing = dialect.columns.first(where: { !header.contains($0) }) {
            throw fault("the header has no column '\(missing)'")
        }
        return header
    }

    /// Writes rows; `columns` orders the cells where the dialect does not. A field that is not there is an empty cell. A value that the
    /// dialect has no way to write, and a list or an object in a cell, are faults.
    public static func encode(
        _ rows: [Object], _ dialect: DelimitedDialect, columns: [String], charset: Charset = .utf8
    ) throws(CodecFault) -> String {
        if let widths = dialect.widths {
            return try FixedWidthsCodec(widths, rowEnds: dialect.rowEnds, charset: charset).encode(rows, rowEnd: dialect.rowEnd ?? "\r\n")
        }
        let columns = dialect.columns.isEmpty ? columns : dialect.columns
        let writer = DelimitedWriter(dialect)
        var out = ""
        if dialect.hasHeader { try writer.append(columns, to: &out) }
        for row in rows {
            var cells: [String] = []
            for column in columns {
                let value = row[column] ?? .null
                if case .null = value {
                    cells.append("")
                } else if let text = value.scalarText {
                    cells.append(text)
                } else {
                    throw fault("a cell holds a list or an object")
                }
            }
            try writer.append(cells, to: &out)
        }
        return out
    }

    static func fault(_ reason: String, _ offset: Int? = nil) -> CodecFault {
        CodecFault(format: "delimited text", reason: reason, offset: offset)
    }
}

/// Writes cells so that a reader of the dialect finds the same.
private struct DelimitedWriter {
    private let dialect: DelimitedDialect
    private let rowEnd: String
    private let ends: [[UInt8]]
    private let special: Set<Unicode.Scalar>
    /// What is written behind the escape in place of a character.
    private let escapes: [Unicode.Scalar: Unicode.Scalar]

    init(_ dialect: DelimitedDialect) {
        self.dialect = dialect
        rowEnd = dialect.rowEnd ?? "\r\n"
        ends = ([dialect.separator] + dialect.rowEnds).map { Array($0.utf8) }
        var special = Set((dialect.separator + rowEnd + "\r\n").unicodeScalars)
        for mark in [dialect.quote, dialect.escape].compactMap({ $0 }) { special.formUnion(mark.unicodeScalars) }
        escapes = Dictionary(dialect.escapes.map { ($0.value, $0.key) }) { first, _ in first }
        self.special = special.union(escapes.keys)
    }

    func append(_ cells: [String], to out: inout String) throws(CodecFault) {
        for (position, cell) in cells.enumerated() {
            if position > 0 { out += dialect.separator }
            out += try written(cell)
        }
        out += rowEnd
    }

    private func written(_ cell: String) throws(CodecFault) -> String {
        // A byte order mark at the beginning of the text would be taken for one.
        let isPlain = !cell.unicodeScalars.contains { special.contains($0) } && cell.unicodeScalars.first != "\u{FEFF}"
        if isPlain { return cell }
        if let quote = dialect.quote {
            let inner = marked(cell, by: dialect.escape ?? quote, before: dialect.escape.map { [quote, $0] } ?? [quote])
            return "\(quote)\(inner)\(quote)"
        }
        if let escape = dialect.escape {
            var out = String.UnicodeScalarView()
            for scalar in cell.unicodeScalars {
                if special.contains(scalar) { out.append(contentsOf: escape.unicodeScalars) }
                out.append(escapes[scalar] ?? scalar)
            }
            return String(out)
        }
        guard isWhole(cell), cell.unicodeScalars.first != "\u{FEFF}" else {
            throw DelimitedCodec.fault("a value holds the separator or a row's end, and there is neither 'quote' nor 'escape'")
        }
        return cell
    }

    private func marked(_ cell: String, by mark: Character, before marks: [Character]) -> String {
        var out = String.UnicodeScalarView()
        let wanted = Set(marks.flatMap(\.unicodeScalars)).union(escapes.keys)
        for scalar in cell.unicodeScalars {
            if wanted.contains(scalar) { out.append(contentsOf: mark.unicodeScalars) }
            out.append(escapes[scalar] ?? scalar)
        }
        return String(out)
    }

    /// Whether a reader finds the cell's end where it is, whatever follows the cell.
    private func isWhole(_ cell: String) -> Bool {
        let bytes = Array(cell.utf8)
        return ends.allSatisfy { end in
            let all = bytes + end
            return bytes.indices.allSatisfy { at in !ends.contains { all[at...].starts(with: $0) } }
        }
    }
}
