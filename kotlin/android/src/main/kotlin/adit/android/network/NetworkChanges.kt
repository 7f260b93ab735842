package adit.android.network

import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.withContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** How long the network must hold still before the core is told: a change comes as several callbacks. */
public val NETWORK_DEBOUNCE: Duration = 250.milliseconds

/** The network of the moment, and its changes without the noise. */
public class NetworkChanges {
    /** Null: nothing is known yet. */
    private val latest = MutableStateFlow<Seen?>(null)

    /** The network of the moment; null when there is none, or it is not known yet. */
    public val current: UnderlyingNetwork? get() = latest.value?.network

    /** What a [NetworkWatcher] saw. May be called from any thread. */
    public fun seen(network: UnderlyingNetwork?) {
        latest.value = Seen(network)
    }

    /** Waits for a network. */
    public suspend fun available(): UnderlyingNetwork = latest.mapNotNull { it?.network }.first()

    /**
     * Calls [tell] for the first network and for each change that held for [NETWORK_DEBOUNCE], until cancelled. One that
     * changes back in time, or does not change what the core is told, is no change.
     */
    public suspend fun settled(tell: suspend (UnderlyingNetwork?) -> Unit) {
        var told: Seen? = null
        latest.filterNotNull().collectLatest { seen ->
            delay(NETWORK_DEBOUNCE)
            if (told?.network?.info == seen.network?.info && told != null) return@collectLatest
            told = seen
            // Not cut short by the next change: the core gets whole records, in order.
            withContext(NonCancellable) { tell(seen.network) }
        }
    }

    private data class Seen(val network: UnderlyingNetwork?)
}
