@file:Suppress("unused")

package adit.android

import adit.android.manager.ActivityConsents
import adit.android.manager.AndroidPersonalVpn
import adit.android.manager.PersonalVpnService
import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelStatus
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.SessionOptions
import adit.core.manager.OnDemandRuleConnect
import adit.core.manager.VpnSystem
import adit.core.manager.VpnStatus
import adit.core.orThrow
import android.app.Activity
import android.app.Application
import kotlinx.coroutines.flow.first
import java.io.File

// What kotlin/README.md shows, word by word (SourcesTest).

class WorkVpnService : AditVpnService() {
    override suspend fun configuration(reason: StartReason): TunnelConfiguration? {
        val profile = File(noBackupFilesDir, "work.mobileconfig").takeIf { it.exists() }?.readBytes() ?: return null
        val asks = HostAbilities(protectsSockets = true, resolvesNames = true, judgesChains = true, asksPassword = false)
        return TunnelConfiguration(SessionOptions(profile = profile, credentials = Credentials(), host = asks))
    }
}

fun connect(activity: Activity) {
    val consent = AditVpnService.consent(activity)
    if (consent != null) activity.startActivityForResult(consent, 1) else AditVpnService.start(activity, WorkVpnService::class.java)
}

suspend fun watch() {
    AditVpnService.status.collect { status ->
        if (status is TunnelStatus.Disconnected) status.failure?.let { println(it.text) }
    }
}

class MyApplication : Application() {
    val consents = ActivityConsents()
    val personalVpn by lazy { AndroidPersonalVpn.of(this, MyVpnService::class.java, consents) }
}

class MyVpnService : PersonalVpnService() {
    override fun personalVpn() = (application as MyApplication).personalVpn
}

suspend fun setUp(vpn: VpnSystem, profile: ByteArray) {
    val manager = vpn.shared
    manager.loadFromPreferences().orThrow()
    manager.importProfile(profile).orThrow()
    manager.edit { copy(isEnabled = true, isOnDemandEnabled = true, onDemandRules = listOf(OnDemandRuleConnect())) }
    manager.saveToPreferences().orThrow()
    manager.connection.startVpnTunnel().orThrow()
    manager.connection.statuses.first { it == VpnStatus.Connected }
}
