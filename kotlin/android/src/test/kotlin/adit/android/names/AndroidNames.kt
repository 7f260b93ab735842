// Made by `cargo xtask regenerate names` from kotlin/names/android.tsv and its head. Do not edit.

@file:Suppress("unused", "UNUSED_VARIABLE", "UNUSED_EXPRESSION", "TestFunctionName")

package adit.android.names

import adit.android.AditVpnService
import adit.android.network.UnderlyingNetwork
import adit.android.routes.Cidr
import adit.android.routes.Family
import adit.android.service.*
import adit.android.tunnel.*
import adit.core.*
import adit.core.manager.*
import android.app.PendingIntent
import android.content.Context
import android.content.Intent

/** What the uses below name. */
class AndroidNames(
    val vpn: PersonalVpn,
    val ikev2: Ikev2Configuration,
    val session: AditSession,
    val settings: TunnelSettings,
    val platform: ServicePlatform,
    val builder: TunnelBuilder,
    val network: UnderlyingNetwork,
    val context: Context,
    val sessionOptions: SessionOptions,
    val start: TunnelStart,
    val changed: VpnNotification.StatusChanged,
) : AditVpnService() {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val configuration: VpnConfiguration get() = manager.configuration
    val association: SecurityAssociationParameters get() = ikev2.childSecurityAssociationParameters
    val cidr: Cidr get() = Cidr.ALL_V4
    val options: TunnelOptions get() = TunnelOptions()

    public override suspend fun configuration(reason: StartReason): TunnelConfiguration = TunnelConfiguration(sessionOptions, options)

    public override fun configureIntent(): PendingIntent? = null

    fun used(value: Any?) = check(value !== this)
}

suspend fun AndroidNames.useandroidnetVpnService() {
    used(AditVpnService::class)
    used(AditVpnService::class)
    used(AditVpnService.consent(context))
    used(platform.protect(7))
    used(platform.protect(7))
    used(platform.protect(7))
    used(builder.followDefaultNetwork())
    used(StartReason.System)
    used(VpnPlatform.Android(35, lockdown = true))
    used(onBind(Intent()))
    used(onRevoke())
    used(TunnelFailure.Revoked("text"))
    used(android.net.VpnService.SERVICE_INTERFACE)
    used(android.net.VpnService.SERVICE_META_DATA_SUPPORTS_ALWAYS_ON)
}

suspend fun AndroidNames.useandroidnetVpnServiceBuilder() {
    used(TunnelBuilder::class)
    used(platform.newBuilder())
    used(builder.setSession("Work"))
    used(TunnelOptions(session = "Work"))
    used(configureIntent())
    used(builder.setMtu(1280))
    used(builder.setProxy("proxy.example", 8080, emptyList()))
    used(builder.setProxyScript("https://proxy.example/pac"))
    used(builder.addAddress(cidr))
    used(builder.addAddress(cidr))
    used(builder.addRoute(cidr))
    used(builder.addRoute(cidr))
    used(builder.addRoute(cidr))
    used(builder.excludeRoute(cidr))
    used(builder.addDnsServer(cidr))
    used(builder.addDnsServer(cidr))
    used(builder.addSearchDomain("example.org"))
    used(builder.allowFamily(Family.V6))
    used(TunnelOptions(bypass = setOf(Family.V6)))
    used(builder.addAllowedApplication("org.example.app"))
    used(Apps.Only(setOf("org.example.app")))
    used(builder.addDisallowedApplication("org.example.app"))
    used(Apps.AllBut(setOf("org.example.app")))
    used(builder.allowBypass())
    used(TunnelOptions(allowBypass = true))
    used(builder.setBlocking(false))
    used(builder.followDefaultNetwork())
    used(builder.setMetered(false))
    used(TunnelOptions(metered = true))
    used(builder.establish())
}

suspend fun AndroidNames.useandroidnetVpnManager() {
    used(PersonalVpn::class)
    used(manager.saveToPreferences())
    used(manager.removeFromPreferences())
    used(connection.startVpnTunnel())
    used(connection.startVpnTunnel())
    used(connection.stopVpnTunnel())
    used(connection.status)
    used(vpn.notifications)
    used(ConnectionError.NegotiationFailed)
    used(ConnectionError.ServerNotResponding)
    used(TunnelFailure.Revoked("text"))
    used(StartReason.System)
    used(changed.key)
    used(SessionEvent.Reasserting::class)
    used(SessionEvent.Closed::class)
    used(connection.fetchLastDisconnectError()?.error)
    used(connection.connectedDate)
    used(network.system)
    used(network.info)
    used(network.localNetworks)
    used(network.info.dns)
    used(changed.status)
    used(SessionEvent.Closed::class)
    used(SessionEvent.Reasserting::class)
    used(ConnectionError.ServerAddressResolutionFailed)
    used(ConnectionError.ServerNotResponding)
    used(ConnectionError.NoNetworkAvailable)
    used(ConnectionError.UnrecoverableNetworkChange)
}

