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
    val vpn: VpnSystem,
    val ikev2: Ikev2Protocol,
    val session: AditSession,
    val settings: TunnelSettings,
    val platform: ServicePlatform,
    val builder: TunnelBuilder,
    val network: UnderlyingNetwork,
    val context: Context,
    val sessionOptions: SessionOptions,
    val start: VpnTunnelStart,
    val changed: VpnNotification.StatusChanged,
) : AditVpnService() {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val configuration: VpnConfiguration get() = manager.configuration
    val association: Ikev2SecurityAssociationParameters get() = ikev2.childSecurityAssociationParameters
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
    used(platform.isAlwaysOn)
    used(platform.isLockdown)
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
    used(VpnSystem::class)
    used(manager.saveToPreferences())
    used(manager.removeFromPreferences())
    used(connection.startVpnTunnel())
    used(connection.startVpnTunnel())
    used(connection.stopVpnTunnel())
    used(connection.status)
    used(vpn.notifications)
    used(VpnConnectionError.NegotiationFailed)
    used(VpnConnectionError.ServerNotResponding)
    used(TunnelFailure.Revoked("text"))
    used(StartReason.System)
    used(changed.key)
    used(SessionEvent.Reasserting::class)
    used(SessionEvent.Closed::class)
    used(connection.fetchLastDisconnectError()?.error)
    used(connection.connectedDate)
    used(network.system)
    used(network.info)
    used(network.info.addresses)
    used(network.info.dns)
    used(changed.status)
    used(SessionEvent.Closed::class)
    used(SessionEvent.Reasserting::class)
    used(VpnConnectionError.ServerAddressResolutionFailed)
    used(VpnConnectionError.ServerNotResponding)
    used(VpnConnectionError.NoNetworkAvailable)
    used(VpnConnectionError.UnrecoverableNetworkChange)
}

suspend fun AndroidNames.useandroidnetVpnProfileState() {
    used(VpnStatus::class)
    used(VpnNotification.StatusChanged(manager.key, VpnStatus.Connected))
    used(connection.status)
    used(changed.key)
    used(platform.isAlwaysOn)
    used(platform.isLockdown)
    used(VpnStatus.Disconnected)
    used(VpnStatus.Connecting)
    used(VpnStatus.Connected)
    used(connection.fetchLastDisconnectError())
}

suspend fun AndroidNames.useandroidnetPlatformVpnProfile() {
    used(VpnProtocolConfiguration::class)
    used(configuration.protocolConfiguration is Ikev2Protocol)
    used(ikev2.authenticationMethod)
    used(configuration.protocolConfiguration is Ikev2Protocol)
    used(ikev2.authenticationMethod.swiftName)
    used(ikev2.excludeLocalNetworks)
    used(ikev2.useExtendedAuthentication)
    used(IkeAuthenticationMethod.SharedSecret)
    used(IkeAuthenticationMethod.Certificate)
    used(Ikev2CertificateType.Rsa)
}

suspend fun AndroidNames.useandroidnetIkev2VpnProfile() {
    used(Ikev2Protocol::class)
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
    used(Ikev2Protocol::class)
    used(Ikev2Protocol(serverAddress = "vpn.example.org", localIdentifier = "me"))
    used(Ikev2Protocol(serverAddress = "vpn.example.org", localIdentifier = "me"))
    used(ikev2.copy(useExtendedAuthentication = true, username = "me"))
    used(ikev2.copy(authenticationMethod = IkeAuthenticationMethod.Certificate))
    used(manager.setSecret(SecretSlot.SharedSecret, byteArrayOf(1)))
    used(ikev2.copy(childSecurityAssociationParameters = association))
    used(TunnelOptions(allowBypass = true))
    used(ikev2.copy(proxySettings = VpnProxySettings(httpEnabled = true)))
    used(ikev2.copy(mtu = 1400))
    used(TunnelOptions(metered = true))
    used(ikev2.copy(excludeLocalNetworks = true))
    used(ikev2.copy(profileOnly = Ikev2ProfileSettings(natKeepaliveInterval = 20)))
    used(start.addresses)
    used(manager.objections())
}

