package adit.android.manager

import adit.android.service.TunnelFailure
import adit.core.AditSession
import adit.core.SessionEvent
import adit.core.manager.VpnConnectionError
import adit.core.manager.VpnRefusal
import adit.core.manager.VpnTunnelReport
import adit.core.manager.VpnTunnelStart
import adit.core.manager.connectionError
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** How long a service that the system started waits for the model to start a tunnel: it asks the store and resolves a name. */
private val PATIENCE: Duration = 20.seconds

/** How long a tunnel may take to be gone: telling the server takes a second at most. */
private val TAKE_DOWN: Duration = 5.seconds

/**
 * Hands tunnels from the model to the service, and what becomes of them back. Android runs one at a time.
 *
 * @param launch starts the service; throws what Android says when it does not let it. @param halt stops the service.
 */
public class ServiceTunnels(private val launch: () -> Unit, private val halt: () -> Unit) {
    private class Tunnel(val start: VpnTunnelStart, val report: VpnTunnelReport) {
        /** Completed when the service has taken it. */
        val taken = CompletableDeferred<Unit>()

        /** Completed when it is over. */
        val gone = CompletableDeferred<Unit>()

        /** The model knows that it is over. */
        @Volatile
        var told = false
    }

    private val lock = Any()
    private var current: Tunnel? = null

    /** The service is up without a tunnel and waits for one. */
    private var waiting: CompletableDeferred<Unit>? = null

    /** As [adit.core.manager.VpnHost.startTunnel]. */
    public suspend fun start(start: VpnTunnelStart, report: VpnTunnelReport) {
        // The model knows of an end before the service is done with it.
        synchronized(lock) { current?.takeIf { it.taken.isCompleted } }?.let { last ->
            withTimeoutOrNull(TAKE_DOWN) { last.gone.await() } ?: throw VpnRefusal("the last tunnel is still being taken down")
        }
        val tunnel = Tunnel(start, report)
        val service = synchronized(lock) {
            current = tunnel
            waiting.also { waiting = null }
        }
        try {
            if (service == null) launch() else service.complete(Unit)
            tunnel.taken.await()
        } catch (failed: Exception) {
            synchronized(lock) { if (current === tunnel) current = null }
            throw failed
        }
    }

    /** As [adit.core.manager.VpnHost.stopTunnel]. */
    public suspend fun stop(tunnel: UInt) {
        val running = synchronized(lock) { current?.takeIf { it.start.tunnel == tunnel }?.also { it.told = true } } ?: return
        halt()
        running.gone.await()
    }

    /**
     * For the service: the tunnel it is to run.
     *
     * @param begin starts one through the model, for a service that the system started; throws why it cannot.
     * @return null when none came in time.
     */
    public suspend fun take(begin: suspend () -> Unit): VpnTunnelStart? {
        val waits = CompletableDeferred<Unit>()
        val pending = synchronized(lock) {
            current?.takeIf { !it.taken.isCompleted } ?: null.also { waiting = waits }
        }
        if (pending == null) {
            try {
                begin()
                withTimeoutOrNull(PATIENCE) { waits.await() } ?: return null
            } finally {
                synchronized(lock) { if (waiting === waits) waiting = null }
            }
        }
        return synchronized(lock) { current }?.also { it.taken.complete(Unit) }?.start
    }

    /** For the service: an event of the session. */
    public fun event(session: AditSession, event: SessionEvent) {
        val tunnel = synchronized(lock) { current } ?: return
        if (event is SessionEvent.Closed) tunnel.told = true
        tunnel.report.event(session, event)
    }

    /**
     * For the service: the tunnel is over, or never ran.
     *
     * @param failure why; null: the service was stopped.
     */
    public fun ended(failure: TunnelFailure?) {
        val tunnel = synchronized(lock) { current.also { current = null } } ?: return
        if (!tunnel.taken.isCompleted) {
            tunnel.taken.completeExceptionally(VpnRefusal(failure?.text ?: "the service was stopped"))
        } else if (!tunnel.told) {
            when (failure) {
                null -> tunnel.report.closed(null)
                is TunnelFailure.Revoked -> tunnel.report.revoked()
                is TunnelFailure.Idle -> tunnel.report.idle()
                is TunnelFailure.NotPrepared, is TunnelFailure.NotInForeground ->
                    tunnel.report.closed(VpnConnectionError.PluginDisabled, failure.text)
                is TunnelFailure.NoConfiguration -> tunnel.report.closed(VpnConnectionError.ConfigurationFailed, failure.text)
                is TunnelFailure.NoInterface -> tunnel.report.closed(VpnConnectionError.PluginFailed, failure.text)
                is TunnelFailure.Core ->
                    tunnel.report.closed(failure.error.connectionError ?: VpnConnectionError.PluginFailed, failure.text)
            }
        }
        tunnel.gone.complete(Unit)
    }
}
