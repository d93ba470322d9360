import Adapters
import Foundation

/// An issuer of tokens for one story: RSA keys made by the openssl command, published as a JSON Web Key Set.
struct TokenIssuerKeys: Sendable {
    /// A key and what is published of it.
    struct Key: Sendable {
        let id: String
        let pem: String
        let modulus: String
    }

    /// A new key.
    static func make(_ id: String) throws -> Key {
        let pem = try openssl(["genrsa", "2048"], input: "")
        let text = try openssl(["rsa", "-noout", "-modulus"], input: pem)
        let digits = text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "=").last.map(String.init) ?? ""
        return Key(id: id, pem: pem, modulus: Base64Codec.encodeForURL(try Hex.decode(digits)))
    }

    private static func openssl(_ arguments: [String], input text: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let made = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, !made.isEmpty else { throw WireSurprise("openssl \(arguments.joined(separator: " "))") }
        return made
    }

    /// The key set that is published.
    static func published(_ keys: [Key]) -> String {
        let entries = keys.map { #"{"kty":"RSA","use":"sig","alg":"RS256","kid":"\#($0.id)","e":"AQAB","n":"\#($0.modulus)"}"# }
        return #"{"keys":[\#(entries.joined(separator: ","))]}"#
    }

    /// A token.
    static func token(_ key: Key, _ claims: String) -> String {
        let header = #"{"alg":"RS256","typ":"JWT","kid":"\#(key.id)"}"#
        let head = Base64Codec.encodeForURL(Array(header.utf8)) + "." + Base64Codec.encodeForURL(Array(claims.utf8))
        return head + "." + Base64Codec.encodeForURL(KeyedSignature.sign(.rsa(.sha256), key: key.pem, Array(head.utf8)) ?? [])
    }
}
