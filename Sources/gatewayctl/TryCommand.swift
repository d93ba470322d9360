import Adapters
import ArgumentParser
import GatewayCore
import Glibc

/// Takes a contract call through a department's adapter without a network.
struct TryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Shows what would be sent for a call, and what a reply would become. No network.",
        discussion: """
            CALL is a JSON file: {"operation": "cases.get", "input": {"caseNo": "…"}}, and if you like "now" (RFC 3339), \
            "random" (32 hex digits) and "session" (a token). --reply takes a whole HTTP reply: status line, fields, empty line, body. \
            A secret that is not set stands as its name in braces.
            """)

    @Argument(help: "The call, a JSON file; - is standard input.") var call: String
    @Option(help: "A department's HTTP reply, as received.") var reply: String?
    @Option(help: "The routes directory.") var directory = "Routes"
    @Option(help: "A directory with one file per secret.") var secrets: String?
    @Option(help: "The department, where the call names none.") var department: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let compiled = LocalConfiguration.compile(directory, secrets: secrets, missingSecrets: .warn, standIns: true)
        guard let snapshot = compiled.snapshot else {
            for problem in compiled.problems { standardError("\(problem)") }
            throw ExitCode(1)
        }
        let trial = try Trial(try read(call), in: snapshot, department: department)
        var report: Object = ["department": .string(trial.department.id), "operation": .string(trial.operation.id)]
        var lines: [String] = []
        do throws(AdapterFault) {
            let request = try trial.adapter.request(trial.call)
            report["request"] = RequestText.value(request)
            lines.append(RequestText.text(request))
        } catch { fail(error, trial, &report, &lines) }
        if let reply { answer(try HTTPText.reply(try read(reply)), trial, &report, &lines) }
        output.print(.object(report), text: lines.joined(separator: "\n"))
        if report["problem"] != nil { throw ExitCode(1) }
    }

    private func read(_ path: String) throws -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY)
        guard descriptor >= 0 else {
            standardError("gatewayctl: \(path) cannot be read: \(String(cString: strerror(errno)))\n")
            throw ExitCode(1)
        }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count <= 0 { return bytes }
            bytes += chunk[0..<count]
        }
    }

    private func answer(_ reply: DepartmentReply, _ trial: Trial, _ report: inout Object, _ lines: inout [String]) {
        switch trial.adapter.outcome(of: reply, to: trial.call) {
        case .sessionExpired:
            report["outcome"] = "sessionExpired"
            lines.append("-- the session is over: the gateway would log in again and send the call once more")
        case .failed(let fault): fail(fault, trial, &report, &lines)
        case .answer(let value):
            do throws(AdapterFault) {
                let answer = try trial.operation.typeReply(value)
                report["answer"] = answer
                lines.append("-- answer, status \(trial.operation.status(of: answer))")
                lines.append(String(decoding: JSONCodec.encode(answer, indented: true), as: UTF8.self))
            } catch { fail(error, trial, &report, &lines) }
        }
    }

    private func fail(_ fault: AdapterFault, _ trial: Trial, _ report: inout Object, _ lines: inout [String]) {
        let problem = ProblemDocument.value(fault, traceID: String(repeating: "0", count: 32), department: trial.department.id)
        report["problem"] = problem
        lines.append("-- problem, status \(fault.code.status)")
        lines.append(String(decoding: JSONCodec.encode(problem, indented: true), as: UTF8.self))
    }
}

/// A call file, resolved against a configuration.
struct Trial {
    let department: Department
    let operation: ContractOperation
    let adapter: OperationAdapter
    let call: AdapterCall

    init(_ bytes: [UInt8], in snapshot: Snapshot, department wanted: String?) throws {
        let file: Value
        do throws(CodecFault) { file = try JSONCodec.decode(bytes) } catch { throw Trial.fault("the call is no JSON: \(error.reason)") }
        guard let id = file["operation"]?.string, let operation = snapshot.contract.operation(id) else {
            let known = snapshot.contract.operations.map(\.id)
            let help = file["operation"]?.string.flatMap { suggestion(for: $0, among: known) }.map { "did you mean '\($0)'?" }
            throw Trial.fault("the call names no operation of the contract; \(help ?? "one of: \(known.joined(separator: ", "))")")
        }
        let input = try Trial.input(file["input"] ?? .object(Object()), operation)
        let named = operation.departmentCode(in: input)?.code
        let index =
            wanted.map { id in snapshot.departments.firstIndex { $0.id == id } }
            ?? named.flatMap { snapshot.department(of: $0, offering: id) ?? snapshot.department(of: $0) }
        guard let index else {
            throw Trial.fault("no department: \(wanted.map { "'\($0)' is not known" } ?? "the call names none that is; give --department")")
        }
        department = snapshot.departments[index]
        guard let adapter = department.translation.operations[id] else { throw Trial.fault("\(department.id) does not offer \(id)") }
        self.operation = operation
        self.adapter = adapter
        call = AdapterCall(
            input: input, secrets: department.secrets, moment: try Trial.moment(file),
            session: file["session"]?.string ?? (adapter.usesSession ? "SESSION-TOKEN" : nil))
    }

    /// The input as the contract reads it: path and query parameters by name, the rest is the body.
    private static func input(_ value: Value, _ operation: ContractOperation) throws -> Value {
        var rest = value.object ?? Object()
        var path: [(name: String, value: String)] = []
        for case .parameter(let name) in operation.pathSegments {
            path.append((name, rest[name]?.scalarText ?? ""))
            rest[name] = nil
        }
        var query: [(name: String, value: String)] = []
        if !operation.takesBody { query = rest.fields.compactMap { field in field.value.scalarText.map { (field.name, $0) } } }
        let read = operation.readRequest(path: path, query: query, body: operation.takesBody ? .object(rest) : nil)
        guard read.errors.isEmpty else {
            throw fault(
                "the call breaks the contract:\n" + read.errors.map { "  \($0.field): \($0.rule): \($0.message)" }.joined(separator: "\n"))
        }
        return read.input
    }

    private static func moment(_ file: Value) throws -> CallMoment {
        var milliseconds = Int64(time(nil)) * 1000
        if let text = file["now"]?.string {
            guard let stated = seconds(text) else { throw fault("'now' is no RFC 3339 time, such as 2026-11-24T10:00:00+08:00") }
            milliseconds = stated * 1000
        }
        var generator = SystemRandomNumberGenerator()
        var random: (UInt64, UInt64) = (generator.next(), generator.next())
        if let text = file["random"]?.string {
            guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16) else {
                throw fault("'random' must be 32 hex digits")
            }
            random = (high, low)
        }
        return CallMoment(epochMilliseconds: milliseconds, random: random)
    }

    /// Seconds since 1970 of an RFC 3339 time; fractions are dropped.
    private static func seconds(_ text: String) -> Int64? {
        let form = /([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))/
        guard let match = text.wholeMatch(of: form) else { return nil }
        func number(_ text: Substring?) -> Int { text.flatMap { Int($0) } ?? 0 }
        let offset = (number(match.8) * 3600 + number(match.9) * 60) * (match.7 == "-" ? -1 : 1)
        return CivilTime(
            year: number(match.1), month: number(match.2), day: number(match.3), hour: number(match.4), minute: number(match.5),
            second: number(match.6), offsetSeconds: offset)?.epochSeconds
    }

    private static func fault(_ text: String) -> any Error {
        standardError("gatewayctl: \(text)\n")
        return ExitCode(1)
    }
}
