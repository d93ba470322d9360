import Adapters
import GatewayCore
import NIOCore

/// Answers with the contract's own document.
final class ContractDocumentExchange: ClientExchange {
    private unowned let connection: ClientConnection

    init(connection: ClientConnection) { self.connection = connection }

    func requestBody(_ bytes: ByteBuffer) {}

    func requestEnd() {
        guard let contract = connection.current.state?.snapshot.contract else { return }
        connection.serving = nil
        connection.write(LocalReply(status: 200, mediaType: "application/json", body: contract.json, location: nil), end: .completed)
    }

    func cancel() {}
}
