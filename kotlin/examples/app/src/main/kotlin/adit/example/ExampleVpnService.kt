package adit.example

import adit.android.AditVpnService
import adit.android.service.StartReason
import adit.android.service.TunnelConfiguration
import adit.android.tunnel.BlockingMode
import adit.android.tunnel.TunnelOptions
import adit.core.Credentials
import adit.core.HostAbilities
import adit.core.SessionOptions

/** The whole VPN: where the profile comes from, and two choices. */
class ExampleVpnService : AditVpnService() {
    override suspend fun configuration(reason: StartReason): TunnelConfiguration? {
        val profile = ProfileStore(this).load() ?: return null
        return TunnelConfiguration(
            session = SessionOptions(
                profile = profile,
                credentials = Credentials(),
                host = HostAbilities(protectsSockets = true, resolvesNames = true, judgesChains = true, asksPassword = false),
            ),
            tunnel = TunnelOptions(session = "Example", blocking = BlockingMode.AlsoAfterFailure),
        )
    }
}
