import GatewayCore
import Testing

@Suite("Addresses and their ranges")
struct ClientAddressTests {
    @Test(
        "an address reads the same however it is written",
        arguments: [
            ("::1", "0:0:0:0:0:0:0:1"), ("2001:db8::", "2001:0DB8:0:0:0:0:0:0"), ("::ffff:10.1.2.3", "10.1.2.3"),
            ("fe80::1:2", "fe80:0:0:0:0:0:1:2"), ("::", "0:0:0:0:0:0:0:0"),
        ])
    func spellings(_ one: String, _ other: String) {
        let address = ClientAddress(one)
        #expect(address != nil && address == ClientAddress(other))
    }

    @Test(
        "what is no address is none",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "12345::", "g::", "::1.2.3", "1:2:3:4:5:6:7::8", "fe80::1%eth0", "[::1]", "1.2.3.4:80", "+1.2.3.4",
        ])
    func refused(_ text: String) { #expect(ClientAddress(text) == nil) }

    @Test(
        "a range holds what begins with its bits",
        arguments: [
            ("10.1.0.0/16", "10.1.255.255", true), ("10.1.0.0/16", "10.2.0.0", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "10.0.0.1", true), ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8:0:1::/64", "2001:db8:0:1:ffff::", true), ("::1", "::1", true),
        ])
    func ranges(_ range: String, _ address: String, _ holds: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(ClientAddress(address))) == holds)
    }

    @Test(
        "a range with bits behind its prefix, or a prefix too long, is refused",
        arguments: ["10.1.2.0/16", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "/8"])
    func badRanges(_ text: String) { #expect(AddressRange(text) == nil) }
}
