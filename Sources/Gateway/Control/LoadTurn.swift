/// Whose turn it is to change what is in force: a reload and a rollback, whole, one after the other. Without it the one would be worked out
/// against what the other is about to replace.
actor LoadTurn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Waits for the turn, and takes it.
    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Hands it to whoever has waited longest.
    func pass() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        isTaken = false
    }
}
