import Foundation

/// The protocol of a configuration. PPTP and L2TP have no class in Apple's API and no case here.
public enum VPNProtocolConfiguration: Equatable, Sendable {
    /// IKEv2.
    case ikev2(IKEv2Protocol)
    /// IKEv1: stored and explained; a start says why it cannot yet.
    case ipsec(IPSecProtocol)

    /// What every protocol has.
    public var base: VPNProtocol {
        get {
            switch self {
            case .ikev2(let ikev2): ikev2.ipsec.base
            case .ipsec(let ipsec): ipsec.base
            }
        }
        set {
            switch self {
            case .ikev2(var ikev2):
                ikev2.ipsec.base = newValue
                self = .ikev2(ikev2)
            case .ipsec(var ipsec):
                ipsec.base = newValue
                self = .ipsec(ipsec)
            }
        }
    }
}

/// What every protocol's settings have (`NEVPNProtocol`). The defaults are those of iOS.
public struct VPNProtocol: Equatable, Sendable {
    /// The server, a host name or an IP address.
    public var serverAddress: String?
    /// The user's name.
    public var username: String?
    /// Where the host keeps the password.
    public var passwordReference: SecretReference?
    /// Where the host keeps certificate and private key; the tunnel asks it for signatures.
    public var identityReference: SecretReference?
    /// Where the host keeps the PKCS #12 file given with ``VPNManager/setIdentityData(_:)``.
    public var identityDataReference: SecretReference?
    /// Where the host keeps that file's passphrase.
    public var identityDataPasswordReference: SecretReference?
    /// The tunnel ends when the device sleeps.
    public var disconnectOnSleep = false
    /// The proxy for what goes through the tunnel.
    public var proxySettings: VPNProxySettings?
    /// Everything goes through the tunnel, but for what the exclusions name.
    public var includeAllNetworks = false
    /// The local network stays outside. macOS has false.
    public var excludeLocalNetworks = true
    /// The carrier's own services stay outside; counts with ``includeAllNetworks``.
    public var excludeCellularServices = true
    /// Apple's push service stays outside; counts with ``includeAllNetworks``.
    public var excludeAPNs = true
    /// Links to other devices stay outside; counts with ``includeAllNetworks``.
    public var excludeDeviceCommunication = true
    /// The tunnel's routes go before those of the local network.
    public var enforceRoutes = false
    /// The cellular slice to use while the tunnel is up.
    public var sliceUUID: String?

    /// The defaults.
    public init() {}
}

/// How the two sides prove who they are (`NEVPNProtocolIPSec`). Has all members of ``VPNProtocol`` as its own.
@dynamicMemberLookup
public struct IPSecProtocol: Equatable, Sendable {
    /// What every protocol has.
    public var base = VPNProtocol()
    /// How the device proves itself in IKE.
    public var authenticationMethod: IKEAuthenticationMethod = .none
    /// XAuth (IKEv1) or EAP (IKEv2) besides.
    public var useExtendedAuthentication = false
    /// Where the host keeps the pre-shared key.
    public var sharedSecretReference: SecretReference?
    /// Who the device is (IDi), or the group name of IKEv1.
    public var localIdentifier: String?
    /// Who the server must be (IDr).
    public var remoteIdentifier: String?

    /// The defaults.
    public init() {}

    /// The members of ``VPNProtocol``.
    public subscript<Value>(dynamicMember member: WritableKeyPath<VPNProtocol, Value>) -> Value {
        get { base[keyPath: member] }
        set { base[keyPath: member] = newValue }
    }
}

// The core's JSON: its own field names, raw values, bytes in hexadecimal.

extension VPNProtocolConfiguration: Codable {
    private enum Kind: String, CodingKey {
        case ikev2, ipsec
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        if let ipsec = try container.decodeIfPresent(IPSecProtocol.self, forKey: .ipsec) {
            self = .ipsec(ipsec)
        } else {
            self = .ikev2(try container.decode(IKEv2Protocol.self, forKey: .ikev2))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .ikev2(let ikev2): try container.encode(ikev2, forKey: .ikev2)
        case .ipsec(let ipsec): try container.encode(ipsec, forKey: .ipsec)
        }
    }
}

extension VPNProtocol: Codable {
    enum CodingKeys: String, CodingKey {
        case serverAddress = "server_address"
        case username
        case passwordReference = "password_reference"
        case identityReference = "identity_reference"
        case identityDataReference = "identity_data_reference"
        case identityDataPasswordReference = "identity_data_password_reference"
        case disconnectOnSleep = "disconnect_on_sleep"
        case proxySettings = "proxy_settings"
        case includeAllNetworks = "include_all_networks"
        case excludeLocalNetworks = "exclude_local_networks"
        case excludeCellularServices = "exclude_cellular_services"
        case excludeAPNs = "exclude_apns"
        case excludeDeviceCommunication = "exclude_device_communication"
        case enforceRoutes = "enforce_routes"
        case sliceUUID = "slice_uuid"
    }
}

extension IPSecProtocol: Codable {
    enum CodingKeys: String, CodingKey {
        case base
        case authenticationMethod = "authentication_method"
        case useExtendedAuthentication = "use_extended_authentication"
        case sharedSecretReference = "shared_secret_reference"
        case localIdentifier = "local_identifier"
        case remoteIdentifier = "remote_identifier"
    }
}
