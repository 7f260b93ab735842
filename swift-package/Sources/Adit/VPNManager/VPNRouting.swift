import Foundation

/// Something that a platform cannot do of a configuration.
public struct VPNLimitation: Equatable, Sendable, Decodable {
    /// What becomes of it.
    public enum Consequence: String, CaseIterable, Sendable, Decodable {
        /// The setting counts for nothing.
        case noEffect = "no-effect"
        /// More goes through the tunnel than asked for.
        case moreInTunnel = "more-in-tunnel"
        /// Traffic leaves in clear while the tunnel is not up.
        case outsideWhileDown = "outside-while-down"
        /// Traffic that belongs into the tunnel leaves in clear.
        case trafficOutside = "traffic-outside"
    }

    /// Apple's property, or a profile's key.
    public var subject: String
    /// What becomes of it.
    public var consequence: Consequence
    /// Why.
    public var reason: String
}

/// Something against a configuration.
public struct VPNObjection: Equatable, Sendable {
    /// Apple's property.
    public var property: String
    /// What is wrong with it.
    public var message: String
    /// True: it is not saved. False: it is saved, and cannot be started or is not obeyed in full.
    public var isRefused: Bool
}

/// What a server and the physical network say about routes.
public struct VPNTunnelRoutes: Equatable, Sendable {
    /// The networks that the server gave, `address/prefix`.
    public var routes: [String]
    /// There is an inner IPv4 address.
    public var hasIPv4: Bool
    /// There is an inner IPv6 address.
    public var hasIPv6: Bool
    /// The networks of the physical interface.
    public var localNetworks: [String]
    /// Networks that the app keeps outside.
    public var excludedRoutes: [String]

    /// Routes of a tunnel.
    public init(
        routes: [String], hasIPv4: Bool, hasIPv6: Bool, localNetworks: [String] = [], excludedRoutes: [String] = []
    ) {
        self.routes = routes
        self.hasIPv4 = hasIPv4
        self.hasIPv6 = hasIPv6
        self.localNetworks = localNetworks
        self.excludedRoutes = excludedRoutes
    }
}

/// What a platform is to set for a tunnel.
public struct VPNRoutingPlan: Equatable, Sendable {
    /// Networks that go into the tunnel.
    public var included: [String]
    /// Networks that stay outside.
    public var excluded: [String]
    /// All of IPv4 is taken in to be dropped, because the tunnel has none.
    public var blockIPv4: Bool
    /// All of IPv6 is taken in to be dropped, because the tunnel has none.
    public var blockIPv6: Bool
    /// Nothing may leave while the tunnel is being made.
    public var blockWhileConnecting: Bool
    /// The switches for Apple's own classes; nil on other platforms.
    public var apple: VPNAppleFlags?
    /// What cannot be done here.
    public var cannot: [VPNLimitation]
}

/// The routing switches that Apple's systems keep themselves. Nil: this version does not have it.
public struct VPNAppleFlags: Equatable, Sendable {
    /// `includeAllNetworks`.
    public var includeAllNetworks: Bool?
    /// `enforceRoutes`.
    public var enforceRoutes: Bool?
    /// `excludeLocalNetworks`.
    public var excludeLocalNetworks: Bool?
    /// `excludeCellularServices`.
    public var excludeCellularServices: Bool?
    /// `excludeAPNs`.
    public var excludeAPNs: Bool?
    /// `excludeDeviceCommunication`.
    public var excludeDeviceCommunication: Bool?
}

/// A configuration that is known.
public struct VPNKnownConfiguration: Equatable, Sendable {
    /// Which one.
    public var key: VPNConfigurationKey
    /// What its connection does.
    public var status: VPNStatus
    /// Its tunnel has the default route.
    public var hasDefaultRoute: Bool
}

extension VPNSystem {
    /// An app is about to open a connection to a host, where the platform tells: the on-demand rules that look at connections
    /// decide about it.
    public func connectionOpened(to host: String) throws { try call { try $0.connectionOpened(host: host) } }

    /// Tells of a stored configuration that no manager here is for: another app's, or a managed one. It is loaded when it
    /// matters.
    public func declare(_ key: VPNConfigurationKey) throws {
        let json = String(decoding: try JSONEncoder().encode(key), as: UTF8.self)
        try call { try $0.declare(keyJson: json) }
    }

    /// The configurations that are known.
    public func connections() throws -> [VPNKnownConfiguration] {
        let json = try ask { try $0.connections() }
        return try JSONDecoder().decode([VPNKnownConfiguration].self, from: Data(json.utf8))
    }
}

extension VPNManager {
    /// Everything against the copy, before it is saved.
    public func objections() throws -> [VPNObjection] {
        let json = try system.ask { try $0.objections(manager: number) }
        return try JSONDecoder().decode([VPNObjection].self, from: Data(json.utf8))
    }

    /// What this platform cannot do of the copy: of its routing switches, and of its per-app lists.
    public func limitations() throws -> [VPNLimitation] {
        let json = try system.ask { try $0.limitations(manager: number) }
        return try JSONDecoder().decode([VPNLimitation].self, from: Data(json.utf8))
    }

    /// What this platform is to set for a tunnel of the stored configuration.
    public func routingPlan(for tunnel: VPNTunnelRoutes) throws -> VPNRoutingPlan {
        let question = String(decoding: try JSONEncoder().encode(tunnel), as: UTF8.self)
        let json = try system.ask { try $0.routingPlan(manager: number, tunnelJson: question) }
        return try JSONDecoder().decode(VPNRoutingPlan.self, from: Data(json.utf8))
    }
}

extension VPNObjection: Decodable {
    enum CodingKeys: String, CodingKey {
        case property, message
        case isRefused = "refused"
    }
}

extension VPNTunnelRoutes: Encodable {
    enum CodingKeys: String, CodingKey {
        case routes
        case hasIPv4 = "has_ipv4"
        case hasIPv6 = "has_ipv6"
        case localNetworks = "local_networks"
        case excludedRoutes = "excluded_routes"
    }
}

extension VPNRoutingPlan: Decodable {
    enum CodingKeys: String, CodingKey {
        case included, excluded, apple, cannot
        case blockIPv4 = "block_ipv4"
        case blockIPv6 = "block_ipv6"
        case blockWhileConnecting = "block_while_connecting"
    }
}

extension VPNAppleFlags: Decodable {
    enum CodingKeys: String, CodingKey {
        case includeAllNetworks = "include_all_networks"
        case enforceRoutes = "enforce_routes"
        case excludeLocalNetworks = "exclude_local_networks"
        case excludeCellularServices = "exclude_cellular_services"
        case excludeAPNs = "exclude_apns"
        case excludeDeviceCommunication = "exclude_device_communication"
    }
}

extension VPNKnownConfiguration: Decodable {
    enum CodingKeys: String, CodingKey {
        case key, status
        case hasDefaultRoute = "default_route"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        key = try container.decode(VPNConfigurationKey.self, forKey: .key)
        let name = try container.decode(String.self, forKey: .status)
        guard let status = VPNStatus.named(name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .status, in: container, debugDescription: "no status \(name)")
        }
        self.status = status
        hasDefaultRoute = try container.decode(Bool.self, forKey: .hasDefaultRoute)
    }
}
