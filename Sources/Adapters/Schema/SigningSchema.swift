extension MappingSchema {
    /// A department's `signing`.
    static var signing: Object {
        let algorithms = DigestAlgorithm.allCases.map(\.rawValue)
        let outputs = SchemaText.words(SigningOutput.allCases.map(\.rawValue))
        let order = SchemaText.words(["sorted", "given"])
        let targets: SchemaKeys = [
            "header": SchemaText.text, "parameter": SchemaText.text, "query": SchemaText.text, "json": SchemaText.path,
            "soap-header": SchemaText.path,
        ]
        let parameters = SchemaText.ref("signingParameters")
        return [
            "signing": SchemaText.closed([
                "algorithm": SchemaText.words(algorithms + algorithms.map { "hmac-" + $0 } + SignatureAlgorithm.words),
                "secret": SchemaText.text,
                "charset": SchemaText.text, "set": SchemaText.list(SchemaText.ref("signingValue")),
                "parts": SchemaText.list(SchemaText.ref("signingPart")), "join": SchemaText.text, "end": SchemaText.text,
                "output": outputs, "place": SchemaText.closed(targets + ["text": SchemaText.text]),
                "format": SchemaText.words(["der", "raw"]),
                "identity": SchemaText.text,
            ]),
            "signingValue": SchemaText.closed(
                targets + [
                    "value": SchemaText.text, "secret": SchemaText.text, "literal": SchemaText.text, "clock": SchemaText.text,
                    "random": SchemaText.any(
                        SchemaText.words(["hex", "digits", "uuid"]),
                        SchemaText.closed(["hex": SchemaText.number, "digits": SchemaText.number])),
                    "body-digest": SchemaText.ref("signingBodyDigest"), "signed-headers": SchemaText.text, "skip-empty": SchemaText.bool,
                ]),
            "signingBodyDigest": SchemaText.any(
                SchemaText.words(algorithms), SchemaText.closed(["algorithm": SchemaText.words(algorithms), "output": outputs])),
            "signingPart": SchemaText.any(
                SchemaText.words(["method", "path", "body", "query", "form", "parameters"]),
                SchemaText.list(SchemaText.ref("signingPart")),
                SchemaText.closed([
                    "literal": SchemaText.text, "secret": SchemaText.text, "clock": SchemaText.text, "header": SchemaText.text,
                    "value": SchemaText.text,
                    "headers": SchemaText.any(
                        SchemaText.list(SchemaText.text),
                        SchemaText.closed([
                            "names": SchemaText.list(SchemaText.text), "order": order, "pair": SchemaText.text, "join": SchemaText.text,
                        ])),
                    "parameter": SchemaText.text, "json": SchemaText.path, "query": parameters, "form": parameters,
                    "parameters": parameters,
                    "path": SchemaText.words(["encoded", "decoded"]), "body-digest": SchemaText.ref("signingBodyDigest"),
                    "digest": SchemaText.closed([
                        "algorithm": SchemaText.words(algorithms), "parts": SchemaText.list(SchemaText.ref("signingPart")),
                        "join": SchemaText.text, "end": SchemaText.text, "output": outputs,
                    ]),
                ])),
            "signingParameters": SchemaText.closed([
                "order": order, "empty": SchemaText.words(ParameterList.Empty.allCases.map(\.rawValue)),
                "encode": SchemaText.words(ParameterList.Encoding.allCases.map(\.rawValue)),
                "show": SchemaText.words(ParameterList.Show.allCases.map(\.rawValue)), "pair": SchemaText.text, "join": SchemaText.text,
                "prefix": SchemaText.text, "only": SchemaText.some(SchemaText.text), "except": SchemaText.some(SchemaText.text),
            ]),
        ]
    }
}
