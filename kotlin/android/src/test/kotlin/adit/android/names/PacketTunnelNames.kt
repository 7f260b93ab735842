// Made by `cargo xtask regenerate names` from kotlin/names/packet-tunnel.tsv and its head. Do not edit.

@file:Suppress("unused", "UNUSED_VARIABLE", "UNUSED_EXPRESSION", "TestFunctionName", "UNCHECKED_CAST")

package adit.android.names

import adit.android.AditVpnService
import adit.android.manager.PersonalVpnService
import adit.android.network.NetworkChanges
import adit.android.routes.Cidr
import adit.android.routes.Family
import adit.android.service.*
import adit.android.tunnel.*
import adit.core.*
import adit.core.manager.*
import android.content.Context

/** What the uses below name. */
class PacketTunnelNames(
    val vpn: VpnSystem,
    val ikev2: Ikev2Protocol,
    val session: AditSession,
    val settings: TunnelSettings,
    val platform: ServicePlatform,
    val builder: TunnelBuilder,
    val device: Device,
    val networks: NetworkChanges,
    val context: Context,
    val sessionOptions: SessionOptions,
    val app: VpnAppRule,
) : AditVpnService() {
    val manager: VpnManager get() = vpn.shared
    val connection: VpnConnection get() = manager.connection
    val perApp: PerAppVpn get() = PerAppVpn(apps = listOf(app))
    val options: TunnelOptions get() = TunnelOptions(apps = Apps.Only(setOf("org.example.app")))
    val cidr: Cidr get() = Cidr.ALL_V4
    val message: ByteArray get() = byteArrayOf(1)
    val failure: TunnelFailure get() = TunnelFailure.Revoked("text")

    public override suspend fun configuration(reason: StartReason): TunnelConfiguration = TunnelConfiguration(sessionOptions, options)

    public override suspend fun onMessage(message: ByteArray): ByteArray? = message

    public override fun onEnded(failure: TunnelFailure?) = used(failure.stopReason)

    fun asksUser(text: String) = displayMessage(text)

    fun ends(failure: TunnelFailure?) = cancelTunnel(failure)

    fun used(value: Any?) = check(value !== this)
}

suspend fun PacketTunnelNames.useNETunnelProviderManager() {
    used(VpnManager::class)
    used(vpn.loadAllFromPreferences())
    used(VpnConfiguration(managed = ManagedVpnSettings(perApp = perApp)))
    used(manager.configuration.managed.perApp?.apps)
    used(options.apps)
    used(perApp.apps)
    used(perApp.safariDomains)
    used(perApp.mailDomains)
    used(perApp.calendarDomains)
    used(perApp.contactsDomains)
    used(perApp.excludedDomains)
    used(perApp.associatedDomains)
}

suspend fun PacketTunnelNames.useNETunnelProviderProtocol() {
    used(TunnelConfiguration::class)
    used(TunnelConfiguration(sessionOptions, options))
    used(AditVpnService.start(context, PersonalVpnService::class.java))
}

suspend fun PacketTunnelNames.useNETunnelProviderSession() {
    used(VpnConnection::class)
    used(connection.startVpnTunnel(VpnStartOptions("user", "password")))
    used(connection.stopVpnTunnel())
    used(AditVpnService.sendMessage(message))
}

suspend fun PacketTunnelNames.useNEProvider() {
    used(AditVpnService::class)
    used(session.sleep())
    used(session.wake())
    used(protect(7))
    used(platform.protect(7))
    used(protect(7))
    used(platform.protect(7))
    used(networks.current)
    used(asksUser("text"))
}

suspend fun PacketTunnelNames.useNEProviderStopReason() {
    used(ProviderStopReason::class)
    used(failure.stopReason)
    used(ProviderStopReason.None)
    used(ProviderStopReason.UserInitiated)
    used(ProviderStopReason.ProviderFailed)
    used(ProviderStopReason.NoNetworkAvailable)
    used(ProviderStopReason.UnrecoverableNetworkChange)
    used(ProviderStopReason.ProviderDisabled)
    used(ProviderStopReason.AuthenticationCanceled)
    used(ProviderStopReason.ConfigurationFailed)
    used(ProviderStopReason.IdleTimeout)
    used(ProviderStopReason.ConfigurationDisabled)
    used(ProviderStopReason.ConfigurationRemoved)
    used(ProviderStopReason.Superceded)
    used(ProviderStopReason.UserLogout)
    used(ProviderStopReason.UserSwitch)
    used(ProviderStopReason.ConnectionFailed)
    used(ProviderStopReason.Sleep)
    used(ProviderStopReason.AppUpdate)
    used(ProviderStopReason.InternalError)
}

