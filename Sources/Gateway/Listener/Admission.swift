import Adapters
import GatewayCore

/// What becomes of a request whose head is read: found, checked, admitted, or refused.
enum Admission {
    /// Serve it by this route.
    case serve(Route)
    /// Answer with a problem; `allow` names the methods a 405 must list.
    case refuse(AdapterFault, allow: [String])

    /// Matches the head and asks the policies.
    static func decide(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ exchange: CurrentExchange) -> Admission {
        guard let snapshot = exchange.state?.snapshot else { return .refuse(AdapterFault(.internal, "no configuration"), allow: []) }
        switch find(head, bytes, snapshot, exchange) {
        case .found(let route, _):
            exchange.facts.route = route
            exchange.phase = .matched
            exchange.bodyLimit = snapshot.routes[route].bodyLimit
            if let fault = PolicyCatalog.onHead(head, bytes, &exchange.facts, snapshot) { return .refuse(fault, allow: []) }
            if !exchange.facts.awaitsContent { exchange.admitted(snapshot.routes[route], snapshot) }
            return .serve(snapshot.routes[route])
        case .methodNotAllowed(let methods):
            identify(head, bytes, exchange, snapshot)
            return .refuse(AdapterFault(.methodNotAllowed, "allowed here: \(methods.joined(separator: ", "))"), allow: methods)
        case .notFound:
            identify(head, bytes, exchange, snapshot)
            return .refuse(AdapterFault(.notFound, "no route answers to this address"), allow: [])
        }
    }

    /// The route of a head, by host, path and method. A path is compared in its normal form, and a plain route's upstream hears no other.
    private static func find(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ snapshot: Snapshot, _ exchange: CurrentExchange
    ) -> RouteTable.Lookup {
        let path = UnsafeRawBufferPointer(rebasing: bytes[head.path.range])
        if head.form == .asterisk { return lookup(head, bytes, path, snapshot.table) }
        switch judgePath(path) {
        case .normal: return lookup(head, bytes, path, snapshot.table)
        case .refused: return .notFound
        case .equivalent:
            let normal = normalPath(path)
            let found = normal.withUnsafeBytes { lookup(head, bytes, $0, snapshot.table) }
            exchange.normalPath = normal
            guard case .found(let route, _) = found, !snapshot.routes[route].isPlain else { return found }
            // The parameters of a contract's path are read where its template has them: an empty segment more would move them.
            let slash = UInt8(ascii: "/")
            return path.count { $0 == slash } == normal.count { $0 == slash } ? found : .notFound
        }
    }

    private static func lookup(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ path: UnsafeRawBufferPointer, _ table: RouteTable
    ) -> RouteTable.Lookup {
        let method = UnsafeRawBufferPointer(rebasing: bytes[head.methodSpan.range])
        // `*` asks about the server as a whole (RFC 9110 §9.3.7), and an absolute target may have no path: the root answers.
        if head.form == .asterisk || path.isEmpty {
            return withUnsafeBytes(of: UInt8(ascii: "/")) { table.lookup(host: hostOnly(head, bytes), path: $0, method: method) }
        }
        guard table.usesHosts else { return table.lookup(host: UnsafeRawBufferPointer(start: nil, count: 0), path: path, method: method) }
        let host = hostOnly(head, bytes)
        return withUnsafeTemporaryAllocation(byteCount: max(1, host.count), alignment: 1) { lower in
            for index in 0..<host.count {
                let byte = host[index]
                lower[index] = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            }
            return table.lookup(host: UnsafeRawBufferPointer(rebasing: lower[0..<host.count]), path: path, method: method)
        }
    }

    /// The host without its port.
    private static func hostOnly(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let whole = UnsafeRawBufferPointer(rebasing: bytes[head.host.range])
        guard let colon = whole.lastIndex(of: UInt8(ascii: ":")), !whole[colon...].contains(UInt8(ascii: "]")) else { return whole }
        return UnsafeRawBufferPointer(rebasing: whole[0..<colon])
    }

    /// Names an exchange that no route answers to: its refusal must be found again too.
    private static func identify(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ exchange: CurrentExchange, _ snapshot: Snapshot
    ) {
        for policy in PolicyCatalog.all where policy.slot == .identify { _ = policy.onHead(head, bytes, &exchange.facts, snapshot) }
    }
}

/// Makes what serves a route.
enum ExchangeFactory {
    /// The exchange of an admitted request; it copies from the head what it needs later.
    static func make(
        _ route: Route, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection
    ) -> any ClientExchange {
        if connection.current.facts.awaitsContent {
            return SignedContentExchange(route, head: head, bytes: bytes, connection: connection)
        }
        return switch route.target {
        case .plain(let plain):
            // The pools of the snapshot that the exchange began with, also when a reload came between.
            PassThroughExchange(
                plain, route, head: head, bytes: bytes, connection: connection,
                pool: (connection.current.state ?? connection.loop.current).pools[plain.upstream])
        case .contract(let operation): ContractExchange(operation, head: head, bytes: bytes, connection: connection)
        case .callback(let callback): CallbackExchange(callback, head: head, bytes: bytes, connection: connection)
        case .contractDocument: ContractDocumentExchange(connection: connection)
        }
    }
}
