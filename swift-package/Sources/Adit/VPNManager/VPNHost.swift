import Foundation

/// What only the app and its platform can do for ``VPNSystem``: keep records and secrets, ask the user, look at the physical
/// network, run tunnels.
///
/// Every member is called from a task of its own, several at once. A member that throws has failed, with the error's text as the
/// reason; ``VPNRefusal`` says that the user or the platform does not permit it. What comes too late counts as failed, and so
/// does a probe that throws.
public protocol VPNHost: Sendable {
    /// The stored record of a configuration; nil: there is none. Records hold no secrets.
    func record(of key: VPNConfigurationKey) async throws -> String?
    /// Stores a record, all of it or nothing. `replaces` is the generation of the record that it may replace (nil: there must
    /// be none); where another writer came first, throws ``VPNStaleRecord``. A store that only this process writes ignores it.
    func store(_ record: String, of key: VPNConfigurationKey, replacing replaces: UInt64?) async throws
    /// Deletes a record.
    func removeRecord(of key: VPNConfigurationKey) async throws

    /// Keeps a secret, and answers how it is found again.
    func store(_ secret: Data, for slot: SecretSlot, of key: VPNConfigurationKey) async throws -> SecretReference
    /// A secret that was stored; nil: it is not there.
    func secret(_ reference: SecretReference, for slot: SecretSlot, of key: VPNConfigurationKey) async throws -> Data?
    /// Forgets secrets.
    func removeSecrets(_ references: [SecretReference]) async throws

    /// Asks the user whether this app may add a VPN. Throws ``VPNRefusal`` when not.
    func askConsent(for key: VPNConfigurationKey, description: String?) async throws

    /// The addresses of a name, by the physical network.
    func addresses(of host: String) async throws -> [String]
    /// Whether any of these DNS servers answers, by the physical network.
    func answers(dnsServers: [String]) async throws -> Bool
    /// Whether a name resolves, by the physical network.
    func resolves(_ host: String) async throws -> Bool
    /// Whether a URL answers with status 200 and no redirect, by the physical network.
    func answers(url: String) async throws -> Bool

    /// Makes the session of a tunnel. ``VPNSystem`` reads its events and ends it. Nil: the tunnel runs in another process;
    /// ``VPNSystem/report(_:of:)`` tells what becomes of it, ``endTunnel(_:)`` ends it.
    func makeSession(_ start: VPNTunnelStart) async throws -> Session?
    /// Ends a tunnel that runs in another process.
    func endTunnel(_ tunnel: UInt32) async throws
    /// What a session told, before the status follows it: attach the interface when it is up. Questions do not come here.
    func handle(_ event: SessionEvent, of session: Session, tunnel: UInt32) async
    /// What a session asks: to keep a socket out of the tunnel, to resolve a name on the physical network, for a password, for a
    /// signature, to judge a chain; only what the options of its making allow. Which answers fit is told at ``Question``.
    func answer(_ question: Question, of tunnel: UInt32) async throws -> Answer
}

extension VPNHost {
    /// A session that is asked nothing: sockets and names are the system's, as in a Packet Tunnel extension.
    public func makeSession(_ start: VPNTunnelStart) async throws -> Session? {
        try Session(options: start.sessionOptions())
    }

    /// Nothing can be asked of a host that makes its sessions as above.
    public func answer(_ question: Question, of tunnel: UInt32) async throws -> Answer {
        .refused(reason: "this app answers no questions")
    }

    /// There is none.
    public func endTunnel(_ tunnel: UInt32) async throws {}
}

/// The user or the platform does not permit it.
public struct VPNRefusal: Error, Equatable, Sendable {
    /// Why.
    public var reason: String

    /// A refusal.
    public init(_ reason: String) { self.reason = reason }
}

/// What is stored is not what was to be replaced.
public struct VPNStaleRecord: Error, Equatable, Sendable {
    /// The only one there is.
    public init() {}
}

/// What a tunnel is made of.
public struct VPNTunnelStart: Sendable {
    /// The core's number of it.
    public var tunnel: UInt32
    /// Whose it is.
    public var key: VPNConfigurationKey
    /// The configuration as a profile, secrets included.
    public var profile: Data
    /// Where the host keeps certificate and private key; nil: none is needed, or it is in the profile.
    public var identityReference: SecretReference?
    /// The server's addresses, where it was asked for them.
    public var addresses: [String]
    /// The user's name, for this time.
    public var username: String?
    /// The user's password, for this time.
    public var password: String?
    /// An on-demand rule wants it.
    public var onDemand: Bool

    /// How a session is made of it.
    ///
    /// - Parameters:
    ///   - host: which questions of the session the app answers.
    ///   - keyCertificates: the certificates of ``identityReference``, DER, its own first.
    ///   - overrides: changes to the profile, as the core's JSON.
    /// - Returns: the options; the reference's bytes in hexadecimal are the key's name in ``Question``.
    public func sessionOptions(
        host: HostAbilities = HostAbilities(
            protectsSockets: false, resolvesNames: false, judgesChains: false, asksPassword: false),
        keyCertificates: [Data] = [], overrides: String? = nil
    ) -> SessionOptions {
        SessionOptions(
            profile: profile,
            credentials: Credentials(
                username: username, password: password, keyReference: identityReference?.data.hexadecimal,
                keyCertificates: keyCertificates),
            host: host, overridesJson: overrides, serverAddresses: addresses)
    }
}

extension VPNTunnelStart: CustomDebugStringConvertible {
    /// Without secrets.
    public var debugDescription: String { "VPNTunnelStart(\(tunnel), \(key))" }
}