suspend fun AndroidNames.useandroidnetipsecikeIkeTunnelConnectionParams() {
    used(Ikev2Protocol::class)
    used(Ikev2Protocol(ikeSecurityAssociationParameters = association, childSecurityAssociationParameters = association))
    used(ikev2.ikeSecurityAssociationParameters)
    used(ikev2.childSecurityAssociationParameters)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSessionParams() {
    used(Ikev2Protocol::class)
    used(ikev2.copy(authenticationMethod = IkeAuthenticationMethod.None, useExtendedAuthentication = true))
    used(ikev2.disableMobike)
    used(Ikev2DeadPeerDetectionRate.None)
    used(ikev2.serverAddress)
    used(ikev2.localIdentifier)
    used(ikev2.remoteIdentifier)
    used(ikev2.authenticationMethod)
    used(ikev2.deadPeerDetectionRate)
    used(ikev2.disableMobike)
    used(ikev2.useExtendedAuthentication)
}

suspend fun AndroidNames.useandroidnetipsecikeIkeSessionParamsBuilder() {
    used(Ikev2Protocol::class)
    used(Ikev2Protocol())
    used(ikev2.copy())
    used(ikev2.copy(serverAddress = "vpn.example.org"))
    used(platform.bind(7, network))
    used(ikev2.copy(ikeSecurityAssociationParameters = association))
    used(ikev2.copy(localIdentifier = "me"))
    used(ikev2.copy(remoteIdentifier = "vpn.example.org"))
    used(manager.setSecret(SecretSlot.SharedSecret, byteArrayOf(1)))
    used(ikev2.copy(useExtendedAuthentication = true))
    used(ikev2.copy(authenticationMethod = IkeAuthenticationMethod.Certificate))
    used(association.copy(lifetimeMinutes = 60))
    used(ikev2.copy(deadPeerDetectionRate = Ikev2DeadPeerDetectionRate.High))
    used(ikev2.copy(profileOnly = Ikev2ProfileSettings(natKeepaliveInterval = 20)))
    used(ikev2.copy(disableMobike = false))
    used(ikev2.copy(disableMobike = true))
    used(manager.objections())
}

suspend fun AndroidNames.useandroidnetipsecikeTunnelModeChildSessionParamsBuilder() {
    used(Ikev2SecurityAssociationParameters::class)
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
    used(Ikev2SecurityAssociationParameters::class)
    used(association.copy(encryptionAlgorithm = Ikev2EncryptionAlgorithm.Aes256Gcm))
    used(association.copy(integrityAlgorithm = Ikev2IntegrityAlgorithm.Sha256))
    used(association.copy(integrityAlgorithm = Ikev2IntegrityAlgorithm.Sha256))
    used(association.copy(diffieHellmanGroup = Ikev2DiffieHellmanGroup.Group19))
    used(Ikev2EncryptionAlgorithm.entries)
    used(Ikev2IntegrityAlgorithm.entries)
}

suspend fun AndroidNames.useandroidnetipsecikeSaProposal() {
    used(Ikev2EncryptionAlgorithm::class)
    used(Ikev2IntegrityAlgorithm::class)
    used(Ikev2DiffieHellmanGroup::class)
    used(Ikev2EncryptionAlgorithm.TripleDes)
    used(Ikev2EncryptionAlgorithm.Aes256)
    used(Ikev2EncryptionAlgorithm.Aes256Gcm)
    used(Ikev2EncryptionAlgorithm.ChaCha20Poly1305)
    used(Ikev2EncryptionAlgorithm.Aes256Gcm)
    used(Ikev2IntegrityAlgorithm.Sha96)
    used(Ikev2IntegrityAlgorithm.Sha256)
    used(Ikev2IntegrityAlgorithm.Sha384)
    used(Ikev2IntegrityAlgorithm.Sha512)
    used(Ikev2DiffieHellmanGroup.Invalid)
    used(Ikev2DiffieHellmanGroup.Group2)
    used(Ikev2DiffieHellmanGroup.Group5)
    used(Ikev2DiffieHellmanGroup.Group14)
    used(Ikev2DiffieHellmanGroup.Group15)
    used(Ikev2DiffieHellmanGroup.Group16)
    used(Ikev2DiffieHellmanGroup.Group31)
    used(Ikev2IntegrityAlgorithm.Sha96)
    used(Ikev2IntegrityAlgorithm.Sha256)
    used(Ikev2IntegrityAlgorithm.Sha384)
    used(Ikev2IntegrityAlgorithm.Sha512)
    used(Ikev2EncryptionAlgorithm.Aes128)
    used(Ikev2EncryptionAlgorithm.Aes256)
    used(Ikev2EncryptionAlgorithm.ChaCha20Poly1305)
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
    used(VpnConnectionError.NegotiationFailed)
    used(VpnConnectionError.AuthenticationFailed)
    used(VpnConnectionError.NegotiationFailed)
    used(VpnConnectionError.NegotiationFailed)
    used(SessionEvent.Connecting::class)
    used(VpnConnectionError.NegotiationFailed)
    used(VpnConnectionError.NegotiationFailed)
    used(SessionEvent.Rekeyed::class)
    used(SessionEvent.Rekeyed::class)
    used(SessionEvent.Rekeyed::class)
    used(VpnConnectionError.NegotiationFailed)
    used(session.logTail())
    used(session.logTail())
    used(VpnConnectionError.NegotiationFailed)
    used(session.logTail())
    used(VpnConnectionError.NegotiationFailed)
}
