// Made by `cargo xtask regenerate names` from kotlin/names/personal-vpn.tsv and its head. Do not edit.

@file:Suppress("unused", "UNUSED_VARIABLE", "UNUSED_EXPRESSION", "TestFunctionName")

package adit.core.names

import adit.core.manager.*

/** What the uses below name. */
class PersonalVpnNames(val vpn: PersonalVpn, val ikev2: Ikev2Configuration, val rule: OnDemandRule, val proxies: VpnProxySettings) {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val configuration: VpnConfiguration get() = manager.configuration
    val protocol: ProtocolConfiguration get() = ikev2
    val association: SecurityAssociationParameters get() = ikev2.ikeSecurityAssociationParameters
    val ppk: PpkConfiguration get() = PpkConfiguration("id", SecretReference(byteArrayOf(1)))
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
    used(ProtocolConfiguration::class)
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
    used(IpsecConfiguration::class)
    used(protocol.authenticationMethod)
    used(protocol.useExtendedAuthentication)
    used(protocol.sharedSecretReference)
    used(protocol.localIdentifier)
    used(protocol.remoteIdentifier)
}

suspend fun PersonalVpnNames.useNEVPNIKEAuthenticationMethod() {
    used(AuthenticationMethod::class)
    used(AuthenticationMethod.None)
    used(AuthenticationMethod.Certificate)
    used(AuthenticationMethod.SharedSecret)
}

suspend fun PersonalVpnNames.useNEVPNProtocolIKEv2() {
    used(Ikev2Configuration::class)
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
    used(SecurityAssociationParameters::class)
    used(association.encryptionAlgorithm)
    used(association.integrityAlgorithm)
    used(association.diffieHellmanGroup)
    used(association.lifetimeMinutes)
    used(association.postQuantumKeyExchangeMethods)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2PPKConfiguration() {
    used(PpkConfiguration::class)
    used(PpkConfiguration("id", SecretReference(byteArrayOf(1))))
    used(ppk.identifier)
    used(ppk.keychainReference)
    used(ppk.isMandatory)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2EncryptionAlgorithm() {
    used(EncryptionAlgorithm::class)
    used(EncryptionAlgorithm.Des)
    used(EncryptionAlgorithm.TripleDes)
    used(EncryptionAlgorithm.Aes128)
    used(EncryptionAlgorithm.Aes256)
    used(EncryptionAlgorithm.Aes128Gcm)
    used(EncryptionAlgorithm.Aes256Gcm)
    used(EncryptionAlgorithm.ChaCha20Poly1305)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2IntegrityAlgorithm() {
    used(IntegrityAlgorithm::class)
    used(IntegrityAlgorithm.Sha96)
    used(IntegrityAlgorithm.Sha160)
    used(IntegrityAlgorithm.Sha256)
    used(IntegrityAlgorithm.Sha384)
    used(IntegrityAlgorithm.Sha512)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2DeadPeerDetectionRate() {
    used(DeadPeerDetectionRate::class)
    used(DeadPeerDetectionRate.None)
    used(DeadPeerDetectionRate.Low)
    used(DeadPeerDetectionRate.Medium)
    used(DeadPeerDetectionRate.High)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2DiffieHellmanGroup() {
    used(DiffieHellmanGroup::class)
    used(DiffieHellmanGroup.Invalid)
    used(DiffieHellmanGroup.Group1)
    used(DiffieHellmanGroup.Group2)
    used(DiffieHellmanGroup.Group5)
    used(DiffieHellmanGroup.Group14)
    used(DiffieHellmanGroup.Group15)
    used(DiffieHellmanGroup.Group16)
    used(DiffieHellmanGroup.Group17)
    used(DiffieHellmanGroup.Group18)
    used(DiffieHellmanGroup.Group19)
    used(DiffieHellmanGroup.Group20)
    used(DiffieHellmanGroup.Group21)
    used(DiffieHellmanGroup.Group31)
    used(DiffieHellmanGroup.Group32)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2PostQuantumKeyExchangeMethod() {
    used(PostQuantumKeyExchangeMethod::class)
    used(PostQuantumKeyExchangeMethod.None)
    used(PostQuantumKeyExchangeMethod.Method36)
    used(PostQuantumKeyExchangeMethod.Method37)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2CertificateType() {
    used(CertificateType::class)
    used(CertificateType.Rsa)
    used(CertificateType.Ecdsa256)
    used(CertificateType.Ecdsa384)
    used(CertificateType.Ecdsa521)
    used(CertificateType.Ed25519)
    used(CertificateType.RsaPss)
}

suspend fun PersonalVpnNames.useNEVPNIKEv2TLSVersion() {
    used(TlsVersion::class)
    used(TlsVersion.Default)
    used(TlsVersion.Version1_0)
    used(TlsVersion.Version1_1)
    used(TlsVersion.Version1_2)
    used(TlsVersion.Version1_3)
}

suspend fun PersonalVpnNames.useNEVPNConnection() {
    used(VpnConnection::class)
    used(connection.startVpnTunnel())
    used(connection.startVpnTunnel(StartOptions("user", "password")))
    used(connection.stopVpnTunnel())
    used(connection.fetchLastDisconnectError())
    used(connection.status)
    used(connection.connectedDate)
    used(connection.manager)
    used(StartOptions.USERNAME)
    used(StartOptions(username = "user"))
    used(StartOptions.PASSWORD)
    used(StartOptions(password = "password"))
    used(ConnectionError.DOMAIN)
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
    used(ConnectionError::class)
    used(ConnectionError.Overslept)
    used(ConnectionError.NoNetworkAvailable)
    used(ConnectionError.UnrecoverableNetworkChange)
    used(ConnectionError.ConfigurationFailed)
    used(ConnectionError.ServerAddressResolutionFailed)
    used(ConnectionError.ServerNotResponding)
    used(ConnectionError.ServerDead)
    used(ConnectionError.AuthenticationFailed)
    used(ConnectionError.ClientCertificateInvalid)
    used(ConnectionError.ClientCertificateNotYetValid)
    used(ConnectionError.ClientCertificateExpired)
    used(ConnectionError.PluginFailed)
    used(ConnectionError.ConfigurationNotFound)
    used(ConnectionError.PluginDisabled)
    used(ConnectionError.NegotiationFailed)
    used(ConnectionError.ServerDisconnected)
    used(ConnectionError.ServerCertificateInvalid)
    used(ConnectionError.ServerCertificateNotYetValid)
    used(ConnectionError.ServerCertificateExpired)
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
