#if canImport(NetworkExtension) && canImport(Security)
import Adit
import Foundation
import NetworkExtension

/// A profile's VPN for the client that the system brings (Personal VPN): no provider of ours, the same profile.
@MainActor
public enum ApplePersonalVPN {
    /// What became of a profile.
    public struct Outcome: Equatable, Sendable {
        /// What the profile says and the API cannot.
        public var lost: [VPNSettings.Lost]
        /// Properties that this version of the system does not have.
        public var unsupported: [String]
    }

    /// Stores the secrets, makes `NEVPNProtocolIKEv2` (or `NEVPNProtocolIPSec`) of a profile and saves it in
    /// `NEVPNManager.shared()`; the first time the system asks the user.
    ///
    /// - Parameters:
    ///   - profile: the bytes of a `.mobileconfig`, signed or not.
    ///   - payload: which VPN, by its place in `PayloadContent`; nil when the profile has one.
    ///   - identity: persistent reference of the client's certificate and private key, when the profile names one.
    ///   - password: the user's password, when the profile has none.
    ///   - keychain: where the secrets go. Those of the configuration before are removed when this one is saved, and not
    ///     before; what the app stored there otherwise, and the identity, stay.
    @discardableResult
    public static func save(
        profile: Data, payload: Int? = nil, identity: Data? = nil, password: String? = nil,
        keychain: SharedKeychain = SharedKeychain()
    ) async throws -> Outcome {
        let settings = try VPNSettings.read(profile: profile, payload: payload)
        let values = try VPNSettings.values(profile: profile)
        let manager = NEVPNManager.shared()
        try await completion { manager.loadFromPreferences(completionHandler: $0) }
        let before = manager.protocolConfiguration
        let old = references(of: before).filter(keychain.holds)
        var writer = APIWriter()
        var stored: [Data] = []
        // Names of this save's own: what the configuration before has stays until this one takes its place.
        let suffix = UUID().uuidString
        do {
            for item in settings.keychain {
                if item.isIdentity {
                    guard let identity else { throw VPNSettingsError.secretMissing(item.path) }
                    writer.references[item.name] = identity
                    continue
                }
                let given = item.property == "passwordReference" ? password.map { Data($0.utf8) } : nil
                guard let secret = given ?? values.secret(at: item.path) else { throw VPNSettingsError.secretMissing(item.path) }
                if item.property == "password" {
                    writer.texts[item.name] = String(decoding: secret, as: UTF8.self)
                } else {
                    let reference = try keychain.store(secret, name: "\(item.name).\(suffix)")
                    stored.append(reference)
                    writer.references[item.name] = reference
                }
            }
            let configuration = try makeProtocol(settings, writer: &writer)
            writer.write(settings.settings, to: manager)
            manager.protocolConfiguration = configuration
            manager.isEnabled = true
            try await completion { manager.saveToPreferences(completionHandler: $0) }
        } catch {
            // A refusal, by the user for instance, leaves nothing behind.
            for item in stored { try? SharedKeychain.remove(item) }
            manager.protocolConfiguration = before
            throw error
        }
        for item in old { try? SharedKeychain.remove(item) }
        try await completion { manager.loadFromPreferences(completionHandler: $0) }
        return Outcome(lost: settings.lost, unsupported: writer.unknown)
    }

    /// The secrets that a configuration refers to; not its identity.
    private static func references(of configuration: NEVPNProtocol?) -> [Data] {
        var references = [configuration?.passwordReference, (configuration as? NEVPNProtocolIPSec)?.sharedSecretReference]
        if #available(iOS 18.0, macOS 15.0, visionOS 2.0, *) {
            references.append((configuration as? NEVPNProtocolIKEv2)?.ppkConfiguration?.keychainReference)
        }
        return references.compactMap { $0 }
    }

    /// The protocol's object alone.
    static func makeProtocol(_ settings: VPNSettings, writer: inout APIWriter) throws -> NEVPNProtocolIPSec {
        guard let object = settings.protocolSettings else { throw VPNSettingsError.protocolUnknown("none") }
        let configuration: NEVPNProtocolIPSec
        switch object.className {
        case "NEVPNProtocolIKEv2": configuration = NEVPNProtocolIKEv2()
        case "NEVPNProtocolIPSec": configuration = NEVPNProtocolIPSec()
        default: throw VPNSettingsError.protocolUnknown(object.className)
        }
        writer.write(object, to: configuration)
        return configuration
    }
}
#endif
