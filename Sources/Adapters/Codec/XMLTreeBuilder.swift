import CLibXML

/// Builds the value of a document from libxml2's events.
///
/// Everything that is not yet complete lies on three stacks: open elements, the text they have so far, and their attributes and finished
/// children. A child's part is above its parent's and gone before the parent gets more, so nothing is copied from frame to frame. Names come
/// from libxml2's dictionary, where equal names have one address, so siblings are told apart by pointer.
struct XMLTreeBuilder: ~Copyable {
    typealias Name = UnsafePointer<xmlChar>

    /// One open element: where its part of the stacks begins.
    private struct Frame {
        let name: Name
        let text: Int
        let attributes: Int
        let children: Int
        let namespaces: Int
        /// How many of the attributes are XML Schema's, such as `xsi:type`: they say of a text only what it is.
        let schemas: Int
        let isNull: Bool
    }

    /// One finished child.
    private struct Child {
        let name: Name
        let value: Value
    }

    /// How many namespace declarations may be in scope: libxml2 searches all of them for each prefix.
    private static let namespaceLimit = 256
    /// How many different names a document may use: libxml2's dictionary has a bounded number of buckets.
    private static let nameLimit = 20_000

    private var frames: [Frame] = []
    private var text = ByteSink()
    private var attributes: [Object.Field] = []
    private var children: [Child] = []
    private var namespacesInScope = 0
    private var undeclaredPrefixes = 0
    private var nodes = 0
    private var limits = DecodeLimits()
    private var names = XMLNames.local
    private var dictionary: xmlDictPtr?
    /// The finished document.
    private(set) var root: Value?
    /// The first thing that is wrong.
    private(set) var fault: CodecFault?

    mutating func begin(_ limits: DecodeLimits, _ names: XMLNames, _ dictionary: xmlDictPtr?) {
        self.limits = limits
        self.names = names
        self.dictionary = dictionary
        namespacesInScope = 0
        undeclaredPrefixes = 0
        nodes = 0
    }

    /// Forgets the document; gives the memory of a large one back.
    mutating func finish() {
        let isLarge = nodes > 4096
        frames.removeAll(keepingCapacity: true)
        attributes.removeAll(keepingCapacity: !isLarge)
        children.removeAll(keepingCapacity: !isLarge)
        if text.capacity > 1 << 18 { text = ByteSink() } else { text.truncate(to: 0) }
        root = nil
        fault = nil
    }

    /// Records the first fault.
    mutating func refuse(_ reason: String, at offset: Int?) {
        if fault == nil { fault = CodecFault(format: "XML", reason: reason, offset: offset) }
    }

    /// A prefix that nobody declared does no harm, but libxml2 composes a message for each. Answers why not to go on, if so.
    mutating func passUndeclaredPrefix() -> String? {
        undeclaredPrefixes += 1
        return undeclaredPrefixes > 10_000 ? "more than 10000 prefixes that are not declared" : nil
    }

    /// The name with the prefix that the configuration gives its namespace; from the same dictionary, so that equal names stay one address.
    private func qualified(_ name: Name, _ namespace: Name?) -> Name {
        guard !names.namespaces.isEmpty, let namespace, let prefix = names.prefix(of: namespace) else { return name }
        return xmlDictQLookup(dictionary, prefix, name) ?? name
    }

    /// An element begins; `known` is how many different names the dictionary has. Answers why not to go on, if so.
    mutating func start(
        _ name: Name, of namespace: Name?, namespaces: Int, attributes listed: UnsafeMutablePointer<Name?>?, count: Int, names known: Int
    ) -> String? {
        nodes += 1 + count
        if known > XMLTreeBuilder.nameLimit { return "the document uses more than \(XMLTreeBuilder.nameLimit) different names" }
        if nodes > limits.nodes { return "the document holds more than \(limits.nodes) elements and attributes" }
        if frames.count >= limits.enforcedDepth { return "elements nest deeper than \(limits.enforcedDepth)" }
        namespacesInScope += namespaces
        if namespacesInScope > XMLTreeBuilder.namespaceLimit {
            return "more than \(XMLTreeBuilder.namespaceLimit) namespace declarations in scope"
        }
        let first = attributes.count
        var isNull = false
        var schemas = 0
        if let listed {
            var hasPrefix = false
            for position in 0..<count where listed[5 * position + 1] != nil { hasPrefix = true }
            for position in 0..<count { add(listed + 5 * position, among: hasPrefix ? first : nil, &isNull, &schemas) }
        }
        frames.append(
            Frame(
                name: qualified(name, namespace), text: text.count, attributes: first, children: children.count, namespaces: namespaces,
                schemas: schemas, isNull: isNull))
        return nil
    }