suspend fun AndroidNames.useandroidnetVpnProfileState() {
    used(VpnStatus::class)
    used(VpnNotification.StatusChanged(manager.key, VpnStatus.Connected))
    used(connection.status)
    used(changed.key)
    used(configuration.isOnDemandEnabled)
    used(ikev2.includeAllNetworks)
    used(VpnStatus.Disconnected)
    used(VpnStatus.Connecting)
    used(VpnStatus.Connected)
    used(connection.fetchLastDisconnectError())
}

suspend fun AndroidNames.useandroidnetPlatformVpnProfile() {
    used(ProtocolConfiguration::class)
    used(configuration.protocolConfiguration is Ikev2Configuration)
    used(ikev2.authenticationMethod)
    used(configuration.protocolConfiguration is Ikev2Configuration)
    used(ikev2.authenticationMethod.swiftName)
    used(ikev2.excludeLocalNetworks)
    used(ikev2.useExtendedAuthentication)
    used(AuthenticationMethod.SharedSecret)
    used(AuthenticationMethod.Certificate)
    used(CertificateType.Rsa)
}

suspend fun AndroidNames.useandroidnetIkev2VpnProfile() {
    used(Ikev2Configuration::class)
    used(ikev2.serverAddress)
    used(ikev2.localIdentifier)
    used(ikev2.sharedSecretReference)
    used(ikev2.trustedCertificates)
    used(ikev2.username)
    used(ikev2.passwordReference)
    used(ikev2.identityReference)
    used(ikev2.identityReference)
    used(ikev2.proxySettings)
    used(association.encryptionAlgorithm)
    used(association.integrityAlgorithm)
    used(options.allowBypass)
    used(options.metered)
    used(ikev2.mtu)
    used(ikev2.ikeSecurityAssociationParameters)
    used(ikev2.childSecurityAssociationParameters)
    used(start.addresses)
    used(ikev2.profileOnly.natKeepaliveInterval)
}

suspend fun AndroidNames.useandroidnetIkev2VpnProfileBuilder() {
    used(Ikev2Configuration::class)
    used(Ikev2Configuration(serverAddress = "vpn.example.org", localIdentifier = "me"))
    used(Ikev2Configuration(serverAddress = "vpn.example.org", localIdentifier = "me"))
    used(ikev2.copy(useExtendedAuthentication = true, username = "me"))
    used(ikev2.copy(authenticationMethod = AuthenticationMethod.Certificate))
    used(manager.setSecret(SecretSlot.SharedSecret, byteArrayOf(1)))
    used(ikev2.copy(childSecurityAssociationParameters = association))
    used(TunnelOptions(allowBypass = true))
    used(ikev2.copy(proxySettings = VpnProxySettings(httpEnabled = true)))
    used(ikev2.copy(mtu = 1400))
    used(TunnelOptions(metered = true))
    used(ikev2.copy(excludeLocalNetworks = true))
    used(ikev2.copy(profileOnly = ProfileOnly(natKeepaliveInterval = 20)))
    used(start.addresses)
    used(manager.objections())
}

