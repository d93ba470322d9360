/// A page that is larger than a department gives at once, asked for in several calls, one after the other. Pure: whoever makes the calls
/// asks with `input` and hands each answer to `take`.
public struct PageWalk: Sendable {
    /// How many calls are made at most: enough for the largest page of the contract (100) at a department that gives ten at once,
    /// wherever that page begins.
    public static let callLimit = 12

    private let asked: Object
    private let page: Int64
    private let size: Int64
    private let largest: Int64
    /// The department's page that is asked for next, from 1.
    private var next: Int64
    /// How many entries stand in the first of the department's pages before the caller's page begins.
    private let skipped: Int
    private var calls = 0
    private var items: [Value] = []
    private var total: Value?
    private var first: Object?

    /// A walk through the pages of a department that gives `largest` entries at once; nil where a call fits into one.
    init?(_ largest: Int64?, input: Value) {
        guard let largest, case .object(let asked) = input else { return nil }
        let (page, size) = PagingWord.asked(by: input)
        guard size > largest else { return nil }
        self.asked = asked
        self.page = page
        self.size = size
        self.largest = largest
        let (whole, rest) = ((page - 1) * size).quotientAndRemainder(dividingBy: largest)
        next = whole + 1
        skipped = Int(rest)
    }

    /// The request of the next call.
    public var input: Value {
        var object = asked
        object["page"] = .integer(next)
        object["size"] = .integer(largest)
        return .object(object)
    }

    /// Takes the answer to the last call, not typed yet; the whole answer when nothing more is to be asked.
    public mutating func take(_ answer: Value) -> Value? {
        guard let object = answer.object, let more = object["items"]?.array else {
            // Nothing behind the last page is no list either; anything else is for whoever types the answer.
            let isEnd = calls > 0 && (answer["total"]?.scalarText).flatMap { Int64($0) } == 0
            return isEnd ? whole : answer
        }
        calls += 1
        if first == nil { first = object }
        total = object["total"] ?? total
        items += more
        let reached = (next - 1) * largest + Int64(more.count)
        let isAll = (total?.scalarText).flatMap { Int64($0) }.map { reached >= $0 } ?? false
        next += 1
        let isOver =
            Int64(more.count) < largest || isAll || items.count >= skipped + Int(size) || calls == PageWalk.callLimit
        return isOver ? whole : nil
    }

    /// The whole answer where a later call came to nothing: some departments do not find what stands behind their last page.
    public func ended(by fault: AdapterFault) -> Value? { calls > 0 && fault.code == .notFound ? whole : nil }

    /// The page as far as it was asked for.
    public var whole: Value {
        var object = first ?? Object()
        object["items"] = .array(Array(items.dropFirst(skipped).prefix(Int(size))))
        if let total { object["total"] = total }
        object["page"] = .integer(page)
        object["size"] = .integer(size)
        return .object(object)
    }
}
