import Adapters
import ArgumentParser
import GatewayCore
import Glibc
import IntegratorTools

/// Keeps `consumers.yaml`. Digests and references only; comments and order stay.
struct ConsumersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumers", abstract: "Lists, adds and changes calling systems, and explains what they may call.",
        discussion: "Works on the files of a routes directory. What was changed counts from the next 'gatewayctl reload' on.",
        subcommands: [List.self, Add.self, Rotate.self, Certificate.self, Revoke.self, Grant.self, Explain.self])

    /// Where the file is.
    struct Place: ParsableArguments {
        @Option(help: "The routes directory.") var directory = "Routes"
        @OptionGroup var output: OutputOptions

        static func now() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec)
        }

        func change(_ make: (inout ConsumersChange) throws(ToolFault) -> Void) throws {
            var change = try ConsumersChange(directory: directory)
            try make(&change)
            try change.write()
        }
    }

    /// One line a consumer.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line a consumer: keys and other credentials in use, grants.")
        @OptionGroup var place: Place

        func run() throws {
            let file = try ConsumersText(directory: place.directory)
            var values: [Value] = []
            for id in file.ids { values.append(ConsumerReport.value(id, try file.consumer(id), now: Place.now())) }
            place.output.print(.array(values), text: values.map(ConsumerReport.line).joined(separator: "\n"))
        }
    }

    /// A new consumer.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a consumer with a new key, which is shown once and kept as its digest.")
        @Argument(help: "Its id: lower-case letters, digits and '-'.") var id: String
        @Option(help: "Its name, for people.") var name: String?
        @Flag(help: "Without a key: it will sign its requests. Needs --name.") var withoutKey = false
        @OptionGroup var place: Place

        func run() throws {
            let key = withoutKey ? nil : ConsumerKeys.make()
            try place.change { change throws(ToolFault) in try change.add(id, name: name, key: key) }
            var value: Object = ["consumer": .string(id)]
            if let key { value["key"] = .string(key) }
            place.output.print(
                .object(value),
                text: "added     \(id)\n" + (key.map { "key       \($0)\n          shown this once; the file has its digest\n" } ?? "")
                    + "next      gatewayctl consumers grant \(id) --departments … --operations …")
        }
    }

    /// A new key beside the old ones.
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a new key, which is shown once; the old ones end after some days, so that there is no gap.")
        @Argument(help: "The consumer's id.") var id: String
        @Option(help: "After how many days the old keys end.") var days = 30
        @OptionGroup var place: Place

        func run() throws {
            guard (0...3660).contains(days) else { throw ValidationError("--days is from 0 to 3660") }
            let key = ConsumerKeys.make()
            let day = ConsumerKeys.day(Place.now() + Int64(days) * 86_400)
            var ended = 0
            try place.change { change throws(ToolFault) in ended = try change.rotate(id, key: key, oldEnd: day) }
            place.output.print(
                ["consumer": .string(id), "key": .string(key), "oldKeysEnd": .string(day), "oldKeys": .integer(Int64(ended))],
                text: "key       \(key)\n          shown this once; the file has its digest\nold keys  \(ended), which end on \(day)")
        }
    }

    /// A certificate beside the other credentials.
    struct Certificate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds the certificate with which a consumer opens its TLS connections, by its public key or its subject.",
            discussion: """
                The public key is the safer choice: it is one certificate's, and its renewals' if they keep the key. A subject is what any of \
                the authorities in 'client-ca' may write.
                """)
        @Argument(help: "The consumer's id.") var id: String
        @Argument(help: "The certificate, a PEM file; - is standard input.") var file: String
        @Flag(help: "By its subject.") var subject = false
        @Option(help: "The day on which it ends as a credential, yyyy-MM-dd; the certificate's own end counts anyway.") var expires: String?
        @OptionGroup var place: Place

        func run() throws {
            let pem = try FileAccess.read(file)
            var written = Object()
            try place.change { change throws(ToolFault) in
                written = try change.certificate(id, pem: pem, bySubject: subject, expires: expires)
            }
            place.output.print(
                ["consumer": .string(id), "certificate": .object(written)],
                text: "added     \(written.fields.map { "\($0.name) \($0.value.scalarText ?? "")" }.joined(separator: ", "))")
        }
    }

    /// Keys that end now.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a credential, or all of them, today. They stay in the file, as what they were.")
        @Argument(help: "The consumer's id.") var id: String
        @Option(help: "The beginning of a digest, the key that a signature goes by, or the subject of a certificate or token.") var key:
            String?
        @Flag(help: "All its credentials.") var all = false
        @OptionGroup var place: Place

        func run() throws {
            guard all != (key != nil) else { throw ValidationError("say which: --key DIGEST, or --all") }
            let day = ConsumerKeys.day(Place.now())
            var ended = 0
            try place.change { change throws(ToolFault) in
                ended = try change.revoke(id, key, on: day)
                if ended == 0, let key {
                    throw ToolFault("'\(id)' has no credential '\(key)' that is still in use; 'consumers list --output json' shows them")
                }
            }
            place.output.print(
                ["consumer": .string(id), "ended": .integer(Int64(ended)), "on": .string(day)],
                text: "ended     \(ended) credential(s) of \(id), from the next reload on")
        }
    }

    /// A new grant.
    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a grant. Lists may be separated by commas; * is all.")
        @Argument(help: "The consumer's id.") var id: String
        @Option(help: "Department ids.") var departments: String?
        @Option(help: "Operations of the contract.") var operations: String?
        @Option(help: "Regions, 6 or 12 digits.") var regions: String?
        @Option(help: "Zones from which it holds.") var zones: String?
        @Option(help: "Fields of answers that it opens.") var fields: String?
        @Option(help: "Plain routes.") var routes: String?
        @Option(help: "The day on which it ends, yyyy-MM-dd.") var expires: String?
        @OptionGroup var place: Place

        func run() throws {
            let lists = [
                ("departments", departments), ("operations", operations), ("regions", regions), ("zones", zones), ("fields", fields),
                ("routes", routes),
            ]
            var entries: [(key: String, value: Value)] = lists.compactMap { key, text in
                text.map { (key, .array($0.split(separator: ",").map { .string(String($0)) })) }
            }
            if let expires { entries.append(("expires", .string(expires))) }
            let written = entries
            try place.change { change throws(ToolFault) in try change.grant(id, written) }
            var grant = Object()
            for entry in written { grant[entry.key] = entry.value }
            place.output.print(["consumer": .string(id), "grant": .object(grant)], text: "granted   \(id)")
        }
    }

    /// What one may call.
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says what a consumer may call, and why not.")
        @Argument(help: "The consumer's id.") var id: String
        @Option(help: "For a request that names this region.") var region: String?
        @Option(help: "For a request from this zone.") var zone: String?
        @Option(help: "This operation alone.") var operation: String?
        @Option(help: "This department alone.") var department: String?
        @OptionGroup var place: Place

        func run() throws {
            let snapshot = try LocalConfiguration(directory: place.directory, secrets: .machine(directory: nil)).usable()
            let (calls, routes) = try explanation(snapshot)
            place.output.print(
                ["consumer": .string(id), "calls": .array(calls), "routes": .array(routes)],
                text: ConsumerReport.lines(calls, routes).joined(separator: "\n"))
        }

        private func explanation(_ snapshot: Snapshot) throws(ToolFault) -> ([Value], [Value]) {
            let consumers = snapshot.consumers.consumers
            guard let consumer = consumers.first(where: { $0.id == id }) else { throw unknown("consumer", id, consumers.map(\.id)) }
            var place: Region?
            if let region {
                place = Region(region)
                if place == nil { throw ToolFault("'\(region)' is no region: 6 or 12 digits") }
            }
            let zones = snapshot.settings.zones.names
            if let zone, !zones.contains(zone) { throw unknown("zone", zone, zones) }
            let operations = snapshot.contract.operations.map(\.id)
            if let operation, !operations.contains(operation) { throw unknown("operation", operation, operations) }
            let departments = snapshot.departments.map(\.id)
            if let department, !departments.contains(department) { throw unknown("department", department, departments) }
            let explanation = AccessExplanation(
                consumer, in: snapshot, region: place, zone: zone.flatMap { zones.firstIndex(of: $0) }, now: Place.now())
            let calls = explanation.calls.filter { call in
                (operation == nil || call["operation"]?.string == operation)
                    && (department == nil || call["department"]?.string == department)
            }
            return (calls, operation == nil && department == nil ? explanation.routes : [])
        }

        private func unknown(_ what: String, _ word: String, _ known: [String]) -> ToolFault {
            let help = suggestion(for: word, among: known).map { "did you mean '\($0)'?" } ?? "known: \(known.joined(separator: ", "))"
            return ToolFault("no \(what) '\(word)'; \(help)")
        }
    }
}
