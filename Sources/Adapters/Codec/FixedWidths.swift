/// Text in columns of fixed widths: how wide each is, and what fills it.
public struct FixedWidths: Sendable, Hashable {
    /// One column.
    public struct Column: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// How wide it is, at least 1.
        public let width: Int
        /// The ASCII character that fills it.
        public let fill: Unicode.Scalar
        /// Whether it is filled on the left, as numbers are.
        public let fillsLeft: Bool

        /// Makes a column, filled with blanks on the right unless told otherwise.
        public init(_ name: String, width: Int, fill: Unicode.Scalar = " ", fillsLeft: Bool = false) {
            self.name = name
            self.width = width
            self.fill = fill
            self.fillsLeft = fillsLeft
        }
    }

    /// The columns of every row.
    public var rows: [Column]
    /// Those of a row of its own before all others; empty where there is none.
    public var first: [Column] = []
    /// Those of a row of its own behind all others; empty where there is none.
    public var last: [Column] = []
    /// Whether widths count characters; otherwise they count the bytes of the charset, in which an ideograph of GBK has two.
    public var countsCharacters = false

    /// Makes a layout.
    public init(_ rows: [Column]) { self.rows = rows }
}

/// Text of fixed widths ⇄ a list of objects, one for each row.
struct FixedWidthsCodec {
    private let widths: FixedWidths
    private let rowEnds: [String]
    private let charset: Charset

    init(_ widths: FixedWidths, rowEnds: [String], charset: Charset) {
        self.widths = widths
        // Nothing would end a row everywhere, and reading would never get on.
        self.rowEnds = rowEnds.filter { !$0.isEmpty }
        // GBK and GB2312 are read as GB18030, which contains them; what they lack is refused when the text becomes bytes.
        self.charset = ["GBK", "GB2312"].contains(charset.name) ? .gb18030 : charset
    }

    // MARK: Reading

    /// The rows of a text. One that is neither as long as its columns nor lacks blanks at its end only, and a character that stands across two
    /// columns, are faults. Empty rows are skipped.
    func decode(_ text: String, _ limits: DecodeLimits) throws(CodecFault) -> Value {
        try limits.checkLength(text.utf8.count, format: "delimited text")
        let lines = lines(of: text)
        var rows: [Value] = []
        var cells = 0
        for (index, line) in lines.enumerated() {
            let columns =
                index == 0 && !widths.first.isEmpty
                ? widths.first : index == lines.count - 1 && !widths.last.isEmpty ? widths.last : widths.rows
            cells += columns.count
            guard cells <= limits.nodes else { throw DelimitedCodec.fault("the text holds more than \(limits.nodes) cells") }
            rows.append(.object(try row(line, columns, number: index + 1)))
        }
        return .array(rows)
    }

    private func lines(of text: String) -> [Substring.UnicodeScalarView] {
        let scalars = text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
        var lines: [Substring.UnicodeScalarView] = []
        var start = scalars.startIndex
        var at = start
        let ends = rowEnds.map { Array($0.unicodeScalars) }
        while at < scalars.endIndex {
            guard let end = ends.first(where: { scalars[at...].starts(with: $0) }) else {
                at = scalars.index(after: at)
                continue
            }
            if at > start { lines.append(scalars[start..<at]) }
            at = scalars.index(at, offsetBy: end.count)
            start = at
        }
        if start < scalars.endIndex { lines.append(scalars[start...]) }
        return lines
    }

    private func row(_ line: Substring.UnicodeScalarView, _ columns: [FixedWidths.Column], number: Int) throws(CodecFault) -> Object {
        var row = Object(capacity: columns.count)
        var rest = line
        for (position, column) in columns.enumerated() {
            var cell = String.UnicodeScalarView()
            var width = 0
            while width < column.width, let scalar = rest.first {
                width += try size(scalar)
                guard width <= column.width else {
                    throw DelimitedCodec.fault("in row \(number) a character stands across the end of the column '\(column.name)'")
                }
                cell.append(scalar)
                rest.removeFirst()
            }
            // Blanks at a row's end are often cut off.
            let mayEnd = columns[position...].allSatisfy { $0.fill == " " && !$0.fillsLeft }
            guard width == column.width || mayEnd else {
                throw DelimitedCodec.fault("row \(number) ends in the column '\(column.name)', \(column.width - width) too early")
            }
            row.append(column.name, .string(FixedWidthsCodec.content(cell, column)))
        }
        guard rest.allSatisfy({ $0 == " " }) else {
            throw DelimitedCodec.fault("row \(number) is longer than its columns, which are \(columns.reduce(0) { $0 + $1.width }) wide")
        }
        return row
    }

    /// How much of a width a character takes.
    private func size(_ scalar: Unicode.Scalar) throws(CodecFault) -> Int {
        if scalar.isASCII || widths.countsCharacters { return 1 }
        return try charset.encode(String(scalar)).count
    }

    /// A cell without what fills it; of a number all zeros are one.
    private static func content(_ cell: String.UnicodeScalarView, _ column: FixedWidths.Column) -> String {
        var rest = cell[...]
        if column.fillsLeft {
            // A sign stands before the zeros.
            if column.fill == "0", let sign = rest.first, sign == "-" || sign == "+" {
                rest.removeFirst()
                while rest.first == "0", rest.count > 1 { rest.removeFirst() }
                return (sign == "-" ? "-" : "") + String(rest)
            }
            while rest.first == column.fill { rest.removeFirst() }
            let isBare = rest.isEmpty || rest.first == "."
            if column.fill == "0", isBare, cell.first == "0" { return "0" + String(rest) }
        } else {
            while rest.last == column.fill { rest.removeLast() }
        }
        return String(rest)
    }

    // MARK: Writing

    /// The text of rows. A value that is wider than its column, or holds a control character, is a fault, and so is a list or an object.
    func encode(_ rows: [Object], rowEnd: String) throws(CodecFault) -> String {
        var out = String.UnicodeScalarView()
        for row in rows {
            var line = String.UnicodeScalarView()
            for column in widths.rows { try append(row[column.name] ?? .null, column, to: &line) }
            guard !rowEnds.contains(where: { !line.ranges(of: $0.unicodeScalars).isEmpty }) else {
                throw DelimitedCodec.fault("a value holds what ends a row")
            }
            out.append(contentsOf: line)
            out.append(contentsOf: rowEnd.unicodeScalars)
        }
        return String(out)
    }

    private func append(_ value: Value, _ column: FixedWidths.Column, to out: inout String.UnicodeScalarView) throws(CodecFault) {
        let text: String
        if case .null = value {
            text = ""
        } else if let scalar = value.scalarText {
            text = scalar
        } else {
            throw DelimitedCodec.fault("a cell holds a list or an object")
        }
        var width = 0
        for scalar in text.unicodeScalars {
            guard scalar.value >= 0x20, scalar.value != 0x7F else {
                throw DelimitedCodec.fault("the value of '\(column.name)' holds a control character")
            }
            width += try size(scalar)
        }
        guard width <= column.width else {
            throw DelimitedCodec.fault("the value of '\(column.name)' is \(width) wide, and its column \(column.width)")
        }
        let filling = repeatElement(column.fill, count: column.width - width)
        var scalars = text.unicodeScalars[...]
        if column.fillsLeft, column.fill == "0", scalars.first == "-" || scalars.first == "+", let sign = scalars.popFirst() {
            out.append(sign)
        }
        if column.fillsLeft { out.append(contentsOf: filling) }
        out.append(contentsOf: scalars)
        if !column.fillsLeft { out.append(contentsOf: filling) }
    }
}
