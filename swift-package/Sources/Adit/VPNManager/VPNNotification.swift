import Foundation

/// Names a configuration.
public enum VPNConfigurationKey: Hashable, Sendable {
    /// An app's own (Personal VPN), by the app's identifier.
    case personal(app: String)
    /// One that a profile brought, by its PayloadUUID.
    case managed(payload: String)
}

/// What the system of VPNs tells.
public enum VPNNotification: Equatable, Sendable {
    /// A stored configuration changed (`NEVPNConfigurationChange`).
    case configurationChanged(VPNConfigurationKey)
    /// A connection's status changed (`NEVPNStatusDidChange`).
    case statusChanged(VPNConfigurationKey, VPNStatus)
    /// On-demand rules were looked at: which one decided, and why, in a sentence.
    case onDemand(VPNConfigurationKey, summary: String)
    /// Whose tunnel has the default route; nil: nobody's.
    case defaultRoute(VPNConfigurationKey?)
}

/// What became of a tunnel.
public enum VPNTunnelReport: Sendable {
    /// It is up; whether its routes take everything of a family.
    case up(hasDefaultRoute: Bool)
    /// It is being made again.
    case reasserting
    /// It moved to another network.
    case pathChanged
    /// Nothing went through it for as long as its configuration says (`DisconnectOnIdle`), and it ended.
    case idle
    /// The system took the right to run it away.
    case revoked
    /// It is over; nil: as asked.
    case closed(AditError?)

    /// In the core's JSON.
    var json: [String: Any] {
        switch self {
        case .up(let hasDefaultRoute): ["report": "up", "default_route": hasDefaultRoute]
        case .reasserting: ["report": "reasserting"]
        case .pathChanged: ["report": "path_changed"]
        case .idle: ["report": "idle"]
        case .revoked: ["report": "revoked"]
        case .closed(nil): ["report": "closed", "error": NSNull()]
        case .closed(let error?):
            ["report": "closed", "error": ["code": error.code, "message": error.message, "advice": error.advice]]
        }
    }
}

extension VPNConfigurationKey: Codable {
    private enum Kind: String, CodingKey {
        case personal, managed
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        if let app = try container.decodeIfPresent(String.self, forKey: .personal) {
            self = .personal(app: app)
        } else {
            self = .managed(payload: try container.decode(String.self, forKey: .managed))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .personal(let app): try container.encode(app, forKey: .personal)
        case .managed(let payload): try container.encode(payload, forKey: .managed)
        }
    }
}

/// What the core tells: a notification, or the end of a load, save or remove.
enum CoreNotification: Decodable {
    case completed(manager: UInt32, operation: String, error: VPNError?)
    case told(VPNNotification)

    private enum CodingKeys: String, CodingKey {
        case notification, manager, operation, error, key, status, summary, holder
    }

    private struct Wrong: Decodable {
        var raw: Int
        var message: String
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func key() throws -> VPNConfigurationKey { try container.decode(VPNConfigurationKey.self, forKey: .key) }
        switch try container.decode(String.self, forKey: .notification) {
        case "completed":
            let wrong = try container.decodeIfPresent(Wrong.self, forKey: .error)
            self = .completed(
                manager: try container.decode(UInt32.self, forKey: .manager),
                operation: try container.decode(String.self, forKey: .operation),
                error: wrong.map { VPNError(.init(rawValue: $0.raw) ?? .configurationUnknown, message: $0.message) })
        case "configuration_changed": self = .told(.configurationChanged(try key()))
        case "status_changed":
            let status = VPNStatus.named(try container.decode(String.self, forKey: .status))
            self = .told(.statusChanged(try key(), status ?? .invalid))
        case "on_demand": self = .told(.onDemand(try key(), summary: try container.decode(String.self, forKey: .summary)))
        case "default_route":
            self = .told(.defaultRoute(try container.decodeIfPresent(VPNConfigurationKey.self, forKey: .holder)))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .notification, in: container, debugDescription: "no notification \(other)")
        }
    }
}
