#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// On-demand rules at work: the host tells of the network, and answers what the rules ask.
final class OnDemandTests: XCTestCase {
    private func armed(_ host: FakeHost, _ rules: [OnDemandRule]) async throws -> VPNManager {
        // It never answers, so that a start stays one.
        let gateway = try TestGateway(kind: .silent)
        return try await saved(host, of: gateway) {
            $0.isOnDemandEnabled = true
            $0.onDemandRules = rules
            // The rules are the app's, not the profile's.
            $0.managed.profileMatching = false
        }
    }

    /// Whether the rules start the tunnel on a network.
    private func starts(
        on network: VPNNetwork, _ change: (inout OnDemandRule) -> Void, _ prepare: (FakeHost) async -> Void = { _ in }
    ) async throws -> Bool {
        let host = FakeHost()
        await prepare(host)
        var rule = OnDemandRule.connect()
        change(&rule)
        let manager = try await armed(host, [rule, .disconnect()])
        let told = manager.system.notifications()
        try manager.system.networkChanged(network)
        defer { manager.connection.stopVPNTunnel() }
        for await notification in told {
            switch notification {
            case .statusChanged(_, .connecting): return true
            case .onDemand(_, let summary) where summary.contains("rule 2 decides"): return false
            default: break
            }
        }
        throw Failed("nothing was decided")
    }

    private let home = VPNNetwork(
        interface: .wiFi, ssid: "Home", searchDomains: ["home.example"], dnsServers: ["192.0.2.1", "192.0.2.2"])

    func testTheFirstRuleThatMatchesDecidesOnEachNetwork() async throws {
        let host = FakeHost()
        var away = OnDemandRule.connect()
        away.interfaceTypeMatch = .cellular
        var office = OnDemandRule.ignore()
        office.ssidMatch = ["Office"]
        let manager = try await armed(host, [away, office, .disconnect()])
        try manager.system.networkChanged(VPNNetwork(interface: .cellular))
        try await manager.reaches(.connecting)
        let start = try await startOf(host, 1)
        XCTAssertTrue(start.onDemand)
        // Left as it is.
        try manager.system.networkChanged(VPNNetwork(interface: .wiFi, ssid: "Office"))
        XCTAssertEqual(manager.connection.status, .connecting)
        try manager.system.networkChanged(home)
        try await manager.reaches(.disconnected)
        XCTAssertNil(try manager.connection.fetchLastDisconnectError())
        try manager.system.networkChanged(VPNNetwork(interface: .wiFi, ssid: "Office"))
        XCTAssertEqual(manager.connection.status, .disconnected)
    }

    private func startOf(_ host: FakeHost, _ count: Int) async throws -> VPNTunnelStart {
        try await eventually("start \(count)") { await host.starts.count >= count }
        return try await XCTUnwrapAsync(await host.starts.last)
    }

    func testEachMatchOfARuleCounts() async throws {
        let cases: [(Bool, (inout OnDemandRule) -> Void)] = [
            (true, { _ in }),
            (true, { $0.interfaceTypeMatch = .wiFi }),
            (false, { $0.interfaceTypeMatch = .ethernet }),
            (true, { $0.ssidMatch = ["Office", "Home"] }),
            (false, { $0.ssidMatch = ["Office"] }),
            (true, { $0.dnsSearchDomainMatch = ["home.example"] }),
            (false, { $0.dnsSearchDomainMatch = ["office.example"] }),
            (true, { $0.dnsServerAddressMatch = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] }),
            (false, { $0.dnsServerAddressMatch = ["192.0.2.1"] }),
        ]
        for (number, (expected, change)) in cases.enumerated() {
            let started = try await starts(on: home, change)
            XCTAssertEqual(started, expected, "case \(number)")
        }
    }

    func testAProbeIsTheHostsAndDecides() async throws {
        for answers in [true, false] {
            let started = try await starts(on: home, { $0.probeURL = "https://probe.example.com/" }) { host in
                await host.setReachable(answers)
            }
            XCTAssertEqual(started, answers)
        }
    }

    func testAProbeThatTheHostCannotMakeHasFailed() async throws {
        struct Broken: Error {}
        let started = try await starts(on: home, { $0.probeURL = "https://probe.example.com/" }) { host in
            await host.fail("url https://probe.example.com/", with: Broken())
        }
        XCTAssertFalse(started)
    }

    func testRulesForConnectionsDecideWhenOneIsOpened() async throws {
        let host = FakeHost()
        await host.setReachable(false)
        var needed = EvaluateConnectionRule(matchDomains: ["intranet.example.com"], andAction: .connectIfNeeded)
        needed.useDNSServers = ["192.0.2.53"]
        needed.probeURL = "https://probe.example.com/host"
        let never = EvaluateConnectionRule(matchDomains: ["example.net"], andAction: .neverConnect)
        let manager = try await armed(host, [.evaluateConnection([needed, never])])
        try manager.system.networkChanged(home)
        try manager.system.connectionOpened(to: "www.example.net")
        try manager.system.connectionOpened(to: "www.example.org")
        XCTAssertEqual(manager.connection.status, .disconnected)
        try manager.system.connectionOpened(to: "wiki.intranet.example.com")
        try await manager.reaches(.connecting)
        let asked = await host.asked
        XCTAssertTrue(asked.contains("dns 192.0.2.53"), "\(asked)")
        XCTAssertFalse(asked.contains { $0.contains("example.net") }, "\(asked)")

        // Where the servers answer and the URL too, nothing is started.
        let good = FakeHost()
        let calm = try await armed(good, [.evaluateConnection([needed, never])])
        try calm.system.networkChanged(home)
        try calm.system.connectionOpened(to: "wiki.intranet.example.com")
        try await eventually("both were asked") {
            let asked = await good.asked
            return asked.contains("dns 192.0.2.53") && asked.contains("url https://probe.example.com/host")
        }
        XCTAssertEqual(calm.connection.status, .disconnected)
        manager.connection.stopVPNTunnel()
    }

    func testTheUsersSwitchHoldsAndRulesThatAreOffDoNothing() async throws {
        let host = FakeHost()
        let manager = try await armed(host, [.connect()])
        try manager.setUserOverride(true)
        try manager.system.networkChanged(home)
        XCTAssertEqual(manager.connection.status, .disconnected)
        try manager.setUserOverride(false)
        try await manager.reaches(.connecting)
        manager.connection.stopVPNTunnel()
        try await manager.reaches(.disconnected)
        try await manager.loadFromPreferences()
        try manager.update { $0.isOnDemandEnabled = false }
        try await manager.saveToPreferences()
        try manager.system.networkChanged(VPNNetwork(interface: .ethernet))
        XCTAssertEqual(manager.connection.status, .disconnected)

        // A managed configuration may forbid it.
        try await manager.loadFromPreferences()
        try manager.update { $0.managed.onDemandUserOverrideDisabled = true }
        try await manager.saveToPreferences()
        XCTAssertThrowsError(try manager.setUserOverride(true)) { XCTAssertNotNil($0 as? VPNError) }
    }
}
#endif
