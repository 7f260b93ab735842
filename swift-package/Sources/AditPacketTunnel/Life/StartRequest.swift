import Adit
import Foundation

/// What a start is made of, read from the configuration and the options before anything is done.
struct StartRequest: Equatable, Sendable {
    /// What `protocolConfiguration` has, as values.
    struct Configuration {
        var providerConfiguration: [String: Any]?
        var serverAddress: String?
        var passwordReference: Data?
        var identityReference: Data?
        var includeAllNetworks = false
    }

    /// What the configuration refers to: the keychain, behind functions.
    struct Secrets {
        /// The content of an item by its persistent reference.
        var read: (Data) throws -> Data
        /// The certificate of an identity in DER.
        var certificate: (Data) throws -> Data
    }

    /// nil once the session has them.
    var options: SessionOptions?
    var blockFirst: Bool
    var remoteAddress: String
    /// The profile's own resolvers.
    var resolvers: ProfileDNS?

    /// The option keys of `NEVPNConnection.startVPNTunnel(options:)`.
    static let usernameKey = "NEVPNConnectionStartOptionUsername"
    static let passwordKey = "NEVPNConnectionStartOptionPassword"

    /// - A password of the options goes before a stored one; a name of the options before the profile's.
    /// - An identity of the configuration is used by reference: its key stays in the keychain.
    /// - Throws: ``ProviderConfigurationError``, or what the keychain says.
    init(_ configuration: Configuration, options: [String: NSObject]?, host: HostAbilities, secrets: Secrets) throws {
        let provider = try ProviderConfiguration(configuration.providerConfiguration)
        let profile = try secrets.read(provider.profile)
        var password = StartRequest.text(options?[StartRequest.passwordKey])
        if password == nil, let reference = configuration.passwordReference {
            password = String(decoding: try secrets.read(reference), as: UTF8.self)
        }
        let identity = configuration.identityReference
        let identityPassword = try provider.identityPassword.map { String(decoding: try secrets.read($0), as: UTF8.self) }
        let credentials = Credentials(
            username: StartRequest.text(options?[StartRequest.usernameKey]), password: password,
            identityPassword: identityPassword,
            keyReference: identity?.base64EncodedString(),
            keyCertificates: try identity.map { [try secrets.certificate($0)] } ?? [])
        self.options = SessionOptions(
            profile: profile, payload: provider.payload, credentials: credentials, host: host,
            overridesJson: provider.overrides)
        blockFirst = provider.blocksFirst || configuration.includeAllNetworks
        remoteAddress = configuration.serverAddress ?? ""
        resolvers = ProfileDNS.read(profile: profile, payload: provider.payload, identity: identity)
    }

    private static func text(_ value: NSObject?) -> String? {
        guard let text = value as? NSString, text.length > 0 else { return nil }
        return String(describing: text)
    }
}
