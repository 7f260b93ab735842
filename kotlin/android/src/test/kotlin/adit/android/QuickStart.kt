@file:Suppress("unused")

package adit.android

import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelStatus
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.SessionOptions
import android.app.Activity
import java.io.File

// What kotlin/README.md shows, word by word (SourcesTest).

class WorkVpnService : AditVpnService() {
    override suspend fun configuration(reason: StartReason): TunnelConfiguration? {
        val profile = File(filesDir, "work.mobileconfig").takeIf { it.exists() }?.readBytes() ?: return null
        val asks = HostAbilities(protectsSockets = true, resolvesNames = true, judgesChains = false, asksPassword = false)
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
