#if canImport(NetworkExtension) && canImport(Security)
import Adit
import Foundation
import NetworkExtension

/// A tunnel of the app's own provider: the configuration made of a profile, its start and stop, and what became of it.
///
/// The profile, with the secrets in it, is stored in the keychain group that app and extension share; the configuration holds
/// the item's persistent reference and no secret.
@MainActor
public final class AditTunnelManager {
    /// Apple's manager, for what this class has no member for.
    public let manager: NETunnelProviderManager
    private let keychain: SharedKeychain
    private let beginning = Beginning()

    private init(_ manager: NETunnelProviderManager, keychain: SharedKeychain) {
        self.manager = manager
        self.keychain = keychain
    }

    /// A tunnel that is not saved yet.
    public convenience init(keychain: SharedKeychain = SharedKeychain()) {
        self.init(NETunnelProviderManager(), keychain: keychain)
    }

    #if os(macOS) || os(Linux)
    /// A tunnel for chosen apps and domains, that is not saved yet. On iOS only a management server makes one.
    ///
    /// - Parameters:
    ///   - perApp: the apps, each with the identifier and the designated requirement of its signature, and the domains.
    ///   - keychain: where the secrets go.
    public convenience init(perApp: PerAppVPN, keychain: SharedKeychain = SharedKeychain()) {
        self.init(NETunnelProviderManager.forPerAppVPN(), keychain: keychain)
        self.perApp = perApp
    }

    /// The apps and domains of a per-app tunnel; a change is stored with the next save. SMB domains have no counterpart.
    public var perApp: PerAppVPN {
        get {
            var perApp = PerAppVPN()
            perApp.apps = manager.appRules.map(VPNAppRule.init)
            perApp.safariDomains = manager.safariDomains
            perApp.mailDomains = manager.mailDomains
            perApp.calendarDomains = manager.calendarDomains
            perApp.contactsDomains = manager.contactsDomains
            perApp.excludedDomains = manager.excludedDomains
            perApp.associatedDomains = manager.associatedDomains
            return perApp
        }
        set {
            manager.appRules = newValue.apps.map(\.rule)
            manager.safariDomains = newValue.safariDomains
            manager.mailDomains = newValue.mailDomains
            manager.calendarDomains = newValue.calendarDomains
            manager.contactsDomains = newValue.contactsDomains
            manager.excludedDomains = newValue.excludedDomains
            manager.associatedDomains = newValue.associatedDomains
        }
    }
    #endif

    /// Whether the tunnel is for chosen apps only.
    public var isPerApp: Bool { manager.routingMethod == .sourceApplication }

    /// The apps that use a per-app tunnel now, as the system has them; none for a tunnel for all.
    public var installedApps: [VPNAppRule] { (manager.copyAppRules() ?? []).map(VPNAppRule.init) }

