/// A refusal with the department's own code and words.
struct Refusal: Error {
    let code: String
    let words: String

    init(_ code: String, _ words: String) { (self.code, self.words) = (code, words) }
}

/// The XML document that 省市场监督管理局 takes as a string.
enum ScjgDocument {
    private static let declaration = "<?xml version=\"1.0\" encoding=\"GBK\"?>"

    private static let application: [FieldRule] = [
        .required("SBLSH", .text(50)), .required("SXBM", .digits([31])), .optional("SXMC", .text(200)), .optional("BLZY", .text(500)),
        .required("SQRLX", .code(["1", "2", "3", "4", "5", "6"])), .required("SQRMC", .text(200)),
        .required("SQRZJLX", .code(["10", "20", "50", "99"])), .required("SQRZJHM", .text(50)), .optional("FDDBR", .text(100)),
        .optional("LXDH", .text(50)), .optional("LXDZ", .text(300)), .optional("DLRXM", .text(100)), .optional("DLRZJHM", .text(50)),
        .optional("DLRDH", .text(50)), .required("XZQHDM", .digits([6, 12])), .optional("SLQD", .code(["1", "2", "3", "4", "9"])),
        .required("SBSJ", .spacedTime), .optional("LBJH", .text(50)), .optional("BDSJ", .objectText),
        .optional("CLLB", .list([.required("CLBH", .text(50)), .required("CLMC", .text(200))])),
    ]
    private static let caseQuery: [FieldRule] = [.required("SBLSH", .text(50))]
    private static let itemQuery: [FieldRule] = [.required("SXBM", .digits([31]))]
    private static let listQuery: [FieldRule] = [
        .optional("YM", .text(6)), .optional("MYTS", .text(3)), .optional("SXMC", .text(100)), .optional("SXBM", .digits([31])),
    ]

    /// Reads the document of a function.
    static func read(_ text: String, for function: MockFunction) throws(Refusal) -> Inquiry {
        let members = try members(of: text, for: function)
        do throws(FieldFault) { return try inquiry(members, for: function) } catch { throw refusal(error) }
    }

    /// Reads the document of a function about a case that is there.
    static func readLater(_ text: String, for function: MockFunction) throws(Refusal) -> CaseInquiry {
        let members = try members(of: text, for: function)
        do throws(FieldFault) { return try ScjgLater.inquiry(members, for: function) } catch { throw refusal(error) }
    }

    private static func members(of text: String, for function: MockFunction) throws(Refusal) -> [JSON.Member] {
        guard text.hasPrefix(declaration) else { throw Refusal("E102", "报文必须以GBK声明开头") }
        guard !text.contains("<!DOCTYPE"), let root = XMLTree.parse(Array(text.dropFirst(declaration.count).utf8)) else {
            throw Refusal("E102", "报文无法解析")
        }
        guard root.name == ScjgLater.root(of: function), root.namespace.isEmpty else { throw Refusal("E102", "报文根节点错误") }
        return try root.children.map { element throws(Refusal) in JSON.Member(name: element.name, value: try value(of: element)) }
    }

    private static func refusal(_ fault: FieldFault) -> Refusal {
        switch fault {
        case .missing(let name): Refusal("E103", "缺少必填字段\(name)")
        case .unknown(let name): Refusal("E104", "未知字段\(name)")
        case .invalid(let name): Refusal("E105", "字段\(name)的值不合法")
        }
    }

    private static func value(of element: XMLTree) throws(Refusal) -> JSON {
        guard element.name == "CLLB" else {
            guard element.children.isEmpty else { throw Refusal("E102", "字段\(element.name)不应有子节点") }
            return .text(element.text)
        }
        return .list(
            try element.children.map { entry throws(Refusal) in
                guard entry.name == "CL" else { throw Refusal("E104", "未知字段\(entry.name)") }
                return .object(entry.children.map { JSON.Member(name: $0.name, value: .text($0.text)) })
            })
    }

    private static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> Inquiry {
        let document = JSON.object(members)
        func text(_ name: String) -> String { document[name]?.string ?? "" }
        func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) throws(FieldFault) -> Int {
            if text(name).isEmpty { return standard }
            guard let number = Int(text(name)), range.contains(number) else { throw .invalid(name) }
            return number
        }
        switch function {
        case .submit:
            try application.check(members)
            let identity = text("SQRZJHM")
            let sound =
                text("SQRZJLX") == "10" ? Identity.isCitizen(identity) : text("SQRZJLX") != "50" || Identity.isOrganisation(identity)
            guard sound else { throw .invalid("SQRZJHM") }
            guard let applied = CivilTime(spaced: text("SBSJ")) else { throw .invalid("SBSJ") }
            return .submit(Application(number: text("SBLSH"), itemCode: text("SXBM"), applied: applied, members: members))
        case .items:
            try listQuery.check(members)
            return .items(
                page: try number("YM", 1, 1...999_999), size: try number("MYTS", 20, 1...100), keyword: text("SXMC"), code: text("SXBM"))
        case .item:
            try itemQuery.check(members)
            return .item(text("SXBM"))
        default:
            try caseQuery.check(members)
            return function == .query ? .query(text("SBLSH")) : .events(text("SBLSH"))
        }
    }
}
