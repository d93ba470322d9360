package import Adapters

/// The contract of a routes directory, as far as a tool needs it without compiling everything.
package enum ContractFile {
    /// The contract, or a fault that shows what is wrong with it.
    package static func read(_ directory: String) throws(ToolFault) -> Contract {
        let path = "\(directory)/contract/openapi.yaml"
        let diagnostics = Diagnostics()
        guard let node = Node.read(try FileAccess.read(path), path: path, diagnostics), let contract = Contract(node, diagnostics) else {
            throw ToolFault("the contract cannot be used", problems: diagnostics.sorted)
        }
        return contract
    }

    /// The ids of its operations; none when there is no contract that can be used.
    package static func operations(in directory: String) -> [String] {
        (try? read(directory))?.operations.map(\.id) ?? []
    }
}
