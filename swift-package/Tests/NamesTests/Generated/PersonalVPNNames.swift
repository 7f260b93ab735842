// Made by `cargo xtask regenerate names` from swift-package/names/personal-vpn.tsv and its head. Do not edit.

import Adit
import Foundation

/// What the uses of `personal-vpn.tsv` name.
final class PersonalVPNNames {
    var system: VPNSystem
    var manager: VPNManager
    var connection: VPNConnection
    var key = VPNConfigurationKey.personal(app: "com.example.app")
    var configuration = VPNConfiguration()
    var ikev2 = IKEv2Protocol()
    var ipsec = IPSecProtocol()
    var association = IKEv2SecurityAssociationParameters()
    var ppk = IKEv2PPKConfiguration(identifier: "ppk")
    var rule = OnDemandRule.connect()
    var connectionRule = EvaluateConnectionRule(matchDomains: ["example.com"], andAction: .connectIfNeeded)
    var proxies = VPNProxySettings()
    var proxy = VPNProxyServer(address: "proxy.example.com", port: 3128)
    var reference = SecretReference(Data())
    var file = Data()
    var secret = Data()

    init(_ manager: VPNManager) {
        self.manager = manager
        system = manager.system
        connection = manager.connection
    }

    /// Takes what a use gives.
    func used<Value>(_ value: Value) {}
}

