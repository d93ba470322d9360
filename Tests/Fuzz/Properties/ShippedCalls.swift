internal import Adapters
internal import Glibc
internal import GatewayCore
internal import RouteFiles

/// The shipped configuration and, for every operation of its departments, a recorded call.
struct ShippedCalls: Sendable {
    /// One operation of one department.
    struct Entry: Sendable {
        let department: Department
        let operation: ContractOperation
        let adapter: OperationAdapter
        let call: AdapterCall

        /// The two bytes that choose it: they stay the same when other departments come and go.
        var key: UInt16 { ShippedCalls.key("\(department.id)/\(operation.id)") }
    }

    let contract: Contract
    /// By their keys.
    let entries: [Entry]
    /// Recorded inputs by the operation's name.
    let inputs: [String: Value]

    static let loaded = ShippedCalls()

    private init() {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let diagnostics = Diagnostics()
        let compiler = Compiler(diagnostics, buckets: BucketRegistry(), missingSecrets: .warn) { Self.secret($0) }
        guard let sources = try? RouteDirectory(path: "\(root)/Routes").read(), let snapshot = compiler.compile(sources, revision: 1) else {
            fatalError("the shipped routes cannot be compiled: \(diagnostics.sorted.map(\.description).joined())")
        }
        contract = snapshot.contract
        let recordings = "\(root)/Mocks/recordings"
        var inputs: [String: Value] = [:]
        var entries: [Entry] = []
        for department in snapshot.departments {
            for (id, adapter) in department.translation.operations.sorted(by: { $0.key < $1.key }) {
                guard let operation = contract.operation(id) else { continue }
                let input = Self.recordedInput("\(recordings)/\(department.id)/\(id)") ?? .object(Object())
                if inputs[id] == nil { inputs[id] = input }
                let call = Self.call(input, department.secrets)
                entries.append(Entry(department: department, operation: operation, adapter: adapter, call: call))
            }
        }
        self.inputs = inputs
        self.entries = entries.sorted { $0.key < $1.key }
    }

    /// A call at a fixed moment, in a session.
    static func call(_ input: Value, _ secrets: Secrets) -> AdapterCall {
        let moment = CallMoment(epochMilliseconds: 1_795_485_600_000, random: (0x550e_8400_e29b_41d4, 0xa716_4466_5544_0000))
        return AdapterCall(input: input, secrets: secrets, moment: moment, session: "SESSION")
    }

    /// A stand-in for a secret: digits, as long as most keys are.
    static func secret(_ name: String) -> String { "0123456789abcdef" }

    /// FNV-1a in 16 bits (RFC draft-eastlake-fnv's folding), because `Hasher` gives other numbers in every process.
    static func key(_ text: String) -> UInt16 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return UInt16(truncatingIfNeeded: hash >> 16 ^ hash)
    }

    /// The input of the first call in a folder of recordings.
    private static func recordedInput(_ folder: String) -> Value? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
            }
        }
        for name in names.sorted() where !name.hasPrefix(".") {
            guard case .success(let bytes) = RouteDirectory.referenced("\(folder)/\(name)/call.json") else { continue }
            if let input = (try? JSONCodec.decode(bytes))?["input"] { return input }
        }
        return nil
    }
}
