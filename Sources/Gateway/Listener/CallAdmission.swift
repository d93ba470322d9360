import Adapters
import GatewayCore

/// Asks the policies about one operation at one department: before the call with what the request says, after it with what the answer
/// shows. Confined to the exchange.
struct CallAdmission {
    let connection: ClientConnection
    let snapshot: Snapshot
    /// The operation's index in the contract; of a part of an aggregation it is the part's.
    let operation: Int

    /// Refuses a call that no grant covers.
    func admit(_ department: Int, _ input: Value) throws(AdapterFault) { try ask(department, input["region"]?.string.flatMap(Region.init)) }

    /// Takes from the limits that a call at this department meets: once for each call, and after every grant.
    func take(_ department: Int, _ input: Value) throws(AdapterFault) {
        guard snapshot.limits.isAsked else { return }
        let facts = CallFacts(operation: operation, department: department, region: input["region"]?.string.flatMap(Region.init))
        if let fault = snapshot.takeLimits(facts, &connection.current.facts) { throw fault }
    }

    /// What the caller may see of an answer. A case is known to lie in a region only once its department has answered: one case in
    /// another region is refused, cases of a list are left out. What has been written is not denied any more.
    func visible(
        _ answer: Value, of goal: ContractGoal, at department: Int, to input: Value
    ) throws(AdapterFault) -> PartAnswer {
        let answer = try reached(answer, goal, department, input)
        guard limits(department).fields else { return answer }
        return PartAnswer(full: answer.full, shown: granted(answer.shown, department), isCounted: answer.isCounted)
    }

    /// The fields of an answer that the grants open. Entries of a list lie in regions of their own.
    private func granted(_ answer: Value, _ department: Int) -> Value {
        let isList = snapshot.contract.operations[operation].answersList
        guard isList, var object = answer.object, let items = object["items"]?.array else {
            return fields(answer, department)?.visible(answer, isList: false) ?? answer
        }
        object["items"] = .array(
            items.map { item in item == .null ? item : fields(item, department)?.visible(item, isList: false) ?? item })
        return .object(object)
    }

    /// The fields that may be seen of an answer or an entry; nil for all.
    private func fields(_ answer: Value?, _ department: Int) -> GrantedFields? {
        let region = answer?["region"]?.string.flatMap(Region.init)
        let facts = CallFacts(operation: operation, department: department, region: region)
        // What may not be called any more, or in that region, is another's matter; nothing of it is shown.
        guard case .granted(let fields) = snapshot.grants(facts, connection.current.facts) else { return GrantedFields([]) }
        return fields
    }

    private func reached(
        _ answer: Value, _ goal: ContractGoal, _ department: Int, _ input: Value
    ) throws(AdapterFault) -> PartAnswer {
        guard !goal.isWrite else { return PartAnswer(whole: answer) }
        if let region = answer["region"]?.string.flatMap(Region.init) { try ask(department, region) }
        guard let items = answer["items"]?.array, var object = answer.object else { return PartAnswer(whole: answer) }
        let isLimited = limits(department).regions
        let seen = items.map { item -> Value in
            guard isLimited, let region = item["region"]?.string.flatMap(Region.init) else { return item }
            return (try? ask(department, region)) == nil ? .null : item
        }
        object["items"] = .array(seen)
        // The department counts what it has anywhere. To whoever may see some regions only, that would say how much there is elsewhere,
        // unless it was asked for one of those regions and nothing else came.
        let isAsked = input["region"] != nil && goal.hands(on: "region") && !seen.contains(.null)
        let reached = PartAnswer(full: answer, shown: .object(object), isCounted: isLimited && !isAsked)
        return filter(of: goal, at: department, for: input)?.applied(to: reached) ?? reached
    }

    /// What the gateway itself looks for in a list. A region that the whole department lies in leaves nothing out, and needs no counting anew.
    private func filter(of goal: ContractGoal, at department: Int, for input: Value) -> ItemFilter? {
        guard let own = snapshot.departments[department].region, let asked = input["region"]?.string.flatMap(Region.init),
            asked.covers(own),
            case .object(var object) = input
        else { return goal.filter(for: input) }
        object["region"] = nil
        return goal.filter(for: .object(object))
    }

