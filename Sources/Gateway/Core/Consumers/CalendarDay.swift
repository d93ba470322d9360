package import Adapters

extension CivilTime {
    /// The day as `consumers.yaml` writes it, `yyyy-MM-dd`.
    package var dayText: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(year)-\(two(month))-\(two(day))"
    }
}
