/// What was kept last, so many at most: the oldest makes room for the newest.
struct Recent<Element> {
    /// What is kept, in no order.
    private(set) var all: [Element] = []
    private var oldest = 0
    private let most: Int

    /// Nothing yet, of at most `most`, which is at least one.
    init(most: Int) { self.most = max(1, most) }

    /// Keeps one more; gives what made room for it.
    @discardableResult
    mutating func keep(_ element: Element) -> Element? {
        guard all.count >= most else {
            all.append(element)
            return nil
        }
        let gone = all[oldest]
        all[oldest] = element
        oldest = (oldest + 1) % most
        return gone
    }
}
