// Made by `cargo xtask regenerate names` from kotlin/names/personal-vpn.tsv and its head. Do not edit.

@file:Suppress("unused", "UNUSED_VARIABLE", "UNUSED_EXPRESSION", "TestFunctionName")

package adit.core.names

import adit.core.manager.*

/** What the uses below name. */
class PersonalVpnNames(val vpn: VpnSystem, val ikev2: Ikev2Protocol, val rule: OnDemandRule, val proxies: VpnProxySettings) {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val configuration: VpnConfiguration get() = manager.configuration
    val protocol: VpnProtocolConfiguration get() = ikev2
    val association: Ikev2SecurityAssociationParameters get() = ikev2.ikeSecurityAssociationParameters
    val ppk: Ikev2PpkConfiguration get() = Ikev2PpkConfiguration("id", SecretReference(byteArrayOf(1)))
    val connectionRule: EvaluateConnectionRule get() = EvaluateConnectionRule(listOf("example.org"), EvaluateConnectionRuleAction.NeverConnect)
    val proxy: VpnProxyServer get() = VpnProxyServer("proxy.example", 8080)

    fun used(value: Any?) = check(value !== this)
}

suspend fun PersonalVpnNames.useNEVPNManager() {
    used(VpnManager::class)
    used(vpn.shared)
    used(manager.loadFromPreferences())
    used(manager.saveToPreferences())
    used(manager.removeFromPreferences())
    used(configuration.isEnabled)
    used(configuration.protocolConfiguration)
    used(configuration.localizedDescription)
    used(configuration.isOnDemandEnabled)
    used(configuration.onDemandRules)
    used(manager.connection)
    used(VpnErrorCode.DOMAIN)
    used(vpn.notifications)
    used(VpnNotification.ConfigurationChanged.NAME)
}

suspend fun PersonalVpnNames.useNEVPNError() {
    used(VpnErrorCode::class)
    used(VpnErrorCode.ConfigurationInvalid)
    used(VpnErrorCode.ConfigurationDisabled)
    used(VpnErrorCode.ConnectionFailed)
    used(VpnErrorCode.ConfigurationStale)
    used(VpnErrorCode.ConfigurationReadWriteFailed)
    used(VpnErrorCode.ConfigurationUnknown)
}

suspend fun PersonalVpnNames.useNEVPNProtocol() {
    used(VpnProtocolConfiguration::class)
    used(protocol.serverAddress)
    used(protocol.username)
    used(protocol.passwordReference)
    used(protocol.identityReference)
    used(manager.setSecret(SecretSlot.IdentityData, byteArrayOf(1)))
    used(protocol.identityDataReference)
    used(manager.setSecret(SecretSlot.IdentityDataPassword, byteArrayOf(1)))
    used(protocol.identityDataPasswordReference)
    used(protocol.disconnectOnSleep)
    used(protocol.proxySettings)
    used(protocol.includeAllNetworks)
    used(protocol.excludeLocalNetworks)
    used(protocol.excludeCellularServices)
    used(protocol.excludeApns)
    used(protocol.excludeDeviceCommunication)
    used(protocol.enforceRoutes)
    used(protocol.sliceUuid)
}

suspend fun PersonalVpnNames.useNEVPNProtocolIPSec() {
    used(IpsecProtocol::class)
    used(protocol.authenticationMethod)
    used(protocol.useExtendedAuthentication)
    used(protocol.sharedSecretReference)
    used(protocol.localIdentifier)
    used(protocol.remoteIdentifier)
}

suspend fun PersonalVpnNames.useNEVPNIKEAuthenticationMethod() {
    used(IkeAuthenticationMethod::class)
    used(IkeAuthenticationMethod.None)
    used(IkeAuthenticationMethod.Certificate)
    used(IkeAuthenticationMethod.SharedSecret)
}

