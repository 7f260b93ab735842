#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// Tunnels through the manager, to the embedded gateway, and what keeps them from running.
final class ConnectionTests: XCTestCase {
    func testATunnelConnectsIsToldAndEndsAsAsked() async throws {
        let gateway = try TestGateway(kind: .standard)
        let host = FakeHost()
        let manager = try await saved(host, of: gateway)
        let connection = manager.connection
        XCTAssertEqual(connection.status, .disconnected)
        XCTAssertNil(connection.connectedDate)
        XCTAssertNil(try connection.lastDisconnect())
        let told = manager.connection.statuses()
        try connection.startVPNTunnel()
        XCTAssertEqual(connection.status, .connecting)
        try await manager.reaches(.connected)
        XCTAssertEqual(try gateway.clients(), 1)
        let since = try XCTUnwrap(connection.connectedDate)
        XCTAssertLessThan(abs(since.timeIntervalSinceNow), 60)
        XCTAssertEqual(try connection.manager.configuration(), try manager.configuration())
        connection.stopVPNTunnel()
        try await manager.reaches(.disconnected)
        XCTAssertNil(connection.connectedDate)
        XCTAssertNil(try connection.fetchLastDisconnectError())
        XCTAssertEqual(try connection.lastDisconnect()?.error, nil)
        XCTAssertFalse(try XCTUnwrap(try connection.lastDisconnect()).message.isEmpty)
        var statuses: [VPNStatus] = []
        for await status in told {
            statuses.append(status)
            if statuses.count > 1, status == .disconnected { break }
        }
        XCTAssertEqual(statuses, [.disconnected, .connecting, .connected, .disconnecting, .disconnected])
    }

    func testStartOptionsReplaceTheCredentialsOnceAndAreNotShown() async throws {
        let gateway = try TestGateway(kind: .standard)
        let host = FakeHost()
        let manager = try await saved(host, of: gateway)
        let options = VPNStartOptions(username: try gateway.username(), password: "hunter2")
        try manager.connection.startVPNTunnel(options: options)
        try await eventually("it is refused") { try manager.connection.lastDisconnect() != nil }
        XCTAssertEqual(try manager.connection.fetchLastDisconnectError(), .authenticationFailed)
        let start = try await XCTUnwrapAsync(await host.starts.last)
        XCTAssertEqual(start.username, try gateway.username())
        XCTAssertEqual(start.password, "hunter2")
        for text in ["\(options)", "\(start)"] { XCTAssertFalse(text.contains("hunter2"), text) }
        // The next start has the saved ones.
        try manager.connection.startVPNTunnel()
        try await manager.reaches(.connected)
        try await manager.removeFromPreferences()
        try await manager.reaches(.invalid)
    }

    func testAHostThatCannotRunTheTunnelIsToldFromOneThatMayNot() async throws {
        struct Broken: Error, LocalizedError { var errorDescription: String? { "no interface" } }
        for (error, expected) in [
            (Broken() as any Error, VPNConnectionError.pluginFailed), (VPNRefusal("not now"), .pluginDisabled),
        ] {
            let host = FakeHost()
            let manager = try await saved(host)
            await host.fail("makeSession", with: error)
            try manager.connection.startVPNTunnel()
            try await eventually("it has ended") { try manager.connection.lastDisconnect() != nil }
            XCTAssertEqual(try manager.connection.fetchLastDisconnectError(), expected)
            XCTAssertEqual(manager.connection.status, .disconnected)
        }
    }

    func testWhatASessionAsksIsTheHosts() async throws {
        for (kind, gateway) in [("password", TestGatewayKind.withoutPassword), ("judgeChain", .withoutAnchor)] {
            let gateway = try TestGateway(kind: gateway)
            let host = FakeHost()
            let answer: Answer =
                kind == "password"
                ? .password(username: try gateway.username(), password: try gateway.password()) : .done
            await host.answer(kind, with: answer)
            let manager = try await saved(host, of: gateway)
            try manager.connection.startVPNTunnel()
            try await manager.reaches(.connected)
            let asked = await host.asked
            XCTAssertTrue(asked.contains(kind), "\(asked)")
            manager.connection.stopVPNTunnel()
            try await manager.reaches(.disconnected)

            // A refusal ends it.
            await host.answer(kind, with: .refused(reason: "not today"))
            try manager.connection.startVPNTunnel()
            try await eventually("\(kind) is refused") { try manager.connection.fetchLastDisconnectError() != nil }
        }
    }