suspend fun AndroidNames.useandroidnetipsecikeIkeTunnelConnectionParams() {
    used(Ikev2Configuration::class)
    used(Ikev2Configuration(ikeSecurityAssociationParameters = association, childSecurityAssociationParameters = association))
    used(ikev2.ikeSecurityAssociationParameters)
    used(ikev2.childSecurityAssociationParameters)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSessionParams() {
    used(Ikev2Configuration::class)
    used(ikev2.copy(authenticationMethod = AuthenticationMethod.None, useExtendedAuthentication = true))
    used(ikev2.disableMobike)
    used(DeadPeerDetectionRate.None)
    used(ikev2.serverAddress)
    used(ikev2.localIdentifier)
    used(ikev2.remoteIdentifier)
    used(ikev2.authenticationMethod)
    used(ikev2.deadPeerDetectionRate)
    used(ikev2.disableMobike)
    used(ikev2.useExtendedAuthentication)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSessionParamsBuilder() {
    used(Ikev2Configuration::class)
    used(Ikev2Configuration())
    used(ikev2.copy())
    used(ikev2.copy(serverAddress = "vpn.example.org"))
    used(platform.bind(7, network))
    used(ikev2.copy(ikeSecurityAssociationParameters = association))
    used(ikev2.copy(localIdentifier = "me"))
    used(ikev2.copy(remoteIdentifier = "vpn.example.org"))
    used(manager.setSecret(SecretSlot.SharedSecret, byteArrayOf(1)))
    used(ikev2.copy(useExtendedAuthentication = true))
    used(ikev2.copy(authenticationMethod = AuthenticationMethod.Certificate))
    used(association.copy(lifetimeMinutes = 60))
    used(ikev2.copy(deadPeerDetectionRate = DeadPeerDetectionRate.High))
    used(ikev2.copy(profileOnly = ProfileOnly(natKeepaliveInterval = 20)))
    used(ikev2.copy(disableMobike = false))
    used(ikev2.copy(disableMobike = true))
    used(manager.objections())
}

suspend fun AndroidNames.useandroidnetipsecikeTunnelModeChildSessionParamsBuilder() {
    used(SecurityAssociationParameters::class)
    used(ikev2.copy(childSecurityAssociationParameters = association))
    used(settings.includedRoutes)
    used(ikev2.useConfigurationAttributeInternalIpSubnet)
    used(settings.includedRoutes)
    used(ikev2.useConfigurationAttributeInternalIpSubnet)
    used(settings.ipv4)
    used(settings.ipv6)
    used(settings.dns)
    used(association.copy(lifetimeMinutes = 30))
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSaProposalChildSaProposalBuilder() {
    used(SecurityAssociationParameters::class)
    used(association.copy(encryptionAlgorithm = EncryptionAlgorithm.Aes256Gcm))
    used(association.copy(integrityAlgorithm = IntegrityAlgorithm.Sha256))
    used(association.copy(integrityAlgorithm = IntegrityAlgorithm.Sha256))
    used(association.copy(diffieHellmanGroup = DiffieHellmanGroup.Group19))
    used(EncryptionAlgorithm.entries)
    used(IntegrityAlgorithm.entries)
}

suspend fun AndroidNames.useandroidnetipsecikeSaProposal() {
    used(EncryptionAlgorithm::class)
    used(IntegrityAlgorithm::class)
    used(DiffieHellmanGroup::class)
    used(EncryptionAlgorithm.TripleDes)
    used(EncryptionAlgorithm.Aes256)
    used(EncryptionAlgorithm.Aes256Gcm)
    used(EncryptionAlgorithm.ChaCha20Poly1305)
    used(EncryptionAlgorithm.Aes256Gcm)
    used(IntegrityAlgorithm.Sha96)
    used(IntegrityAlgorithm.Sha256)
    used(IntegrityAlgorithm.Sha384)
    used(IntegrityAlgorithm.Sha512)
    used(DiffieHellmanGroup.Invalid)
    used(DiffieHellmanGroup.Group2)
    used(DiffieHellmanGroup.Group5)
    used(DiffieHellmanGroup.Group14)
    used(DiffieHellmanGroup.Group15)
    used(DiffieHellmanGroup.Group16)
    used(DiffieHellmanGroup.Group31)
    used(IntegrityAlgorithm.Sha96)
    used(IntegrityAlgorithm.Sha256)
    used(IntegrityAlgorithm.Sha384)
    used(IntegrityAlgorithm.Sha512)
    used(EncryptionAlgorithm.Aes128)
    used(EncryptionAlgorithm.Aes256)
    used(EncryptionAlgorithm.ChaCha20Poly1305)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeIdentificationsubclasses() {
    used(ikev2.localIdentifier)
    used(ikev2.remoteIdentifier)
}

suspend fun AndroidNames.useandroidneteapEapSessionConfigBuilder() {
    used(ikev2.useExtendedAuthentication)
    used(ikev2.minimumTlsVersion)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSession() {
    used(AditSession::class)
}

suspend fun AndroidNames.useandroidnetipsecikeexceptionsIkeProtocolException() {
    used(AditException::class)
    used(ConnectionError.NegotiationFailed)
    used(ConnectionError.AuthenticationFailed)
    used(ConnectionError.NegotiationFailed)
    used(ConnectionError.NegotiationFailed)
    used(SessionEvent.Connecting::class)
    used(ConnectionError.NegotiationFailed)
    used(ConnectionError.NegotiationFailed)
    used(SessionEvent.Rekeyed::class)
    used(SessionEvent.Rekeyed::class)
    used(SessionEvent.Rekeyed::class)
    used(ConnectionError.NegotiationFailed)
    used(session.logTail())
    used(session.logTail())
    used(ConnectionError.NegotiationFailed)
    used(session.logTail())
    used(ConnectionError.NegotiationFailed)
}
