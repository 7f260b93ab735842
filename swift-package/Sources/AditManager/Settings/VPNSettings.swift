import Adit
import Foundation

/// One VPN of a profile as Apple's API has it, before any object of Apple's is made.
public struct VPNSettings: Equatable, Sendable, Decodable {
    /// Its place in the profile's `PayloadContent`.
    public var payload: Int
    /// What the user calls it.
    public var name: String?
    /// `NEVPNManager` with all that belongs to it.
    public var settings: APIObject
    /// What is to be stored in the keychain first.
    public var keychain: [KeychainItem]
    /// What no property can carry, or carries with another meaning.
    public var lost: [Lost]

    /// An item for the keychain.
    public struct KeychainItem: Equatable, Sendable, Decodable {
        /// What the settings call it.
        public var name: String
        /// `kSecClassGenericPassword` or `kSecClassIdentity`.
        public var itemClass: String
        /// Where the profile has it, such as `PayloadContent[0].IKEv2.SharedSecret`.
        public var path: String
        /// Which property takes its reference.
        public var property: String

        private enum CodingKeys: String, CodingKey {
            case name
            case itemClass = "class"
            case path
            case property
        }

        /// Whether it is certificate and private key, which come from a PKCS #12 file or from the device.
        public var isIdentity: Bool { itemClass == "kSecClassIdentity" }
    }

    /// What the profile says and the API cannot.
    public struct Lost: Equatable, Sendable, Decodable {
        public var path: String
        public var reason: String
    }

    /// Whether nothing may leave in clear while the tunnel is made: everything goes into it, or it starts on demand.
    public var blocksFirst: Bool {
        settings.flag("isOnDemandEnabled") == true || protocolSettings?.flag("includeAllNetworks") == true
    }

    /// The protocol's settings.
    public var protocolSettings: APIObject? { settings.object("protocolConfiguration") }
}

/// Why a profile's VPN cannot become a configuration.
public enum VPNSettingsError: Error, Equatable, Sendable, LocalizedError {
    /// The profile has no VPN that Apple's API knows; the texts say why each one is refused.
    case noVPN([String])
    /// It has several, and none was chosen.
    case several([Int])
    /// No VPN stands at that place.
    case notThere(Int)
    /// A secret that the settings need is not in the profile.
    case secretMissing(String)
    /// Apple's own client is asked for, with a protocol that it has no class for.
    case protocolUnknown(String)

    public var errorDescription: String? {
        switch self {
        case .noVPN(let reasons):
            "the profile has no VPN that can be configured: \(reasons.isEmpty ? "it has none at all" : reasons.joined(separator: "; "))"
        case .several(let places):
            "the profile has several VPNs: choose one of the payloads \(places.map(String.init).joined(separator: ", "))"
        case .notThere(let payload): "payload \(payload) is no VPN that can be configured"
        case .secretMissing(let path): "the profile has no value at \(path): ask the user and store it first"
        case .protocolUnknown(let name): "Apple's API has no class \(name) that this system can use"
        }
    }
}

/// What the core's conversion answers.
struct Conversion: Decodable {
    var vpns: [VPNSettings]
    var refused: [Refused]

    struct Refused: Decodable {
        var payload: Int
        var reason: String
    }

    /// The VPN at `payload`, or the only one.
    func choose(_ payload: Int?) throws(VPNSettingsError) -> VPNSettings {
        if let payload {
            guard let one = vpns.first(where: { $0.payload == payload }) else {
                if let refused = refused.first(where: { $0.payload == payload }) { throw .noVPN([refused.reason]) }
                throw .notThere(payload)
            }
            return one
        }
        guard let first = vpns.first else { throw .noVPN(refused.map(\.reason)) }
        guard vpns.count == 1 else { throw .several(vpns.map(\.payload)) }
        return first
    }
}
