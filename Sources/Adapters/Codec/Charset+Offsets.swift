extension Charset {
    /// The offset behind so many characters of valid bytes in this charset; never beyond their end.
    func offset(behind characters: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var at = 0
        for _ in 0..<characters where at < bytes.count { at += length(at: at, of: bytes) }
        return min(at, bytes.count)
    }

    /// How many bytes the character at an offset has.
    private func length(at: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let lead = bytes[at]
        if lead <= 0x80 || lead == 0xFF || isSingleByte { return 1 }
        // GB 18030: a digit behind the first byte makes it four.
        return isGB18030 && at + 1 < bytes.count && 0x30...0x39 ~= bytes[at + 1] ? 4 : 2
    }
}
