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
