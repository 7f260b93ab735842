#if canImport(NetworkExtension) && os(Linux)
import Adit
import Foundation
import NetworkExtension
import Security
import XCTest

@testable import AditManager

final class ManagerTests: XCTestCase, @unchecked Sendable {
    override func setUp() {
        StubPreferences.tunnels = []
        StubPreferences.personal = nil
        StubPreferences.saveError = nil
        StubKeychain.items = []
    }

    @MainActor private func saved() async throws -> AditTunnelManager {
        let tunnel = AditTunnelManager()
        try await tunnel.save(profile: full, provider: "com.example.app.tunnel", password: "kept", overrides: "{}")
        return tunnel
    }

    @MainActor private func configuration(_ tunnel: AditTunnelManager) throws -> NETunnelProviderProtocol {
        try XCTUnwrap(tunnel.manager.protocolConfiguration as? NETunnelProviderProtocol)
    }

    @MainActor func testAProfileBecomesAConfigurationWithoutSecrets() async throws {
        let tunnel = try await saved()
        let stored = try configuration(tunnel)
        XCTAssertEqual(tunnel.manager.localizedDescription, "Office")
        XCTAssertTrue(tunnel.manager.isEnabled)
        XCTAssertTrue(tunnel.manager.isOnDemandEnabled)
        XCTAssertEqual(tunnel.manager.onDemandRules?.map(\.action), [.disconnect, .evaluateConnection, .ignore, .connect])
        XCTAssertEqual(stored.serverAddress, "vpn.example.com")
        XCTAssertEqual(stored.username, "anna")
        XCTAssertEqual(stored.providerBundleIdentifier, "com.example.app.tunnel")
        XCTAssertTrue(stored.includeAllNetworks)
        XCTAssertTrue(stored.enforceRoutes)
        XCTAssertFalse(stored.excludeLocalNetworks)
        XCTAssertFalse(stored.excludeAPNs)
        XCTAssertFalse(stored.excludeCellularServices)
        XCTAssertFalse(stored.excludeDeviceCommunication)
        XCTAssertNil(stored.proxySettings)
        let provider = try ProviderConfiguration(stored.providerConfiguration)
        XCTAssertEqual(try SharedKeychain.read(provider.profile), full)
        XCTAssertEqual(provider.payload, "0")
        XCTAssertEqual(provider.overrides, "{}")
        XCTAssertTrue(provider.blocksFirst)
        XCTAssertEqual(try SharedKeychain.read(XCTUnwrap(stored.passwordReference)), Data("kept".utf8))
        let text = String(describing: stored.providerConfiguration)
        for secret in ["secret-of-anna", "pässword", "kept"] { XCTAssertFalse(text.contains(secret)) }
        for item in StubKeychain.items {
            XCTAssertEqual(
                item.attributes[kSecAttrAccessible] as? String, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly)
        }
    }

    @MainActor func testSecretsAreInTheGroupThatAppAndExtensionShare() async throws {
        let shared = SharedKeychain(accessGroup: "TEAM.shared")
        try await AditTunnelManager(keychain: shared).save(profile: full, provider: "p", password: "kept")
        XCTAssertEqual(
            StubKeychain.items.map { $0.attributes[kSecAttrAccessGroup] as? String }, ["TEAM.shared", "TEAM.shared"])
        _ = try shared.store(Data("mine".utf8), name: "name")
        XCTAssertThrowsError(try SharedKeychain(accessGroup: "TEAM.other").reference(name: "name"))
    }

