// swift-tools-version: 6.2
import PackageDescription

// TONGBAN_STRICT=1 (set by CI) turns every warning of our own code into an error.
let strict = Context.environment["TONGBAN_STRICT"] == "1"

// The compiler warns of what the testing library's macros expand to ("'@const' value"), so tests cannot be held to it.
let tests: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// TONGBAN_FUZZ=1 (set by Tests/Fuzz/run) prepares our own code for libFuzzer and the address sanitizer, and adds the program that runs it.
let fuzzing = Context.environment["TONGBAN_FUZZ"] == "1"
let sanitizers = ["-sanitize=fuzzer,address"]
let house = tests + (strict ? [.treatAllWarnings(as: .error)] : []) + (fuzzing ? [.unsafeFlags(sanitizers)] : [])

// The data plane's classes are confined to one event loop each. Debug builds, and so every test, check exclusive access at run time;
// release builds leave these checks out, which are 3 to 4 % of an exchange (docs/decisions/exclusivity.md).
let dataPlane = house + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

// The import law (docs/architecture.md): Adapters <- GatewayCore <- Gateway; gatewayctl sees GatewayCore and Adapters,
// never Gateway. Adapters has no event loop; GatewayCore has no socket.
let package = Package(
    name: "tongban",
    products: [
        .executable(name: "gateway", targets: ["GatewayDaemon"]),
        .executable(name: "gatewayctl", targets: ["gatewayctl"]),
        .executable(name: "mocks", targets: ["MockDaemon"]),
        .executable(name: "credential-costs", targets: ["CredentialCosts"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // C libraries: module maps and shims, nothing else.
        .target(
            name: "CSimdjson", path: "Sources/CSimdjson", cxxSettings: [.unsafeFlags(["-std=c++17"])],
            linkerSettings: [.linkedLibrary("simdjson")]),
        .systemLibrary(name: "CLibYAML", path: "Sources/CLibYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CLibXML", path: "Sources/CLibXML", pkgConfig: "libxml-2.0"),
        .systemLibrary(name: "CLibCrypto", path: "Sources/CLibCrypto", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CLibZ", path: "Sources/CLibZ", pkgConfig: "zlib"),
        .systemLibrary(name: "CLibCurl", path: "Sources/CLibCurl", pkgConfig: "libcurl"),

        .target(
            name: "Adapters", dependencies: ["CSimdjson", "CLibYAML", "CLibXML", "CLibCrypto", "CLibZ"],
            path: "Sources/Adapters", swiftSettings: house),
        .target(
            name: "GatewayCore", dependencies: ["Adapters", "CLibCrypto"], path: "Sources/Gateway/Core", swiftSettings: dataPlane),
        // Reads the routes directory; both programs need it, and Core may not touch a file.
        .target(name: "RouteFiles", dependencies: ["GatewayCore"], path: "Sources/Gateway/Files", swiftSettings: house),
        .target(
            name: "Gateway",
            dependencies: [
                "GatewayCore", "Adapters", "RouteFiles", "CLibCurl", "CLibCrypto",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Gateway", exclude: ["Core", "Files", "main"], swiftSettings: dataPlane),
        .executableTarget(
            name: "GatewayDaemon",
            dependencies: [
                "Gateway", "GatewayCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Gateway/main", swiftSettings: house),
        // What gatewayctl does for integrators, without a command line, so that tests can call it.
        .target(
            name: "IntegratorTools", dependencies: ["GatewayCore", "Adapters", "RouteFiles"], path: "Sources/gatewayctl/Tools",
            swiftSettings: house),
        .executableTarget(
            name: "gatewayctl",
            dependencies: [
                "IntegratorTools", "GatewayCore", "Adapters", "RouteFiles", "CLibCurl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/gatewayctl", exclude: ["Tools"], swiftSettings: house),

        // The mocks share no code with what they test: NIO's own HTTP/1 parser, Foundation's XML and JSON.
        .target(
            name: "MockDepartments",
            dependencies: [
                "CLibCrypto",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Mocks/Server", swiftSettings: house),
        .executableTarget(
            name: "MockDaemon",
            dependencies: ["MockDepartments", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Mocks/main", swiftSettings: house),

        // What it costs to know who is calling; its figures are in docs/callers.md.
        .executableTarget(
            name: "CredentialCosts", dependencies: ["GatewayCore", "Adapters", "CLibCrypto", "CMalloc"], path: "Benchmarks/Credentials",
            swiftSettings: house),
        .systemLibrary(name: "CMalloc", path: "Benchmarks/CMalloc"),

        .testTarget(name: "AdaptersTests", dependencies: ["Adapters", "CLibCrypto"], path: "Tests/Adapters", swiftSettings: tests),
        .testTarget(
            name: "GatewayCoreTests",
            dependencies: [
                "GatewayCore", "Adapters",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            path: "Tests/GatewayCore", swiftSettings: tests),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "GatewayCore", "Adapters",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Tests/Gateway", swiftSettings: tests),
        .testTarget(
            name: "IntegratorToolsTests", dependencies: ["IntegratorTools", "RouteFiles", "GatewayCore", "Adapters"],
            path: "Tests/gatewayctl",
            exclude: ["Import/Files", "Schema/Samples"], swiftSettings: tests),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Gateway", "GatewayCore", "Adapters", "MockDepartments",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            path: "Tests/EndToEnd", swiftSettings: tests),
    ],
    cxxLanguageStandard: .cxx17
)

// What has to be true of every input is tested with the inputs that once broke it, and fuzzed (docs/fuzzing.md).
package.targets += [
    .target(
        name: "FuzzProperties", dependencies: ["GatewayCore", "Adapters", "RouteFiles"], path: "Tests/Fuzz/Properties",
        swiftSettings: house),
    .testTarget(
        name: "FuzzRegressions", dependencies: ["FuzzProperties"], path: "Tests/Fuzz/Regressions", exclude: ["Inputs"],
        swiftSettings: tests),
]
if fuzzing {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzProperties", "CLibFuzzer"], path: "Tests/Fuzz/Program", swiftSettings: house,
            // The system's gold cannot read the debug information of instrumented code.
            linkerSettings: [.unsafeFlags(sanitizers + ["-use-ld=lld"])]),
    ]
}
