/// A document inside a field of the reply.
struct UnwrapRule: Sendable {
    /// Where the text stands.
    let at: PathReference
    /// What the text is wrapped in, innermost first.
    let layers: [Wrapping]
    /// How what is inside becomes a tree; its charset matters only for bytes.
    let reader: DocumentReader
    /// The way to the text, when the document takes its place; nil when it becomes the new `$`.
    let place: [JSONPath.Selector]?
    /// The document is opened only when this holds of what was read so far; with `@` of the object that the text stands in.
    let condition: Predicate?

    /// The tree with the document unwrapped; what stood at the root besides the reply is kept there.
    func apply(to tree: Value, _ roots: ReplyRoots, _ secrets: Secrets) throws(AdapterFault) -> Value {
        let asksForItem = condition?.asksForItem == true
        if let condition, !asksForItem, !condition.holds(on: tree) { return tree }
        if let place {
            return try replacing(at: place[...], in: tree) { text, holder throws(AdapterFault) in
                if asksForItem, let condition, !condition.holds(on: tree, current: holder) { return text }
                return try replaced(text, secrets)
            }
        }
        let found = at.first(in: tree)
        guard let text = found?.scalarText, !text.isEmpty else { throw misfit(found == nil ? "nothing there" : "no text") }
        return roots.added(to: try decoded(text, secrets))
    }

    private func decoded(_ text: String, _ secrets: Secrets) throws(AdapterFault) -> Value {
        var document = WrappedDocument.text(text)
        do throws(UnwrapFault) {
            for layer in layers.reversed() { document = try layer.unwrap(document, secrets) }
        } catch {
            switch error {
            case .unreadable(let fault): throw misfit(fault.description)
            case .own(let fault): throw fault
            }
        }
        do throws(CodecFault) {
            switch document {
            case .text(let text): return try reader.tree(text: text)
            case .bytes(let bytes): return try reader.tree(bytes)
            }
        } catch { throw misfit(error.description) }
    }

    private func misfit(_ found: String) -> AdapterFault {
        at.origin.misfit(.reply, rule: "type", expected: "\(reader.format.title) as a text", found: found)
    }

    /// The tree with every text at the place replaced by its document. A single value counts as a list of one; nothing there is no fault.
    /// `made` is given each text and the object that it stands in.
    private func replacing(
        at way: ArraySlice<JSONPath.Selector>, in tree: Value, holder: Value = .null,
        _ made: (Value, Value) throws(AdapterFault) -> Value
    ) throws(AdapterFault) -> Value {
        guard let step = way.first else { return try made(tree, holder) }
        let rest = way.dropFirst()
        switch (step, tree) {
        case (.wildcard, .array(var items)):
            for position in items.indices { items[position] = try replacing(at: rest, in: items[position], holder: holder, made) }
            return .array(items)
        case (.wildcard, .null): return tree
        case (.wildcard, _): return try replacing(at: rest, in: tree, holder: holder, made)
        case (.index(let index), .array(var items)):
            guard let position = JSONPath.position(of: index, count: items.count) else { return tree }
            items[position] = try replacing(at: rest, in: items[position], holder: holder, made)
            return .array(items)
        case (.name(let name), .object(var object)):
            guard let inner = object[name.text] else { return tree }
            object[name.text] = try replacing(at: rest, in: inner, holder: tree, made)
            return .object(object)
        default: return tree
        }
    }

    private func replaced(_ value: Value, _ secrets: Secrets) throws(AdapterFault) -> Value {
        if value.isEmpty { return value }
        if case .array(let items) = value {
            var made: [Value] = []
            for item in items { made.append(try replaced(item, secrets)) }
            return .array(made)
        }
        guard let text = value.scalarText else { throw misfit("no text") }
        return try decoded(text, secrets)
    }
}

extension PathReference {
    /// The steps, when the path is made of names, indexes and `[*]` only, so that what it names can be replaced.
    var place: [JSONPath.Selector]? {
        var steps: [JSONPath.Selector] = []
        for segment in segments {
            guard !segment.isDescendant, segment.selectors.count == 1, let step = segment.selectors.first else { return nil }
            switch step {
            case .name, .wildcard, .index: steps.append(step)
            case .slice, .filter: return nil
            }
        }
        return steps
    }
}