    /// Every tunnel that the app has saved.
    public static func loadAll(keychain: SharedKeychain = SharedKeychain()) async throws -> [AditTunnelManager] {
        let managers = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Handed<[NETunnelProviderManager]>, any Error>) in
            NETunnelProviderManager.loadAllFromPreferences { managers, error in
                if let error {
                    continuation.resume(throwing: error)
                } else {
                    continuation.resume(returning: Handed(value: managers ?? []))
                }
            }
        }
        return managers.value.map { AditTunnelManager($0, keychain: keychain) }
    }

    /// Makes the configuration of a profile and saves it; the first time the system asks the user.
    ///
    /// - Parameters:
    ///   - profile: the bytes of a `.mobileconfig`, signed or not.
    ///   - payload: which VPN, by its place in `PayloadContent`; nil when the profile has one.
    ///   - provider: the bundle identifier of the extension.
    ///   - password: the user's password, when the profile has none and it shall be kept.
    ///   - identity: persistent reference of the client's certificate and private key in the keychain (`SecItemAdd` of a
    ///     `SecIdentity`, or `SecPKCS12Import` before), in a group that the extension can read; the key stays there and signs
    ///     there. It is the app's: ``remove()`` leaves it. Nil: the profile brings its own, or needs none.
    ///   - identityPassword: the password of the profile's PKCS #12 file, when the profile does not have it; it is kept.
    ///   - overrides: what replaces values of the profile, as the core's JSON.
    /// - Returns: what the profile says and the system cannot take.
    @discardableResult
    public func save(
        profile: Data, payload: Int? = nil, provider: String, password: String? = nil, identity: Data? = nil,
        identityPassword: String? = nil, overrides: String? = nil
    ) async throws -> [VPNSettings.Lost] {
        let settings = try VPNSettings.read(profile: profile, payload: payload)
        // A save must follow a load, else the system takes what we have for stale.
        try await completion { manager.loadFromPreferences(completionHandler: $0) }
        let before = manager.protocolConfiguration as? NETunnelProviderProtocol
        let old = AditTunnelManager.items(of: before)
        let name = UUID().uuidString
        var stored: [Data] = []
        func keep(_ secret: Data, as what: String) throws -> Data {
            let reference = try keychain.store(secret, name: "\(name).\(what)")
            stored.append(reference)
            return reference
        }
        let lost: [VPNSettings.Lost]
        do {
            var configuration = ProviderConfiguration(
                profile: try keep(profile, as: "profile"), payload: String(settings.payload), overrides: overrides,
                blocksFirst: settings.blocksFirst)
            configuration.identityPassword = try identityPassword.map { try keep(Data($0.utf8), as: "identity-password") }
            let secret = try password.map { try keep(Data($0.utf8), as: "password") }
            lost = TunnelConfiguration.write(
                settings, configuration: configuration, provider: provider, password: secret, identity: identity, to: manager)
            manager.isEnabled = true
            try await completion { manager.saveToPreferences(completionHandler: $0) }
        } catch {
            // A refusal, by the user for instance, leaves nothing behind.
            for item in stored { try? SharedKeychain.remove(item) }
            manager.protocolConfiguration = before
            throw error
        }
        for item in old { try? SharedKeychain.remove(item) }
        // What was saved has to be loaded before it can be started.
        try await completion { manager.loadFromPreferences(completionHandler: $0) }
        return settings.lost + lost
    }

    /// The keychain items that ``save(profile:payload:provider:password:identity:identityPassword:overrides:)`` made for a
    /// configuration.
    private static func items(of tunnel: NETunnelProviderProtocol?) -> [Data] {
        let configuration = try? ProviderConfiguration(tunnel?.providerConfiguration)
        return [configuration?.profile, configuration?.identityPassword, tunnel?.passwordReference].compactMap { $0 }
    }

    /// Removes the configuration and what it has in the keychain.
    public func remove() async throws {
        let items = AditTunnelManager.items(of: manager.protocolConfiguration as? NETunnelProviderProtocol)
        try await completion { manager.removeFromPreferences(completionHandler: $0) }
        for item in items { try SharedKeychain.remove(item) }
    }

    /// Switches on-demand rules on or off, and saves. With them, nothing leaves in clear while the tunnel is made.
    public func setOnDemand(_ enabled: Bool) async throws {
        try await completion { manager.loadFromPreferences(completionHandler: $0) }
        manager.isOnDemandEnabled = enabled
        if let tunnel = manager.protocolConfiguration as? NETunnelProviderProtocol {
            var configuration = try ProviderConfiguration(tunnel.providerConfiguration)
            configuration.blocksFirst = enabled || tunnel.includeAllNetworks
            tunnel.providerConfiguration = configuration.dictionary
        }
        try await completion { manager.saveToPreferences(completionHandler: $0) }
    }

    /// Starts the tunnel and returns at once; ``statuses()`` tells what becomes of it.
    ///
    /// - Parameters:
    ///   - username: the user's name, for this time only.
    ///   - password: the user's password, for this time only.
    public func start(username: String? = nil, password: String? = nil) throws {
        var options: [String: NSObject] = [:]
        if let username { options[NEVPNConnectionStartOptionUsername] = NSString(string: username) }
        if let password { options[NEVPNConnectionStartOptionPassword] = NSString(string: password) }
        beginning.await(manager.connection)
        do {
            try manager.connection.startVPNTunnel(options: options.isEmpty ? nil : options)
        } catch {
            beginning.end()
            throw error
        }
    }

    /// Stops the tunnel and returns at once.
    public func stop() {
        beginning.end()
        manager.connection.stopVPNTunnel()
    }

    /// What the tunnel does.
    public var status: TunnelStatus { TunnelStatus(manager.connection.status) }

    /// Since when it is connected.
    public var connectedDate: Date? { manager.connection.connectedDate }

    /// The status now and after each change, until the reader stops reading.
    ///
    /// After ``start(username:password:)`` the system may show `disconnected` for a while before it begins. That is not told: a
    /// `disconnected` that is read here after a start is the end of that start.
    public func statuses() -> AsyncStream<TunnelStatus> {
        let connection = Handed(value: manager.connection)
        let (stream, continuation) = AsyncStream.makeStream(of: TunnelStatus.self, bufferingPolicy: .bufferingNewest(16))
        let beginning = beginning
        let tell: @Sendable () -> Void = {
            let status = TunnelStatus(connection.value.status)
            if beginning.admits(status) { continuation.yield(status) }
        }
        // Before the first look, so that no change falls between the two.
        let observer = Handed(value: NotificationCenter.default.addObserver(
            forName: .NEVPNStatusDidChange, object: connection.value, queue: nil) { _ in tell() })
        tell()
        continuation.onTermination = { _ in NotificationCenter.default.removeObserver(observer.value) }
        return stream
    }

    /// Why the tunnel ended last; nil when it ended as asked. `IdleTimeout.isReason(of:)` tells an end for want of traffic.
    public func lastDisconnectError() async -> (any Error)? {
        await withCheckedContinuation { (continuation: CheckedContinuation<(any Error)?, Never>) in
            manager.connection.fetchLastDisconnectError { continuation.resume(returning: $0) }
        }
    }

    /// Asks the running provider.
    public func ask(_ request: ProviderRequest) async throws -> ProviderReply {
        guard let session = manager.connection as? NETunnelProviderSession else { throw ProviderSilent() }
        let reply = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Data?, any Error>) in
            do {
                try session.sendProviderMessage(request.message) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        guard let reply else { throw ProviderSilent() }
        return try ProviderReply(message: reply)
    }

    /// The provider does not run, or did not answer.
    public struct ProviderSilent: Error, Equatable, Sendable, LocalizedError {
        public var errorDescription: String? { "the tunnel's provider did not answer: start the tunnel first" }
    }
}
#endif
