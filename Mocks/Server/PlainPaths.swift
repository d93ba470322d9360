internal import NIOCore

/// The plain paths beside the Harbin platform's interface.
enum PlainPaths {
    /// Bytes of a download where no size is asked for: 100 MiB.
    static let standardSize = 104_857_600

    /// One period after another of a download: byte *i* is *i* mod 251; a whole number of periods, so that each piece starts alike.
    static let pattern = ByteBuffer(bytes: (0..<251 * 256).lazy.map { UInt8($0 % 251) })

    /// A notice of exactly 922 bytes.
    static let notice: [UInt8] = {
        let head =
            "{\"id\":\"HRB-2026-0117\",\"title\":\"关于冬季供暖期间政务服务大厅延时服务的通知\",\"publishedAt\":\"2026-11-20T09:00:00+08:00\",\"content\":\""
        let tail = "\",\"version\":7}"
        let sentence = "供暖期间，各级政务服务大厅工作日延时至十八时三十分，周六上午照常受理。"
        var text = ""
        let room = 922 - head.utf8.count - tail.utf8.count
        while text.utf8.count + sentence.utf8.count <= room { text += sentence }
        text += String(repeating: ".", count: room - text.utf8.count)
        return Array((head + text + tail).utf8)
    }()

    /// The value of a numeric query parameter; nil where it is no number.
    static func number(_ name: String, in target: String, standard: Int) -> Int? {
        guard let query = target.split(separator: "?", maxSplits: 1).dropFirst().first else { return standard }
        for pair in query.split(separator: "&") where pair.hasPrefix(name + "=") {
            return Int(pair.dropFirst(name.count + 1)).flatMap { $0 >= 0 ? $0 : nil }
        }
        return standard
    }
}
