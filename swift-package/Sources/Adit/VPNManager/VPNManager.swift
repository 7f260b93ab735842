import Foundation

/// A manager of one configuration: its copy, its store, its connection (`NEVPNManager`).
///
/// As there, the copy is changed and then saved; a save must follow a load; the first one asks the user.
public final class VPNManager: Sendable {
    /// Whose manager it is.
    public let system: VPNSystem
    let number: UInt32
    /// Which configuration it is for.
    public let key: VPNConfigurationKey
    private let isShared: Bool

    init(system: VPNSystem, number: UInt32, key: VPNConfigurationKey, isShared: Bool) {
        self.system = system
        self.number = number
        self.key = key
        self.isShared = isShared
    }

    deinit { if !isShared { try? system.call { try $0.closeManager(manager: number) } } }

    /// Reads the stored configuration into the copy; an empty one where nothing is stored.
    ///
    /// - Throws: ``VPNError``.
    public func loadFromPreferences() async throws {
        try await system.complete("load", manager: number) { [number] in try $0.load(manager: number) }
    }

    /// Stores the copy and its new secrets; the user is asked the first time. On-demand rules count from then on.
    ///
    /// - Throws: ``VPNError``: not loaded, older than what is stored, not valid, not permitted.
    public func saveToPreferences() async throws {
        try await system.complete("save", manager: number) { [number] in try $0.save(manager: number) }
    }

    /// Removes the stored configuration and its secrets; its tunnel ends.
    ///
    /// - Throws: ``VPNError``.
    public func removeFromPreferences() async throws {
        try await system.complete("remove", manager: number) { [number] in try $0.remove(manager: number) }
    }

    /// The copy.
    ///
    /// - Throws: ``AditError`` when the manager's system is gone.
    public func configuration() throws -> VPNConfiguration {
        let json = try system.ask { try $0.configuration(manager: number) }
        return try JSONDecoder().decode(VPNConfiguration.self, from: Data(json.utf8))
    }

    /// Replaces the copy; nothing is stored before a save. Secrets that were set and not saved yet stay.
    public func set(_ configuration: VPNConfiguration) throws {
        let json = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
        try system.call { try $0.setConfiguration(manager: number, configurationJson: json) }
    }

    /// Changes the copy in place.
    public func update(_ body: (inout VPNConfiguration) throws -> Void) throws {
        var configuration = try configuration()
        try body(&configuration)
        try set(configuration)
    }

    /// Gives a secret, which the next save hands to the host's store.
    ///
    /// - Parameters:
    ///   - secret: its bytes; a text as UTF-8.
    ///   - slot: what it is for.
    public func setSecret(_ secret: Data, for slot: SecretSlot) throws {
        try system.call { try $0.setSecret(manager: number, slot: slot.rawValue, content: secret) }
    }

    /// Gives a PKCS #12 file (`identityData`).
    public func setIdentityData(_ file: Data) throws { try setSecret(file, for: .identityData) }

    /// Gives the passphrase of that file (`identityDataPassword`).
    public func setIdentityDataPassword(_ passphrase: String) throws {
        try setSecret(Data(passphrase.utf8), for: .identityDataPassword)
    }

    /// What of a profile could not be carried over.
    public struct ImportNote: Equatable, Sendable, Decodable {
        /// Where it stands in the profile.
        public var path: String
        /// Why.
        public var reason: String
    }

    /// Makes the copy of a VPN of a profile, secrets included.
    ///
    /// - Parameters:
    ///   - profile: the bytes of a `.mobileconfig`, signed or not.
    ///   - payload: its PayloadUUID; nil: the first VPN.
    /// - Returns: what could not be carried over.
    @discardableResult
    public func importProfile(_ profile: Data, payload: String? = nil) throws -> [ImportNote] {
        let json = try system.call { try $0.importProfile(manager: number, profile: profile, payload: payload) }
        return try JSONDecoder().decode([ImportNote].self, from: Data(json.utf8))
    }

    /// Turns on demand off for the user, or on again.
    ///
    /// - Throws: ``VPNError`` where a managed configuration does not permit it.
    public func setUserOverride(_ isOff: Bool) throws {
        try system.call { try $0.setUserOverride(manager: number, off: isOff) }
    }

    /// The connection of the configuration.
    public var connection: VPNConnection { VPNConnection(manager: self) }
}

/// Credentials for one start (`NEVPNConnectionStartOptionUsername`, `NEVPNConnectionStartOptionPassword`).
public struct VPNStartOptions: Equatable, Sendable {
    /// Instead of the saved name.
    public var username: String?
    /// Instead of the saved password.
    public var password: String?

    /// None, until they are given.
    public init(username: String? = nil, password: String? = nil) {
        self.username = username
        self.password = password
    }
}

extension VPNStartOptions: CustomDebugStringConvertible {
    /// Without the password.
    public var debugDescription: String { "VPNStartOptions(username: \(username ?? "nil"))" }
}

/// Starts, stops and reports the tunnel of a configuration (`NEVPNConnection`).
public struct VPNConnection: Sendable {
    /// Whose connection it is.
    public let manager: VPNManager

    private var number: UInt32 { manager.number }

    /// Begins to connect with the saved configuration and returns at once.
    ///
    /// - Parameter options: credentials for this time.
    /// - Throws: ``VPNError``: there is no configuration, it is not enabled or not valid.
    public func startVPNTunnel(options: VPNStartOptions = VPNStartOptions()) throws {
        try manager.system.call {
            try $0.start(manager: number, username: options.username, password: options.password)
        }
    }

    /// Begins to disconnect and returns at once.
    public func stopVPNTunnel() { try? manager.system.call { try $0.stop(manager: number) } }

    /// What it does.
    public var status: VPNStatus {
        (try? manager.system.ask { try $0.status(manager: number) }).flatMap { VPNStatus.named($0) } ?? .invalid
    }

    /// Since when it is connected; nil unless it is.
    public var connectedDate: Date? {
        let seconds = (try? manager.system.ask { try $0.connectedDate(manager: number) }) ?? nil
        return seconds.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// The status now and after each change, for as long as the reader reads.
    public func statuses() -> AsyncStream<VPNStatus> {
        let (stream, continuation) = AsyncStream.makeStream(of: VPNStatus.self, bufferingPolicy: .bufferingNewest(16))
        let notifications = manager.system.notifications()
        continuation.yield(status)
        let key = manager.key
        let reader = Task {
            for await case .statusChanged(key, let status) in notifications { continuation.yield(status) }
            continuation.finish()
        }
        continuation.onTermination = { _ in reader.cancel() }
        return stream
    }

    /// How the tunnel ended last; nil before any did.
    public func lastDisconnect() throws -> VPNDisconnect? {
        let json = try manager.system.ask { try $0.lastDisconnect(manager: number) }
        return try json.map { try JSONDecoder().decode(VPNDisconnect.self, from: Data($0.utf8)) }
    }

    /// Why the tunnel ended last (`fetchLastDisconnectError`); nil when it ended as asked, and before any did.
    public func fetchLastDisconnectError() throws -> VPNConnectionError? { try lastDisconnect()?.error }
}
