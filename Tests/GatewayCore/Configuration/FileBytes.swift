import Foundation

/// Reads a file of the repository; empty where it is not there, and the test that needs it then fails.
enum FileBytes {
    static func read(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map(Array.init) ?? [] }
}