    /// One attribute: local name, prefix, namespace, and where its value begins and ends. `first` is where the element's attributes begin, if
    /// some have a prefix, so that two may have one local name.
    private mutating func add(_ attribute: UnsafeMutablePointer<Name?>, among first: Int?, _ isNull: inout Bool, _ schemas: inout Int) {
        guard let name = attribute[0], let start = attribute[3], let end = attribute[4] else { return }
        let value = UnsafeBufferPointer(start: start, count: end - start)
        if let namespace = attribute[2], equal(namespace, "http://www.w3.org/2001/XMLSchema-instance") {
            if equal(name, "nil") {
                isNull = value.elementsEqual("true".utf8) || value.elementsEqual("1".utf8)
                return
            }
            schemas = schemas == .min ? .min : schemas + 1
        }
        let field = Object.Field(
            name: XMLTreeBuilder.label(of: qualified(name, attribute[2])), value: .string(UTF8Text.string(validated: value)))
        // Of two attributes that differ in their prefix only, the last stands.
        if let first, let known = attributes[first...].firstIndex(where: { $0.name == field.name }) {
            attributes[known] = field
            // What stands there now may be the department's own.
            schemas = .min
        } else {
            attributes.append(field)
        }
    }

    private static func label(of name: Name) -> String {
        let name = bytes(of: name)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count + 1) { label in
            label[0] = UInt8(ascii: "@")
            _ = UnsafeMutableBufferPointer(rebasing: label[1...]).update(fromContentsOf: name)
            return UTF8Text.string(validated: UnsafeBufferPointer(label))
        }
    }

    private func equal(_ name: Name, _ word: StaticString) -> Bool { xmlStrEqual(name, word.utf8Start) == 1 }

    private static func bytes(of name: Name) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: name, count: Int(xmlStrlen(name)))
    }

    /// Text, or a part of it. libxml2 gives none outside the root element.
    mutating func append(_ part: UnsafeBufferPointer<UInt8>) { text.append(part) }

    /// The innermost element ends.
    mutating func end() {
        guard fault == nil, let frame = frames.popLast() else { return }
        namespacesInScope -= frame.namespaces
        let value = value(of: frame)
        text.truncate(to: frame.text)
        if attributes.count > frame.attributes { attributes.removeLast(attributes.count - frame.attributes) }
        if children.count > frame.children { children.removeLast(children.count - frame.children) }
        if frames.isEmpty {
            var document = Object(capacity: 1)
            document.append(UTF8Text.string(validated: XMLTreeBuilder.bytes(of: frame.name)), value)
            root = .object(document)
        } else {
            children.append(Child(name: frame.name, value: value))
        }
    }

    /// The value of an element that is complete: its part is the top of the stacks.
    private borrowing func value(of frame: Frame) -> Value {
        if frame.isNull { return .null }
        let isLeaf = children.count == frame.children
        if isLeaf, attributes.count - frame.attributes == frame.schemas { return .string(text.string(from: frame.text)) }
        var object = Object(capacity: attributes.count - frame.attributes + min(children.count - frame.children, 32) + 1)
        for position in frame.attributes..<attributes.count { object.append(attributes[position].name, attributes[position].value) }
        if !isLeaf { XMLTreeBuilder.group(children[frame.children...], into: &object) }
        let counts = isLeaf ? text.count > frame.text : text.contains(from: frame.text) { !XMLText.isSpace($0) }
        if counts { object.append("#text", .string(text.string(from: frame.text))) }
        return .object(object)
    }

    /// Appends children, those of one name as one array in the place of the first.
    private static func group(_ children: ArraySlice<Child>, into object: inout Object) {
        // Few children are compared with each other, many are sorted into an index.
        if children.count > 24 { return groupMany(children, into: &object) }
        for position in children.indices {
            let name = children[position].name
            var isRepeated = false
            for earlier in children.startIndex..<position where children[earlier].name == name { isRepeated = true }
            if isRepeated { continue }
            var values: [Value] = []
            for later in (position + 1)..<max(children.endIndex, position + 1) where children[later].name == name {
                if values.isEmpty { values.append(children[position].value) }
                values.append(children[later].value)
            }
            let value = values.isEmpty ? children[position].value : .array(values)
            object.append(UTF8Text.string(validated: bytes(of: name)), value)
        }
    }

    private static func groupMany(_ children: ArraySlice<Child>, into object: inout Object) {
        var positions: [Name: Int] = [:]
        var groups: [(name: Name, values: [Value])] = []
        for child in children {
            if let last = groups.indices.last, groups[last].name == child.name {
                groups[last].values.append(child.value)
            } else if let known = positions[child.name] {
                groups[known].values.append(child.value)
            } else {
                positions[child.name] = groups.count
                groups.append((child.name, [child.value]))
            }
        }
        for (name, values) in groups {
            let value: Value = if values.count == 1, let only = values.first { only } else { .array(values) }
            object.append(UTF8Text.string(validated: bytes(of: name)), value)
        }
    }
}