    @MainActor func testAnIdentityAndThePasswordOfItsFileReachTheProvider() async throws {
        let key = SecKey(stubSign: { _, data in data })
        let identity = StubKeychain.add(identity: SecIdentity(stubKey: key, certificate: Data([0x30, 1])))
        let tunnel = AditTunnelManager()
        try await tunnel.save(profile: full, provider: "p", identity: identity, identityPassword: "of the file")
        let stored = try configuration(tunnel)
        XCTAssertEqual(stored.identityReference, identity)
        let own = try ProviderConfiguration(stored.providerConfiguration)
        XCTAssertEqual(try SharedKeychain.read(XCTUnwrap(own.identityPassword)), Data("of the file".utf8))
        XCTAssertFalse(String(describing: stored.providerConfiguration).contains("of the file"))
        // Another save has no more of it, and the identity is the app's own.
        try await tunnel.save(profile: full, provider: "p")
        XCTAssertNil(try configuration(tunnel).identityReference)
        XCTAssertEqual(StubKeychain.items.count, 2)
        try await tunnel.save(profile: full, provider: "p", identity: identity, identityPassword: "of the file")
        try await tunnel.remove()
        XCTAssertEqual(StubKeychain.items.map(\.reference), [identity])
    }

    @MainActor func testARuleThatCannotBeMadeIsTold() async throws {
        // Of a later conversion: this system has no such interface.
        let json = #"{"vpns":[{"payload":0,"settings":{"class":"NETunnelProviderManager","properties":{"onDemandRules":["#
            + #"{"class":"NEOnDemandRuleOfAnotherYear","properties":{}}],"colour":"red"}},"keychain":[],"lost":[]}],"refused":[]}"#
        let settings = try JSONDecoder().decode(Conversion.self, from: Data(json.utf8)).choose(nil)
        let lost = TunnelConfiguration.write(
            settings, configuration: ProviderConfiguration(profile: Data([1])), provider: "p", password: nil, identity: nil,
            to: NETunnelProviderManager())
        XCTAssertEqual(
            lost.map(\.path).filter { $0.contains("NEOnDemandRuleOfAnotherYear") || $0.contains("colour") }.count, 2, "\(lost)")
    }

    @MainActor func testAllTunnelsAreLoaded() async throws {
        _ = try await saved()
        let tunnels = try await AditTunnelManager.loadAll()
        XCTAssertEqual(tunnels.count, 1)
        XCTAssertEqual(tunnels[0].status, .disconnected)
    }

    @MainActor func testAPerAppTunnelHasItsAppsAndDomains() async throws {
        var perApp = PerAppVPN()
        var app = VPNAppRule(signingIdentifier: "com.example.mail", designatedRequirement: "anchor apple generic")
        app.matchPath = "/Applications/Mail.app"
        app.matchTools = [VPNAppRule(signingIdentifier: "com.example.mail.helper", designatedRequirement: "anchor apple")]
        perApp.apps = [app]
        perApp.safariDomains = ["safari.example.com"]
        perApp.mailDomains = ["mail.example.com"]
        perApp.calendarDomains = ["calendar.example.com"]
        perApp.contactsDomains = ["contacts.example.com"]
        perApp.excludedDomains = ["excluded.example.com"]
        perApp.associatedDomains = ["associated.example.com"]
        let tunnel = AditTunnelManager(perApp: perApp)
        XCTAssertTrue(tunnel.isPerApp)
        XCTAssertEqual(tunnel.perApp, perApp)
        XCTAssertEqual(tunnel.installedApps, [app])
        XCTAssertEqual(tunnel.manager.appRules.first?.matchSigningIdentifier, "com.example.mail")
        XCTAssertEqual(tunnel.manager.appRules.first?.matchDesignatedRequirement, "anchor apple generic")
        XCTAssertEqual(tunnel.manager.appRules.first?.matchTools?.first?.matchSigningIdentifier, "com.example.mail.helper")
        XCTAssertEqual(tunnel.manager.appRules.first?.matchPath, "/Applications/Mail.app")
        try await tunnel.save(profile: full, provider: "p")
        XCTAssertEqual(tunnel.perApp, perApp, "a save of a profile leaves them")
        let ordinary = AditTunnelManager()
        XCTAssertFalse(ordinary.isPerApp)
        XCTAssertEqual(ordinary.installedApps, [])
    }

