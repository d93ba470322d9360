/// The `params` that 省发展和改革委员会 takes.
enum FgwParams {
    private static let application: [FieldRule] = [
        .required("flowsn", .text(50)), .required("itemcode", .digits([31])), .optional("itemname", .text(200)),
        .optional("projectname", .text(500)), .required("applytype", .number(1...6)), .required("applyname", .text(200)),
        .required("certtype", .code(["ID_CARD", "PASSPORT", "USCC", "OTHER"])), .required("certno", .text(50)),
        .optional("legalman", .text(100)), .optional("mobile", .text(50)), .optional("address", .text(300)),
        .optional("agent", .object([.required("name", .text(100)), .optional("certno", .text(50)), .optional("mobile", .text(50))])),
        .required("regioncode", .digits([6, 12])), .optional("channel", .code(["1", "2", "3", "4", "9"])),
        .required("applytime", .spacedTime), .optional("parentsn", .text(50)), .optional("forminfo", .anyObject),
        .optional("attachs", .list([.required("code", .text(50)), .required("name", .text(200))])),
    ]
    private static let caseQuery: [FieldRule] = [.required("flowsn", .text(50))]
    private static let itemQuery: [FieldRule] = [.required("itemcode", .digits([31]))]
    private static let listQuery: [FieldRule] = [
        .optional("pageNo", .number(1...999_999)), .optional("pageSize", .number(1...100)), .optional("keyword", .text(100)),
        .optional("itemcode", .digits([31])),
    ]

    /// Reads the parameters of a function.
    static func inquiry(_ members: [JSON.Member], for function: MockFunction) throws(FieldFault) -> Inquiry {
        let params = JSON.object(members)
        func text(_ name: String) -> String { params[name]?.string ?? "" }
        switch function {
        case .submit:
            try application.check(members)
            let sound =
                switch text("certtype") {
                case "ID_CARD": Identity.isCitizen(text("certno"))
                case "USCC": Identity.isOrganisation(text("certno"))
                default: true
                }
            guard sound else { throw .invalid("certno") }
            guard let applied = CivilTime(spaced: text("applytime")) else { throw .invalid("applytime") }
            return .submit(Application(number: text("flowsn"), itemCode: text("itemcode"), applied: applied, members: members))
        case .items:
            try listQuery.check(members)
            return .items(
                page: params["pageNo"]?.integer ?? 1, size: params["pageSize"]?.integer ?? 20, keyword: text("keyword"),
                code: text("itemcode"))
        case .item:
            try itemQuery.check(members)
            return .item(text("itemcode"))
        default:
            try caseQuery.check(members)
            return function == .query ? .query(text("flowsn")) : .events(text("flowsn"))
        }
    }
}
