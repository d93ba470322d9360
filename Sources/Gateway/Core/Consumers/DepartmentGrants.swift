/// A set of a snapshot's departments or routes, by their indexes. A class: grants that are written with the same pattern share one.
public final class ChosenIndexes: Sendable, Hashable {
    private let words: [UInt64]
    /// How many there are.
    public let count: Int

    /// Makes a set of indexes, which are not negative.
    public init(_ indexes: some Sequence<Int>) {
        var words: [UInt64] = []
        for index in indexes {
            while words.count <= index >> 6 { words.append(0) }
            words[index >> 6] |= 1 << UInt64(index & 63)
        }
        self.words = words
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Whether it holds an index.
    public func contains(_ index: Int) -> Bool {
        index >= 0 && index >> 6 < words.count && words[index >> 6] & (1 << UInt64(index & 63)) != 0
    }

    /// Whether two sets hold the same.
    public static func == (a: ChosenIndexes, b: ChosenIndexes) -> Bool { a === b || a.words == b.words }

    /// Hashes the indexes.
    public func hash(into hasher: inout Hasher) { hasher.combine(words) }

    /// Its indexes in rising order.
    public var indexes: [Int] {
        words.enumerated().flatMap { number, word in (0..<64).filter { word & (1 << UInt64($0)) != 0 }.map { number << 6 + $0 } }
    }
}

/// What a consumer's grants say of departments. Each grant is kept once, however many departments it names: of a thousand consumers most
/// may call all of ten thousand.
public struct DepartmentGrants: Sendable, Hashable {
    /// A grant and whom it is for.
    private struct Row: Sendable, Hashable {
        let departments: ChosenIndexes
        let grant: DepartmentGrant
    }

    /// Grants that name one department each: by the department.
    private var single: [Int: [DepartmentGrant]] = [:]
    /// Grants that name several.
    private var broad: [Row] = []
    /// One bit for each operation of the contract that a grant names.
    public private(set) var operations: UInt64 = 0
    /// Whether any grant names fields of answers.
    public private(set) var namesFields = false

    /// No grant.
    public init() {}

    /// Adds a grant for some departments; one for none says nothing.
    public mutating func add(_ grant: DepartmentGrant, for departments: ChosenIndexes) {
        guard departments.count > 0 else { return }
        operations |= grant.operations
        if grant.fields != nil { namesFields = true }
        if departments.count == 1, let department = departments.indexes.first {
            single[department, default: []].append(grant)
        } else {
            broad.append(Row(departments: departments, grant: grant))
        }
    }

    /// Has every grant for a department looked at until one is enough. Which grants say what is decided together: they have no order.
    @inline(__always)
    func each(of department: Int, until isEnough: (DepartmentGrant) -> Bool) {
        if !single.isEmpty, let grants = single[department] {
            for grant in grants where isEnough(grant) { return }
        }
        for row in broad where row.departments.contains(department) {
            if isEnough(row.grant) { return }
        }
    }

    /// Whether a grant for an operation of a department names fields, and whether one names regions.
    public func narrows(_ operation: Int, of department: Int) -> (fields: Bool, regions: Bool) {
        var found = (fields: false, regions: false)
        each(of: department) { grant in
            guard grant.operations & (1 << UInt64(operation)) != 0 else { return false }
            if grant.fields != nil { found.fields = true }
            if !grant.regions.isEmpty { found.regions = true }
            return found.fields && found.regions
        }
        return found
    }

    /// The grants for a department.
    public subscript(department: Int) -> [DepartmentGrant] {
        (single[department] ?? []) + broad.filter { $0.departments.contains(department) }.map(\.grant)
    }
}
