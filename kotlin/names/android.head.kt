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
