/// What is fuzzed: one reader of bytes from outside, and what has to be true of every input.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case json
    case xml
    case charset
    case jsonpath
    case mapping
    case yaml
    case http2

    /// Holds one input to the target's properties.
    package func check(_ input: [UInt8]) throws(Finding) {
        switch self {
        case .json: try JSONProperties.check(input)
        case .xml: try XMLProperties.check(input)
        case .charset: try CharsetProperties.check(input)
        case .jsonpath: try JSONPathProperties.check(input)
        case .mapping: try MappingProperties.check(input)
        case .yaml: try YAMLProperties.check(input)
        case .http2: try HTTP2Properties.check(input)
        }
    }
}

/// A property that an input does not have.
package struct Finding: Error, CustomStringConvertible {
    /// Which one, and how.
    package let description: String

    /// Makes a finding.
    init(_ description: String) { self.description = description }
}

/// Says that something must be true.
func claim(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Finding) {
    if !holds { throw Finding(otherwise()) }
}
