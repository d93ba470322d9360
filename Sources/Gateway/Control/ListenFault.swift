import Glibc
import NIOCore

extension GatewayServer.StartFault {
    /// An address that cannot be listened on: what the system says, and of the usual reasons what to do.
    init(cannotListenOn what: String, _ error: any Error) {
        guard let number = (error as? IOError)?.errnoCode else {
            self.init(description: "cannot listen on \(what): \(error)", problems: [])
            return
        }
        let help =
            switch number {
            case EADDRINUSE: "; another program listens there, perhaps a gateway that still runs"
            case EADDRNOTAVAIL: "; no interface of this machine has that address"
            case EACCES: "; ports below 1024 need a right of their own (CAP_NET_BIND_SERVICE)"
            default: ""
            }
        self.init(description: "cannot listen on \(what): \(String(cString: strerror(number)))\(help)", problems: [])
    }
}
