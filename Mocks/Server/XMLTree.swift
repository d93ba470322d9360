internal import Foundation
internal import FoundationXML

/// One element of an XML document, read with namespaces.
final class XMLTree {
    /// The local name.
    let name: String
    /// The namespace; empty for none.
    let namespace: String
    /// The child elements in order.
    fileprivate(set) var children: [XMLTree] = []
    /// The text directly inside, CDATA included.
    fileprivate(set) var text = ""

    fileprivate init(name: String, namespace: String) {
        self.name = name
        self.namespace = namespace
    }

    /// Reads a document from UTF-8 bytes; nil where it is not well-formed.
    static func parse(_ bytes: [UInt8]) -> XMLTree? {
        let parser = XMLParser(data: Data(bytes))
        let reader = Reader()
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        return parser.parse() ? reader.root : nil
    }

    /// Text for an element's content.
    static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\r": out += "&#13;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var root: XMLTree?
        private var open: [XMLTree] = []

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
            attributes attributeDict: [String: String]
        ) {
            let element = XMLTree(name: elementName, namespace: namespaceURI ?? "")
            if let parent = open.last { parent.children.append(element) } else { root = element }
            open.append(element)
        }

        func parser(_ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?) {
            _ = open.popLast()
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }

        func parser(_ parser: XMLParser, foundCDATA CDATABlock: Data) { open.last?.text += String(decoding: CDATABlock, as: UTF8.self) }
    }
}
