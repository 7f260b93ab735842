#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// An app for the tests: a store in memory, a user who says what is set, tunnels to the embedded gateway.
actor FakeHost: VPNHost {
    var records: [VPNConfigurationKey: String] = [:]
    var secrets: [SecretReference: Data] = [:]
    /// Everything that was asked, by its kind.
    var asked: [String] = []
    var starts: [VPNTunnelStart] = []
    var sessions: [Session] = []
    /// Of the last tunnel that was up.
    var settings: TunnelSettings?
    /// What each kind throws when it is asked next.
    private var failures: [String: any Error] = [:]
    private var resolved = ["127.0.0.1"]
    private var reachable = true
    /// What questions of sessions are answered with.
    private var answers: [String: Answer] = [:]
    private var overrides: String?
    /// Tunnels run in another process.
    private var elsewhere = false

    /// Sessions go to this gateway.
    func connect(to gateway: TestGateway) throws { overrides = try gateway.overrides() }
    func answer(_ kind: String, with answer: Answer) { answers[kind] = answer }
    func runElsewhere() { elsewhere = true }
    func fail(_ kind: String, with error: (any Error)?) { failures[kind] = error }
    func setReachable(_ value: Bool) { reachable = value }
    func put(_ record: String, of key: VPNConfigurationKey) { records[key] = record }

    private func ask(_ kind: String) throws {
        asked.append(kind)
        if let error = failures[kind] { throw error }
    }

    func record(of key: VPNConfigurationKey) throws -> String? {
        try ask("load")
        return records[key]
    }

    func store(_ record: String, of key: VPNConfigurationKey, replacing replaces: UInt64?) throws {
        try ask("save")
        records[key] = record
    }

    func removeRecord(of key: VPNConfigurationKey) throws {
        try ask("remove")
        records[key] = nil
    }

    func store(_ secret: Data, for slot: SecretSlot, of key: VPNConfigurationKey) throws -> SecretReference {
        try ask("storeSecret")
        let reference = SecretReference(Data("\(slot.rawValue) \(secrets.count)".utf8))
        secrets[reference] = secret
        return reference
    }

    func secret(_ reference: SecretReference, for slot: SecretSlot, of key: VPNConfigurationKey) throws -> Data? {
        try ask("secret")
        return secrets[reference]
    }

    func removeSecrets(_ references: [SecretReference]) throws {
        try ask("removeSecrets")
        references.forEach { secrets[$0] = nil }
    }

    func askConsent(for key: VPNConfigurationKey, description: String?) throws { try ask("consent") }

    func addresses(of host: String) throws -> [String] {
        try ask("addresses")
        return resolved
    }

    func answers(dnsServers: [String]) throws -> Bool {
        try ask("dns \(dnsServers.joined(separator: " "))")
        return reachable
    }

    func resolves(_ host: String) throws -> Bool {
        try ask("resolves \(host)")
        return reachable
    }

    func answers(url: String) throws -> Bool {
        try ask("url \(url)")
        return reachable
    }

    func endTunnel(_ tunnel: UInt32) throws { try ask("endTunnel") }

    func makeSession(_ start: VPNTunnelStart) throws -> Session? {
        starts.append(start)
        try ask("makeSession")
        if elsewhere { return nil }
        let abilities = HostAbilities(
            protectsSockets: false, resolvesNames: false, judgesChains: answers["judgeChain"] != nil,
            asksPassword: answers["password"] != nil)
        let session = try Session(options: start.sessionOptions(host: abilities, overrides: overrides))
        sessions.append(session)
        return session
    }

    func answer(_ question: Question, of tunnel: UInt32) throws -> Answer {
        let kind = String("\(question)".prefix { $0 != "(" })
        try ask(kind)
        guard let answer = answers[kind] else { throw VPNRefusal("nobody knows \(kind)") }
        return answer
    }

    func handle(_ event: SessionEvent, of session: Session, tunnel: UInt32) {
        if case .up(let settings, _) = event { self.settings = settings }
    }
}

/// Waits until something holds.
func eventually(
    _ what: String, within seconds: Double = 20, _ holds: () async throws -> Bool
) async throws {
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
        if try await holds() { return }
        try await Task.sleep(nanoseconds: 2_000_000)
    }
    throw Failed("not within \(seconds) s: \(what)")
}

extension VPNManager {
    /// Waits until the connection has a status.
    func reaches(_ status: VPNStatus) async throws {
        try await eventually("\(status), it is \(connection.status)") { connection.status == status }
    }
}

extension VPNConfiguration {
    /// One that can be started: IKEv2 with a shared secret, which ``VPNManager/give`` brings.
    static func example() -> VPNConfiguration {
        var configuration = VPNConfiguration()
        configuration.isEnabled = true
        configuration.localizedDescription = "Example"
        var ikev2 = IKEv2Protocol()
        ikev2.serverAddress = "192.0.2.1"
        ikev2.remoteIdentifier = "vpn.example.com"
        ikev2.localIdentifier = "phone.example.com"
        ikev2.authenticationMethod = .sharedSecret
        configuration.ikev2 = ikev2
        return configuration
    }
}

/// A manager with a saved configuration.
func saved(
    _ host: FakeHost, system: VPNSystem? = nil, _ change: (inout VPNConfiguration) -> Void = { _ in }
) async throws -> VPNManager {
    let system = try system ?? VPNSystem(app: "test.app", host: host)
    let manager = try system.shared()
    try await manager.loadFromPreferences()
    try await manager.save(change)
    try system.networkChanged(VPNNetwork(interface: .wiFi, ssid: "Home"))
    return manager
}

extension VPNManager {
    /// Saves the example, changed.
    func save(_ change: (inout VPNConfiguration) -> Void) async throws {
        var configuration = VPNConfiguration.example()
        change(&configuration)
        try set(configuration)
        try setSecret(Data("correct horse battery staple".utf8), for: .sharedSecret)
        try await saveToPreferences()
        try await loadFromPreferences()
    }
}

/// A manager with the saved configuration of a gateway's profile, enabled.
func saved(_ host: FakeHost, of gateway: TestGateway, _ change: (inout VPNConfiguration) -> Void = { _ in })
    async throws -> VPNManager
{
    try await host.connect(to: gateway)
    let system = try VPNSystem(app: "test.app", host: host)
    let manager = try system.shared()
    try await manager.loadFromPreferences()
    try manager.importProfile(try gateway.profile())
    try manager.update {
        $0.isEnabled = true
        change(&$0)
    }
    try await manager.saveToPreferences()
    return manager
}
#endif
