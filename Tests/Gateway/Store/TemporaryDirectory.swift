import Foundation

/// A directory of its own, gone with the test; in memory where there is /dev/shm, for many syncs are made.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let shared = "/dev/shm"
        let parent = access(shared, W_OK) == 0 ? shared : FileManager.default.temporaryDirectory.path
        path = parent + "/tongban-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}
