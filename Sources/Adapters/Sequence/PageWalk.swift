/// How a department gives a long list, where one call may not be enough.
struct PageRules: Sendable {
    /// How many entries it gives at once at most; nil where it does not say.
    var largest: Int64?
    /// Where its next piece begins, for a department that knows no page numbers; without a value there is none.
    var cursor: ValueRule?

    /// One call gives every page.
    static let none = PageRules()

    /// Why a page cannot be had: at a department that goes on from piece to piece it lies behind all calls that are made for one.
    func refusal(of input: Value) -> AdapterFault? {
        guard cursor != nil else { return nil }
        let (page, size) = PagingWord.asked(by: input)
        let reach = (largest ?? size) * Int64(PageWalk.callLimit)
        return page * size > reach ? PageRules.unreachable(reach) : nil
    }

    /// What is said of a page behind what all calls give.
    static func unreachable(_ reach: Int64) -> AdapterFault {
        let error = FieldError(field: "query:page", rule: "maximum", message: "pages are there up to the entry \(reach)")
        return AdapterFault(.invalidField, "the department gives its list piece by piece, and not so far", errors: [error])
    }
}

/// A page that one call of the department's does not give, asked for in several, one after the other: it is larger than the department gives
/// at once, or the department goes on from piece to piece. Pure: whoever makes the calls asks with `input` and hands each answer to `take`.
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
    /// Where the department goes on; nil where it knows page numbers.
    private var cursor: String?
    /// Where it went on before.
    private var cursors: Set<String> = []
    /// Whether as much as the calls give is an answer, and who asked is told how much that is.
    private let takesPart: Bool
    private var first: Object?

    /// What the cursor is called in a call and in an answer on their way: no name of the contract's.
    static let cursorName = "paging cursor"

    /// A walk through the pages of a department that gives `largest` entries at once; nil where a call fits into one. One `byCursor` always
    /// begins at the beginning.
    init?(_ largest: Int64?, input: Value, byCursor: Bool = false, takesPart: Bool = false) {
        guard case .object(let asked) = input else { return nil }
        let (page, size) = PagingWord.asked(by: input)
        if byCursor { cursor = "" } else if size <= largest ?? size { return nil }
        let largest = largest ?? size
        self.asked = asked
        self.takesPart = takesPart
        self.page = page
        self.size = size
        self.largest = largest
        let before = (page - 1) * size
        next = byCursor ? 1 : before / largest + 1
        skipped = Int(byCursor ? before : before % largest)
    }

    /// The request of the next call.
    public var input: Value {
        var object = asked
        object["page"] = .integer(next)
        object["size"] = .integer(largest)
        if let cursor { object[PageWalk.cursorName] = .string(cursor) }
        return .object(object)
    }

    /// Takes the answer to the last call, not typed yet; the whole answer when nothing more is to be asked.
    ///
    /// - Throws: UPSTREAM_BAD_REPLY where a department sends its list in circles, INVALID_FIELD where its pieces are too small for the page.
    public mutating func take(_ answer: Value) throws(AdapterFault) -> Value? {
        guard let object = answer.object, let more = object["items"]?.array else {
            if cursor != nil { return last(answer) }
            // Nothing behind the last page is no list either; anything else is for whoever types the answer.
            let isEnd = calls > 0 && (answer["total"]?.scalarText).flatMap { Int64($0) } == 0
            return isEnd ? whole : answer
        }
        calls += 1
        if first == nil { first = object }
        total = object["total"] ?? total
        items += more
        if cursor != nil { return try goOn(object[PageWalk.cursorName]?.scalarText ?? "") ? nil : whole }
        let reached = (next - 1) * largest + Int64(more.count)
        let isAll = (total?.scalarText).flatMap { Int64($0) }.map { reached >= $0 } ?? false
        next += 1
        let isOver =
            Int64(more.count) < largest || isAll || items.count >= skipped + Int(size) || calls == PageWalk.callLimit
        return isOver ? whole : nil
    }

    /// What an answer without a list means where the department goes on from piece to piece: behind the first, and going nowhere, it is the end.
    private mutating func last(_ answer: Value) -> Value {
        guard calls == 0 || answer[PageWalk.cursorName]?.isEmpty == false else {
            cursor = ""
            return whole
        }
        guard case .object(var object) = answer else { return answer }
        object[PageWalk.cursorName] = nil
        return .object(object)
    }

    /// Whether another piece is asked for, which begins at `place`; the department's last piece has none.
    private mutating func goOn(_ place: String) throws(AdapterFault) -> Bool {
        cursor = place
        next += 1
        guard !place.isEmpty, items.count < skipped + Int(size) else { return false }
        guard cursors.insert(place).inserted else {
            throw AdapterFault(.upstreamBadReply, "the department's list goes in circles: it goes on where it went on before")
        }
        guard calls == PageWalk.callLimit else { return true }
        if takesPart { return false }
        throw PageRules.unreachable(Int64(items.count))
    }

    /// The whole answer where a later call came to nothing: some departments do not find what stands behind their last page.
    public func ended(by fault: AdapterFault) -> Value? { calls > 0 && fault.code == .notFound ? whole : nil }

    /// The page as far as it was asked for.
    public var whole: Value {
        var object = first ?? Object()
        object["items"] = .array(Array(items.dropFirst(skipped).prefix(Int(size))))
        object[PageWalk.cursorName] = nil
        if let total {
            object["total"] = total
        } else if let cursor {
            // Nobody counts: it is what was seen, and one more where there is more.
            object["total"] = .integer(Int64(items.count + (cursor.isEmpty ? 0 : 1)))
        }
        object["page"] = .integer(page)
        object["size"] = .integer(size)
        return .object(object)
    }
}
