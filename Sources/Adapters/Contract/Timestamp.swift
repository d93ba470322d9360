/// A date and time as the contract writes it (RFC 3339 §5.6), to the second, in the zone of the whole field: +08:00.
struct Timestamp {
    /// The contract's zone in minutes: Asia/Shanghai has had no other offset since 1991.
    static let zoneMinutes = 480

    private var year = 0
    private var month = 0
    private var day = 0
    private var hour = 0
    private var minute = 0
    private var second = 0
    /// Minutes east of UTC; nil where the text names no zone.
    private(set) var offset: Int?

    /// Whether the day exists in the Gregorian calendar.
    static func isDay(year: Int, month: Int, day: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = month == 2 ? (isLeap ? 29 : 28) : (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31)
        return day <= length
    }

    /// Whether `text` is a full-date of RFC 3339.
    static func isDate(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var reader = Reader(bytes: bytes)
            var stamp = Timestamp()
            return reader.date(into: &stamp) && reader.isAtEnd
        }
    }

    /// Reads a date-time. Without `needsZone` a blank may stand for the T and the zone may be left out.
    init?(_ text: String, needsZone: Bool) {
        var text = text
        var stamp = Timestamp()
        guard text.withUTF8({ stamp.read(Reader(bytes: $0), needsZone: needsZone) }) else { return nil }
        self = stamp
    }

    private init() {}

    private mutating func read(_ input: Reader, needsZone: Bool) -> Bool {
        var reader = input
        guard reader.date(into: &self) else { return false }
        guard reader.take("T") || reader.take("t") || (!needsZone && reader.take(" ")) else { return false }
        guard let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2), hour < 24, minute < 60, second <= 60
        else { return false }
        (self.hour, self.minute, self.second) = (hour, minute, second)
        if reader.take(".") {
            guard reader.number(1) != nil else { return false }
            while reader.number(1) != nil {}
        }
        guard reader.zone(into: &offset), offset != nil || !needsZone, reader.isAtEnd else { return false }
        // A leap second ends a day of UTC.
        return second < 60 || (hour * 60 + minute - (offset ?? Timestamp.zoneMinutes) + 2880) % 1440 == 1439
    }

    /// Whether `text` already has the contract's form, so that nothing needs to be written anew.
    static func isNormal(_ text: String) -> Bool {
        UTF8Text.withBytes(of: text) { bytes in
            bytes.count == 25 && bytes[10] == UInt8(ascii: "T") && bytes[19...].elementsEqual("+08:00".utf8)
        }
    }

    /// `yyyy-MM-ddTHH:mm:ss+08:00`; a text without a zone was in that zone already. Nil outside the years 0–9999.
    var normalised: String? {
        var (year, month, day) = (year, month, day)
        var minutes = hour * 60 + minute + Timestamp.zoneMinutes - (offset ?? Timestamp.zoneMinutes)
        if minutes < 0 {
            minutes += 1440
            day -= 1
            if day == 0 {
                (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
                day = (28...31).last { Timestamp.isDay(year: year, month: month, day: $0) } ?? 28
            }
        } else if minutes >= 1440 {
            minutes -= 1440
            day += 1
            if !Timestamp.isDay(year: year, month: month, day: day) {
                (year, month, day) = month == 12 ? (year + 1, 1, 1) : (year, month + 1, 1)
            }
        }
        guard (0...9999).contains(year) else { return nil }
        return String(unsafeUninitializedCapacity: 25) { buffer in
            func put(_ number: Int, _ digits: Int, at offset: Int) {
                var rest = number
                for index in stride(from: offset + digits - 1, through: offset, by: -1) {
                    buffer[index] = UInt8(48 + rest % 10)
                    rest /= 10
                }
            }
            for (index, byte) in "0000-00-00T00:00:00+08:00".utf8.enumerated() { buffer[index] = byte }
            put(year, 4, at: 0)
            put(month, 2, at: 5)
            put(day, 2, at: 8)
            put(minutes / 60, 2, at: 11)
            put(minutes % 60, 2, at: 14)
            put(second, 2, at: 17)
            return 25
        }
    }
}

extension Timestamp {
    /// Reads digits and marks from the front of a text.
    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ mark: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(truncatingIfNeeded: mark.value) else { return false }
            position += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int? {
            guard position + digits <= bytes.count else { return nil }
            var number = 0
            for byte in bytes[position..<position + digits] {
                guard byte &- 48 < 10 else { return nil }
                number = number * 10 + Int(byte) - 48
            }
            position += digits
            return number
        }

        mutating func date(into stamp: inout Timestamp) -> Bool {
            guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
                Timestamp.isDay(year: year, month: month, day: day)
            else { return false }
            (stamp.year, stamp.month, stamp.day) = (year, month, day)
            return true
        }

        /// False when a zone is begun and wrong; no zone at all is left to the caller.
        mutating func zone(into offset: inout Int?) -> Bool {
            if take("Z") || take("z") {
                offset = 0
                return true
            }
            let sign = take("+") ? 1 : (take("-") ? -1 : 0)
            guard sign != 0 else { return true }
            guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return false }
            offset = sign * (hours * 60 + minutes)
            return true
        }
    }
}
