import Foundation

/// What a path monitor saw, as values.
public struct PathSnapshot: Equatable, Sendable {
    /// One interface that the path may use.
    public struct Interface: Equatable, Sendable {
        public enum Kind: String, Equatable, Sendable {
            case wifi, cellular, ethernet, loopback, other
        }

        public var name: String
        public var index: Int
        public var kind: Kind

        public init(name: String, index: Int, kind: Kind) {
            self.name = name
            self.index = index
            self.kind = kind
        }
    }

    /// Whether anything can be reached.
    public var isSatisfied: Bool
    /// In the system's order of preference.
    public var interfaces: [Interface]
    /// Whether data costs something.
    public var isMetered: Bool
    /// The addresses of the primary interface, without scope identifiers, sorted.
    public var addresses: [String]

    public init(isSatisfied: Bool, interfaces: [Interface], isMetered: Bool, addresses: [String] = []) {
        self.isSatisfied = isSatisfied
        self.interfaces = interfaces
        self.isMetered = isMetered
        self.addresses = addresses
    }

    /// The interface that our datagrams leave by: the first that is no tunnel and not the device itself.
    public var primary: Interface? { interfaces.first { !PathSnapshot.isTunnel($0.name) && $0.kind != .loopback } }

    /// Tunnels, ours among them, show as interfaces too; our datagrams never leave by one.
    static func isTunnel(_ name: String) -> Bool {
        ["utun", "ipsec", "ppp", "tun", "tap"].contains { name.hasPrefix($0) }
    }
}

/// Which changes of the path the session is told.
///
/// A monitor reports often: the tunnel coming up, a second interface coming and going, a flag. The session moves its sockets
/// on each report it gets, so it gets only those after which its datagrams leave elsewhere.
public struct PathPolicy: Sendable {
    /// What to tell the session.
    public enum Change: Equatable, Sendable {
        /// Nothing: what it has still holds.
        case none
        /// There is no network.
        case lost
        /// Datagrams leave by this path now.
        case moved(PathSnapshot.Interface, addresses: [String], isMetered: Bool)
    }

    /// nil before the first report; then the primary path, nil inside when there was none.
    private var last: Known?

    private enum Known: Equatable, Sendable {
        case nothing
        case by(PathSnapshot.Interface, [String])
    }

    public init() {}

    /// Takes a report. The first one is where the session starts from: told only when there is no network.
    public mutating func report(_ path: PathSnapshot) -> Change {
        // A path that names tunnels only is our own tunnel's: it says nothing of what is below.
        if path.isSatisfied, path.primary == nil, !path.interfaces.isEmpty { return .none }
        let now: Known
        if path.isSatisfied, let primary = path.primary {
            now = .by(primary, path.addresses)
        } else {
            now = .nothing
        }
        let before = last
        last = now
        guard before != now else { return .none }
        switch now {
        case .nothing: return .lost
        case .by(let interface, let addresses):
            if before == nil { return .none }
            return .moved(interface, addresses: addresses, isMetered: path.isMetered)
        }
    }
}
