import CLibXML
import Glibc

/// One thread's libxml2 parser, used again for each document. It reads UTF-8 that lies in memory and nothing else: no file, no network, no
/// DTD. All that libxml2 has to say comes to the handlers; nothing is printed.
final class XMLReader {
    /// What the handlers see, at an address of its own so that C can hold it.
    private struct Session: ~Copyable {
        var context: xmlParserCtxtPtr?
        var builder = XMLTreeBuilder()
        /// What the document's texts were taken into, and whether it is read without them.
        var skeleton = XMLSkeleton()
        var isSkeleton = false

        /// Text, or a part of it.
        mutating func append(_ part: UnsafeBufferPointer<UInt8>) {
            guard isSkeleton else { return builder.append(part) }
            skeleton.give(part, to: &builder)
        }

        /// How far the parser has come.
        var offset: Int? {
            guard let input = context?.pointee.input, let base = input.pointee.base, let current = input.pointee.cur else { return nil }
            return current - base
        }

        /// Records the first fault and ends the parse at the next step. libxml2's own `xmlStopParser` would free the input, which its
        /// callers further up still look at.
        mutating func stop(_ reason: String) {
            builder.refuse(reason, at: offset)
            context?.pointee.disableSAX = 1
            context?.pointee.wellFormed = 0
            context?.pointee.instate = XML_PARSER_EOF
        }
    }

    private let session: UnsafeMutablePointer<Session>
    private let handlers = XMLReader.makeHandlers()

    /// libxml2 must be initialised once, before the first parser, by one thread.
    private static let isReady: Bool = {
        xmlInitParser()
        return true
    }()

    init() {
        session = .allocate(capacity: 1)
        session.initialize(to: Session())
    }

    deinit {
        xmlFreeParserCtxt(session.pointee.context)
        session.deinitialize(count: 1)
        session.deallocate()
    }

    /// Reads a document. `bytes` are UTF-8, without a byte order mark, and a zero byte follows the last of them.
    func read(
        zeroTerminated bytes: UnsafeBufferPointer<UInt8>, limits: DecodeLimits, names: XMLNames
    ) throws(CodecFault) -> Value {
        let scan = XMLScan(bytes: bytes)
        try scan.check()
        guard !bytes.isEmpty else { throw CodecFault(format: "XML", reason: "the document is empty", offset: 0) }
        if let root = withoutTexts(scan, limits, names) { return root }
        return try parse(bytes, limits, names)
    }

    /// Reads a document whose texts are taken out first; nil where that says nothing of it.
    private func withoutTexts(_ scan: XMLScan, _ limits: DecodeLimits, _ names: XMLNames) -> Value? {
        defer { session.pointee.skeleton.finish() }
        guard let markup = session.pointee.skeleton.take(scan) else { return nil }
        session.pointee.isSkeleton = true
        defer { session.pointee.isSkeleton = false }
        let root = try? parse(markup, limits, names)
        return session.pointee.skeleton.isComplete ? root : nil
    }

