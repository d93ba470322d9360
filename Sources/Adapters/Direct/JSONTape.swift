import CSimdjson

/// A JSON text as a flat list of its values in the order of the text, without a string or a list made for any of them.
///
/// Only plain texts have one: everything that `JSONCodec` would refuse, and everything that it would change in a way a tape cannot show
/// (a name that stands twice, a name with an escape), has none and is `JSONCodec`'s to read. Reused from text to text.
final class JSONTape {
    /// What a node is.
    enum Kind: UInt8 {
        case null, yes, no
        /// A whole number of at most eighteen digits, written as JSON writes it back.
        case integer
        /// Any other number.
        case number
        /// A text; its bytes are what stands between the quotation marks.
        case text
        /// A text with escapes.
        case escaped
        case array
        case object
    }

    /// One value, or the name of one.
    struct Node {
        var kind: Kind
        /// The first byte; of a text the first behind its quotation mark.
        var start: UInt32
        /// The byte behind the last; of a text its closing quotation mark.
        var end: UInt32
        /// The node behind this one and all inside it.
        var next: UInt32
    }

    private let indexer: OpaquePointer?
    private var nodes: UnsafeMutablePointer<Node>
    private var capacity: Int
    /// The places of the plan that reads the tape, kept here so that no reply makes them anew.
    private var places: UnsafeMutablePointer<JSONPlace>
    private var placeCapacity = 16
    /// Room for an answer; empty while it is lent.
    private var sink = ByteSink(capacity: 4096)

    init() {
        indexer = csimdjson_indexer_new()
        capacity = 512
        nodes = .allocate(capacity: capacity)
        places = .allocate(capacity: placeCapacity)
    }

    deinit {
        csimdjson_indexer_free(indexer)
        nodes.deallocate()
        places.deallocate()
    }

    /// Reads a text; nil when it has no tape. `bytes` must outlive the use of what comes back; `close` ends it.
    func open(_ bytes: UnsafeBufferPointer<UInt8>, limits: DecodeLimits = .init()) -> JSONNodes? {
        var offsets: UnsafePointer<UInt32>?
        var tokens = 0
        guard let indexer, let base = bytes.baseAddress, bytes.count <= limits.bytes, bytes.count < UInt32.max,
            Int(csimdjson_index(indexer, base, bytes.count, &offsets, &tokens)) == CSIMDJSON_OK, let offsets, tokens > 0,
            tokens <= limits.nodes
        else { return nil }
        if tokens > capacity {
            nodes.deallocate()
            capacity = tokens
            nodes = .allocate(capacity: capacity)
        }
        let found = JSONNodes(nodes: nodes, base: base, length: bytes.count)
        var reader = JSONTapeReader(into: found, tokens: UnsafeBufferPointer(start: offsets, count: tokens), depth: limits.enforcedDepth)
        return reader.read() ? found : nil
    }

    /// Room for the places of a plan, valid until the next call.
    func room(forPlaces count: Int) -> UnsafeMutablePointer<JSONPlace> {
        if count > placeCapacity {
            places.deallocate()
            placeCapacity = count
            places = .allocate(capacity: count)
        }
        return places
    }

    /// Lends the room for an answer.
    func takeSink() -> ByteSink {
        var lent = ByteSink(capacity: 0)
        swap(&lent, &sink)
        lent.truncate(to: 0)
        lent.reserve(1024)
        return lent
    }

    /// Takes the room back, unless it has grown large.
    func keep(_ lent: consuming ByteSink) { if lent.capacity <= 262_144 { sink = lent } }

    /// Gives back what texts above 256 KiB needed.
    func close() {
        csimdjson_indexer_trim(indexer, 256 * 1024)
        guard capacity > 65_536 else { return }
        nodes.deallocate()
        capacity = 512
        nodes = .allocate(capacity: capacity)
    }
}

/// A node that paths begin at, and where the last search in it ended; -1 for one that is not there.
struct JSONPlace {
    var node: Int
    var hint: Int
}
