import Foundation

/// What the app writes into `NETunnelProviderProtocol.providerConfiguration` and the provider reads: a versioned dictionary
/// without secrets. The profile itself, which holds some, is an item of the keychain that both can read.
public struct ProviderConfiguration: Equatable, Sendable {
    /// The form's number; a provider refuses a later one.
    public static let version = 1

    /// Persistent reference to the keychain item with the profile's bytes.
    public var profile: Data
    /// Which VPN of the profile, by number or UUID; nil when it has one.
    public var payload: String?
    /// What replaces values of the profile, as the core's JSON of overrides.
    public var overrides: String?
    /// Whether nothing may leave in clear while the tunnel is made: everything is blocked before the server is asked.
    public var blocksFirst: Bool
    /// Persistent reference to the keychain item with the password of the profile's PKCS #12 file; nil: the profile has it, or
    /// there is no such file.
    public var identityPassword: Data?

    public init(
        profile: Data, payload: String? = nil, overrides: String? = nil, blocksFirst: Bool = false,
        identityPassword: Data? = nil
    ) {
        self.blocksFirst = blocksFirst
        self.identityPassword = identityPassword
        self.profile = profile
        self.payload = payload
        self.overrides = overrides
    }

    private enum Key {
        static let version = "adit.version"
        static let profile = "adit.profile"
        static let payload = "adit.payload"
        static let overrides = "adit.overrides"
        static let blocksFirst = "adit.blocks-first"
        static let identityPassword = "adit.identity-password"
    }

    /// As a property list.
    public var dictionary: [String: Any] {
        var dictionary: [String: Any] = [Key.version: ProviderConfiguration.version, Key.profile: profile]
        dictionary[Key.payload] = payload
        dictionary[Key.overrides] = overrides
        dictionary[Key.blocksFirst] = blocksFirst
        dictionary[Key.identityPassword] = identityPassword
        return dictionary
    }

    /// Reads what an app wrote.
    ///
    /// - Throws: ``ProviderConfigurationError`` when it is missing, of a later version, or not ours.
    public init(_ dictionary: [String: Any]?) throws {
        guard let dictionary, !dictionary.isEmpty else { throw ProviderConfigurationError.missing }
        guard let version = dictionary[Key.version] as? Int else { throw ProviderConfigurationError.notOurs }
        guard version == ProviderConfiguration.version else { throw ProviderConfigurationError.version(version) }
        guard let profile = dictionary[Key.profile] as? Data, !profile.isEmpty else {
            throw ProviderConfigurationError.noProfile
        }
        self.init(
            profile: profile, payload: dictionary[Key.payload] as? String, overrides: dictionary[Key.overrides] as? String,
            blocksFirst: dictionary[Key.blocksFirst] as? Bool ?? false,
            identityPassword: dictionary[Key.identityPassword] as? Data)
    }
}

/// Why a provider cannot use its configuration.
public enum ProviderConfigurationError: Error, Equatable, Sendable, LocalizedError {
    case missing
    case notOurs
    case version(Int)
    case noProfile

    public var errorDescription: String? {
        switch self {
        case .missing: "the tunnel has no provider configuration: save it with AditManager"
        case .notOurs: "the provider configuration was not written by AditManager (adit.version is missing)"
        case .version(let version):
            "the provider configuration has version \(version), this provider knows \(ProviderConfiguration.version): update the app"
        case .noProfile: "the provider configuration names no profile (adit.profile): save it with AditManager"
        }
    }
}
