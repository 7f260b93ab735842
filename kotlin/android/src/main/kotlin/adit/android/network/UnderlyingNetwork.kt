package adit.android.network

import adit.core.NetworkInfo

/**
 * The network that carries the tunnel, as the core is told of it.
 *
 * @property info what the core decides by.
 * @property system Android's `Network`, for name resolution and for binding sockets; null in tests.
 */
public data class UnderlyingNetwork(
    val info: NetworkInfo,
    val system: Any? = null,
)

/** Watches which network would be the default one were there no VPN. */
public interface NetworkWatcher {
    /**
     * Begins. [changed] is told of the network of the moment soon after, and of each change; null: there is none.
     * It may be called from any thread.
     */
    public fun start(changed: (UnderlyingNetwork?) -> Unit)

    /** Ends. [changed][start] is not called afterwards. */
    public fun stop()
}
