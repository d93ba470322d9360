/// How the fields of an answer are written straight from the tape of a department's JSON: the mapping and the contract's typing of one
/// operation, worked out once at load.
///
/// It says what comes out when everything fits. Whatever does not (a field without its value, a code in no table, a list where a text is
/// due) is left to the mapping itself, which has the words for it; so the plan needs none.
struct DirectPlan: Sendable {
    /// Fields of an object in the contract's order.
    let fields: ContiguousArray<DirectField>
    /// The places that paths from the root begin at, by their own steps; the first is the root.
    let parents: [[JSONPath.Step]]
}

/// One field of an object of the answer.
final class DirectField: Sendable {
    /// What is done where the mapping gives nothing, or nothing that the contract keeps.
    enum Absence: Sendable {
        /// The field is left out.
        case leftOut
        /// JSON that stands in its place.
        case filled([UInt8])
        /// How many items were written of a list that stands before it, by the list's number.
        case count(list: Int)
        /// A number of the page that was asked for.
        case paging(PagingWord)
        /// The field is owed.
        case owed
        /// The field is owed, and an empty list will do where the department gave one.
        case owedList
    }

    /// How its value is written; nil where the mapping does not name it.
    let value: DirectValue?
    /// Whether the mapping itself owes the value.
    let isRequired: Bool
    /// What is done without one.
    let absence: Absence
    /// The field of the call's input that stands in before anything else does.
    let input: String?
    /// The contract's schema of the field.
    let schema: Int
    /// The field's number among the lists that are counted.
    let list: Int?
    /// Whether the gateway looks at the value.
    let isFact: Bool
    /// The field's name.
    let name: String

    init(
        _ name: String, _ value: DirectValue?, isRequired: Bool, _ absence: Absence, schema: Int, input: String?, list: Int?, isFact: Bool
    ) {
        self.name = name
        self.isRequired = isRequired
        self.value = value
        self.absence = absence
        self.schema = schema
        self.input = input
        self.list = list
        self.isFact = isFact
    }
}

/// A path of names and indexes.
struct DirectPath: Sendable {
    /// Whether it begins at the item of a list.
    let isRelative: Bool
    /// Where its last step is looked up: a number of `DirectPlan.parents`; unused by relative paths.
    let parent: Int
    /// The steps before the last, for relative paths.
    let steps: [JSONPath.Step]
    /// The last step; without one the path is its beginning and nothing else.
    let last: JSONPath.Step?
}

/// How a value is written.
indirect enum DirectValue: Sendable {
    /// A scalar as a JSON text, as it stands.
    case text(DirectPath)
    /// A scalar's code, in the other words; `otherwise` for a code that is not in the table, nil where that is a fault.
    case code(DirectPath, DirectTable)
    /// A date in one of several forms, in another.
    case date(DirectPath, inputs: [DateForm], output: DateForm, offset: Int)
    /// A whole number, as it stands.
    case integer(DirectPath)
    /// A value that the contract leaves to the departments, as it stands; of an object without its empty fields, where `isOpen`.
    case copy(DirectPath, isOpen: Bool)
    /// One value, converted and typed as values.
    case converted(DirectPath, [Conversion], ValueOrigin)
    /// The first that has a value.
    case first([DirectValue])
    /// An object.
    case object(ContiguousArray<DirectField>)
    /// A list of objects; each path gives its items.
    case list([DirectPath], ContiguousArray<DirectField>)
    /// JSON that is always the same.
    case constant([UInt8])
    /// A rule of any kind, evaluated on the whole tree.
    case rule(ValueRule)

    /// Whether it is a list written item by item.
    var isList: Bool { if case .list = self { true } else { false } }
}

/// A code table whose words are typed already.
struct DirectTable: Sendable {
    /// By code, in ASCII: the JSON of what it becomes; nil where the contract does not take that.
    let words: [[UInt8]: [UInt8]?]
    /// What other codes become; nil where they are a fault.
    let otherwise: [UInt8]?
}
