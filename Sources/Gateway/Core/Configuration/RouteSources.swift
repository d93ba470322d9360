/// The texts that one configuration is made of. Core reads no file: whoever calls hands them in.
public struct RouteSources: Sendable, Hashable {
    /// One file.
    public struct Text: Sendable, Hashable {
        /// The path to show in messages.
        public let path: String
        /// The bytes.
        public let bytes: [UInt8]

        /// Makes a text.
        public init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// The directory, for messages.
    public let directory: String
    /// `gateway.yaml`; optional, everything in it has a default.
    public let gateway: Text?
    /// `consumers.yaml`; optional, without it nobody has a grant.
    public let consumers: Text?
    /// `limits.yaml`; optional, without it only departments and consumers' rates limit anything.
    public let limits: Text?
    /// `contract/openapi.yaml`.
    public let contract: Text?
    /// `departments/*.yaml`, by name.
    public let departments: [Text]
    /// `aggregations/*.yaml`, by name.
    public let aggregations: [Text]

    /// Makes sources.
    public init(
        directory: String, gateway: Text?, consumers: Text?, limits: Text? = nil, contract: Text?, departments: [Text],
        aggregations: [Text] = []
    ) {
        self.directory = directory
        self.gateway = gateway
        self.consumers = consumers
        self.limits = limits
        self.contract = contract
        self.departments = departments
        self.aggregations = aggregations
    }

    /// Makes sources of texts by their names below a directory, such as `departments/hlj-fgw.yaml`; what no configuration reads is passed over.
    public init(directory: String, named files: [String: [UInt8]]) {
        let prefix = directory.isEmpty ? "" : directory + "/"
        func one(_ name: String) -> Text? { files[name].map { Text(path: prefix + name, bytes: $0) } }
        func all(_ folder: String) -> [Text] { files.keys.filter { $0.hasPrefix(folder) }.sorted().compactMap(one) }
        self.init(
            directory: directory, gateway: one("gateway.yaml"), consumers: one("consumers.yaml"), limits: one("limits.yaml"),
            contract: one("contract/openapi.yaml"), departments: all("departments/"), aggregations: all("aggregations/"))
    }

    /// Every text by its name below the directory, such as `departments/hlj-fgw.yaml`.
    public var named: [String: [UInt8]] {
        let prefix = directory.isEmpty ? "" : directory + "/"
        let pairs = all.map { text in (text.path.hasPrefix(prefix) ? String(text.path.dropFirst(prefix.count)) : text.path, text.bytes) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Every text there is, in a fixed order.
    public var all: [Text] { [gateway, consumers, limits, contract].compactMap(\.self) + departments + aggregations }
}
