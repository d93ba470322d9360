extension MappingCompiler {
    /// The conversions of a rule, in the order of the table.
    func conversions(_ section: Section) -> [Conversion] {
        ConversionWord.allCases.flatMap { word -> [Conversion] in
            guard let node = section[word.rawValue] else { return [] }
            if word == .then { return then(node) }
            return conversion(word, node, section).map { [$0] } ?? []
        }
    }

    private func then(_ node: Node) -> [Conversion] {
        guard let items = node.items else {
            diagnostics.error(
                "wrong-type", "'then' takes a list of conversions", at: node.place,
                help: "such as  [{ substring: { length: 6 } }, { pad: { … } }]")
            return []
        }
        let words = ConversionWord.allCases.map(\.rawValue)
        return items.flatMap { item in Section(item, as: "a step of 'then'", keys: words, diagnostics).map(conversions) ?? [] }
    }

    private func conversion(_ word: ConversionWord, _ node: Node, _ section: Section) -> Conversion? {
        switch word {
        case .html: return section.choice(word.rawValue, of: ["text"]).map { _ in .html }
        case .numerals: return section.choice(word.rawValue, of: ["digits"]).map { _ in .numerals }
        case .sum: return section.bool(word.rawValue) == true ? .sum : nil
        case .trim: return section.bool(word.rawValue) == true ? .trim : nil
        case .absent: return section.strings(word.rawValue).map(Conversion.absent)
        case .between: return ends(node, "'between'").map { .between(start: $0.start, end: $0.end) }
        case .replace: return replacements(node)
        case .split: return section.string(word.rawValue).map(Conversion.split)
        case .substring: return substring(node)
        case .letters: return section.choice(word.rawValue, of: ["upper", "lower"]).map { .uppercase($0 == "upper") }
        case .pad: return pad(node)
        case .date: return date(node)
        case .map: return table(node).map(Conversion.map)
        case .reverseMap: return reversed(section)
        case .money:
            return section.choice(word.rawValue, of: MoneyStep.allCases.map(\.rawValue)).flatMap(MoneyStep.init).map(Conversion.money)
        case .decimals: return decimals(node, section)
        case .base64: return bytes(.base64, section)
        case .hex: return bytes(.hex, section)
        case .url: return bytes(.url, section)
        case .size:
            return section.choice(word.rawValue, of: Conversion.Measure.allCases.map(\.rawValue)).flatMap(Conversion.Measure.init)
                .map(Conversion.size)
        case .width: return section.choice(word.rawValue, of: ["half", "full"]).map { .width(half: $0 == "half") }
        case .pick: return section.integer(word.rawValue, in: -10_000...10_000).map(Conversion.pick)
        case .flatten: return flatten(node)
        case .unique: return unique(node)
        case .pairs: return pairs(node)
        case .entries: return entries(node)
        case .join: return section.string(word.rawValue).map(Conversion.join)
        case .json: return section.choice(word.rawValue, of: ["encode", "decode"]).map { .json(encode: $0 == "encode") }
        case .cast:
            return section.choice(word.rawValue, of: ScalarType.allCases.map(\.rawValue)).flatMap(ScalarType.init).map(Conversion.cast)
        case .then: return nil
        }
    }

    /// The texts at both ends, of which one may be left out.
    func ends(_ node: Node, _ name: String) -> (start: String, end: String)? {
        guard let section = Section(node, as: name, keys: ["start", "end"], diagnostics) else { return nil }
        let (start, end) = (section.string("start") ?? "", section.string("end") ?? "")
        if start.isEmpty, end.isEmpty {
            diagnostics.error(
                "missing-key", "\(name) needs 'start', 'end' or both", at: node.place, help: "such as  { start: \"(\", end: \")\" }")
            return nil
        }
        return (start, end)
    }

    /// `pairs: sorted`, or with the options of a parameter list.
    private func pairs(_ node: Node) -> Conversion? {
        guard node.entries == nil else {
            var reader = SigningReader(diagnostics: diagnostics)
            return reader.parameters(node, .form, nil).map(Conversion.pairs)
        }
        guard let word = node.text, ["sorted", "given"].contains(word) else {
            diagnostics.error(
                "unknown-value", "'pairs' is sorted, given, or a mapping of options", at: node.place,
                help: "such as  { order: sorted, empty: skip, except: [sign] }")
            return nil
        }
        var list = ParameterList(origin: .form)
        list.sorted = word == "sorted"
        return .pairs(list)
    }

    private func replacements(_ node: Node) -> Conversion? {
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "'replace' takes a mapping of old texts and new ones", at: node.place, help: "such as  { \"/\": \"-\" }")
            return nil
        }
        return .replace(entries.map { (old: $0.key, new: $0.value.text ?? "") })
    }

    private func substring(_ node: Node) -> Conversion? {
        guard let section = Section(node, as: "'substring'", keys: ["start", "length", "last"], diagnostics) else { return nil }
        if let last = section["last"] {
            guard section["start"] == nil, section["length"] == nil else {
                diagnostics.error(
                    "two-defaults", "'last' counts from the end, and 'start' from the beginning", at: last.place, help: "keep one")
                return nil
            }
            return section.integer("last", in: 1...1_000_000).map(Conversion.last)
        }
        let start = section.integer("start", in: 0...1_000_000) ?? 0
        return .substring(start: start, length: section.integer("length", in: 0...1_000_000))
    }

    private func bytes(_ writing: ByteWriting, _ section: Section) -> Conversion? {
        section.choice(writing.rawValue, of: ["encode", "decode"]).map { .bytes(writing, encode: $0 == "encode") }
    }

    /// `decimals: 2`, or with the rounding.
    private func decimals(_ node: Node, _ section: Section) -> Conversion? {
        guard node.entries != nil else { return section.integer("decimals", in: 0...20).map { .decimals($0, .halfUp, grouped: false) } }
        guard let section = Section(node, as: "'decimals'", keys: ["places", "rounding", "grouping"], diagnostics),
            section.required("places") != nil,
            let places = section.integer("places", in: 0...20)
        else { return nil }
        let rounding = section.choice("rounding", of: DecimalText.Rounding.allCases.map(\.rawValue)).flatMap(DecimalText.Rounding.init)
        return .decimals(places, rounding ?? .halfUp, grouped: section.bool("grouping") ?? false)
    }

    /// `true`, or the mark between the names of an object's fields.
    private func flatten(_ node: Node) -> Conversion? {
        if case .bool(let isWanted) = node.value { return isWanted ? .flatten(".") : nil }
        if let mark = node.text { return .flatten(mark) }
        diagnostics.error("wrong-type", "'flatten' is true, or the mark between two names", at: node.place, help: "such as  flatten: \".\"")
        return nil
    }

    /// `true`, or the field that tells objects apart.
    private func unique(_ node: Node) -> Conversion? {
        if case .bool(let isWanted) = node.value { return isWanted ? .unique(by: nil) : nil }
        if let name = node.text { return .unique(by: name) }
        diagnostics.error("wrong-type", "'unique' is true, or the name of a field", at: node.place, help: "such as  unique: code")
        return nil
    }

    private func entries(_ node: Node) -> Conversion? {
        guard let section = Section(node, as: "'entries'", keys: ["name", "value"], diagnostics), let name = section.requiredString("name"),
            let value = section.requiredString("value")
        else { return nil }
        if name == value {
            diagnostics.error("bad-name", "'name' and 'value' are two fields", at: section["value"]?.place)
            return nil
        }
        return .entries(name: name, value: value)
    }

    private func pad(_ node: Node) -> Conversion? {
        guard let section = Section(node, as: "'pad'", keys: ["left", "right", "width"], diagnostics), section.required("width") != nil,
            let width = section.integer("width", in: 1...1_000)
        else { return nil }
        guard let fill = section.string("left") ?? section.string("right"), (section["left"] == nil) != (section["right"] == nil),
            fill.count == 1,
            let character = fill.first
        else {
            diagnostics.error(
                "missing-key", "'pad' needs one character, under 'left' or under 'right'", at: node.place,
                help: "such as  { left: \"0\", width: 4 }")
            return nil
        }
        return .pad(left: section["left"] != nil, fill: character, width: width)
    }

    // MARK: Dates

    /// One date form.
    func dateForm(_ node: Node) -> DateForm? {
        if let text = node.text, let form = DateForm(text) { return form }
        let reason = node.text.flatMap(DateForm.flaw).map { ": \($0)" } ?? ""
        diagnostics.error("bad-date", "'\(node.text ?? "")' is no form of a date\(reason)", at: node.place, help: DateForm.allowed)
        return nil
    }

    /// A short `date` is the department's side: written in a request, read in a reply.
    private func date(_ node: Node) -> Conversion? {
        if node.entries != nil {
            guard let section = Section(node, as: "'date'", keys: ["in", "out", "zone"], diagnostics) else { return nil }
            let inputs = section["in"].map(dateForms) ?? [.contract]
            let output = section["out"].map(dateForm) ?? .contract
            guard let output, !inputs.isEmpty else { return nil }
            return .date(inputs: inputs, output: output, offset: offset(section) ?? CivilTime.shanghai)
        }
        let forms = dateForms(node)
        guard let first = forms.first else { return nil }
        guard direction == .request else { return .date(inputs: forms, output: .contract, offset: CivilTime.shanghai) }
        if forms.count > 1 {
            diagnostics.error("two-dates", "a date is written in one form", at: node.place, help: "a list of forms belongs to replies")
        }
        return .date(inputs: [.contract], output: first, offset: CivilTime.shanghai)
    }

    private func dateForms(_ node: Node) -> [DateForm] { (node.items ?? [node]).compactMap(dateForm) }

    private func offset(_ section: Section) -> Int? {
        guard let zone = section.string("zone") else { return nil }
        switch zone {
        case "Asia/Shanghai": return CivilTime.shanghai
        case "UTC": return 0
        default:
            let bytes = Array(zone.utf8)
            if bytes.count == 6, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[3] == 0x3A, let hours = Int(zone.dropFirst().prefix(2)),
                let minutes = Int(zone.suffix(2)), (0...14).contains(hours), (0...59).contains(minutes)
            {
                return (bytes[0] == 0x2D ? -1 : 1) * (hours * 3600 + minutes * 60)
            }
            diagnostics.error("unknown-value", "'\(zone)' is no zone", at: section["zone"]?.place, help: "Asia/Shanghai, UTC, or +HH:MM")
            return nil
        }
    }

    // MARK: Code tables

    private func table(_ node: Node) -> CodeTable? {
        if let name = node.text { return named(name, at: node) }
        return CodeTable(node, name: nil, diagnostics)
    }

    private func reversed(_ section: Section) -> Conversion? {
        let word = ConversionWord.reverseMap.rawValue
        guard let name = section.string(word), let node = section[word], let table = named(name, at: node) else { return nil }
        checkCallWords(of: table, section)
        guard let back = table.reversed() else {
            let twice = table.twice.map { "'\($0.first)' and '\($0.second)' both become '\($0.word)'" } ?? "two codes become the same"
            diagnostics.error(
                "not-reversible", "\(twice) in '\(name)', so it cannot be read backwards", at: node.place,
                help: "write the way back as a table of its own, from the contract's words to the codes, and use it with 'map'")
            return nil
        }
        return .map(back)
    }

    /// Checks that a table that is read backwards has the contract's words, where it is given one as the call has it: a word that the contract
    /// does not know is never asked for.
    private func checkCallWords(of table: CodeTable, _ section: Section) {
        let before = ConversionWord.allCases.prefix { $0 != .reverseMap }
        guard direction == .request, !before.contains(where: { section[$0.rawValue] != nil }),
            let node = section["from"], let text = node.text, let path = try? PathReference(text, within: list?.path),
            case .scalar(let words?) = shape(of: path)
        else { return }
        for (code, word) in table.values.sorted(by: { $0.key < $1.key }) {
            guard let word = word.scalarText, !words.contains(word), let place = table.places[code],
                !diagnostics.holds("unknown-word", at: place)
            else { continue }
            let help = suggestion(for: word, among: words).map { "did you mean '\($0)'?" } ?? "one of: \(words.joined(separator: ", "))"
            let line = section.place(of: ConversionWord.reverseMap.rawValue).line
            // No error: the same table may be read forwards for a field that takes any text.
            diagnostics.warning(
                "unknown-word",
                "'\(word)' is no value of the contract's '\(text)', so the table that is read backwards on line \(line) never finds it",
                at: place, help: help)
        }
    }

    private func named(_ name: String, at node: Node) -> CodeTable? {
        if let table = codes[name] { return table }
        let known = codes.keys.sorted()
        let help =
            suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty
                ? "a table is written under 'codes', or in place: { \"01\": accepted }" : "known: \(known.joined(separator: ", "))")
        diagnostics.error("unknown-codes", "no table '\(name)' under 'codes'", at: node.place, help: help)
        return nil
    }
}

extension CodeTable {
    /// A table from a mapping of codes; the key `default` is for every other code.
    init?(_ node: Node, name: String?, _ diagnostics: Diagnostics) {
        guard let entries = node.entries, !entries.isEmpty else {
            diagnostics.error(
                "wrong-type", "a code table is a mapping, not \(node.kindName)", at: node.place,
                help: "such as  { \"01\": accepted, \"02\": completed }")
            return nil
        }
        var values: [String: Value] = [:]
        var otherwise: Value?
        var places: [String: Place] = [:]
        for entry in entries {
            guard let text = entry.value.text else {
                diagnostics.error("wrong-type", "a code becomes a single value, not \(entry.value.kindName)", at: entry.value.place)
                continue
            }
            places[entry.key] = entry.value.place
            if entry.key == "default" { otherwise = .string(text) } else { values[entry.key] = .string(text) }
        }
        self.init(name: name, values: values, otherwise: otherwise, places: places)
    }
}
