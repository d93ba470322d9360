/// What a department's file may say about translation, as JSON Schema. The lists of words are the loader's own; a test holds every level
/// to what the loader reads there.
package enum MappingSchema {
    /// The keys of a department's file that are read by `DepartmentTranslation`.
    package static var keys: [(key: String, shape: Value)] {
        let said: SchemaKeys = [
            "codes": SchemaText.names(of: SchemaText.ref("table")), "absent": SchemaText.some(SchemaText.text),
            "signing": SchemaText.ref("signing"), "login": SchemaText.ref("login"), "defaults": SchemaText.ref("defaults"),
        ]
        return DepartmentTranslation.keys.filter { $0 != "operations" }.map { key in
            (key, said[key] ?? SchemaText.anything)
        }
    }

    /// The operations of a contract, each with what the file may say of it.
    package static func operations(_ names: [String]) -> Value {
        guard !names.isEmpty else { return SchemaText.names(of: SchemaText.ref("operation")) }
        return SchemaText.closed(names, SchemaKeys(names.map { (key: $0, shape: SchemaText.ref("operation")) }))
    }

    /// Everything that the keys refer to.
    package static var definitions: Object {
        var definitions = Object()
        for part in [rules, documents, operations, replies, signing] {
            for field in part.fields { definitions[field.name] = field.value }
        }
        return definitions
    }

    private static let rule = SchemaText.ref("value")
    private static let named: Value = SchemaText.names(of: SchemaText.ref("value"))

    // MARK: Values

    private static var rules: Object {
        let conversions = ConversionWord.allCases.map(\.rawValue)
        return [
            "value": SchemaText.any(SchemaText.path, SchemaText.closed(MappingCompiler.keys, sources + options + converting)),
            "conversions": SchemaText.closed(conversions, converting),
            "table": SchemaText.names(of: SchemaText.text),
            "dates": SchemaText.any(
                SchemaText.some(SchemaText.text),
                SchemaText.closed(["in": SchemaText.some(SchemaText.text), "out": SchemaText.text, "zone": SchemaText.text])),
        ]
    }

    private static let sources: SchemaKeys = [
        "from": SchemaText.any(SchemaText.path, SchemaText.list(rule)), "all": SchemaText.path, "call": SchemaText.path,
        "const": SchemaText.anything, "secret": SchemaText.text, "session": SchemaText.text, "cookie": SchemaText.text,
        "clock": SchemaText.text,
        "uuid": SchemaText.words(["plain", "dashes"]), "position": SchemaText.words(["from-one"]),
        "paging": SchemaText.words(PagingWord.words), "digest": SchemaText.ref("digest"), "mac": SchemaText.ref("mac"),
        "signature": SchemaText.ref("signature"),
        "concat": SchemaText.list(rule), "list": SchemaText.list(rule), "first": SchemaText.list(rule), "fields": named,
        "each": SchemaText.some(SchemaText.path),
        "document": SchemaText.ref("document"), "test": SchemaText.text, "count": SchemaText.path, "merge": SchemaText.list(rule),
        "condition": SchemaText.text,
    ]

    private static let options: SchemaKeys = [
        "value": rule, "plus": SchemaText.duration, "when": SchemaText.text, "default": SchemaText.anything, "required": SchemaText.bool,
        "nil": SchemaText.bool,
        "columns": SchemaText.some(SchemaText.text), "values": SchemaText.some(rule),
        "backslash": SchemaText.words(ConditionSource.Backslash.allCases.map(\.rawValue)),
    ]

    /// The texts at both ends.
    private static let ends = SchemaText.closed(["start": SchemaText.text, "end": SchemaText.text])

    private static let converting: SchemaKeys = [
        "html": SchemaText.words(["text"]), "numerals": SchemaText.words(["digits"]), "sum": SchemaText.bool, "trim": SchemaText.bool,
        "width": SchemaText.words(["half", "full"]), "pick": SchemaText.number,
        "flatten": SchemaText.any(SchemaText.bool, SchemaText.text), "unique": SchemaText.any(SchemaText.bool, SchemaText.text),
        "decimals": SchemaText.any(
            SchemaText.number,
            SchemaText.closed([
                "places": SchemaText.number, "rounding": SchemaText.words(DecimalText.Rounding.allCases.map(\.rawValue)),
                "grouping": SchemaText.bool,
            ])), "hex": SchemaText.words(["encode", "decode"]), "url": SchemaText.words(["encode", "decode"]),
        "entries": SchemaText.closed(["name": SchemaText.text, "value": SchemaText.text]), "absent": SchemaText.some(SchemaText.text),
        "replace": SchemaText.names(of: SchemaText.text), "between": ends,
        "pairs": SchemaText.any(SchemaText.words(["sorted", "given"]), SchemaText.ref("signingParameters")),
        "split": SchemaText.text,
        "substring": SchemaText.closed(["start": SchemaText.number, "length": SchemaText.number, "last": SchemaText.number]),
        "case": SchemaText.words(["upper", "lower"]),
        "pad": SchemaText.closed(["left": SchemaText.text, "right": SchemaText.text, "width": SchemaText.number]),
        "date": SchemaText.ref("dates"), "map": SchemaText.any(SchemaText.text, SchemaText.ref("table")), "reverse-map": SchemaText.text,
        "money": SchemaText.words(MoneyStep.allCases.map(\.rawValue)), "base64": SchemaText.words(["encode", "decode"]),
        "size": SchemaText.words(Conversion.Measure.allCases.map(\.rawValue)),
        "join": SchemaText.text, "json": SchemaText.words(["encode", "decode"]),
        "as": SchemaText.words(ScalarType.allCases.map(\.rawValue)), "then": SchemaText.list(SchemaText.ref("conversions")),
    ]

    private static var documents: Object {
        func sum(_ prefix: String, _ more: [String]) -> Value {
            let algorithms = DigestAlgorithm.allCases.map { prefix + $0.rawValue }
            let said = SchemaKeys(algorithms.map { (key: $0, shape: rule) })
            let options: SchemaKeys = [
                "as": SchemaText.words(DigestSource.Output.allCases.map(\.rawValue)), "charset": SchemaText.text, "key": rule,
                "of": SchemaText.words(["base64", "hex"]),
            ]
            return SchemaText.closed(algorithms + ["as", "charset", "of"] + more, said + options)
        }
        return [
            "digest": sum("", []), "mac": sum("hmac-", ["key"]),
            "signature": SchemaText.closed(
                SchemaKeys(SignatureAlgorithm.words.map { (key: $0, shape: rule) }) + [
                    "key": rule, "as": SchemaText.words(DigestSource.Output.allCases.map(\.rawValue)), "charset": SchemaText.text,
                    "format": SchemaText.words(["der", "raw"]), "identity": SchemaText.text,
                ]),
            "document": SchemaText.closed([
                "xml": SchemaText.text, "json": SchemaText.words(["object", "list"]), "form": SchemaText.words(["object"]),
                "delimited": SchemaText.closed(dialect), "text": rule, "encoding": SchemaText.text, "declaration": SchemaText.bool,
                "in": SchemaText.some(SchemaText.ref("layer")),
            ]), "layer": layer,
        ]
    }

    /// How delimited text is written.
    private static let dialect: SchemaKeys = [
        "separator": SchemaText.text, "rows": SchemaText.text, "quote": SchemaText.text, "escape": SchemaText.text,
        "escapes": SchemaText.names(of: SchemaText.text), "header": SchemaText.bool, "columns": SchemaText.some(SchemaText.text),
        "widths": widths, "counted": SchemaText.words(["bytes", "characters"]),
    ]

    /// Columns of fixed widths.
    private static let widths = SchemaText.names(
        of: SchemaText.any(
            SchemaText.number, SchemaText.closed(["width": SchemaText.number, "left": SchemaText.text, "right": SchemaText.text])))

    /// What a document is wrapped in: a word, or a word with options.
    private static var layer: Value {
        let key = SchemaText.closed([
            "secret": SchemaText.text, "as": SchemaText.words(CipherRule.KeyForm.allCases.map(\.rawValue)),
        ])
        let cipher = SchemaText.closed([
            "mode": SchemaText.words(BlockCipher.Mode.allCases.map(\.rawValue)), "key": key,
            "iv": SchemaText.any(SchemaText.words(["prefix"]), key),
        ])
        let base64 = SchemaText.closed(["line": SchemaText.number, "end": SchemaText.words(["crlf", "lf"])])
        let ciphers = SchemaKeys(BlockCipher.Algorithm.allCases.map { (key: $0.rawValue, shape: cipher) })
        return SchemaText.any(
            SchemaText.words(MappingCompiler.layerWords), SchemaText.closed(["base64": base64, "around": ends] + ciphers))
    }

    // MARK: Operations

    private static var operations: Object {
        let said: SchemaKeys = [
            "rest": SchemaText.ref("rest"), "soap": SchemaText.ref("soap"), "form": SchemaText.ref("form"),
            "delimited": SchemaText.ref("delimited"), "mailbox": SchemaText.ref("mailbox"), "path": named, "query": named, "headers": named,
            "request": named,
            "signed": SchemaText.bool, "let": named, "cookies": named,
            "auth": SchemaText.closed(["basic": SchemaText.closed(["user": rule, "password": rule])]),
        ]
        let steps: SchemaKeys = ["steps": SchemaText.names(of: SchemaText.ref("step"))]
        return [
            "operation": SchemaText.closed(
                DepartmentCompiler.callKeys + ["steps", "cannot-search"],
                said + steps + ["cannot-search": SchemaText.some(SchemaText.text), "reply": SchemaText.ref("reply")]),
            "step": SchemaText.closed(
                DepartmentCompiler.callKeys + ["when", "changes", "each"],
                said + ["each": SchemaText.path, "when": SchemaText.text, "changes": SchemaText.bool, "reply": SchemaText.ref("stepReply")]),
            "login": SchemaText.closed(
                DepartmentCompiler.callKeys + ["steps"], said + steps + ["reply": SchemaText.ref("loginReply")]),
            "defaults": SchemaText.closed(
                AdapterCatalog.words + ["request", "query", "headers", "reply"] + RequestCredentials.keys,
                said + ["reply": SchemaText.ref("reply")]),
            "rest": SchemaText.closed([
                "method": SchemaText.words(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), "path": SchemaText.text,
                "body": SchemaText.words(RequestBody.Format.allCases.map(\.rawValue)), "root": SchemaText.text, "charset": SchemaText.text,
                "type": SchemaText.text, "delimited": SchemaText.closed(dialect), "each": SchemaText.some(SchemaText.path),
            ]),
            "delimited": SchemaText.closed(
                [
                    "method": SchemaText.words(["POST", "PUT"]), "path": SchemaText.text, "charset": SchemaText.text,
                    "type": SchemaText.text,
                    "each": SchemaText.some(SchemaText.path),
                ] + dialect),
            "soap": SchemaText.closed([
                "version": SchemaText.words(["1.1", "1.2"]), "path": SchemaText.text, "operation": SchemaText.text,
                "namespace": SchemaText.text, "qualified": SchemaText.bool, "action": SchemaText.text, "header": named,
                "namespaces": SchemaText.names(of: SchemaText.text), "charset": SchemaText.text, "label": SchemaText.text,
            ]),
            "form": SchemaText.closed(["path": SchemaText.text, "charset": SchemaText.text, "label": SchemaText.text]),
            "mailbox": SchemaText.closed([
                "directory": SchemaText.text, "name": rule, "temporary": SchemaText.text,
                "body": SchemaText.words(MailboxKind.bodies.map(\.rawValue)), "root": SchemaText.text, "charset": SchemaText.text,
                "delimited": SchemaText.closed(dialect), "each": SchemaText.some(SchemaText.path),
                "answer": SchemaText.closed([
                    "directory": SchemaText.text, "name": rule, "every": SchemaText.duration, "within": SchemaText.duration,
                    "then": SchemaText.words(["keep", "delete", "move"]), "to": SchemaText.text,
                ]),
            ]),
        ]
    }

    private static var replies: Object {
        let verdicts = Verdict.allCases.map { (key: $0.rawValue, shape: SchemaText.text) }
        let formats = SchemaText.words(ReplyFormat.allCases.map(\.rawValue))
        let said: SchemaKeys = [
            "as": SchemaText.some(formats), "prefixes": SchemaText.names(of: SchemaText.text),
            "unwrap": SchemaText.some(SchemaText.ref("unwrap")),
            "success": SchemaText.text,
            "pending": SchemaText.closed([
                "when": SchemaText.text, "every": SchemaText.duration, "within": SchemaText.duration,
                "then": SchemaText.words(["fail", "answer"]),
            ]),
            "expect": SchemaText.some(SchemaText.text),
            "failure": SchemaText.closed([
                "code": SchemaText.some(rule), "message": SchemaText.some(rule), "retry-after": SchemaText.some(rule),
            ]),
        ]
        let reader: SchemaKeys = [
            "encoding": SchemaText.text, "invalid": SchemaText.words(["refuse", "replace"]),
            "namespaces": SchemaText.names(of: SchemaText.text), "lists": SchemaText.some(SchemaText.text),
            "delimited": SchemaText.closed(dialect + ["first": SchemaText.any(SchemaText.some(SchemaText.text), widths), "last": widths]),
        ]
        let common = said + reader + signatures + SchemaKeys(verdicts)
        let paging = SchemaText.any(
            SchemaText.words(OperationAdapter.Paging.allCases.map(\.rawValue)),
            SchemaText.closed(["largest": SchemaText.number, "cursor": rule]))
        return [
            "reply": SchemaText.closed(
                ReplyCompiler.keys + ["fields", "paging"],
                common + ["fields": named, "paging": paging]),
            "stepReply": SchemaText.closed(ReplyCompiler.keys + ["fields"], common + ["fields": named]),
            "loginReply": SchemaText.closed(
                ReplyCompiler.keys + ["token", "session", "lifetime"],
                common + [
                    "token": rule, "session": named,
                    "lifetime": SchemaText.any(
                        SchemaText.duration,
                        SchemaText.closed(["from": SchemaText.path, "unit": SchemaText.words(["ms", "s", "m"])])),
                ]),
            "callback": callback(said + reader),
            "unwrap": SchemaText.closed(
                [
                    "at": SchemaText.path, "as": formats, "in": SchemaText.some(SchemaText.ref("layer")), "in-place": SchemaText.bool,
                    "when": SchemaText.text,
                ] + reader),
        ]
    }

    /// What a message must carry to be believed.
    private static let signatures: SchemaKeys = [
        "signature": SchemaText.closed(["received": rule, "expected": rule, "case": SchemaText.words(["exact", "ignore"])]),
        "signing": SchemaText.ref("signing"), "skew": SchemaText.duration,
    ]

    /// What a department pushes.
    private static func callback(_ reading: SchemaKeys) -> Value {
        let answer: SchemaKeys = [
            "body": SchemaText.words(CallbackCompiler.answerFormats), "root": SchemaText.text, "charset": SchemaText.text,
            "type": SchemaText.text, "accepted": named, "refused": named, "status": SchemaText.number, "refused-status": SchemaText.number,
        ]
        let said: SchemaKeys = [
            "id": SchemaText.text, "path": SchemaText.text, "methods": SchemaText.some(SchemaText.words(["POST", "PUT"])),
            "from": SchemaText.some(SchemaText.text), "body-limit": SchemaText.size,
            "receive": SchemaText.closed(ReplyCompiler.documentKeys + ["expect"], reading),
            "each": SchemaText.path, "event": named, "key": SchemaText.some(rule),
            "answer": SchemaText.closed(CallbackCompiler.answerKeys, answer),
        ]
        return SchemaText.closed(CallbackCompiler.addressKeys + CallbackCompiler.keys, said + signatures)
    }

    // MARK: Aggregations

    /// A file of `aggregations/`, each operation being one of `names`; none leaves them open.
    package static func aggregation(_ names: [String]) -> Value {
        let operation = names.isEmpty ? SchemaText.text : SchemaText.words(names)
        let part: SchemaKeys = [
            "operation": operation, "departments": SchemaText.some(SchemaText.text),
            "need": SchemaText.words(Aggregation.Need.allCases.map(\.rawValue)), "input": named, "when": SchemaText.text,
            "merge": SchemaText.closed(["order": SchemaText.some(SchemaText.text), "distinct": SchemaText.text]), "fallback": named,
            "instead-of": SchemaText.text, "after": SchemaText.some(SchemaText.text),
        ]
        let file: SchemaKeys = [
            "operation": operation, "deadline": SchemaText.duration,
            "parts": SchemaText.names(of: SchemaText.closed(AggregationCompiler.partKeys, part)), "answer": named,
            "paging": SchemaText.words(["gateway", "none"]),
        ]
        return SchemaText.closed(AggregationCompiler.keys, file, required: ["operation", "parts"])
    }
}
