internal import Glibc

/// Why no case number can be given.
public enum LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another process, or another ledger of this one, has the file.
    case inUse(path: String)
    /// The system refused an operation on the file.
    case system(operation: String, path: String, reason: String)
    /// A line that is not the last does not hold what was written to it.
    case corrupt(path: String, line: Int)
    /// An earlier write to the file failed in a way that leaves its content unknown, or the ledger was closed.
    case closed(path: String)
    /// An item code that is not 31 digits or capital letters.
    case invalidItemCode
    /// A day that is not `yyyyMMdd` of a date from 1970 to 9999.
    case invalidDay
    /// A day whose numbers were dropped from the file: the clock has stepped back by more than a month.
    case forgottenDay(String)
    /// An item has used up all serials of a day.
    case exhausted

    static func system(_ operation: String, _ path: String, _ number: Int32) -> LedgerError {
        .system(operation: operation, path: path, reason: String(cString: strerror(number)))
    }

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .inUse(let path): "the case number ledger '\(path)' is in use by another gateway; each needs a file of its own"
        case .system(let operation, let path, let reason): "cannot \(operation) '\(path)': \(reason)"
        case .corrupt(let path, let line):
            "line \(line) of the case number ledger '\(path)' is damaged; restore the file, for with a line missing a number could be given twice"
        case .closed(let path):
            "the case number ledger '\(path)' is closed after a failed write; restart the gateway when the disk is sound"
        case .invalidItemCode: "an item code is 31 digits and capital letters"
        case .invalidDay: "a day is a date as yyyyMMdd"
        case .forgottenDay(let day): "the case numbers of \(day) are no longer on record; check the clock"
        case .exhausted: "the item has used up the case numbers of the day"
        }
    }
}