    func testATunnelInAnotherProcessIsReportedAndEndsWithEachOfApplesErrors() async throws {
        let host = FakeHost()
        await host.runElsewhere()
        let manager = try await saved(host)
        let system = manager.system
        func start(_ number: Int) async throws -> UInt32 {
            try manager.connection.startVPNTunnel()
            try await eventually("start \(number)") { await host.starts.count == number }
            return try await XCTUnwrapAsync(await host.starts.last).tunnel
        }
        var number = 0
        for error in VPNConnectionError.allCases {
            number += 1
            let tunnel = try await start(number)
            try system.report(.up(hasDefaultRoute: true), of: tunnel)
            try await manager.reaches(.connected)
            try system.report(.reasserting, of: tunnel)
            XCTAssertEqual(manager.connection.status, .reasserting)
            try system.report(.up(hasDefaultRoute: true), of: tunnel)
            XCTAssertEqual(try system.connections().map(\.hasDefaultRoute), [true])
            try system.report(.closed(.Network(message: "it was \(error)", advice: "", code: "\(error)")), of: tunnel)
            XCTAssertEqual(manager.connection.status, .disconnected)
            XCTAssertEqual(try manager.connection.fetchLastDisconnectError(), error)
        }
        number += 1
        _ = try await start(number)
        manager.connection.stopVPNTunnel()
        try await manager.reaches(.disconnected)
        let asked = await host.asked
        XCTAssertEqual(asked.last, "endTunnel")
        number += 1
        let tunnel = try await start(number)
        try system.report(.reasserting, of: tunnel)
        try system.report(.pathChanged, of: tunnel)
        try system.report(.revoked, of: tunnel)
        XCTAssertEqual(try manager.connection.fetchLastDisconnectError(), .pluginDisabled)
        number += 1
        try system.report(.idle, of: try await start(number))
        XCTAssertEqual(manager.connection.status, .disconnected)
        XCTAssertNil(try manager.connection.fetchLastDisconnectError())
        let message = try XCTUnwrap(try manager.connection.lastDisconnect()).message
        XCTAssertTrue(message.contains("DisconnectOnIdle"), message)
    }

    func testTheAddressesThatTheHostFoundAreTheSessions() async throws {
        let host = FakeHost()
        await host.runElsewhere()
        let manager = try await saved(host) { $0.ikev2?.serverAddress = "vpn.example.com" }
        try manager.connection.startVPNTunnel()
        try await eventually("a start") { await !host.starts.isEmpty }
        let start = try await XCTUnwrapAsync(await host.starts.last)
        XCTAssertEqual(start.sessionOptions(host: .none).serverAddresses, ["127.0.0.1"])
    }

    func testANameIsResolvedByTheHostAndOneThatIsNotEndsTheStart() async throws {
        struct Unknown: Error, LocalizedError { var errorDescription: String? { "no such name" } }
        let host = FakeHost()
        let manager = try await saved(host) { $0.ikev2?.serverAddress = "vpn.example.com" }
        await host.fail("addresses", with: Unknown())
        try manager.connection.startVPNTunnel()
        try await eventually("it has ended") { try manager.connection.lastDisconnect() != nil }
        let last = try XCTUnwrap(try manager.connection.lastDisconnect())
        XCTAssertEqual(last.error, .serverAddressResolutionFailed)
        XCTAssertTrue(last.message.contains("no such name"), last.message)
        XCTAssertFalse(last.advice.isEmpty)
    }

    func testAStopThatComesBeforeTheSessionIsMadeEndsIt() async throws {
        let gateway = try TestGateway(kind: .silent)
        let manager = try await saved(FakeHost(), of: gateway)
        try manager.connection.startVPNTunnel()
        manager.connection.stopVPNTunnel()
        try await manager.reaches(.disconnected)
        XCTAssertNil(try manager.connection.fetchLastDisconnectError())
    }

