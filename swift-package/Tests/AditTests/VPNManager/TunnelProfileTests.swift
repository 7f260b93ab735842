#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// What a configuration says is what the tunnel is made of: each property, in the profile that a start hands over.
final class TunnelProfileTests: XCTestCase {
    /// A property off its default, and what the profile then has at a path of the VPN's payload.
    private struct Case {
        var path: String
        var value: NSObject
        var change: (inout IKEv2Protocol) -> Void

        init(_ path: String, _ value: Any, _ change: @escaping (inout IKEv2Protocol) -> Void) {
            self.path = path
            self.value = (value as? Bool).map { NSNumber(value: $0 ? 1 : 0) } ?? (value as? NSObject) ?? "\(value)" as NSString
            self.change = change
        }
    }

    private let cases: [Case] = [
        Case("IKEv2.RemoteAddress", "198.51.100.7") { $0.serverAddress = "198.51.100.7" },
        Case("IKEv2.RemoteIdentifier", "gate.example.com") { $0.remoteIdentifier = "gate.example.com" },
        Case("IKEv2.LocalIdentifier", "me.example.com") { $0.localIdentifier = "me.example.com" },
        Case("IKEv2.AuthenticationMethod", "SharedSecret") { $0.authenticationMethod = .sharedSecret },
        Case("IKEv2.AuthenticationMethod", "None") {
            $0.authenticationMethod = .none
            $0.useExtendedAuthentication = true
            $0.username = "user"
        },
        Case("IKEv2.SharedSecret", "correct horse battery staple") { _ in },
        Case("IKEv2.ExtendedAuthEnabled", true) {
            $0.authenticationMethod = .none
            $0.useExtendedAuthentication = true
            $0.username = "user"
        },
        Case("IKEv2.AuthName", "user") {
            $0.authenticationMethod = .none
            $0.useExtendedAuthentication = true
            $0.username = "user"
        },
        Case("IKEv2.AuthPassword", "hunter2") {
            $0.authenticationMethod = .none
            $0.useExtendedAuthentication = true
            $0.username = "user"
        },
        Case("IKEv2.DeadPeerDetectionRate", "High") { $0.deadPeerDetectionRate = .high },
        Case("IKEv2.DeadPeerDetectionRate", "None") { $0.deadPeerDetectionRate = .none },
        Case("IKEv2.ServerCertificateIssuerCommonName", "CA") { $0.serverCertificateIssuerCommonName = "CA" },
        Case("IKEv2.ServerCertificateCommonName", "server") { $0.serverCertificateCommonName = "server" },
        Case("IKEv2.CertificateType", "ECDSA384") {
            $0.authenticationMethod = .certificate
            $0.identityReference = SecretReference(Data([2]))
            $0.certificateType = .ECDSA384
        },
        Case("IKEv2.UseConfigurationAttributeInternalIPSubnet", true) {
            $0.useConfigurationAttributeInternalIPSubnet = true
        },
        Case("IKEv2.DisableMOBIKE", true) { $0.disableMOBIKE = true },
        Case("IKEv2.DisableRedirect", true) { $0.disableRedirect = true },
        Case("IKEv2.EnablePFS", true) { $0.enablePFS = true },
        Case("IKEv2.AllowPostQuantumKeyExchangeFallback", true) { $0.allowPostQuantumKeyExchangeFallback = true },
        Case("IKEv2.EnableCertificateRevocationCheck", true) { $0.enableRevocationCheck = true },
        Case("IKEv2.TLSMinimumVersion", "1.1") { $0.minimumTLSVersion = .version1_1 },
        Case("IKEv2.TLSMaximumVersion", "1.2") { $0.maximumTLSVersion = .version1_2 },
        Case("IKEv2.EnableFallback", true) { $0.enableFallback = true },
        Case("IKEv2.MTU", 1400) { $0.mtu = 1400 },
        Case("IKEv2.PPK", "entangled") { $0.ppkConfiguration = TunnelProfileTests.ppk },
        Case("IKEv2.PPKIdentifier", "ppk") { $0.ppkConfiguration = TunnelProfileTests.ppk },
        Case("IKEv2.PPKMandatory", false) { $0.ppkConfiguration = TunnelProfileTests.ppk },
        Case("IKEv2.IKESecurityAssociationParameters.EncryptionAlgorithm", "AES-256-GCM") {
            $0.ikeSecurityAssociationParameters.encryptionAlgorithm = .algorithmAES256GCM
        },
        Case("IKEv2.IKESecurityAssociationParameters.IntegrityAlgorithm", "SHA2-384") {
            $0.ikeSecurityAssociationParameters.integrityAlgorithm = .SHA384
        },
        Case("IKEv2.IKESecurityAssociationParameters.DiffieHellmanGroup", 20) {
            $0.ikeSecurityAssociationParameters.diffieHellmanGroup = .group20
        },
        Case("IKEv2.ChildSecurityAssociationParameters.LifeTimeInMinutes", 120) {
            $0.childSecurityAssociationParameters.lifetimeMinutes = 120
        },
        Case("IKEv2.ChildSecurityAssociationParameters.PostQuantumKeyExchangeMethods", [36, 37]) {
            $0.childSecurityAssociationParameters.postQuantumKeyExchangeMethods = [.method36, .method37]
            $0.allowPostQuantumKeyExchangeFallback = true
        },
        Case("IKEv2.EnforceRoutes", true) { $0.enforceRoutes = true },
        Case("Proxies.HTTPEnable", true) { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPProxy", "http.example.com") { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPPort", 3128) { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPProxyUsername", "proxy user") { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPProxyPassword", "proxy password") { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPSEnable", true) { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.HTTPSProxy", "https.example.com") { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.ProxyAutoConfigEnable", true) { $0.proxySettings = TunnelProfileTests.proxies },
        Case("Proxies.ProxyAutoConfigURLString", "https://proxy.example.com/a.pac") {
            $0.proxySettings = TunnelProfileTests.proxies
        },
        Case("Proxies.SupplementalMatchDomains", ["example.com"]) { $0.proxySettings = TunnelProfileTests.proxies },
    ]

    private static let ppk: IKEv2PPKConfiguration = {
        var ppk = IKEv2PPKConfiguration(identifier: "ppk", keychainReference: SecretReference(Data([1])))
        ppk.isMandatory = false
        return ppk
    }()

    private static let proxies: VPNProxySettings = {
        var proxies = VPNProxySettings()
        proxies.autoProxyConfigurationEnabled = true
        proxies.proxyAutoConfigurationURL = "https://proxy.example.com/a.pac"
        proxies.httpEnabled = true
        var http = VPNProxyServer(address: "http.example.com", port: 3128)
        http.authenticationRequired = true
        http.username = "proxy user"
        proxies.httpServer = http
        proxies.httpsEnabled = true
        proxies.httpsServer = VPNProxyServer(address: "https.example.com", port: 3129)
        proxies.matchDomains = ["example.com"]
        return proxies
    }()

    /// A start of the example, changed, and the payloads of the profile that it hands over.
    private func start(_ change: (inout VPNConfiguration) -> Void) async throws -> (VPNTunnelStart, [[String: Any]]) {
        let host = FakeHost()
        await host.fail("makeSession", with: VPNRefusal("only the profile is wanted"))
        let system = try VPNSystem(app: "test.app", host: host, acceptsTrafficOutside: true)
        let manager = try system.shared()
        try await manager.loadFromPreferences()
        var configuration = VPNConfiguration.example()
        change(&configuration)
        try manager.set(configuration)
        try manager.setSecret(Data("correct horse battery staple".utf8), for: .sharedSecret)
        if configuration.ikev2?.useExtendedAuthentication == true {
            try manager.setSecret(Data("hunter2".utf8), for: .password)
        }
        if configuration.ikev2?.ppkConfiguration != nil {
            try manager.setSecret(Data("entangled".utf8), for: .postQuantumPresharedKey)
        }
        if configuration.ikev2?.authenticationMethod == .certificate, configuration.ikev2?.identityReference == nil {
            try manager.setIdentityData(Data("the file".utf8))
            try manager.setIdentityDataPassword("its passphrase")
        }
        if configuration.ikev2?.proxySettings?.httpServer != nil {
            try manager.setSecret(Data("proxy password".utf8), for: .httpProxyPassword)
        }
        try await manager.saveToPreferences()
        try system.networkChanged(VPNNetwork(interface: .wiFi))
        try manager.connection.startVPNTunnel()
        try await eventually("it has ended") { try manager.connection.lastDisconnect() != nil }
        guard let start = await host.starts.first else {
            throw Failed("\(try manager.connection.lastDisconnect()?.message ?? "no start")")
        }
        let plist = try PropertyListSerialization.propertyList(from: start.profile, options: [], format: nil)
        return (start, (plist as? [String: Any])?["PayloadContent"] as? [[String: Any]] ?? [])
    }

    private func value(_ path: String, in payload: [String: Any]) -> NSObject? {
        let steps = path.split(separator: ".").map(String.init)
        let found = steps.reduce(payload as Any?) { tree, step in (tree as? [String: Any])?[step] }
        if let data = found as? Data { return String(decoding: data, as: UTF8.self) as NSString }
        if let flag = found as? Bool { return NSNumber(value: flag ? 1 : 0) }
        if let number = found as? Int { return NSNumber(value: number) }
        if let text = found as? String { return text as NSString }
        return found as? NSObject ?? found.map { "\($0)" as NSString }
    }

    func testEveryPropertyIsInTheProfileOfTheTunnel() async throws {
        for one in cases {
            do {
                let (_, payloads) = try await start { configuration in
                    guard var ikev2 = configuration.ikev2 else { return }
                    one.change(&ikev2)
                    configuration.ikev2 = ikev2
                }
                let found = value(one.path, in: try XCTUnwrap(payloads.first))
                XCTAssertEqual("\(found.map { "\($0)" } ?? "nothing")", "\(one.value)", one.path)
            } catch {
                XCTFail("\(one.path): \(error)")
            }
        }
    }

    func testEveryCaseOfAnAlgorithmIsTheProfilesWordOrIsRefused() async throws {
        /// What the tunnel's profile has at a path for each case; nil: the start is refused.
        func words<Case: Sendable>(
            _ cases: [Case], at path: String, _ change: @escaping (inout IKEv2Protocol, Case) -> Void
        ) async throws -> [String?] {
            var found: [String?] = []
            for one in cases {
                let payloads = try? await start { configuration in
                    guard var ikev2 = configuration.ikev2 else { return }
                    change(&ikev2, one)
                    configuration.ikev2 = ikev2
                }
                found.append(try payloads.map { "\(try XCTUnwrap(value(path, in: $0.1[0])))" })
            }
            return found
        }
        let ike = "IKEv2.IKESecurityAssociationParameters."
        let ciphers = try await words(IKEv2EncryptionAlgorithm.allCases, at: ike + "EncryptionAlgorithm") {
            $0.ikeSecurityAssociationParameters.encryptionAlgorithm = $1
        }
        XCTAssertEqual(ciphers, [nil, nil, "AES-128", "AES-256", "AES-128-GCM", "AES-256-GCM", "ChaCha20Poly1305"])
        let hashes = try await words(IKEv2IntegrityAlgorithm.allCases, at: ike + "IntegrityAlgorithm") {
            $0.ikeSecurityAssociationParameters.integrityAlgorithm = $1
        }
        XCTAssertEqual(hashes, ["SHA1-96", "SHA1-160", "SHA2-256", "SHA2-384", "SHA2-512"])
        let groups = try await words(IKEv2DiffieHellmanGroup.allCases, at: ike + "DiffieHellmanGroup") {
            $0.ikeSecurityAssociationParameters.diffieHellmanGroup = $1
        }
        XCTAssertEqual(groups.compactMap { $0 }, ["14", "15", "16", "19", "20", "21", "31"], "the engine has these")
        let rates = try await words(IKEv2DeadPeerDetectionRate.allCases, at: "IKEv2.DeadPeerDetectionRate") {
            $0.deadPeerDetectionRate = $1
        }
        XCTAssertEqual(rates, ["None", "Low", "Medium", "High"])
        let types = try await words(Array(IKEv2CertificateType.allCases.filter { $0 != .ed25519 }), at: "IKEv2.CertificateType") {
            $0.authenticationMethod = .certificate
            $0.identityReference = SecretReference(Data([2]))
            $0.certificateType = $1
        }
        XCTAssertEqual(types, ["RSA", "ECDSA256", "ECDSA384", "ECDSA521", "RSA-PSS"])
        let versions = try await words(Array(IKEv2TLSVersion.allCases.dropFirst()), at: "IKEv2.TLSMinimumVersion") {
            $0.minimumTLSVersion = $1
            $0.maximumTLSVersion = $1
        }
        XCTAssertEqual(versions, ["1.0", "1.1", "1.2", "1.3"])
    }

    func testAnIdentityOfTheHostGoesByReferenceAndAFileInTheProfile() async throws {
        let reference = SecretReference(Data([2, 0xff]))
        let (start, payloads) = try await start {
            $0.ikev2?.authenticationMethod = .certificate
            $0.ikev2?.identityReference = reference
        }
        XCTAssertEqual(start.identityReference, reference)
        XCTAssertEqual(start.sessionOptions(keyCertificates: [Data([0x30])]).credentials.keyReference, "02ff")
        XCTAssertEqual(payloads.count, 1)

        // This one is no PKCS #12 file, which is found out when it is read from the profile.
        do {
            _ = try await self.start { $0.ikev2?.authenticationMethod = .certificate }
            XCTFail("started")
        } catch let failed as Failed {
            XCTAssertTrue(failed.description.contains("not a PKCS#12 file"), failed.description)
        }
    }

    func testAPromiseThatIsNotKeptIsToldAndNotStarted() async throws {
        let host = FakeHost()
        let manager = try await saved(host) {
            $0.ikev2?.enableRevocationCheck = true
            $0.ikev2?.strictRevocationCheck = true
        }
        XCTAssertEqual(try manager.objections().map(\.property), ["strictRevocationCheck"])
        try manager.connection.startVPNTunnel()
        try await eventually("it has ended") { try manager.connection.lastDisconnect() != nil }
        XCTAssertEqual(try manager.connection.fetchLastDisconnectError(), .configurationFailed)
        let starts = await host.starts.count
        XCTAssertEqual(starts, 0)
    }
}
#endif
