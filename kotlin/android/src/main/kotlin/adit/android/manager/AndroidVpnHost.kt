package adit.android.manager

import adit.core.manager.VpnConfigurationKey
import adit.core.manager.VpnRefusal
import adit.core.manager.SecretReference
import adit.core.manager.SecretSlot
import adit.core.manager.VpnTunnelReport
import adit.core.manager.VpnTunnelStart
import adit.core.manager.VpnHost
import android.app.Activity
import android.content.Intent
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.io.IOException

/** Asks the user. */
public fun interface ConsentAsker {
    /** Shows what Android gives (`startActivityForResult`); true when the user agreed (`RESULT_OK`). */
    public suspend fun ask(consent: Intent): Boolean
}

/**
 * Asks by way of the activity that is on the screen: it collects [waiting], starts each intent for its result, and hands that to
 * [answered]. Without an activity the question waits.
 */
public class ActivityConsents : ConsentAsker {
    private val one = Mutex()
    private val shown = MutableStateFlow<Intent?>(null)
    @Volatile
    private var answer = CompletableDeferred<Boolean>()

    /** What is to be shown; null: nothing. */
    public val waiting: StateFlow<Intent?> = shown.asStateFlow()

    override suspend fun ask(consent: Intent): Boolean = one.withLock {
        answer = CompletableDeferred()
        shown.value = consent
        try {
            answer.await()
        } finally {
            shown.value = null
        }
    }

    /** The `resultCode` of `onActivityResult`. */
    public fun answered(resultCode: Int) {
        answer.complete(resultCode == Activity.RESULT_OK)
    }
}

/**
 * What the Personal VPN needs, of Android.
 *
 * @param store where configurations are kept. @param prepare `VpnService.prepare`: what to show for consent, null when it was given.
 * @param asker shows it. @param network the network below any tunnel at the moment; null: there is none.
 * @param tunnels the service. @param io where what blocks does so.
 */
public class AndroidVpnHost(
    private val store: ConfigurationStore,
    private val prepare: () -> Intent?,
    private val asker: ConsentAsker,
    private val network: () -> PhysicalNetwork?,
    private val tunnels: ServiceTunnels,
    private val probes: Probes = Probes(),
    private val io: CoroutineDispatcher = Dispatchers.IO,
) : VpnHost {
    override suspend fun keys(): List<VpnConfigurationKey> = blocking { store.keys() }

    override suspend fun load(key: VpnConfigurationKey): String? = blocking { store.record(key) }

    override suspend fun save(key: VpnConfigurationKey, record: String, replaces: ULong?): Unit =
        blocking { store.write(key, record, replaces) }

    override suspend fun remove(key: VpnConfigurationKey): Unit = blocking { store.delete(key) }

    override suspend fun consent(key: VpnConfigurationKey, description: String?) {
        val consent = prepare() ?: return
        // Asked again: what the dialog said is not what the system decided.
        if (!asker.ask(consent) || prepare() != null) throw VpnRefusal("the user does not agree that this app be the VPN")
    }

    override suspend fun storeSecret(key: VpnConfigurationKey, slot: SecretSlot, content: ByteArray): SecretReference =
        blocking { store.keep(content) }

    override suspend fun deleteSecrets(references: List<SecretReference>): Unit =
        blocking { references.forEach { store.forget(it) } }

    override suspend fun readSecret(key: VpnConfigurationKey, slot: SecretSlot, reference: SecretReference): ByteArray? =
        blocking { store.secret(reference) }

    override suspend fun resolveName(host: String): List<String> {
        val below = network() ?: throw IOException("there is no network to resolve $host on")
        return blocking { below.resolve(host).mapNotNull { it.hostAddress?.substringBefore('%') } }
    }

    override suspend fun probeDns(servers: List<String>): Boolean = probing { probes.dns(it, servers) }

    override suspend fun probeName(host: String): Boolean = probing { probes.name(it, host) }

    override suspend fun probeUrl(url: String): Boolean = probing { probes.url(it, url) }

    override suspend fun startTunnel(start: VpnTunnelStart, report: VpnTunnelReport): Unit = tunnels.start(start, report)

    override suspend fun stopTunnel(tunnel: UInt): Unit = tunnels.stop(tunnel)

    private suspend fun probing(probe: (PhysicalNetwork) -> Boolean): Boolean {
        val below = network() ?: return false
        return blocking { probe(below) }
    }

    private suspend fun <T> blocking(call: () -> T): T = runInterruptible(io) { call() }
}
