extension WireFault {
    /// What is wrong with a reply: whoever reads it asked for one, and got something that does not begin like one.
    public var replySentence: String {
        cause == .version ? "it must begin with a status line, HTTP/1.1 or HTTP/1.0, one space and a status of three digits" : sentence
    }
}