    @MainActor func testSavingAgainReplacesWhatWasStored() async throws {
        let tunnel = try await saved()
        let before = try ProviderConfiguration(configuration(tunnel).providerConfiguration).profile
        try await tunnel.save(profile: full, provider: "com.example.app.tunnel")
        let after = try ProviderConfiguration(configuration(tunnel).providerConfiguration).profile
        XCTAssertNotEqual(before, after)
        XCTAssertThrowsError(try SharedKeychain.read(before))
        XCTAssertEqual(StubKeychain.items.count, 1)
        XCTAssertEqual(StubPreferences.tunnels.count, 1)
    }

    @MainActor func testARefusedSaveLeavesNothingBehind() async throws {
        StubPreferences.saveError = NEVPNError(.configurationReadWriteFailed)
        let tunnel = AditTunnelManager()
        do {
            try await tunnel.save(profile: full, provider: "com.example.app.tunnel", password: "kept")
            XCTFail("saved")
        } catch {
            XCTAssertEqual((error as? NEVPNError)?.code, .configurationReadWriteFailed)
        }
        XCTAssertEqual(StubKeychain.items.count, 0)
        XCTAssertEqual(StubPreferences.tunnels.count, 0)
        // One that was saved keeps what it has, and loses all of it when it is removed.
        try await tunnel.save(profile: full, provider: "p", identityPassword: "of the file")
        StubPreferences.saveError = NEVPNError(.configurationReadWriteFailed)
        do { try await tunnel.save(profile: full, provider: "p", password: "kept"); XCTFail("saved") } catch {}
        XCTAssertEqual(StubKeychain.items.count, 2)
        try await tunnel.remove()
        XCTAssertEqual(StubKeychain.items.count, 0)
    }

    @MainActor func testRemovingTakesTheKeychainItemsToo() async throws {
        let tunnel = try await saved()
        XCTAssertEqual(StubKeychain.items.count, 2)
        try await tunnel.remove()
        XCTAssertEqual(StubKeychain.items.count, 0)
        XCTAssertEqual(StubPreferences.tunnels.count, 0)
        XCTAssertEqual(tunnel.status, .invalid)
    }

    @MainActor func testOnDemandIsSwitchedAndTheProviderKnows() async throws {
        let plain = try XCTUnwrap(String(decoding: full, as: UTF8.self)
            .replacingOccurrences(of: "<key>IncludeAllNetworks</key><integer>1</integer>", with: "").data(using: .utf8))
        let tunnel = AditTunnelManager()
        try await tunnel.save(profile: plain, provider: "p")
        XCTAssertTrue(try ProviderConfiguration(configuration(tunnel).providerConfiguration).blocksFirst)
        try await tunnel.setOnDemand(false)
        XCTAssertFalse(tunnel.manager.isOnDemandEnabled)
        XCTAssertFalse(try ProviderConfiguration(configuration(tunnel).providerConfiguration).blocksFirst)
    }

    @MainActor func testStartAndStopAndWhatBecomesOfThem() async throws {
        let tunnel = try await saved()
        let connection = tunnel.manager.connection
        var statuses = tunnel.statuses().makeAsyncIterator()
        var next = await statuses.next()
        XCTAssertEqual(next, .disconnected)
        try tunnel.start(username: "bob", password: "once")
        next = await statuses.next()
        XCTAssertEqual(next, .connecting)
        let options = try XCTUnwrap(connection.stubStartOptions.last ?? nil)
        XCTAssertEqual(options[NEVPNConnectionStartOptionUsername] as? NSString, "bob")
        XCTAssertEqual(options[NEVPNConnectionStartOptionPassword] as? NSString, "once")
        connection.stubSet(status: .connected)
        next = await statuses.next()
        XCTAssertEqual(next, .connected)
        XCTAssertNotNil(tunnel.connectedDate)
        XCTAssertTrue(tunnel.status.canStop)
        tunnel.stop()
        next = await statuses.next()
        XCTAssertEqual(next, .disconnecting)
        connection.stubLastDisconnectError = NEVPNConnectionError(.serverDead)
        let error = await tunnel.lastDisconnectError()
        XCTAssertEqual((error as? NEVPNConnectionError)?.code, .serverDead)
        try tunnel.start()
        XCTAssertNil(try XCTUnwrap(connection.stubStartOptions.last))
    }