extension PersonalVPNNames {
    func useNEVPNManager() async throws {
        used(VPNManager.self)
        used(try system.shared())
        used(try await manager.loadFromPreferences())
        used(try await manager.saveToPreferences())
        used(try await manager.removeFromPreferences())
        configuration.isEnabled = true
        configuration.protocolConfiguration = .ikev2(ikev2)
        used(configuration.ikev2)
        configuration.localizedDescription = "Office"
        configuration.isOnDemandEnabled = true
        configuration.onDemandRules = [rule]
        used(manager.connection)
        used(VPNError.errorDomain)
        used(VPNNotification.configurationChanged(key))
        used(system.notifications())
    }
    func useNEVPNError() async throws {
        used(VPNError.self)
        used(VPNError.Code.configurationInvalid)
        used(VPNError.Code.configurationDisabled)
        used(VPNError.Code.connectionFailed)
        used(VPNError.Code.configurationStale)
        used(VPNError.Code.configurationReadWriteFailed)
        used(VPNError.Code.configurationUnknown)
    }
    func useNEVPNProtocol() async throws {
        used(VPNProtocol.self)
        ikev2.serverAddress = "vpn.example.com"
        ikev2.username = "user"
        ikev2.passwordReference = reference
        used(try manager.setSecret(secret, for: .password))
        ikev2.identityReference = reference
        used(try manager.setIdentityData(file))
        used(try manager.setIdentityDataPassword("passphrase"))
        ikev2.disconnectOnSleep = true
        used(try system.sleep())
        ikev2.proxySettings = proxies
        ikev2.includeAllNetworks = true
        ikev2.excludeLocalNetworks = false
        ikev2.excludeCellularServices = false
        ikev2.excludeAPNs = false
        ikev2.excludeDeviceCommunication = false
        ikev2.enforceRoutes = true
        ikev2.sliceUUID = "5E6E4E8F-0E6D-4B0C-8E0B-0C2E2F1F7A11"
    }
    func useNEVPNProtocolIPSec() async throws {
        used(IPSecProtocol.self)
        used(VPNProtocolConfiguration.ipsec(ipsec))
        ikev2.authenticationMethod = .sharedSecret
        ikev2.useExtendedAuthentication = true
        ikev2.sharedSecretReference = reference
        used(try manager.setSecret(secret, for: .sharedSecret))
        ikev2.localIdentifier = "phone.example.com"
        ikev2.remoteIdentifier = "vpn.example.com"
    }
    func useNEVPNIKEAuthenticationMethod() async throws {
        used(IKEAuthenticationMethod.self)
        used(IKEAuthenticationMethod.none)
        used(IKEAuthenticationMethod.certificate)
        used(IKEAuthenticationMethod.sharedSecret)
    }
    func useNEVPNProtocolIKEv2() async throws {
        used(IKEv2Protocol.self)
        ikev2.ikeSecurityAssociationParameters = association
        ikev2.childSecurityAssociationParameters = association
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
        ikev2.ppkConfiguration = ppk
    }
    func useNEVPNIKEv2SecurityAssociationParameters() async throws {
        used(IKEv2SecurityAssociationParameters.self)
        association.encryptionAlgorithm = .algorithmAES256GCM
        association.integrityAlgorithm = .SHA384
        association.diffieHellmanGroup = .group20
        association.lifetimeMinutes = 120
        association.postQuantumKeyExchangeMethods = [.method36]
    }
    func useNEVPNIKEv2PPKConfiguration() async throws {
        used(IKEv2PPKConfiguration.self)
        used(IKEv2PPKConfiguration(identifier: "ppk", keychainReference: reference))
        used(ppk.identifier)
        used(ppk.keychainReference)
        used(try manager.setSecret(secret, for: .postQuantumPresharedKey))
        ppk.isMandatory = false
    }
    func useNEVPNIKEv2EncryptionAlgorithm() async throws {
        used(IKEv2EncryptionAlgorithm.self)
        used(IKEv2EncryptionAlgorithm.algorithmDES)
        used(IKEv2EncryptionAlgorithm.algorithm3DES)
        used(IKEv2EncryptionAlgorithm.algorithmAES128)
        used(IKEv2EncryptionAlgorithm.algorithmAES256)
        used(IKEv2EncryptionAlgorithm.algorithmAES128GCM)
        used(IKEv2EncryptionAlgorithm.algorithmAES256GCM)
        used(IKEv2EncryptionAlgorithm.algorithmChaCha20Poly1305)
    }
    func useNEVPNIKEv2IntegrityAlgorithm() async throws {
        used(IKEv2IntegrityAlgorithm.self)
        used(IKEv2IntegrityAlgorithm.SHA96)
        used(IKEv2IntegrityAlgorithm.SHA160)
        used(IKEv2IntegrityAlgorithm.SHA256)
        used(IKEv2IntegrityAlgorithm.SHA384)
        used(IKEv2IntegrityAlgorithm.SHA512)
    }
    func useNEVPNIKEv2DeadPeerDetectionRate() async throws {
        used(IKEv2DeadPeerDetectionRate.self)
        used(IKEv2DeadPeerDetectionRate.none)
        used(IKEv2DeadPeerDetectionRate.low)
        used(IKEv2DeadPeerDetectionRate.medium)
        used(IKEv2DeadPeerDetectionRate.high)
    }
    func useNEVPNIKEv2DiffieHellmanGroup() async throws {
        used(IKEv2DiffieHellmanGroup.self)
        used(IKEv2DiffieHellmanGroup.groupInvalid)
        used(IKEv2DiffieHellmanGroup.group1)
        used(IKEv2DiffieHellmanGroup.group2)
        used(IKEv2DiffieHellmanGroup.group5)
        used(IKEv2DiffieHellmanGroup.group14)
        used(IKEv2DiffieHellmanGroup.group15)
        used(IKEv2DiffieHellmanGroup.group16)
        used(IKEv2DiffieHellmanGroup.group17)
        used(IKEv2DiffieHellmanGroup.group18)
        used(IKEv2DiffieHellmanGroup.group19)
        used(IKEv2DiffieHellmanGroup.group20)
        used(IKEv2DiffieHellmanGroup.group21)
        used(IKEv2DiffieHellmanGroup.group31)
        used(IKEv2DiffieHellmanGroup.group32)
    }
    func useNEVPNIKEv2PostQuantumKeyExchangeMethod() async throws {
        used(IKEv2PostQuantumKeyExchangeMethod.self)
        used(IKEv2PostQuantumKeyExchangeMethod.methodNone)
        used(IKEv2PostQuantumKeyExchangeMethod.method36)
        used(IKEv2PostQuantumKeyExchangeMethod.method37)
    }
    func useNEVPNIKEv2CertificateType() async throws {
        used(IKEv2CertificateType.self)
        used(IKEv2CertificateType.RSA)
        used(IKEv2CertificateType.ECDSA256)
        used(IKEv2CertificateType.ECDSA384)
        used(IKEv2CertificateType.ECDSA521)
        used(IKEv2CertificateType.ed25519)
        used(IKEv2CertificateType.RSAPSS)
    }
    func useNEVPNIKEv2TLSVersion() async throws {
        used(IKEv2TLSVersion.self)
        used(IKEv2TLSVersion.versionDefault)
        used(IKEv2TLSVersion.version1_0)
        used(IKEv2TLSVersion.version1_1)
        used(IKEv2TLSVersion.version1_2)
        used(IKEv2TLSVersion.version1_3)
    }
    func useNEVPNConnection() async throws {
        used(VPNConnection.self)
        used(try connection.startVPNTunnel())
        used(try connection.startVPNTunnel(options: VPNStartOptions(username: "user", password: "password")))
        used(connection.stopVPNTunnel())
        used(try connection.fetchLastDisconnectError())
        used(try connection.lastDisconnect())
        used(connection.status)
        used(connection.statuses())
        used(connection.connectedDate)
        used(connection.manager)
        used(VPNStartOptions(username: "user"))
        used(VPNStartOptions(password: "password"))
        used(VPNConnectionError.errorDomain)
        used(VPNNotification.statusChanged(key, .connected))
        used(system.notifications())
    }
    func useNEVPNStatus() async throws {
        used(VPNStatus.self)
        used(VPNStatus.invalid)
        used(VPNStatus.disconnected)
        used(VPNStatus.connecting)
        used(VPNStatus.connected)
        used(VPNStatus.reasserting)
        used(VPNStatus.disconnecting)
    }
    func useNEVPNConnectionError() async throws {
        used(VPNConnectionError.self)
        used(VPNConnectionError.overslept)
        used(VPNConnectionError.noNetworkAvailable)
        used(VPNConnectionError.unrecoverableNetworkChange)
        used(VPNConnectionError.configurationFailed)
        used(VPNConnectionError.serverAddressResolutionFailed)
        used(VPNConnectionError.serverNotResponding)
        used(VPNConnectionError.serverDead)
        used(VPNConnectionError.authenticationFailed)
        used(VPNConnectionError.clientCertificateInvalid)
        used(VPNConnectionError.clientCertificateNotYetValid)
        used(VPNConnectionError.clientCertificateExpired)
        used(VPNConnectionError.pluginFailed)
        used(VPNConnectionError.configurationNotFound)
        used(VPNConnectionError.pluginDisabled)
        used(VPNConnectionError.negotiationFailed)
        used(VPNConnectionError.serverDisconnected)
        used(VPNConnectionError.serverCertificateInvalid)
        used(VPNConnectionError.serverCertificateNotYetValid)
        used(VPNConnectionError.serverCertificateExpired)
    }
    func useNEOnDemandRule() async throws {
        used(OnDemandRule.self)
        used(rule.action)
        rule.dnsSearchDomainMatch = ["example.com"]
        rule.dnsServerAddressMatch = ["192.0.2.53"]
        rule.interfaceTypeMatch = .wiFi
        rule.ssidMatch = ["Office"]
        rule.probeURL = "https://probe.example.com/"
    }
    func useNEOnDemandRuleConnect() async throws {
        used(OnDemandRule.Kind.connect)
        used(OnDemandRule.connect())
    }
    func useNEOnDemandRuleDisconnect() async throws {
        used(OnDemandRule.Kind.disconnect)
        used(OnDemandRule.disconnect())
    }
    func useNEOnDemandRuleIgnore() async throws {
        used(OnDemandRule.Kind.ignore)
        used(OnDemandRule.ignore())
    }
    func useNEOnDemandRuleEvaluateConnection() async throws {
        used(OnDemandRule.Kind.evaluateConnection([connectionRule]))
        used(OnDemandRule.evaluateConnection())
        rule.connectionRules = [connectionRule]
        used(try system.connectionOpened(to: "host.example.com"))
    }
    func useNEOnDemandRuleAction() async throws {
        used(OnDemandRuleAction.self)
        used(OnDemandRuleAction.connect)
        used(OnDemandRuleAction.disconnect)
        used(OnDemandRuleAction.evaluateConnection)
        used(OnDemandRuleAction.ignore)
    }
    func useNEOnDemandRuleInterfaceType() async throws {
        used(OnDemandRuleInterfaceType.self)
        used(OnDemandRuleInterfaceType.any)
        used(OnDemandRuleInterfaceType.ethernet)
        used(OnDemandRuleInterfaceType.wiFi)
        used(OnDemandRuleInterfaceType.cellular)
    }
    func useNEEvaluateConnectionRule() async throws {
        used(EvaluateConnectionRule.self)
        used(EvaluateConnectionRule(matchDomains: ["example.com"], andAction: .neverConnect))
        used(connectionRule.action)
        used(connectionRule.matchDomains)
        connectionRule.useDNSServers = ["192.0.2.53"]
        connectionRule.probeURL = "https://probe.example.com/"
    }
    func useNEEvaluateConnectionRuleAction() async throws {
        used(EvaluateConnectionRuleAction.self)
        used(EvaluateConnectionRuleAction.connectIfNeeded)
        used(EvaluateConnectionRuleAction.neverConnect)
    }
    func useNEProxySettings() async throws {
        used(VPNProxySettings.self)
        proxies.autoProxyConfigurationEnabled = true
        proxies.proxyAutoConfigurationURL = "https://proxy.example.com/a.pac"
        proxies.proxyAutoConfigurationJavaScript = "function FindProxyForURL() {}"
        proxies.httpEnabled = true
        proxies.httpServer = proxy
        proxies.httpsEnabled = true
        proxies.httpsServer = proxy
        proxies.excludeSimpleHostnames = true
        proxies.exceptionList = ["local.example.com"]
        proxies.matchDomains = ["example.com"]
    }
    func useNEProxyServer() async throws {
        used(VPNProxyServer.self)
        used(VPNProxyServer(address: "proxy.example.com", port: 3128))
        used(proxy.address)
        used(proxy.port)
        proxy.authenticationRequired = true
        proxy.username = "user"
        used(try manager.setSecret(secret, for: .httpProxyPassword))
        used(proxy.passwordReference)
    }
}
