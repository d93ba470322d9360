/// Finds the route of a request by host, path and method. Immutable; the cost follows the path's segments, not the number
/// of routes.
public struct RouteTable: Sendable {
    /// What one route answers to.
    public struct Entry: Sendable {
        /// Hosts without port, lower case; `*` is any.
        public let hosts: [String]
        /// The path.
        public let pattern: PathPattern
        /// Method names; empty is any.
        public let methods: [String]
        /// The route's index in the snapshot.
        public let route: Int

        /// Makes an entry.
        public init(hosts: [String], pattern: PathPattern, methods: [String], route: Int) {
            self.hosts = hosts
            self.pattern = pattern
            self.methods = methods
            self.route = route
        }
    }

    /// The parameters of a matched path: byte ranges into the path, at most four.
    public struct Captures: Sendable {
        /// How many there are.
        public private(set) var count = 0
        private var storage: InlineArray<4, Range<Int32>> = .init(repeating: 0..<0)

        /// The range of one parameter.
        public subscript(index: Int) -> Range<Int> {
            index < count ? Int(storage[index].lowerBound)..<Int(storage[index].upperBound) : 0..<0
        }

        mutating func push(_ range: Range<Int>) {
            guard count < 4 else { return }
            storage[count] = Int32(range.lowerBound)..<Int32(range.upperBound)
            count += 1
        }

        mutating func pop() { count -= 1 }
    }

    /// What a lookup found.
    public enum Lookup: Sendable {
        /// A route and its parameters.
        case found(route: Int, captures: Captures)
        /// The path is known with other methods; their names, for `Allow`.
        case methodNotAllowed([String])
        /// Nothing answers to this path.
        case notFound
    }

    private struct Endpoint: Sendable {
        let methods: [[UInt8]]
        let route: Int
    }

    /// A class: a lookup looks into several nodes, and copies none.
    private final class Node: Sendable {
        let literals: ByteMap<Int>
        let parameter: Int?
        let exact: [Endpoint]
        let prefix: [Endpoint]

        init(literals: ByteMap<Int>, parameter: Int?, exact: [Endpoint], prefix: [Endpoint]) {
            self.literals = literals
            self.parameter = parameter
            self.exact = exact
            self.prefix = prefix
        }
    }

    private var nodes: [Node] = []
    private let hosts: ByteMap<Int>
    private let anyHost: Int?

    /// Two entries that answer to the same request.
    public struct Conflict: Sendable {
        /// The later one.
        public let route: Int
        /// The earlier one.
        public let other: Int
    }

    /// Builds the table. Entries that could never be reached are returned as conflicts.
    public init(_ entries: [Entry], conflicts: inout [Conflict]) {
        var builder = Builder()
        for entry in entries {
            for host in entry.hosts { builder.insert(entry, host: host, &conflicts) }
        }
        nodes = builder.nodes.map { draft in
            Node(
                literals: ByteMap(draft.literals.map { (Array($0.key.utf8), $0.value) }), parameter: draft.parameter,
                exact: draft.exact.map(Self.endpoint), prefix: draft.prefix.map(Self.endpoint))
        }
        hosts = ByteMap(builder.roots.filter { $0.key != "*" }.map { (Array($0.key.utf8), $0.value) })
        anyHost = builder.roots["*"]
    }

    private static func endpoint(_ entry: Entry) -> Endpoint {
        // GET implies HEAD (RFC 9110 §9.3.2).
        var methods = entry.methods
        if methods.contains("GET"), !methods.contains("HEAD") { methods.append("HEAD") }
        return Endpoint(methods: methods.map { Array($0.utf8) }, route: entry.route)
    }

    /// Whether any route asks for a host: without one the lookup needs none.
    public var usesHosts: Bool { hosts.count > 0 }

    /// Finds a route. `host` is without port and lower case; `path` begins with `/`, or is `*` for OPTIONS.
    public func lookup(host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) -> Lookup {
        var search = Search(path: path, method: method)
        if let root = hosts.find(host), visit(nodes[root], at: 0, &search) { return .found(route: search.route, captures: search.captures) }
        if let root = anyHost, visit(nodes[root], at: 0, &search) { return .found(route: search.route, captures: search.captures) }
        return search.allowed.isEmpty ? .notFound : .methodNotAllowed(search.allowed)
    }

    private struct Search {
        let path: UnsafeRawBufferPointer
        let method: UnsafeRawBufferPointer
        var captures = Captures()
        var route = -1
        var allowed: [String] = []
    }

    /// Literal before parameter before prefix; the longest path wins. The depth is bounded by the patterns' own.
    private func visit(_ node: Node, at offset: Int, _ search: inout Search) -> Bool {
        let path = search.path
        if offset >= path.count {
            return take(node.exact, &search)
        }
        let start = offset + 1
        let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
        if path[offset] == UInt8(ascii: "/") {
            if let child = node.literals.find(UnsafeRawBufferPointer(rebasing: path[start..<end])), visit(nodes[child], at: end, &search) {
                return true
            }
            if end > start, let child = node.parameter {
                search.captures.push(start..<end)
                if visit(nodes[child], at: end, &search) { return true }
                search.captures.pop()
            }
        }
        return take(node.prefix, &search)
    }

    private func take(_ endpoints: [Endpoint], _ search: inout Search) -> Bool {
        for endpoint in endpoints {
            if endpoint.methods.isEmpty || endpoint.methods.contains(where: { $0.elementsEqual(search.method) }) {
                search.route = endpoint.route
                return true
            }
            for method in endpoint.methods {
                let name = String(decoding: method, as: UTF8.self)
                if !search.allowed.contains(name) { search.allowed.append(name) }
            }
        }
        return false
    }

    private struct Builder {
        struct Draft {
            var literals: [String: Int] = [:]
            var parameter: Int?
            var exact: [Entry] = []
            var prefix: [Entry] = []
        }

        var nodes: [Draft] = []
        var roots: [String: Int] = [:]

        mutating func insert(_ entry: Entry, host: String, _ conflicts: inout [Conflict]) {
            var index = roots[host] ?? add()
            roots[host] = index
            for segment in entry.pattern.segments {
                switch segment {
                case .literal(let text):
                    let child = nodes[index].literals[text] ?? add()
                    nodes[index].literals[text] = child
                    index = child
                case .parameter:
                    let child = nodes[index].parameter ?? add()
                    nodes[index].parameter = child
                    index = child
                }
            }
            let there = entry.pattern.isPrefix ? nodes[index].prefix : nodes[index].exact
            if let other = there.first(where: {
                $0.methods.isEmpty || entry.methods.isEmpty || !Set($0.methods).isDisjoint(with: entry.methods)
            }) {
                conflicts.append(Conflict(route: entry.route, other: other.route))
            }
            if entry.pattern.isPrefix { nodes[index].prefix.append(entry) } else { nodes[index].exact.append(entry) }
        }

        private mutating func add() -> Int {
            nodes.append(Draft())
            return nodes.count - 1
        }
    }
}
