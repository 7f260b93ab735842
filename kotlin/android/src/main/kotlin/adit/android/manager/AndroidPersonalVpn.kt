package adit.android.manager

import adit.android.AditVpnService
import adit.android.network.FrameworkNetworkWatcher
import adit.android.network.NetworkChanges
import adit.android.network.NetworkWatcher
import adit.android.network.UnderlyingNetwork
import adit.android.power.FrameworkWakeUps
import adit.android.power.WakeUps
import adit.android.service.log
import adit.android.service.systemService
import adit.core.Outcome
import adit.core.text
import adit.core.manager.VpnSystem
import adit.core.manager.VpnSystemOptions
import adit.core.manager.VpnPlatform
import adit.core.manager.VpnRefusal
import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import android.net.VpnService
import android.os.Build
import android.os.Handler
import android.os.Looper
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.File
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Until what is stored is tried to be loaded again; twice as long after each failure, up to the second. */
private val LOAD_AGAIN_FIRST: Duration = 1.seconds
private val LOAD_AGAIN_LAST: Duration = 60.seconds

/**
 * The Personal VPN on Android: the model, its store, the networks and Doze, and the service that runs its tunnels.
 *
 * Make one for the process, in `Application.onCreate`, and let the app's [PersonalVpnService] give it out. It loads every
 * configuration that is stored, so that on-demand rules count from then on, while the process lives; `always-on` in the system's
 * settings is what starts it without the app.
 *
 * @property tunnels where the service takes tunnels from.
 */
public class AndroidPersonalVpn internal constructor(
    host: (network: () -> UnderlyingNetwork?) -> AndroidVpnHost,
    options: VpnSystemOptions,
    public val tunnels: ServiceTunnels,
    private val watcher: NetworkWatcher,
    private val wakeUps: WakeUps,
    scope: CoroutineScope,
    internal val lockdown: LockdownMemory? = null,
) : AutoCloseable {
    private val own = CoroutineScope(scope.coroutineContext + SupervisorJob())
    private val networks = NetworkChanges()
    /** The model. */
    public val vpn: VpnSystem = VpnSystem(options, host { networks.current }, own)

    init {
        watcher.start(networks::seen)
        wakeUps.start(idle = { dozing -> if (dozing) vpn.sleep() else vpn.wake() }, alarm = {})
        own.launch {
            var failure = load()
            launch { networks.settled { vpn.networkChanged(it?.info) } }
            var pause = LOAD_AGAIN_FIRST
            while (failure != null) {
                delay(pause)
                pause = minOf(pause * 2, LOAD_AGAIN_LAST)
                failure = load(failure)
            }
        }
    }

    /**
     * Rules count only of what is loaded, and are asked once it is. What cannot be read yet, before the first unlock perhaps, is
     * tried again.
     *
     * @param before why it failed before, which is in the log. @return why it failed now; null: it did not.
     */
    private suspend fun load(before: String? = null): String? = when (val all = vpn.loadAllFromPreferences()) {
        is Outcome.Ok -> {
            // What they loaded stays.
            all.value.forEach { it.close() }
            null
        }
        is Outcome.Failed -> all.error.text.also { if (it != before) log("the stored configurations cannot be loaded: $it") }
    }

    /** Ends the model; a tunnel that runs is the service's to end. */
    override fun close() {
        watcher.stop()
        wakeUps.stop()
        vpn.close()
        own.cancel()
    }

    public companion object {
        /**
         * The Personal VPN of this app, with its configurations in `noBackupFilesDir` and their secrets encrypted by a key of
         * Android's KeyStore.
         *
         * @param service the app's service. @param asker shows the user what Android asks.
         * @param lockdown the user blocks connections without VPN; null: as it was when the service last ran, which is told
         *   so by Android from API 29 on (`isLockdownEnabled`), and not blocked before its first run.
         */
        public fun of(
            context: Context,
            service: Class<out PersonalVpnService>,
            asker: ConsentAsker,
            lockdown: Boolean? = null,
            acceptsTrafficOutside: Boolean = false,
        ): AndroidPersonalVpn {
            val app = context.applicationContext
            val memory = LockdownMemory(File(app.noBackupFilesDir, "adit/lockdown"))
            val store = FileStore(File(app.noBackupFilesDir, "adit"), AesGcmCipher.ofAndroid())
            val tunnels = ServiceTunnels(
                launch = { if (!AditVpnService.start(app, service)) throw VpnRefusal("the user has not agreed that this app be the VPN") },
                halt = { AditVpnService.stop(app, service) },
            )
            return AndroidPersonalVpn(
                host = { network ->
                    val below = { (network()?.system as? Network)?.let { FrameworkNetwork(it) } }
                    AndroidVpnHost(store, { VpnService.prepare(app) }, asker, below, tunnels)
                },
                options = VpnSystemOptions(
                    app = app.packageName,
                    platform = VpnPlatform.Android(Build.VERSION.SDK_INT, lockdown ?: memory.last()),
                    acceptsTrafficOutside = acceptsTrafficOutside,
                ),
                tunnels = tunnels,
                watcher = FrameworkNetworkWatcher(
                    app.systemService(ConnectivityManager::class.java),
                    Handler(Looper.getMainLooper()),
                ),
                wakeUps = FrameworkWakeUps(app, "model"),
                scope = CoroutineScope(SupervisorJob() + Dispatchers.Default),
                lockdown = memory,
            )
        }
    }
}
