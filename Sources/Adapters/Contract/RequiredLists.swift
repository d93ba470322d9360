extension ContractOperation {
    /// The top-level lists of an answer that a mapping must fill, though they may come out empty.
    package var requiredReplyLists: [String] {
        table.shapes[replySchema].properties.filter {
            $0.isRequired && $0.defaultValue == nil && table.shapes[$0.schema].types == .array
        }.map(\.name)
    }
}