    @MainActor func testWhatWasBeforeAStartIsNotItsEnd() async throws {
        let tunnel = try await saved()
        let connection = tunnel.manager.connection
        connection.stubStartsLater = true
        connection.stubLastDisconnectError = NEVPNConnectionError(.serverDead)
        try tunnel.start()
        XCTAssertEqual(tunnel.status, .disconnected)
        var statuses = tunnel.statuses().makeAsyncIterator()
        // Said again, as a save does: still of before.
        connection.stubSet(status: .disconnected)
        connection.stubSet(status: .connecting)
        connection.stubSet(status: .disconnected)
        var seen: [TunnelStatus?] = [await statuses.next(), await statuses.next()]
        XCTAssertEqual(seen, [.connecting, .disconnected])

        // One that has begun and ended before it was looked at is over.
        try tunnel.start()
        connection.stubSet(status: .connecting)
        connection.stubSet(status: .disconnected)
        statuses = tunnel.statuses().makeAsyncIterator()
        seen = [await statuses.next()]
        XCTAssertEqual(seen, [.disconnected])

        // A start that is refused, and one that is called off, are awaited by nobody.
        tunnel.manager.isEnabled = false
        XCTAssertThrowsError(try tunnel.start())
        statuses = tunnel.statuses().makeAsyncIterator()
        seen = [await statuses.next()]
        tunnel.manager.isEnabled = true
        try tunnel.start()
        tunnel.stop()
        connection.stubSet(status: .disconnected)
        statuses = tunnel.statuses().makeAsyncIterator()
        seen.append(await statuses.next())
        XCTAssertEqual(seen, [.disconnected, .disconnected])
    }

    func testEveryStatusHasItsCounterpart() {
        for raw in 0...5 {
            let status = NEVPNStatus(rawValue: raw)
            XCTAssertEqual(status.map { TunnelStatus($0).rawValue }, TunnelStatus.allCases[raw].rawValue)
        }
    }

    @MainActor func testTheProviderIsAsked() async throws {
        let tunnel = try await saved()
        do {
            _ = try await tunnel.ask(.stats)
            XCTFail("nobody runs")
        } catch {}
        let session = try XCTUnwrap(tunnel.manager.connection as? NETunnelProviderSession)
        let provider = Answering()
        session.stubProvider = provider
        let reply = try await tunnel.ask(.log)
        XCTAssertEqual(reply, .log("log"))
        session.stubProvider = NETunnelProvider()
        do {
            _ = try await tunnel.ask(.log)
            XCTFail("no answer is no reply")
        } catch {
            XCTAssertEqual(error as? AditTunnelManager.ProviderSilent, .init())
        }
    }