    private func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, _ limits: DecodeLimits, _ names: XMLNames
    ) throws(CodecFault) -> Value {
        guard let base = bytes.baseAddress, XMLReader.isReady, let context = prepared(), let input = xmlNewInputStream(context) else {
            throw CodecFault(format: "XML", reason: "no memory to read the document")
        }
        input.pointee.base = base
        input.pointee.cur = base
        input.pointee.end = base + bytes.count
        input.pointee.length = CInt(truncatingIfNeeded: bytes.count)
        session.pointee.builder.begin(limits, names, context.pointee.dict)
        inputPush(context, input)
        xmlParseDocument(context)
        if context.pointee.wellFormed == 0 { session.pointee.stop("the document is not well-formed") }
        let root = session.pointee.builder.root
        let fault = session.pointee.builder.fault
        reset(after: bytes.count)
        if let fault { throw fault }
        guard let root else { throw CodecFault(format: "XML", reason: "the document has no element", offset: bytes.count) }
        return root
    }

    private func prepared() -> xmlParserCtxtPtr? {
        if let context = session.pointee.context { return context }
        guard let new = xmlNewParserCtxt() else { return nil }
        session.pointee.context = new
        return configure(new) ? new : nil
    }

    /// Sets what `xmlCtxtReset` takes away.
    private func configure(_ context: xmlParserCtxtPtr) -> Bool {
        // NOENT makes `&amp;` in an attribute one character; without a DTD there are no other entities.
        let options =
            XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_NOERROR.rawValue
            | XML_PARSE_NOWARNING.rawValue | XML_PARSE_HUGE.rawValue
        xmlCtxtUseOptions(context, CInt(bitPattern: options))
        guard let sax = context.pointee.sax else { return false }
        sax.pointee = handlers
        context.pointee.userData = UnsafeMutableRawPointer(session)
        // A known encoding keeps libxml2 from guessing one by the first bytes.
        context.pointee.encoding = UnsafePointer(xmlStrdup("UTF-8"))
        context.pointee.charset = CInt(XML_CHAR_ENCODING_UTF8.rawValue)
        return context.pointee.encoding != nil
    }

    /// Makes the parser ready for the next document. After a large one a new parser is cheaper than the memory that this one holds.
    private func reset(after count: Int) {
        session.pointee.builder.finish()
        guard let context = session.pointee.context else { return }
        if count <= 1 << 18, xmlDictSize(context.pointee.dict) < 4096 {
            xmlCtxtReset(context)
            context.pointee.nsNr = 0
            if configure(context) { return }
        }
        xmlFreeParserCtxt(context)
        session.pointee.context = nil
    }

    private static func of(_ user: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Session> { user.assumingMemoryBound(to: Session.self) }

    private static func makeHandlers() -> xmlSAXHandler {
        var handlers = xmlSAXHandler()
        handlers.initialized = XML_SAX2_MAGIC
        handlers.startElementNs = { user, name, _, namespace, namespaces, _, count, _, attributes in
            guard let user, let name else { return }
            let session = XMLReader.of(user)
            let names = Int(xmlDictSize(session.pointee.context?.pointee.dict))
            let refusal = session.pointee.builder.start(
                name, of: namespace, namespaces: Int(namespaces), attributes: attributes, count: Int(count), names: names)
            if let refusal { session.pointee.stop(refusal) }
        }
        handlers.endElementNs = { user, _, _, _ in
            guard let user else { return }
            XMLReader.of(user).pointee.builder.end()
        }
        handlers.characters = { user, text, length in
            guard let user else { return }
            XMLReader.of(user).pointee.append(UnsafeBufferPointer(start: text, count: Int(length)))
        }
        handlers.ignorableWhitespace = handlers.characters
        handlers.cdataBlock = handlers.characters
        handlers.internalSubset = { user, _, _, _ in
            guard let user else { return }
            XMLReader.of(user).pointee.stop("a DOCTYPE is not allowed")
        }
        handlers.serror = { user, error in
            guard let user, let error = error?.pointee, error.level != XML_ERR_WARNING else { return }
            let code = xmlParserErrors(rawValue: UInt32(bitPattern: error.code))
            // Namespaces are dropped, so a prefix that nobody declared and a namespace that is no URI do no harm.
            if code == XML_WAR_NS_URI { return }
            let session = XMLReader.of(user)
            let isPrefix = code == XML_NS_ERR_UNDEFINED_NAMESPACE
            let refusal = isPrefix ? session.pointee.builder.passUndeclaredPrefix() : XMLReader.reason(code)
            if let refusal { session.pointee.stop(refusal) }
        }
        return handlers
    }

    /// libxml2's own messages quote the document; these do not.
    private static func reason(_ code: xmlParserErrors) -> String {
        switch code {
        case XML_ERR_DOCUMENT_EMPTY, XML_ERR_DOCUMENT_START: "the document does not begin with an element"
        case XML_ERR_DOCUMENT_END: "something follows the document's element"
        case XML_ERR_TAG_NAME_MISMATCH: "an end tag does not match its start tag"
        case XML_ERR_TAG_NOT_FINISHED: "the document ends within an element"
        case XML_ERR_GT_REQUIRED: "a tag is not closed with >"
        case XML_ERR_LTSLASH_REQUIRED: "an end tag is expected here"
        case XML_ERR_NAME_REQUIRED: "a name is expected here"
        case XML_ERR_ATTRIBUTE_NOT_STARTED: "an attribute's value must stand in quotation marks"
        case XML_ERR_ATTRIBUTE_NOT_FINISHED: "an attribute's value does not end"
        case XML_ERR_ATTRIBUTE_WITHOUT_VALUE: "an attribute has no value"
        case XML_ERR_ATTRIBUTE_REDEFINED, XML_NS_ERR_ATTRIBUTE_REDEFINED: "an attribute stands twice"
        case XML_ERR_LT_IN_ATTRIBUTE: "< in an attribute's value must be escaped"
        case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY: "an entity that XML does not define"
        case XML_ERR_ENTITYREF_SEMICOL_MISSING, XML_ERR_ENTITYREF_NO_NAME: "& must be escaped"
        case XML_ERR_INVALID_CHARREF, XML_ERR_INVALID_HEX_CHARREF, XML_ERR_INVALID_DEC_CHARREF: "not a character reference"
        case XML_ERR_INVALID_CHAR: "a character that XML does not allow"
        case XML_ERR_SPACE_REQUIRED: "white space is expected here"
        case XML_ERR_CDATA_NOT_FINISHED: "a CDATA section does not end"
        case XML_ERR_MISPLACED_CDATA_END: "]]> must not stand in text"
        case XML_ERR_COMMENT_NOT_FINISHED: "a comment does not end"
        case XML_ERR_HYPHEN_IN_COMMENT: "-- must not stand in a comment"
        case XML_ERR_PI_NOT_FINISHED, XML_ERR_PI_NOT_STARTED: "a processing instruction does not end"
        case XML_ERR_RESERVED_XML_NAME: "an XML declaration may stand at the very beginning only"
        case XML_ERR_XMLDECL_NOT_STARTED, XML_ERR_XMLDECL_NOT_FINISHED, XML_ERR_VERSION_MISSING, XML_ERR_UNKNOWN_VERSION,
            XML_ERR_STANDALONE_VALUE, XML_ERR_ENCODING_NAME, XML_ERR_STRING_NOT_STARTED, XML_ERR_STRING_NOT_CLOSED,
            XML_ERR_EQUAL_REQUIRED:
            "the XML declaration is not well-formed"
        case XML_ERR_NO_MEMORY: "no memory to read the document"
        default: "the document is not well-formed (libxml2 error \(code.rawValue))"
        }
    }
}