    func testATunnelThatEndsWhenIdleStaysWhilePacketsGoThroughIt() async throws {
        let gateway = try TestGateway(kind: .standard)
        let host = FakeHost()
        let manager = try await saved(host, of: gateway) { $0.managed.disconnectOnIdleSeconds = 4 }
        try manager.connection.startVPNTunnel()
        try await manager.reaches(.connected)
        let port = try PacketPort(try await XCTUnwrapAsync(await host.sessions.last))
        let inner = try await XCTUnwrapAsync(await host.settings?.ipv4.first?.split(separator: "/").first.map(String.init))
        let bytes = inner.split(separator: ".").compactMap { UInt8($0) }
        // An IPv4 packet of protocol 253, which is for experiments (RFC 3692).
        let packet = Data([0x45, 0, 0, 24, 0, 0, 0, 0, 64, 253, 0, 0] + bytes + [198, 51, 100, 1, 0, 1, 2, 3])
        let busyUntil = Date().addingTimeInterval(9)
        while Date() < busyUntil {
            port.send([packet])
            try await Task.sleep(nanoseconds: 200_000_000)
            XCTAssertEqual(manager.connection.status, .connected)
        }
        try await manager.reaches(.disconnected)
        XCTAssertNil(try manager.connection.fetchLastDisconnectError())
        let message = try XCTUnwrap(try manager.connection.lastDisconnect()).message
        XCTAssertTrue(message.contains("DisconnectOnIdle"), message)
        port.close()
    }

    func testDisconnectOnSleepEndsTheTunnelAndOthersStay() async throws {
        for ends in [true, false] {
            let gateway = try TestGateway(kind: .standard)
            let manager = try await saved(FakeHost(), of: gateway) { $0.ikev2?.disconnectOnSleep = ends }
            try manager.connection.startVPNTunnel()
            try await manager.reaches(.connected)
            try manager.system.sleep()
            if ends {
                try await manager.reaches(.disconnected)
                XCTAssertNil(try manager.connection.fetchLastDisconnectError())
            } else {
                try manager.system.wake()
                XCTAssertEqual(manager.connection.status, .connected)
                manager.connection.stopVPNTunnel()
                try await manager.reaches(.disconnected)
            }
        }
    }

    func testWhatThePlatformSetsAndCannotFollowsTheConfiguration() async throws {
        let host = FakeHost()
        let ios = try VPNSystem(app: "test.app", platform: .ios(major: 26, minor: 0), host: host)
        let manager = try await saved(host, system: ios) { $0.ikev2?.includeAllNetworks = true }
        let tunnel = VPNTunnelRoutes(routes: ["0.0.0.0/0"], hasIPv4: true, hasIPv6: false, localNetworks: ["192.0.2.0/24"])
        let plan = try manager.routingPlan(for: tunnel)
        XCTAssertEqual(plan.apple?.includeAllNetworks, true)
        XCTAssertEqual(plan.apple?.excludeAPNs, true)
        XCTAssertTrue(plan.blockIPv6)
        XCTAssertTrue(plan.blockWhileConnecting)

        try await manager.loadFromPreferences()
        try await manager.save { configuration in
            configuration.ikev2?.enforceRoutes = true
            configuration.ikev2?.excludeLocalNetworks = false
            configuration.ikev2?.excludeAPNs = false
            configuration.ikev2?.excludeCellularServices = false
            configuration.ikev2?.excludeDeviceCommunication = false
        }
        let enforced = try XCTUnwrap(try manager.routingPlan(for: tunnel).apple)
        XCTAssertEqual(enforced.includeAllNetworks, false)
        XCTAssertEqual(enforced.enforceRoutes, true)
        XCTAssertEqual(enforced.excludeLocalNetworks, false)
        XCTAssertEqual(enforced.excludeAPNs, false)
        XCTAssertEqual(enforced.excludeCellularServices, false)
        XCTAssertEqual(enforced.excludeDeviceCommunication, false)

        // Linux has no switch that keeps everything in before there is a tunnel.
        let linux = try VPNSystem(app: "test.app", platform: .linux, host: FakeHost())
        let there = try linux.shared()
        try await there.loadFromPreferences()
        var configuration = VPNConfiguration.example()
        configuration.ikev2?.includeAllNetworks = true
        configuration.ikev2?.sliceUUID = "5E6E4E8F-0E6D-4B0C-8E0B-0C2E2F1F7A11"
        try there.set(configuration)
        let cannot = try there.limitations()
        XCTAssertTrue(cannot.contains { $0.subject == "sliceUUID" && $0.consequence == .noEffect }, "\(cannot)")
    }
}

/// `XCTUnwrap` of what had to be waited for.
func XCTUnwrapAsync<Value>(_ value: Value?) async throws -> Value { try XCTUnwrap(value) }
#endif