    @MainActor func testApplesClientGetsEveryPropertyOfTheProfile() async throws {
        let outcome = try await ApplePersonalVPN.save(profile: full)
        XCTAssertEqual(outcome.unsupported, [])
        let vpn = try XCTUnwrap(StubPreferences.personal?.protocolConfiguration as? NEVPNProtocolIKEv2)
        XCTAssertEqual(vpn.serverAddress, "vpn.example.com")
        XCTAssertEqual(vpn.remoteIdentifier, "vpn.example.com")
        XCTAssertEqual(vpn.localIdentifier, "anna@example.com")
        XCTAssertEqual(vpn.authenticationMethod, .sharedSecret)
        XCTAssertTrue(vpn.useExtendedAuthentication)
        XCTAssertEqual(vpn.username, "anna")
        XCTAssertEqual(try SharedKeychain.read(XCTUnwrap(vpn.sharedSecretReference)), Data("secret-of-anna".utf8))
        XCTAssertEqual(try SharedKeychain.read(XCTUnwrap(vpn.passwordReference)), Data("pässword".utf8))
        XCTAssertEqual(vpn.deadPeerDetectionRate, .high)
        XCTAssertEqual(vpn.serverCertificateIssuerCommonName, "Example CA")
        XCTAssertEqual(vpn.serverCertificateCommonName, "vpn.example.com")
        XCTAssertEqual(vpn.certificateType, .ECDSA256)
        XCTAssertTrue(vpn.useConfigurationAttributeInternalIPSubnet)
        XCTAssertTrue(vpn.disableMOBIKE && vpn.disableRedirect && vpn.enablePFS && vpn.enableRevocationCheck)
        XCTAssertTrue(vpn.allowPostQuantumKeyExchangeFallback && vpn.enableFallback)
        XCTAssertEqual(vpn.minimumTLSVersion, .version1_2)
        XCTAssertEqual(vpn.maximumTLSVersion, .version1_2)
        XCTAssertEqual(vpn.mtu, 1380)
        XCTAssertEqual(vpn.ppkConfiguration?.identifier, "ppk-1")
        XCTAssertEqual(vpn.ppkConfiguration?.isMandatory, false)
        let ike = vpn.ikeSecurityAssociationParameters
        XCTAssertEqual(ike.encryptionAlgorithm, .algorithmAES256GCM)
        XCTAssertEqual(ike.integrityAlgorithm, .SHA384)
        XCTAssertEqual(ike.diffieHellmanGroup, .group20)
        XCTAssertEqual(ike.lifetimeMinutes, 600)
        XCTAssertEqual(ike.postQuantumKeyExchangeMethods, [.method36])
        let child = vpn.childSecurityAssociationParameters
        XCTAssertEqual(child.encryptionAlgorithm, .algorithmChaCha20Poly1305)
        XCTAssertEqual(child.diffieHellmanGroup, .group31)
        XCTAssertEqual(child.lifetimeMinutes, 60)
        XCTAssertTrue(vpn.includeAllNetworks && vpn.enforceRoutes)
        XCTAssertEqual(vpn.proxySettings?.httpServer?.port, 8080)
        XCTAssertEqual(vpn.proxySettings?.httpServer?.password, "proxy-secret")
        XCTAssertEqual(vpn.proxySettings?.httpsServer?.port, 8443)
        XCTAssertEqual(vpn.proxySettings?.matchDomains, ["example.com"])
        XCTAssertEqual(vpn.proxySettings?.proxyAutoConfigurationURL?.host, "proxy.example.com")
        let rules = try XCTUnwrap(StubPreferences.personal?.onDemandRules)
        XCTAssertEqual(rules[0].ssidMatch, ["Office"])
        XCTAssertEqual(rules[0].interfaceTypeMatch, .wiFi)
        XCTAssertEqual(rules[0].probeURL?.host, "intranet.example.com")
        XCTAssertEqual(rules[1].dnsSearchDomainMatch, ["*.example.com"])
        XCTAssertEqual(rules[1].dnsServerAddressMatch, ["192.0.2.53"])
        let connection = try XCTUnwrap((rules[1] as? NEOnDemandRuleEvaluateConnection)?.connectionRules?.first)
        XCTAssertEqual(connection.action, .connectIfNeeded)
        XCTAssertEqual(connection.matchDomains, ["intranet.example.com"])
        XCTAssertEqual(connection.useDNSServers, ["192.0.2.54"])
        XCTAssertEqual(connection.probeURL?.host, "probe.example.com")
        XCTAssertEqual(rules[2].interfaceTypeMatch, .cellular)
    }

