/// How a delimited text is written: what stands between cells and rows, and how a cell may hold such a thing itself.
public struct DelimitedDialect: Sendable, Hashable {
    /// What stands between two cells; never empty.
    public var separator: String
    /// What ends a row; nil writes CR LF and reads CR LF, LF and CR.
    public var rowEnd: String?
    /// The mark around a cell that holds a separator, a row's end or the mark itself; nil for none. One ASCII character.
    public var quote: Character?
    /// What stands before a character that is meant as itself; nil for none. One ASCII character.
    public var escape: Character?
    /// Whether the first row names the columns.
    public var hasHeader: Bool
    /// The columns' names; empty where the header names them.
    public var columns: [String]
    /// The columns of a row of its own that stands before all others, such as a status line; empty where there is none.
    public var first: [String] = []
    /// What a character behind the escape stands for, where it is not meant as itself: `n` for a line feed.
    public var escapes: [Unicode.Scalar: Unicode.Scalar] = [:]
    /// Columns of fixed widths, in place of separators; nil for none.
    public var widths: FixedWidths?

    /// Makes a dialect: commas, CR LF, double quotation marks that are doubled inside (RFC 4180), unless told otherwise.
    public init(
        separator: String = ",", rowEnd: String? = nil, quote: Character? = "\"", escape: Character? = nil, hasHeader: Bool = true,
        columns: [String] = []
    ) {
        self.separator = separator
        self.rowEnd = rowEnd
        self.quote = quote
        self.escape = escape
        self.hasHeader = hasHeader
        self.columns = columns
    }

    /// Why the dialect cannot be read back; nil when it can.
    public var contradiction: String? {
        let ends = rowEnds
        if separator.isEmpty || ends.contains(where: \.isEmpty) { return "the separator and the row's end must not be empty" }
        if ends.contains(where: { $0.hasPrefix(separator) || separator.hasPrefix($0) }) {
            return "the separator and the row's end begin with each other"
        }
        let marks = [quote, escape].compactMap { $0 }
        if marks.contains(where: { $0.utf8.count != 1 || $0 == "\n" || $0 == "\r" }) {
            return "'quote' and 'escape' are one ASCII character"
        }
        if quote != nil, quote == escape { return "a doubled quotation mark needs no 'escape'" }
        if marks.contains(where: { mark in ([separator] + ends).contains { $0.contains(mark) } }) {
            return "'quote' and 'escape' stand in the separator or the row's end"
        }
        if !hasHeader, columns.isEmpty { return "without a header row the columns must be named" }
        if escape == nil, !escapes.isEmpty { return "'escapes' needs an 'escape'" }
        if Set(escapes.values).count != escapes.count { return "two 'escapes' stand for one character" }
        let own = Set(marks.flatMap(\.unicodeScalars)).union(separator.unicodeScalars)
        if escapes.keys.contains(where: { own.contains($0) || !$0.isASCII }) {
            return "'escapes' stand behind the escape, and are other ASCII characters"
        }
        return Set(columns).count == columns.count && Set(first).count == first.count ? nil : "two columns have one name"
    }

    /// Everything that ends a row, the longest first.
    var rowEnds: [String] { rowEnd.map { [$0] } ?? ["\r\n", "\n", "\r"] }
}
