import CLibXML

/// Builds the value of a document from libxml2's events.
///
/// Names come from libxml2's dictionary, where equal names have one address, so siblings are told apart by pointer. The frames of closed
/// elements are kept and used again.
final class XMLTreeBuilder {
    typealias Name = UnsafePointer<xmlChar>

    /// All children of one name, in the place of the first.
    private struct Child {
        let name: Name
        let first: Value
        var more: [Value] = []
    }

    /// One open element.
    private struct Frame {
        var name: Name
        var isNull = false
        var attributes: [Object.Field] = []
        var text: [UInt8] = []
        var children: [Child] = []
        /// Where each name stands in `children`; built when there are many.
        var positions: [Name: Int] = [:]

        mutating func open(_ name: Name) {
            self.name = name
            isNull = false
            attributes.removeAll(keepingCapacity: true)
            text.removeAll(keepingCapacity: true)
            children.removeAll(keepingCapacity: true)
            if !positions.isEmpty { positions.removeAll() }
        }
    }

    /// How many namespace declarations may be in scope: libxml2 searches all of them for each prefix.
    private static let namespaceLimit = 256
    private static let searchedUpTo = 16

    private var frames: [Frame] = []
    private var open = 0
    private var namespaces: [Int] = []
    private var namespacesInScope = 0
    private var nodes = 0
    private var limits = DecodeLimits()
    /// The finished document.
    private(set) var root: Value?
    /// The first thing that is wrong.
    private(set) var fault: CodecFault?

    func begin(_ limits: DecodeLimits) {
        self.limits = limits
        open = 0
        namespaces.removeAll(keepingCapacity: true)
        namespacesInScope = 0
        nodes = 0
        root = nil
        fault = nil
    }

    /// Forgets the document; gives the memory of a large one back.
    func finish() {
        root = nil
        if nodes > 4096 || frames.count > 64 { frames = [] }
        for position in frames.indices where frames[position].text.capacity > 1 << 16 { frames[position].text = [] }
    }

    /// Records the first fault.
    func refuse(_ reason: String, at offset: Int?) {
        if fault == nil { fault = CodecFault(format: "XML", reason: reason, offset: offset) }
    }

    /// An element begins. Answers why not to go on, if so.
    func start(_ name: Name, namespaces declared: Int, attributes: UnsafeMutablePointer<Name?>?, count attributeCount: Int) -> String? {
        nodes += 1 + attributeCount
        if nodes > limits.nodes { return "the document holds more than \(limits.nodes) elements and attributes" }
        if open >= limits.enforcedDepth { return "elements nest deeper than \(limits.enforcedDepth)" }
        namespacesInScope += declared
        if namespacesInScope > XMLTreeBuilder.namespaceLimit {
            return "more than \(XMLTreeBuilder.namespaceLimit) namespace declarations in scope"
        }
        namespaces.append(declared)
        if open == frames.count { frames.append(Frame(name: name)) }
        frames[open].open(name)
        if let attributes {
            for position in 0..<attributeCount { add(attributes + 5 * position) }
        }
        open += 1
        return nil
    }

    /// One attribute: local name, prefix, namespace, and where its value begins and ends.
    private func add(_ attribute: UnsafeMutablePointer<Name?>) {
        guard let name = attribute[0], let start = attribute[3], let end = attribute[4] else { return }
        let value = UnsafeBufferPointer(start: start, count: end - start)
        if let namespace = attribute[2], equal(name, "nil"), equal(namespace, "http://www.w3.org/2001/XMLSchema-instance") {
            frames[open].isNull = value.elementsEqual("true".utf8) || value.elementsEqual("1".utf8)
            return
        }
        let label = XMLTreeBuilder.label(of: name)
        let field = Object.Field(name: label, value: .string(UTF8Text.string(validated: value)))
        // Two attributes that differ in their prefix only: the last stands.
        if attribute[1] != nil, let known = frames[open].attributes.firstIndex(where: { $0.name == label }) {
            frames[open].attributes[known] = field
        } else {
            frames[open].attributes.append(field)
        }
    }

    private static func label(of name: Name) -> String {
        let length = xmlStrlen(name)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(length) + 1) { label in
            label[0] = UInt8(ascii: "@")
            _ = UnsafeMutableBufferPointer(rebasing: label[1...]).update(fromContentsOf: UnsafeBufferPointer(start: name, count: Int(length)))
            return UTF8Text.string(validated: UnsafeBufferPointer(label))
        }
    }

    private func equal(_ name: Name, _ word: StaticString) -> Bool { xmlStrEqual(name, word.utf8Start) == 1 }

    /// Text, or a part of it.
    func append(_ text: UnsafeBufferPointer<UInt8>) {
        guard open > 0 else { return }
        frames[open - 1].text.append(contentsOf: text)
    }

    /// The innermost element ends.
    func end() {
        guard open > 0, fault == nil else { return }
        open -= 1
        namespacesInScope -= namespaces.popLast() ?? 0
        let name = frames[open].name
        let value = closed(open)
        if open == 0 {
            var document = Object(capacity: 1)
            document.append(XMLTreeBuilder.string(name), value)
            root = .object(document)
        } else {
            add(name, value, to: open - 1)
        }
    }

    private func add(_ name: Name, _ value: Value, to parent: Int) {
        let count = frames[parent].children.count
        if count > 0, frames[parent].children[count - 1].name == name {
            frames[parent].children[count - 1].more.append(value)
            return
        }
        let known: Int?
        if count <= XMLTreeBuilder.searchedUpTo {
            known = frames[parent].children.firstIndex { $0.name == name }
        } else {
            if frames[parent].positions.isEmpty {
                for position in 0..<count { frames[parent].positions[frames[parent].children[position].name] = position }
            }
            known = frames[parent].positions[name]
        }
        if let known {
            frames[parent].children[known].more.append(value)
        } else {
            frames[parent].children.append(Child(name: name, first: value))
            if !frames[parent].positions.isEmpty { frames[parent].positions[name] = count }
        }
    }

    /// The value of an element that is complete.
    private func closed(_ position: Int) -> Value {
        if frames[position].isNull { return .null }
        let children = frames[position].children.count
        let isLeaf = children == 0
        if isLeaf, frames[position].attributes.isEmpty { return .string(text(position)) }
        var object = Object(capacity: frames[position].attributes.count + children + 1)
        for field in frames[position].attributes { object.append(field.name, field.value) }
        for child in frames[position].children {
            object.append(XMLTreeBuilder.string(child.name), child.more.isEmpty ? child.first : .array([child.first] + child.more))
        }
        let counts = isLeaf ? !frames[position].text.isEmpty : frames[position].text.contains { !XMLText.isSpace($0) }
        if counts { object.append("#text", .string(text(position))) }
        return .object(object)
    }

    private func text(_ position: Int) -> String {
        frames[position].text.withUnsafeBufferPointer { UTF8Text.string(validated: $0) }
    }

    private static func string(_ name: Name) -> String {
        UTF8Text.string(validated: UnsafeBufferPointer(start: name, count: Int(xmlStrlen(name))))
    }
}
