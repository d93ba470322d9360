import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

/// What the loader says that it knows, place by place, while it reads a configuration.
struct LoaderReadings {
    struct Reading {
        let name: String
        let allowed: [String]
        let isWords: Bool
        let steps: [String]
        let text: String
    }

    var readings: [Reading] = []

    /// Compiles a routes directory's texts and notes what was read in the file whose path ends in `file`.
    init(_ sources: RouteSources, file: String) throws {
        let diagnostics = Diagnostics()
        var raw: [(String, [String], Bool, Place)] = []
        diagnostics.observer = { reading in
            switch reading {
            case .keys(let keys, let name, let place): raw.append((name, keys, false, place))
            case .words(let words, let name, let place): raw.append((name, words, true, place))
            }
        }
        let compiler = Compiler(diagnostics, buckets: BucketRegistry(), missingSecrets: .warn) { _ in "x" }
        _ = compiler.compile(sources, revision: 0)
        let text = try #require(sources.all.first { $0.path.hasSuffix(file) })
        let root = try #require(Node.read(text.bytes, path: text.path, Diagnostics()))
        var places: [String: [String]] = [:]
        LoaderReadings.collect(root, [], &places)
        for (name, keys, isWords, place) in raw where place.file.path == text.path {
            guard let steps = places["\(place.line):\(place.column)\(isWords ? "" : "{")"] else { continue }
            readings.append(Reading(name: name, allowed: keys, isWords: isWords, steps: steps, text: "\(text.path):\(place.line)"))
        }
    }

    /// The path to every node by its place; mappings have keys of their own, for a block mapping stands where its first key does.
    private static func collect(_ node: Node, _ steps: [String], _ places: inout [String: [String]]) {
        let isMapping = node.entries != nil
        let key = "\(node.place.line):\(node.place.column)\(isMapping ? "{" : "")"
        // An alias leads to a place that is there already.
        guard places[key] == nil else { return }
        places[key] = steps
        for entry in node.entries ?? [] { collect(entry.value, steps + [entry.key], &places) }
        for (index, item) in (node.items ?? []).enumerated() { collect(item, steps + ["\(index)"], &places) }
    }
}

/// Walks a schema the way a value is nested.
struct SchemaWalk {
    let document: Value

    /// Every shape that a schema may take, references and alternatives followed.
    func shapes(_ schema: Value) -> [Value] {
        if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
            return document["$defs"]?[String(name)].map(shapes) ?? []
        }
        if let parts = schema["anyOf"]?.array { return parts.flatMap(shapes) }
        return [schema]
    }

    /// The shapes at a path of names and positions.
    func shapes(at steps: [String]) -> [Value] {
        var current = shapes(document)
        for step in steps {
            current = current.flatMap { shape -> [Value] in
                if let property = shape["properties"]?[step] { return shapes(property) }
                if let items = shape["items"], step.allSatisfy(\.isNumber) { return shapes(items) }
                if let rest = shape["additionalProperties"], rest.object != nil { return shapes(rest) }
                return []
            }
        }
        return current
    }

    /// The keys of the closed mappings at a path.
    func keys(at steps: [String]) -> Set<String> {
        Set(shapes(at: steps).filter { $0["additionalProperties"] == false }.flatMap { $0["properties"]?.object?.fields.map(\.name) ?? [] })
    }

    /// The words of the enumerations at a path.
    func words(at steps: [String]) -> Set<String> { Set(shapes(at: steps).flatMap { $0["enum"]?.array?.compactMap(\.string) ?? [] }) }

    /// Whether anything at all may stand at a path.
    func isOpen(at steps: [String]) -> Bool { shapes(at: steps).contains(true) }
}