suspend fun PacketTunnelNames.useNETunnelProvider() {
    used(AditVpnService::class)
    used(onMessage(message))
    used(builderPlan(settings, options, device).applyTo(builder))
    used(vpn.stored(manager.key)?.protocolConfiguration)
    used(options.apps)
    used(options.apps)
    used(TunnelStatus.Reasserting(null, 0))
    used(TunnelFailure::class)
}

suspend fun PacketTunnelNames.useNETunnelProviderError() {
    used(TunnelFailure::class)
    used(NoteKind.Malformed)
    used(TunnelFailure.NotPrepared("text"))
    used(TunnelFailure.NoInterface("text"))
}

suspend fun PacketTunnelNames.useNETunnelProviderRoutingMethod() {
    used(Apps::class)
    used(Apps.All)
    used(Apps.Only(setOf("org.example.app")))
}

suspend fun PacketTunnelNames.useNEPacketTunnelProvider() {
    used(AditVpnService::class)
    used(configuration(StartReason.App))
    used(onEnded(failure))
    used(ends(failure))
    used(session.attachTun(7))
}

suspend fun PacketTunnelNames.useNETunnelNetworkSettings() {
    used(TunnelSettings::class)
    used(settings.copy(remoteAddress = "192.0.2.1"))
    used(settings.remoteAddress)
    used(settings.dns)
    used(settings.proxy)
}

suspend fun PacketTunnelNames.useNEPacketTunnelNetworkSettings() {
    used(TunnelSettings::class)
    used(settings.copy(remoteAddress = "192.0.2.1"))
    used(settings.ipv4)
    used(settings.blockIpv4)
    used(settings.ipv6)
    used(settings.blockIpv6)
    used(settings.mtu)
    used(settings.mtu)
    used(settings.includeAllNetworks)
    used(settings.excludeLocalNetworks)
    used(ikev2.excludeCellularServices)
    used(ikev2.excludeApns)
    used(ikev2.excludeDeviceCommunication)
    used(settings.enforceRoutes)
}

suspend fun PacketTunnelNames.useNEPacketTunnelNetworkSettingsIPFamily() {
    used(Family::class)
    used(emptySet<Family>())
    used(Family.entries.toSet())
    used(Family.V4)
    used(Family.V6)
}

suspend fun PacketTunnelNames.useNEIPv4Settings() {
    used(BuilderCall.Address::class)
    used(settings.copy(ipv4 = listOf("10.0.0.2/32")))
    used(settings.ipv4)
    used(cidr.prefix)
    used(settings.includedRoutes)
    used(BuilderCall.Route(cidr))
    used(settings.excludedRoutes)
    used(BuilderCall.ExcludeRoute(cidr))
}

suspend fun PacketTunnelNames.useNEIPv4Route() {
    used(Cidr::class)
    used(Cidr.parse("10.0.0.0/8"))
    used(Cidr.ALL_V4)
    used(cidr.address)
    used(cidr.prefix)
}

suspend fun PacketTunnelNames.useNEIPv6Settings() {
    used(BuilderCall.Address::class)
    used(settings.copy(ipv6 = listOf("fd00::2/64")))
    used(settings.ipv6)
    used(cidr.prefix)
    used(settings.includedRoutes)
    used(BuilderCall.Route(cidr))
    used(settings.excludedRoutes)
    used(BuilderCall.ExcludeRoute(cidr))
}

suspend fun PacketTunnelNames.useNEIPv6Route() {
    used(Cidr::class)
    used(Cidr.parse("fd00::/8"))
    used(Cidr.ALL_V6)
    used(cidr.address)
    used(cidr.prefix)
}

suspend fun PacketTunnelNames.useNEDNSSettings() {
    used(BuilderCall.Dns::class)
    used(settings.copy(dns = listOf("192.0.2.53")))
    used(settings.dns)
    used(settings.searchDomains)
    used(BuilderCall.SearchDomain("example.org"))
    used(settings.searchDomains.firstOrNull())
    used(settings.matchDomains)
    used(settings.searchDomains)
}

suspend fun PacketTunnelNames.useNEDNSProtocol() {
    used(BuilderCall.Dns::class)
}

suspend fun PacketTunnelNames.useNEPacketTunnelFlow() {
    used(TunFraming::class)
    used(session.attachTun(7, TunFraming.RAW_IP))
    used(session.attachTun(7, TunFraming.RAW_IP))
    used(session.attachPackets())
    used(session.attachPackets())
}

suspend fun PacketTunnelNames.useNEAppRule() {
    used(VpnAppRule::class)
    used(VpnAppRule("org.example.app"))
    used(VpnAppRule("org.example.app", matchDesignatedRequirement = "anchor apple"))
    used(app.matchSigningIdentifier)
    used(app.matchDesignatedRequirement)
    used(app.matchPath)
    used(app.matchTools)
}