    /// Whether the caller may see an answer as it is; otherwise `visible` says what becomes of it.
    func isVisible(_ answer: DirectAnswer, _ goal: ContractGoal, at department: Int, to input: Value) -> Bool {
        guard filter(of: goal, at: department, for: input) == nil else { return false }
        let limits = limits(department)
        guard !limits.fields else { return false }
        guard !goal.isWrite, limits.regions else { return true }
        // A list is counted anew.
        guard !snapshot.contract.operations[operation].answersList else { return false }
        return answer.facts["region"]?.string.map { isVisible($0, department) } ?? true
    }

    /// Whether a grant of the caller's at a department names fields, so that an answer is looked at field by field, and whether all name
    /// regions, so that where a case lies may decide.
    private func limits(_ department: Int) -> (fields: Bool, regions: Bool) {
        let consumer = connection.current.facts.consumer
        guard consumer >= 0 else { return (false, true) }
        var limits = snapshot.consumers.consumers[consumer].grants.narrows(operation, of: department)
        // One grant for every region opens what the others do not.
        if limits.regions { limits.regions = (try? ask(department, CallAdmission.nowhere)) == nil }
        return limits
    }

    /// A region of no province: only a grant for every region reaches it.
    private static let nowhere = Region("999999")

    private func isVisible(_ region: String, _ department: Int) -> Bool {
        guard let region = Region(region) else { return true }
        return (try? ask(department, region)) != nil
    }

    private func ask(_ department: Int, _ region: Region?) throws(AdapterFault) {
        let facts = CallFacts(operation: operation, department: department, region: region)
        if let fault = PolicyCatalog.onCall(facts, &connection.current.facts, snapshot) { throw fault }
    }

    // MARK: Whom to ask

    /// The one department that a request names; nil when it names none and may.
    func named(by input: Value) throws(AdapterFault) -> Int? {
        let operation = snapshot.contract.operations[self.operation]
        guard let named = operation.departmentCode(in: input) else { return nil }
        if let index = snapshot.department(of: named.code, offering: self.operation) { return index }
        guard let owner = snapshot.department(of: named.code) else {
            throw AdapterFault(.notFound, "no department answers to this \(named.field)")
        }
        throw AdapterFault(.notFound, "\(snapshot.departments[owner].id) does not offer \(operation.id)")
    }

    /// The one department that can be meant by a request that names none: what is no list cannot be put together.
    func only(_ input: Value) throws(AdapterFault) -> Int {
        let granted = try granted(input)
        if granted.count == 1 { return granted[0] }
        let names = granted.map { snapshot.departments[$0].id }.joined(separator: ", ")
        let fields = snapshot.contract.operations[operation].department.fields.map { "'\($0.name)'" }.joined(separator: " or ")
        throw AdapterFault(.invalidField, "\(fields) must say which of \(names) is meant")
    }

    /// Every department that offers the operation, lies in the request's region, and may be asked; among `ids` where those are given.
    func granted(_ input: Value, among ids: [String]? = nil) throws(AdapterFault) -> [Int] {
        let id = snapshot.contract.operations[operation].id
        let region = input["region"]?.string.flatMap(Region.init)
        var granted: [Int] = []
        var refusal = AdapterFault(.notFound, "no department offers \(id)")
        for (index, department) in snapshot.departments.enumerated() {
            guard department.serves(id), region?.covers(department) ?? true, ids?.contains(department.id) ?? true else { continue }
            do {
                try admit(index, input)
                granted.append(index)
            } catch {
                // Of several reasons the one that says most: some grant is there, for another region.
                if refusal.code != .regionScope { refusal = error }
            }
        }
        guard !granted.isEmpty else { throw refusal }
        return granted
    }
}

extension Region {
    /// Whether a department lies in this region; one that does not say where it is lies everywhere.
    fileprivate func covers(_ department: Department) -> Bool { department.region.map(covers) ?? true }
}
