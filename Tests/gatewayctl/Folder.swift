import Foundation
import Testing

@testable import IntegratorTools

/// The project's own files, found from this one.
enum Project {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path
    static let routes = root + "/Routes"

    static func bytes(_ path: String) throws -> [UInt8] { try FileAccess.read("\(root)/\(path)") }
}

/// A directory of one test, removed with it.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tongban-tools-" + UUID().uuidString
        try FileAccess.makeDirectory(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and makes the directories above it.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try FileAccess.makeDirectory(String(file[..<(try #require(file.lastIndex(of: "/")))]))
        try FileAccess.write(Array(text.utf8), to: file, replacing: true)
        return file
    }

    func text(_ name: String) throws -> String { String(decoding: try FileAccess.read("\(path)/\(name)"), as: UTF8.self) }

    /// The shipped routes directory, without its departments.
    func copyRoutes(departments: [String] = []) throws {
        try FileAccess.makeDirectory("\(path)/Routes/departments")
        let files = FileManager.default
        for name in ["contract"] { try files.copyItem(atPath: "\(Project.routes)/\(name)", toPath: "\(path)/Routes/\(name)") }
        for department in departments {
            try files.copyItem(
                atPath: "\(Project.routes)/departments/\(department).yaml", toPath: "\(path)/Routes/departments/\(department).yaml")
        }
    }
}
