#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// Configurations on their way through the core.
final class ConfigurationTests: XCTestCase {
    func testEveryFieldOffItsDefaultComesBack() async throws {
        let filled = VPNConfiguration.filled()
        // Whatever is added to a type later has to be filled here too.
        XCTAssertEqual(leaves(filled).same(as: leaves(VPNConfiguration.bare())), [], "not off their defaults")
        let host = FakeHost()
        let system = try VPNSystem(app: "test.app", host: host)
        let manager = try system.shared()
        try await manager.loadFromPreferences()
        try manager.set(filled)
        XCTAssertEqual(try manager.configuration(), filled)
        try await manager.saveToPreferences()
        let stored = await host.records[.personal(app: "test.app")]
        XCTAssertNotNil(stored)

        // Another process reads what is stored.
        let other = FakeHost()
        await other.put(stored ?? "", of: .personal(app: "test.app"))
        let again = try VPNSystem(app: "test.app", host: other).shared()
        try await again.loadFromPreferences()
        XCTAssertEqual(try again.configuration(), filled)
    }

    func testAnIKEv1ConfigurationComesBackAndAStartSaysWhyNot() async throws {
        let manager = try await saved(FakeHost()) { configuration in
            var ipsec = configuration.ikev2?.ipsec ?? IPSecProtocol()
            ipsec.useExtendedAuthentication = true
            configuration.protocolConfiguration = .ipsec(ipsec)
        }
        guard case .ipsec(let ipsec)? = try manager.configuration().protocolConfiguration else {
            return XCTFail("not IKEv1")
        }
        XCTAssertTrue(ipsec.useExtendedAuthentication)
        XCTAssertEqual(ipsec.serverAddress, "192.0.2.1")
        XCTAssertNotNil(ipsec.sharedSecretReference)
        XCTAssertThrowsError(try manager.connection.startVPNTunnel()) { error in
            XCTAssertEqual((error as? VPNError)?.code, .configurationInvalid)
            XCTAssertTrue((error as? VPNError)?.message.contains("IKEv1") == true, "\(error)")
        }
    }

    func testMembersOfTheInnerProtocolsAreTheOutersToo() {
        var ikev2 = IKEv2Protocol()
        ikev2.serverAddress = "vpn.example.com"
        ikev2.localIdentifier = "me"
        XCTAssertEqual(ikev2.ipsec.base.serverAddress, "vpn.example.com")
        XCTAssertEqual(ikev2.ipsec.localIdentifier, "me")
        var either = VPNProtocolConfiguration.ikev2(ikev2)
        either.base.username = "user"
        XCTAssertEqual(either.base.serverAddress, "vpn.example.com")
        guard case .ikev2(let changed) = either else { return XCTFail("another protocol") }
        XCTAssertEqual(changed.username, "user")
    }

    func testRulesSayWhatTheyDo() {
        let rules: [OnDemandRule] = [.connect(), .disconnect(), .ignore(), .evaluateConnection()]
        XCTAssertEqual(rules.map(\.action), [.connect, .disconnect, .ignore, .evaluateConnection])
        var rule = OnDemandRule.evaluateConnection()
        XCTAssertNil(rule.connectionRules)
        rule.connectionRules = [EvaluateConnectionRule(matchDomains: ["example.com"], andAction: .neverConnect)]
        XCTAssertEqual(rule.connectionRules?.first?.matchDomains, ["example.com"])
        XCTAssertEqual(rule.connectionRules?.first?.action, .neverConnect)
        XCTAssertNil(OnDemandRule.connect().connectionRules)
    }
}

extension VPNConfiguration {
    /// Everything at its default, with every part there that may be missing.
    fileprivate static func bare() -> VPNConfiguration {
        var ikev2 = IKEv2Protocol()
        var proxies = VPNProxySettings()
        proxies.httpServer = VPNProxyServer(address: "", port: 0)
        proxies.httpsServer = VPNProxyServer(address: "", port: 0)
        ikev2.proxySettings = proxies
        ikev2.ppkConfiguration = IKEv2PPKConfiguration(identifier: "")
        var perApp = PerAppVPN()
        perApp.apps = [VPNAppRule(signingIdentifier: "")]
        var configuration = VPNConfiguration()
        configuration.ikev2 = ikev2
        configuration.managed.perApp = perApp
        return configuration
    }

    /// Everything off its default.
    static func filled() -> VPNConfiguration {
        var configuration = VPNConfiguration()
        configuration.isEnabled = true
        configuration.localizedDescription = "Office"
        configuration.isOnDemandEnabled = true
        var evaluate = OnDemandRule.evaluateConnection()
        var connection = EvaluateConnectionRule(matchDomains: ["intranet.example.com"], andAction: .connectIfNeeded)
        connection.useDNSServers = ["192.0.2.53"]
        connection.probeURL = "https://probe.example.com/host"
        evaluate.connectionRules = [connection, .init(matchDomains: ["example.net"], andAction: .neverConnect)]
        evaluate.dnsSearchDomainMatch = ["example.com"]
        evaluate.dnsServerAddressMatch = ["192.0.2.54"]
        evaluate.interfaceTypeMatch = .cellular
        evaluate.ssidMatch = ["Office"]
        evaluate.probeURL = "https://probe.example.com/"
        configuration.onDemandRules = [.connect(), .disconnect(), .ignore(), evaluate]
        configuration.managed.profileMatching = true
        configuration.managed.onDemandUserOverrideDisabled = true
        configuration.managed.disconnectOnIdleSeconds = 300
        configuration.managed.perApp = perApp()
        configuration.ikev2 = ikev2()
        return configuration
    }

