import Glibc
import NIOCore
import Testing

@testable import Gateway

@Suite("An address that cannot be listened on")
struct ListenFaultTests {
    @Test(
        "is told in plain words, with what is likely wrong",
        arguments: [(EADDRINUSE, "another program"), (EADDRNOTAVAIL, "no interface"), (EACCES, "below 1024")])
    func words(number: Int32, words: String) {
        let fault = GatewayServer.StartFault(
            cannotListenOn: "127.0.0.1:8080", IOError(errnoCode: number, reason: "bind(descriptor:ptr:bytes:)"))
        #expect(fault.description.hasPrefix("cannot listen on 127.0.0.1:8080: "))
        #expect(fault.description.contains(words))
        #expect(!fault.description.contains("descriptor") && !fault.description.contains("errno"))
    }
}