    @MainActor func testApplesClientKeepsItsSecretsUntilOthersTakeTheirPlace() async throws {
        func references() throws -> [Data] {
            let vpn = try XCTUnwrap(StubPreferences.personal?.protocolConfiguration as? NEVPNProtocolIKEv2)
            return [vpn.sharedSecretReference, vpn.passwordReference, vpn.ppkConfiguration?.keychainReference].compactMap { $0 }
        }
        try await ApplePersonalVPN.save(profile: full)
        let before = try references()
        XCTAssertEqual(before.count, 3)
        XCTAssertEqual(StubKeychain.items.count, 3)
        // The user says no to another: what runs keeps its own.
        StubPreferences.saveError = NEVPNError(.configurationReadWriteFailed)
        do {
            try await ApplePersonalVPN.save(profile: full, password: "of the second")
            XCTFail("saved")
        } catch { XCTAssertEqual((error as? NEVPNError)?.code, .configurationReadWriteFailed) }
        XCTAssertEqual(Set(StubKeychain.items.map(\.reference)), Set(before))
        XCTAssertEqual(try references(), before)
        XCTAssertEqual(try SharedKeychain.read(before[1]), Data("pässword".utf8))
        // What the app itself stored is not ours to remove.
        let own = try SharedKeychain(service: "the app's own").store(Data("its".utf8), name: "password")
        (NEVPNManager.shared().protocolConfiguration as? NEVPNProtocolIKEv2)?.passwordReference = own
        try await ApplePersonalVPN.save(profile: full, password: "of the third")
        let after = try references()
        XCTAssertEqual(try SharedKeychain.read(after[1]), Data("of the third".utf8))
        XCTAssertEqual(try SharedKeychain.read(own), Data("its".utf8))
        for reference in [before[0], before[2]] { XCTAssertThrowsError(try SharedKeychain.read(reference)) }
        // A profile that lacks a secret stores none of the others.
        let count = StubKeychain.items.count
        let lacking = Data(String(decoding: full, as: UTF8.self).replacingOccurrences(
            of: "<key>AuthName</key>",
            with: "<key>PayloadCertificateUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A09</string><key>AuthName</key>").utf8)
        do {
            try await ApplePersonalVPN.save(profile: lacking)
            XCTFail("saved")
        } catch {}
        XCTAssertEqual(StubKeychain.items.count, count)
    }

    @MainActor func testASecretThatTheProfileLacksIsAskedFor() async throws {
        let open = Data(String(decoding: full, as: UTF8.self)
            .replacingOccurrences(of: "<key>AuthPassword</key><string>pässword</string>", with: "").utf8)
        let settings = try VPNSettings.read(profile: open)
        XCTAssertFalse(settings.keychain.contains { $0.property == "passwordReference" })
        let identity = Data(String(decoding: full, as: UTF8.self)
            .replacingOccurrences(of: "<key>AuthName</key>", with: "<key>PayloadCertificateUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A09</string><key>AuthName</key>").utf8)
        do {
            try await ApplePersonalVPN.save(profile: identity)
            XCTFail("no identity was given")
        } catch {
            XCTAssertEqual(error as? VPNSettingsError, .secretMissing("PayloadContent[0].IKEv2.PayloadCertificateUUID"))
        }
    }

    @MainActor func testWhatIsNoVPNOfTheAPIIsRefusedWithTheReason() async throws {
        let l2tp = Data(String(decoding: full, as: UTF8.self)
            .replacingOccurrences(of: "<string>IKEv2</string>", with: "<string>L2TP</string>").utf8)
        do {
            try await AditTunnelManager().save(profile: l2tp, provider: "p")
            XCTFail("L2TP")
        } catch {
            guard case .noVPN(let reasons)? = error as? VPNSettingsError else { return XCTFail("\(error)") }
            XCTAssertEqual(reasons.count, 1)
        }
        XCTAssertEqual(StubKeychain.items.count, 0)
    }
}

/// A provider that answers every request with a line of its log.
private final class Answering: NETunnelProvider {
    override func handleAppMessage(_ messageData: Data, completionHandler: (@Sendable (Data?) -> Void)? = nil) {
        completionHandler?(ProviderReply.log("log").message)
    }
}
#endif
