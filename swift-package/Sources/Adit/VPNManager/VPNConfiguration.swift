import Foundation

/// One VPN configuration: the properties of `NEVPNManager`, and what a profile can say besides.
///
/// A value: change a copy and give it back with ``VPNManager/set(_:)``. It holds references of secrets, no secrets.
public struct VPNConfiguration: Equatable, Sendable {
    /// This one is selected. Saving it so disables the others of its kind.
    public var isEnabled = false
    /// The settings of its protocol.
    public var protocolConfiguration: VPNProtocolConfiguration?
    /// Its name in the system's settings.
    public var localizedDescription: String?
    /// The on-demand rules count.
    public var isOnDemandEnabled = false
    /// The rules, in order: the first that matches decides.
    public var onDemandRules: [OnDemandRule]?
    /// What only a profile says.
    public var managed = ManagedVPNSettings()

    /// An empty one, as a load gives where nothing is stored.
    public init() {}

    /// The settings of IKEv2; nil unless it is that. Setting it sets ``protocolConfiguration``.
    public var ikev2: IKEv2Protocol? {
        get { if case .ikev2(let value)? = protocolConfiguration { value } else { nil } }
        set { protocolConfiguration = newValue.map { .ikev2($0) } }
    }
}

/// Keys of a profile that no property of Apple's API has.
public struct ManagedVPNSettings: Equatable, Sendable {
    /// Rules are read as a profile's: one DNS server that matches is enough, search domains match by suffix.
    public var profileMatching = false
    /// The user cannot turn on demand off.
    public var onDemandUserOverrideDisabled = false
    /// The tunnel ends after so many seconds without packets.
    public var disconnectOnIdleSeconds: UInt32?
    /// For chosen apps only.
    public var perApp: PerAppVPN?

    /// Nothing of it.
    public init() {}
}

/// Which apps and domains a configuration is for (`com.apple.vpn.managed.applayer` and its mapping).
public struct PerAppVPN: Equatable, Sendable {
    /// By which apps are mapped to it.
    public var vpnUUID = ""
    /// It starts when one of its apps opens a connection.
    public var onDemandMatchAppEnabled = false
    /// The apps.
    public var apps: [VPNAppRule] = []
    /// Pages of these domains in the system's browser.
    public var safariDomains: [String] = []
    /// Mail accounts of these domains.
    public var mailDomains: [String] = []
    /// Calendars of these domains.
    public var calendarDomains: [String] = []
    /// Address books of these domains.
    public var contactsDomains: [String] = []
    /// Associated-domain requests for these.
    public var associatedDomains: [String] = []
    /// Never through the tunnel.
    public var excludedDomains: [String] = []
    /// File servers of these domains.
    public var smbDomains: [String] = []

    /// For nothing yet.
    public init() {}
}

/// An app of a per-app VPN (`NEAppRule`).
public struct VPNAppRule: Equatable, Sendable {
    /// The bundle identifier.
    public var identifier: String
    /// The identifier in its signature.
    public var matchSigningIdentifier: String
    /// What its signature must satisfy (macOS).
    public var matchDesignatedRequirement: String?
    /// Where its program is.
    public var matchPath: String?
    /// Helpers that it starts (macOS).
    public var matchTools: [VPNAppRule] = []

    /// An app by the identifier of its signature.
    public init(signingIdentifier: String, designatedRequirement: String? = nil) {
        identifier = signingIdentifier
        matchSigningIdentifier = signingIdentifier
        matchDesignatedRequirement = designatedRequirement
    }
}

extension VPNConfiguration: Codable {
    enum CodingKeys: String, CodingKey {
        case isEnabled = "is_enabled"
        case protocolConfiguration = "protocol_configuration"
        case localizedDescription = "localized_description"
        case isOnDemandEnabled = "is_on_demand_enabled"
        case onDemandRules = "on_demand_rules"
        case managed
    }
}

extension ManagedVPNSettings: Codable {
    enum CodingKeys: String, CodingKey {
        case profileMatching = "profile_matching"
        case onDemandUserOverrideDisabled = "on_demand_user_override_disabled"
        case disconnectOnIdleSeconds = "disconnect_on_idle_seconds"
        case perApp = "per_app"
    }
}

extension PerAppVPN: Codable {
    enum CodingKeys: String, CodingKey {
        case vpnUUID = "vpn_uuid"
        case onDemandMatchAppEnabled = "on_demand_match_app_enabled"
        case apps
        case safariDomains = "safari_domains"
        case mailDomains = "mail_domains"
        case calendarDomains = "calendar_domains"
        case contactsDomains = "contacts_domains"
        case associatedDomains = "associated_domains"
        case excludedDomains = "excluded_domains"
        case smbDomains = "smb_domains"
    }
}

extension VPNAppRule: Codable {
    enum CodingKeys: String, CodingKey {
        case identifier
        case matchSigningIdentifier = "match_signing_identifier"
        case matchDesignatedRequirement = "match_designated_requirement"
        case matchPath = "match_path"
        case matchTools = "match_tools"
    }
}
