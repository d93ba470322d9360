extension MappingCompiler {
    /// A path from a node, checked against the contract where it goes into the contract's request. `orConstant` says that a constant
    /// could stand there too.
    func path(_ node: Node, orConstant: Bool = false) -> PathReference? {
        guard let path = anyPath(node, orConstant: orConstant) else { return nil }
        if direction == .request || path.isRelative { check(path, at: node) }
        if direction == .request, path.leadingNames == ["page"] { references.usesPage = true }
        if !path.isRelative { checkRoots(path.leadingNames, at: node) }
        noteHTTP(path.text, node)
        return path
    }

    /// A path into the contract's request, from a reply.
    func callPath(_ node: Node) -> PathReference? {
        guard let path = anyPath(node) else { return nil }
        guard !path.isRelative else {
            diagnostics.error("bad-path", "'call' begins at the contract's request", at: node.place, help: "a path that begins with $")
            return nil
        }
        walk(path, from: input, at: node)
        return path
    }

    private func anyPath(_ node: Node, orConstant: Bool = false) -> PathReference? {
        guard let text = node.text else {
            diagnostics.error("wrong-type", "a path is a text such as $.applicant.name, not \(node.kindName)", at: node.place)
            return nil
        }
        guard text.hasPrefix("$") || text.hasPrefix("@") else {
            let begins = "a path begins with $ (or @ in a list)"
            let near = PathReference.names(of: "$." + text) == nil ? "" : ": did you mean $.\(text)?"
            diagnostics.error(
                "bad-path", "'\(text)' is no path", at: node.place,
                help: node.colonAdvice ?? begins + (orConstant ? "; a fixed text is written { const: \"\(text)\" }" : near))
            return nil
        }
        if text.hasPrefix("@"), list == nil {
            diagnostics.error("bad-path", "'@' stands for the item of a list, and there is no 'each' around it", at: node.place)
            return nil
        }
        do { return try PathReference(text, within: list?.path) } catch {
            diagnostics.error("bad-path", "the path does not parse: \(error.message)", at: place(in: node, offset: error.offset))
            return nil
        }
    }

    /// A predicate from a node.
    func predicate(_ node: Node) -> Predicate? {
        guard let text = node.text else {
            diagnostics.error("wrong-type", "a condition is a text such as \"$.code == 0\", not \(node.kindName)", at: node.place)
            return nil
        }
        noteHTTP(text, node)
        do {
            let predicate = try Predicate(text, loose: true)
            if list == nil, predicate.asksForItem {
                diagnostics.error(
                    "bad-condition", "'@' stands for the item of a list, and there is no 'each' around it", at: node.place,
                    help: "$ is the whole; inside brackets @ is what is looked at:  $.list[?@.code == 1]")
                return nil
            }
            for names in predicate.namesFromRoot {
                guard direction == .request else {
                    checkRoots(names, at: node)
                    continue
                }
                walk(names.map(Optional.some)[...], from: input, as: "$", at: node)
            }
            return predicate
        } catch {
            diagnostics.error(
                "bad-condition", "the condition does not parse: \(error.message)", at: place(in: node, offset: error.offset),
                help: "such as  \"$.code == 0\"  or  \"$.status.code == 200 && $.custom.code == 1\"")
            return nil
        }
    }

    private func noteHTTP(_ text: String, _ node: Node) {
        guard direction == .reply else { return }
        // What stands in quotation marks is a text or a name.
        if text.replacing(/'[^']*'|"[^"]*"/, with: "").contains(/\$\[\s*[-0-9*?:]/) { references.listRoots.append(node) }
        func asks(for name: String) -> Bool {
            ["$.\(name).", "$.\(name)[", "$['\(name)']", "$[\"\(name)\"]"].contains(where: text.contains)
        }
        if asks(for: "http") { references.asksHTTP = true }
        if asks(for: "call") { references.asksCall = true }
    }

    /// What the gateway says of HTTP itself, so that a name that is not there never will be.
    private static let httpNames = ["status", "headers", "fields", "cookies"]

    /// Checks the names of a path from the root of a reply, where they go into what the gateway puts beside it (`ReplyRoots`).
    private func checkRoots(_ names: [String], at node: Node) {
        guard direction == .reply, names.count > 1 else { return }
        switch names[0] {
        case "http": checkHTTP(names, at: node)
        case "call" where answersCall: checkCall(names.dropFirst(), from: input, as: "$.call", at: node)
        case "steps": checkStep(names, at: node)
        case "let" where requestValues.contains(names[1]):
            diagnostics.warning(
                "unknown-field",
                "'\(names[1])' is made under 'let' for the request alone; in a reply $.let can only be a field of the department's own",
                at: node.place, help: "what both need comes from a step, or from the call:  { call: $.… }")
        default: break
        }
    }

    /// What a step gives stands in the call: in a reply `$` is what the department answers. No error, since it may have such a field.
    private func checkStep(_ names: [String], at node: Node) {
        guard case .object(let fields, _) = input, let steps = fields.first(where: { $0.name == "steps" }),
            case .object(let known, _) = steps.shape, known.contains(where: { $0.name == names[1] })
        else { return }
        let path = "$.steps.\(names[1])"
        diagnostics.warning(
            "unknown-field", "in a reply \(path) can only be a field of the department's own, and not the result of a step",
            at: node.place, help: "{ call: \(path)… } ; in a condition $.call.steps.\(names[1])…")
    }

    /// Whether the rules belong to a call; what a department pushes answers none.
    var answersCall: Bool { if case .object(let fields, false) = input { !fields.isEmpty } else { true } }

    /// Names behind `$.call` that the contract's request does not have. No error: the department may have a field `call` of its own.
    private func checkCall(_ names: ArraySlice<String>, from shape: ContractShape, as walked: String, at node: Node) {
        guard let name = names.first else { return }
        switch shape.step(name) {
        case .known(let next): checkCall(names.dropFirst(), from: next, as: walked + "." + name, at: node)
        case .unknown(let allowed):
            let near = suggestion(for: name, among: allowed).map { "did you mean '\(walked).\($0)'?" }
            let all = allowed.isEmpty ? "\(walked) holds no fields" : "it has \(allowed.joined(separator: ", "))"
            diagnostics.warning(
                "unknown-field",
                "the contract's request has no '\(name)' at \(walked), so only a field 'call' of the department's own can be meant",
                at: node.place, help: near ?? all)
        }
    }

    private func checkHTTP(_ names: [String], at node: Node) {
        let part = names[1]
        guard Self.httpNames.contains(part) else {
            let help =
                suggestion(for: part, among: Self.httpNames).map { "did you mean '$.http.\($0)'?" }
                ?? "allowed here: \(Self.httpNames.joined(separator: ", "))"
            diagnostics.error("unknown-field", "$.http has no '\(part)'", at: node.place, help: help)
            return
        }
        guard names.count > (part == "status" ? 2 : 3) else {
            // Cookies keep their case; header fields have none.
            guard names.count == 3, part != "cookies", names[2] != names[2].lowercased() else { return }
            diagnostics.error(
                "unknown-field", "the names under $.http.\(part) are in lower case, and '\(names[2])' is not", at: node.place,
                help: "$.http.\(part)['\(names[2].lowercased())']")
            return
        }
        let whole = part == "status" ? "$.http.status" : "$.http.\(part)['\(names[2])']"
        diagnostics.error("unknown-field", "\(whole) holds no fields", at: node.place, help: "leave out what stands behind it")
    }

    /// The place of a character of a scalar, which may stand in quotes.
    func place(in node: Node, offset: Int) -> Place {
        let place = node.place
        guard place.file.lines.indices.contains(place.line - 1) else { return place }
        let rest = place.file.lines[place.line - 1].dropFirst(place.column - 1)
        let quote = rest.first == "\"" || rest.first == "'" ? 1 : 0
        guard offset >= 0, offset + quote < rest.count else { return place }
        return Place(file: place.file, line: place.line, column: place.column + quote + offset)
    }

    /// What the contract says at a path; anything when it cannot be known.
    func shape(of path: PathReference) -> ContractShape {
        guard direction == .request, let names = path.names else { return .any }
        var shape = path.isRelative ? list?.shape ?? .any : input
        for name in names {
            guard case .known(let next) = shape.step(name) else { return .any }
            shape = next
        }
        return shape
    }

    /// In a reply only the columns of a list's rows are known.
    private func check(_ path: PathReference, at node: Node) {
        walk(path, from: path.isRelative ? list?.shape ?? .any : input, at: node)
    }

    private func walk(_ path: PathReference, from start: ContractShape, at node: Node) {
        walk(path.checkableSteps[...], from: start, as: path.isRelative ? "@" : "$", at: node)
    }

    /// Follows names, and nil into the items of a list, from a shape; `walked` is where the shape stands.
    private func walk(_ names: ArraySlice<String?>, from start: ContractShape, as walked: String, at node: Node) {
        guard let step = names.first else { return }
        guard let name = step else { return walk(names.dropFirst(), from: start.item, as: walked + "[*]", at: node) }
        switch start.step(name) {
        case .known(let next): walk(names.dropFirst(), from: next, as: walked + "." + name, at: node)
        case .unknown(let allowed):
            if case .list = start, walked.hasPrefix("$.steps.") {
                diagnostics.error(
                    "unknown-field", "\(walked) is a list, with the results for each item", at: node.place, help: "\(walked)[*].\(name)")
                return
            }
            unknown(name, at: walked, allowed, node)
        }
    }

    private func unknown(_ name: String, at walked: String, _ allowed: [String], _ node: Node) {
        if walked == "$.steps", laterSteps.contains(name) {
            diagnostics.error(
                "forward-reference", "the step '\(name)' is made only later", at: node.place,
                help: "a step is made for those below it; put '\(name)' above")
            return
        }
        let steps = walked.split(separator: ".").dropFirst()
        let message: String
        switch (steps.first, steps.count) {
        case ("steps", 1): message = "there is no step '\(name)' before this"
        case ("steps", 2): message = "the step '\(steps.last ?? "")' gives no field '\(name)'"
        case (nil, 0) where walked == "@" && direction == .reply: message = "no column is called '\(name)'"
        case ("let", 1): message = "no value '\(name)' is made under 'let' before this"
        default: message = "the contract has no field '\(name)' at \(walked)"
        }
        let help =
            suggestion(for: name, among: allowed).map { "did you mean '\(walked).\($0)'?" }
            ?? (allowed.isEmpty ? "\(walked) holds no fields" : "allowed here: \(allowed.joined(separator: ", "))")
        diagnostics.error("unknown-field", message, at: node.place, help: help)
    }
}