suspend fun PersonalVpnNames.useNEVPNProtocolIKEv2() {
    used(Ikev2Protocol::class)
    used(ikev2.ikeSecurityAssociationParameters)
    used(ikev2.childSecurityAssociationParameters)
    used(ikev2.deadPeerDetectionRate)
    used(ikev2.serverCertificateIssuerCommonName)
    used(ikev2.serverCertificateCommonName)
    used(ikev2.certificateType)
    used(ikev2.useConfigurationAttributeInternalIpSubnet)
    used(ikev2.disableMobike)
    used(ikev2.disableRedirect)
    used(ikev2.enablePfs)
    used(ikev2.allowPostQuantumKeyExchangeFallback)
    used(ikev2.enableRevocationCheck)
    used(ikev2.strictRevocationCheck)
    used(ikev2.minimumTlsVersion)
    used(ikev2.maximumTlsVersion)
    used(ikev2.enableFallback)
    used(ikev2.mtu)
    used(ikev2.ppkConfiguration)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2SecurityAssociationParameters() {
    used(Ikev2SecurityAssociationParameters::class)
    used(association.encryptionAlgorithm)
    used(association.integrityAlgorithm)
    used(association.diffieHellmanGroup)
    used(association.lifetimeMinutes)
    used(association.postQuantumKeyExchangeMethods)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2PPKConfiguration() {
    used(Ikev2PpkConfiguration::class)
    used(Ikev2PpkConfiguration("id", SecretReference(byteArrayOf(1))))
    used(ppk.identifier)
    used(ppk.keychainReference)
    used(ppk.isMandatory)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2EncryptionAlgorithm() {
    used(Ikev2EncryptionAlgorithm::class)
    used(Ikev2EncryptionAlgorithm.Des)
    used(Ikev2EncryptionAlgorithm.TripleDes)
    used(Ikev2EncryptionAlgorithm.Aes128)
    used(Ikev2EncryptionAlgorithm.Aes256)
    used(Ikev2EncryptionAlgorithm.Aes128Gcm)
    used(Ikev2EncryptionAlgorithm.Aes256Gcm)
    used(Ikev2EncryptionAlgorithm.ChaCha20Poly1305)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2IntegrityAlgorithm() {
    used(Ikev2IntegrityAlgorithm::class)
    used(Ikev2IntegrityAlgorithm.Sha96)
    used(Ikev2IntegrityAlgorithm.Sha160)
    used(Ikev2IntegrityAlgorithm.Sha256)
    used(Ikev2IntegrityAlgorithm.Sha384)
    used(Ikev2IntegrityAlgorithm.Sha512)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2DeadPeerDetectionRate() {
    used(Ikev2DeadPeerDetectionRate::class)
    used(Ikev2DeadPeerDetectionRate.None)
    used(Ikev2DeadPeerDetectionRate.Low)
    used(Ikev2DeadPeerDetectionRate.Medium)
    used(Ikev2DeadPeerDetectionRate.High)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2DiffieHellmanGroup() {
    used(Ikev2DiffieHellmanGroup::class)
    used(Ikev2DiffieHellmanGroup.Invalid)
    used(Ikev2DiffieHellmanGroup.Group1)
    used(Ikev2DiffieHellmanGroup.Group2)
    used(Ikev2DiffieHellmanGroup.Group5)
    used(Ikev2DiffieHellmanGroup.Group14)
    used(Ikev2DiffieHellmanGroup.Group15)
    used(Ikev2DiffieHellmanGroup.Group16)
    used(Ikev2DiffieHellmanGroup.Group17)
    used(Ikev2DiffieHellmanGroup.Group18)
    used(Ikev2DiffieHellmanGroup.Group19)
    used(Ikev2DiffieHellmanGroup.Group20)
    used(Ikev2DiffieHellmanGroup.Group21)
    used(Ikev2DiffieHellmanGroup.Group31)
    used(Ikev2DiffieHellmanGroup.Group32)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2PostQuantumKeyExchangeMethod() {
    used(Ikev2PostQuantumKeyExchangeMethod::class)
    used(Ikev2PostQuantumKeyExchangeMethod.None)
    used(Ikev2PostQuantumKeyExchangeMethod.Method36)
    used(Ikev2PostQuantumKeyExchangeMethod.Method37)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2CertificateType() {
    used(Ikev2CertificateType::class)
    used(Ikev2CertificateType.Rsa)
    used(Ikev2CertificateType.Ecdsa256)
    used(Ikev2CertificateType.Ecdsa384)
    used(Ikev2CertificateType.Ecdsa521)
    used(Ikev2CertificateType.Ed25519)
    used(Ikev2CertificateType.RsaPss)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2TLSVersion() {
    used(Ikev2TlsVersion::class)
    used(Ikev2TlsVersion.Default)
    used(Ikev2TlsVersion.Version1_0)
    used(Ikev2TlsVersion.Version1_1)
    used(Ikev2TlsVersion.Version1_2)
    used(Ikev2TlsVersion.Version1_3)
}

suspend fun PersonalVpnNames.useNEVPNConnection() {
    used(VpnConnection::class)
    used(connection.startVpnTunnel())
    used(connection.startVpnTunnel(VpnStartOptions("user", "password")))
    used(connection.stopVpnTunnel())
    used(connection.fetchLastDisconnectError())
    used(connection.status)
    used(connection.connectedDate)
    used(connection.manager)
    used(VpnStartOptions.USERNAME)
    used(VpnStartOptions(username = "user"))
    used(VpnStartOptions.PASSWORD)
    used(VpnStartOptions(password = "password"))
    used(VpnConnectionError.DOMAIN)
    used(connection.statuses)
    used(VpnNotification.StatusChanged.NAME)
}

suspend fun PersonalVpnNames.useNEVPNStatus() {
    used(VpnStatus::class)
    used(VpnStatus.Invalid)
    used(VpnStatus.Disconnected)
    used(VpnStatus.Connecting)
    used(VpnStatus.Connected)
    used(VpnStatus.Reasserting)
    used(VpnStatus.Disconnecting)
}

suspend fun PersonalVpnNames.useNEVPNConnectionError() {
    used(VpnConnectionError::class)
    used(VpnConnectionError.Overslept)
    used(VpnConnectionError.NoNetworkAvailable)
    used(VpnConnectionError.UnrecoverableNetworkChange)
    used(VpnConnectionError.ConfigurationFailed)
    used(VpnConnectionError.ServerAddressResolutionFailed)
    used(VpnConnectionError.ServerNotResponding)
    used(VpnConnectionError.ServerDead)
    used(VpnConnectionError.AuthenticationFailed)
    used(VpnConnectionError.ClientCertificateInvalid)
    used(VpnConnectionError.ClientCertificateNotYetValid)
    used(VpnConnectionError.ClientCertificateExpired)
    used(VpnConnectionError.PluginFailed)
    used(VpnConnectionError.ConfigurationNotFound)
    used(VpnConnectionError.PluginDisabled)
    used(VpnConnectionError.NegotiationFailed)
    used(VpnConnectionError.ServerDisconnected)
    used(VpnConnectionError.ServerCertificateInvalid)
    used(VpnConnectionError.ServerCertificateNotYetValid)
    used(VpnConnectionError.ServerCertificateExpired)
}

suspend fun PersonalVpnNames.useNEOnDemandRule() {
    used(OnDemandRule::class)
    used(rule.action)
    used(rule.dnsSearchDomainMatch)
    used(rule.dnsServerAddressMatch)
    used(rule.interfaceTypeMatch)
    used(rule.ssidMatch)
    used(rule.probeUrl)
}

suspend fun PersonalVpnNames.useNEOnDemandRuleConnect() {
    used(OnDemandRuleConnect::class)
    used(OnDemandRuleConnect())
}

suspend fun PersonalVpnNames.useNEOnDemandRuleDisconnect() {
    used(OnDemandRuleDisconnect::class)
    used(OnDemandRuleDisconnect())
}

suspend fun PersonalVpnNames.useNEOnDemandRuleIgnore() {
    used(OnDemandRuleIgnore::class)
    used(OnDemandRuleIgnore())
}

suspend fun PersonalVpnNames.useNEOnDemandRuleEvaluateConnection() {
    used(OnDemandRuleEvaluateConnection::class)
    used(OnDemandRuleEvaluateConnection(listOf(connectionRule)))
    used(OnDemandRuleEvaluateConnection(listOf(connectionRule)).connectionRules)
}

suspend fun PersonalVpnNames.useNEOnDemandRuleAction() {
    used(OnDemandRuleAction::class)
    used(OnDemandRuleAction.Connect)
    used(OnDemandRuleAction.Disconnect)
    used(OnDemandRuleAction.EvaluateConnection)
    used(OnDemandRuleAction.Ignore)
}

suspend fun PersonalVpnNames.useNEOnDemandRuleInterfaceType() {
    used(OnDemandRuleInterfaceType::class)
    used(OnDemandRuleInterfaceType.Any)
    used(OnDemandRuleInterfaceType.Ethernet)
    used(OnDemandRuleInterfaceType.WiFi)
    used(OnDemandRuleInterfaceType.Cellular)
}

suspend fun PersonalVpnNames.useNEEvaluateConnectionRule() {
    used(EvaluateConnectionRule::class)
    used(EvaluateConnectionRule(listOf("example.org"), EvaluateConnectionRuleAction.ConnectIfNeeded))
    used(connectionRule.action)
    used(connectionRule.matchDomains)
    used(connectionRule.useDnsServers)
    used(connectionRule.probeUrl)
}

suspend fun PersonalVpnNames.useNEEvaluateConnectionRuleAction() {
    used(EvaluateConnectionRuleAction::class)
    used(EvaluateConnectionRuleAction.ConnectIfNeeded)
    used(EvaluateConnectionRuleAction.NeverConnect)
}

suspend fun PersonalVpnNames.useNEProxySettings() {
    used(VpnProxySettings::class)
    used(proxies.autoProxyConfigurationEnabled)
    used(proxies.proxyAutoConfigurationUrl)
    used(proxies.proxyAutoConfigurationJavaScript)
    used(proxies.httpEnabled)
    used(proxies.httpServer)
    used(proxies.httpsEnabled)
    used(proxies.httpsServer)
    used(proxies.excludeSimpleHostnames)
    used(proxies.exceptionList)
    used(proxies.matchDomains)
}

suspend fun PersonalVpnNames.useNEProxyServer() {
    used(VpnProxyServer::class)
    used(VpnProxyServer("proxy.example", 8080))
    used(proxy.address)
    used(proxy.port)
    used(proxy.authenticationRequired)
    used(proxy.username)
    used(manager.setSecret(SecretSlot.HttpProxyPassword, byteArrayOf(1)))
    used(manager.setSecret(SecretSlot.HttpsProxyPassword, byteArrayOf(1)))
    used(proxy.passwordReference)
}
