import Foundation
import Testing

@testable import IntegratorTools

/// The program itself, as it is built beside the tests.
struct CommandLineTool {
    let status: Int32
    let output: String
    let errors: String

    /// Where the program is; nil where a test run did not build it.
    static let path: String? = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return [folder + "/gatewayctl", Project.root + "/.build/debug/gatewayctl"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    /// Runs it to its end.
    init(_ arguments: [String], in folder: String = Project.root) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.path))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        process.standardInput = FileHandle.nullDevice
        try process.run()
        output = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        errors = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }
}