    private static func perApp() -> PerAppVPN {
        var perApp = PerAppVPN()
        perApp.vpnUUID = "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60"
        perApp.onDemandMatchAppEnabled = true
        var app = VPNAppRule(signingIdentifier: "com.example.mail", designatedRequirement: "anchor apple generic")
        app.matchPath = "/Applications/Mail.app"
        app.matchTools = [VPNAppRule(signingIdentifier: "com.example.mail.helper")]
        perApp.apps = [app]
        perApp.safariDomains = ["safari.example.com"]
        perApp.mailDomains = ["mail.example.com"]
        perApp.calendarDomains = ["calendar.example.com"]
        perApp.contactsDomains = ["contacts.example.com"]
        perApp.associatedDomains = ["associated.example.com"]
        perApp.excludedDomains = ["excluded.example.com"]
        perApp.smbDomains = ["files.example.com"]
        return perApp
    }

    private static func ikev2() -> IKEv2Protocol {
        var ikev2 = IKEv2Protocol()
        ikev2.serverAddress = "vpn.example.com"
        ikev2.username = "user"
        ikev2.passwordReference = SecretReference(Data([1]))
        ikev2.identityReference = SecretReference(Data([2]))
        ikev2.identityDataReference = SecretReference(Data([3]))
        ikev2.identityDataPasswordReference = SecretReference(Data([4]))
        ikev2.disconnectOnSleep = true
        ikev2.includeAllNetworks = true
        ikev2.excludeLocalNetworks = false
        ikev2.excludeCellularServices = false
        ikev2.excludeAPNs = false
        ikev2.excludeDeviceCommunication = false
        ikev2.enforceRoutes = true
        ikev2.sliceUUID = "5E6E4E8F-0E6D-4B0C-8E0B-0C2E2F1F7A11"
        ikev2.authenticationMethod = .sharedSecret
        ikev2.useExtendedAuthentication = true
        ikev2.sharedSecretReference = SecretReference(Data([5]))
        ikev2.localIdentifier = "phone.example.com"
        ikev2.remoteIdentifier = "vpn.example.com"
        func association(_ lifetime: Int32) -> IKEv2SecurityAssociationParameters {
            var association = IKEv2SecurityAssociationParameters(lifetimeMinutes: lifetime)
            association.encryptionAlgorithm = .algorithmAES256GCM
            association.integrityAlgorithm = .SHA384
            association.diffieHellmanGroup = .group20
            association.postQuantumKeyExchangeMethods = [.method36, .method37]
            return association
        }
        ikev2.ikeSecurityAssociationParameters = association(240)
        ikev2.childSecurityAssociationParameters = association(120)
        ikev2.deadPeerDetectionRate = .high
        ikev2.serverCertificateIssuerCommonName = "Example CA"
        ikev2.serverCertificateCommonName = "vpn.example.com"
        ikev2.certificateType = .ECDSA384
        ikev2.useConfigurationAttributeInternalIPSubnet = true
        ikev2.disableMOBIKE = true
        ikev2.disableRedirect = true
        ikev2.enablePFS = true
        ikev2.allowPostQuantumKeyExchangeFallback = true
        ikev2.enableRevocationCheck = true
        ikev2.strictRevocationCheck = true
        ikev2.minimumTLSVersion = .version1_2
        ikev2.maximumTLSVersion = .version1_3
        ikev2.enableFallback = true
        ikev2.mtu = 1400
        var ppk = IKEv2PPKConfiguration(identifier: "ppk", keychainReference: SecretReference(Data([6])))
        ppk.isMandatory = false
        ikev2.ppkConfiguration = ppk
        ikev2.trustedCertificates = [Data([0x30, 0])]
        ikev2.profileOnly.offersObservedList = true
        ikev2.profileOnly.enforceStrictAlgorithmSelection = true
        ikev2.profileOnly.natKeepaliveInterval = 60
        ikev2.profileOnly.natKeepaliveOffloadDisabled = true
        ikev2.proxySettings = proxies()
        return ikev2
    }

    private static func proxies() -> VPNProxySettings {
        func server(_ name: String, _ reference: UInt8) -> VPNProxyServer {
            var server = VPNProxyServer(address: name, port: 3128)
            server.authenticationRequired = true
            server.username = "proxy user"
            server.passwordReference = SecretReference(Data([reference]))
            return server
        }
        var proxies = VPNProxySettings()
        proxies.autoProxyConfigurationEnabled = true
        proxies.proxyAutoConfigurationURL = "https://proxy.example.com/a.pac"
        proxies.proxyAutoConfigurationJavaScript = "function FindProxyForURL() { return 'DIRECT' }"
        proxies.httpEnabled = true
        proxies.httpServer = server("http.example.com", 7)
        proxies.httpsEnabled = true
        proxies.httpsServer = server("https.example.com", 8)
        proxies.excludeSimpleHostnames = true
        proxies.exceptionList = ["local.example.com"]
        proxies.matchDomains = ["example.com"]
        return proxies
    }
}

/// Every value in a value, by its path.
func leaves(_ value: Any, at path: String = "") -> [String: String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
        return mirror.children.first.map { leaves($0.value, at: path) } ?? [path: "nil"]
    }
    let plain = mirror.displayStyle == .enum && !(value is VPNProtocolConfiguration)
    if mirror.children.isEmpty || plain || mirror.displayStyle == .collection && !(value is [VPNAppRule])
        || value is SecretReference
    {
        return [path: "\(value)"]
    }
    return mirror.children.reduce(into: [:]) { found, child in
        found.merge(leaves(child.value, at: "\(path).\(child.label ?? "")")) { $1 }
    }
}

extension [String: String] {
    /// The paths whose values are the same in both.
    fileprivate func same(as other: [String: String]) -> [String] {
        filter { path, value in other[path] == value }.keys.sorted()
    }
}
#endif
