internal import CLibFuzzer
internal import FuzzProperties
internal import Glibc

// fuzz TARGET [libFuzzer's own arguments]; Tests/Fuzz/run calls it.

private enum Chosen {
    static let target = CommandLine.arguments.dropFirst().first.flatMap(FuzzTarget.init)
}

/// What libFuzzer calls for each input. A property that does not hold stops the program, and libFuzzer keeps the input.
private func tryInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    do { try Chosen.target?.check(input) } catch { fatalError("finding: \(error)") }
    return 0
}

guard Chosen.target != nil else {
    print("usage: fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) [libFuzzer's arguments]")
    exit(2)
}

// libFuzzer sees the program's name and what follows the target.
var arguments = [CommandLine.unsafeArgv[0]]
for index in 2..<max(2, Int(CommandLine.argc)) { arguments.append(CommandLine.unsafeArgv[index]) }
var count = CInt(arguments.count)
arguments.append(nil)
arguments.withUnsafeMutableBufferPointer { list in
    var start = list.baseAddress
    exit(LLVMFuzzerRunDriver(&count, &start, tryInput))
}
