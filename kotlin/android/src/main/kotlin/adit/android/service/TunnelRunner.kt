package adit.android.service

import adit.android.tunnel.BlockingMode
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * The service's life: one tunnel at a time, from start to the end of its clean-up.
 *
 * Owns which tunnel runs and the status an app sees. What happens inside one is [RunningTunnel]; Android is behind
 * [ServicePlatform].
 *
 * @param scope where tunnels run. Its dispatcher runs one thing at a time.
 * @param shown where the state is told.
 * @param io where what blocks does so.
 * @param before the runner of a service that was destroyed and may not be done: its tunnel ends before one of this begins.
 */
public class TunnelRunner(
    private val platform: ServicePlatform,
    private val app: TunnelApp,
    private val sessions: SessionFactory,
    private val scope: CoroutineScope,
    private val shown: MutableStateFlow<TunnelStatus> = MutableStateFlow(TunnelStatus.Disconnected()),
    private val io: CoroutineDispatcher = Dispatchers.IO,
    @Volatile private var before: TunnelRunner? = null,
) {
    private enum class Phase {
        Idle,
        Running,
        Stopping,

        /** Over but for an interface that goes on blocking. */
        Holding,
    }

    /** What must be over before it begins: [last] of this runner, and what [ending] runs. */
    private class Run(private var last: Run?, private var ending: TunnelRunner?) {
        var failure: TunnelFailure? = null
        var job: Job? = null

        /** Complete when its end was told, which comes after the end of the job. */
        val over = Job()

        /** The app knows of its end. */
        var told = false

        /** Waits for what must be over, a second at most; be this one stopped meanwhile or not. */
        suspend fun turn() = withContext(NonCancellable) {
            ending?.join()
            last?.job?.cancel()
            last?.gone()
            ending = null
            last = null
        }

        /** Waits until it is over, and what it had to wait for, if it was stopped before it could. */
        suspend fun gone() {
            over.join()
            turn()
        }
    }

    /** Outlives a run, so that one that follows another takes over what blocks. Only the latest run closes it for good. */
    private val tunnelInterface = Interface()

    /** Guards what follows, and the order of states. */
    private val lock = Any()
    private var latest: Run? = null
    private var phase = Phase.Idle

    /** A start that comes while the service ends must not be ended with it. */
    private var lastStart = 0

    /** Another runner goes on from here, and tells the state from then on. Set without the lock, which may be held by the app's code. */
    @Volatile
    private var isFollowed = false

    /** Whether neither a tunnel nor what goes on blocking is there to be stopped. */
    public val isIdle: Boolean get() = synchronized(lock) { phase == Phase.Idle }

    /** The state of the moment. */
    public val status: StateFlow<TunnelStatus> = shown.asStateFlow()

    /**
     * Starts a tunnel unless one runs. Returns at once; what comes of it is in [status].
     *
     * Shows the notification before it returns: Android ends a service that was started for the foreground and is not there
     * within seconds. One that is being stopped is waited for.
     *
     * @param startId Android's number of this start.
     */
    public fun start(reason: StartReason, startId: Int) {
        synchronized(lock) {
            lastStart = startId
            if (phase == Phase.Running) {
                platform.showForeground(shown.value)
                return
            }
            before?.follow()
            val run = Run(latest, before)
            before = null
            latest = run
            phase = Phase.Running
            shown.value = TunnelStatus.Connecting()
            // Without consent Android may refuse the foreground too, which is then not the reason.
            val prepared = platform.isPrepared()
            val foreground = platform.showForeground(shown.value)
            val job = scope.launch(start = CoroutineStart.LAZY) {
                run.turn()
                ensureActive()
                val failure = go(run, reason, prepared, foreground)
                synchronized(lock) { run.failure = run.failure ?: failure }
            }
            run.job = job
            // Also of one that was cancelled before it began.
            job.invokeOnCompletion { ended(run) }
            job
        }.start()
    }

    /**
     * Ends the tunnel, telling the server, which takes a second at most. Returns at once.
     *
     * @param failure why, when it is not because the app or its user wants it.
     * @param startId Android's number, when a start of the service brought it.
     */
    public fun stop(failure: TunnelFailure? = null, startId: Int? = null) {
        synchronized(lock) {
            lastStart = startId ?: lastStart
            when (phase) {
                Phase.Idle -> {
                    platform.finished(lastStart)
                    return
                }
                Phase.Stopping -> return
                Phase.Running -> shown.value = TunnelStatus.Disconnecting
                Phase.Holding -> Unit
            }
            phase = Phase.Stopping
            latest?.failure = failure
            latest?.job
        }?.cancel()
    }

    /** Waits until nothing runs. */
    public suspend fun join() {
        val (ending, run) = synchronized(lock) { before to latest }
        ending?.join()
        run?.gone()
    }

    private fun follow() {
        isFollowed = true
        before?.follow()
    }

    private suspend fun go(run: Run, reason: StartReason, prepared: Boolean, foreground: Boolean): TunnelFailure? {
        if (!prepared) return TunnelFailure.NotPrepared("the user has not agreed that this app be the VPN")
        if (!foreground) return TunnelFailure.NotInForeground("Android does not let the VPN's notification be shown now")
        val configuration = try {
            app.configuration(reason)
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (failed: Exception) {
            // The app's code: what it throws must not take the process with it.
            return TunnelFailure.NoConfiguration("the VPN configuration cannot be read: ${failed.message ?: failed}")
        } ?: return TunnelFailure.NoConfiguration("there is no VPN configuration to start")
        val tunnel = RunningTunnel(platform, app, sessions, configuration, tunnelInterface, io) { show(run, it) }
        val failure = tunnel.run()
        val blocks = configuration.tunnel.blocking == BlockingMode.AlsoAfterFailure || tunnel.includesAllNetworks
        val holds = blocks && tunnelInterface.isOpen
        // An end for want of traffic is what the profile wants.
        if (failure != null && failure !is TunnelFailure.Idle && holds) hold(run, failure)
        return failure
    }

    /** Keeps what blocks until the run is cancelled: by a stop, or by a start that takes it over. */
    private suspend fun hold(run: Run, failure: TunnelFailure) {
        synchronized(lock) {
            if (latest !== run || phase != Phase.Running) return
            phase = Phase.Holding
            shown.value = TunnelStatus.Disconnected(failure, blocking = true)
            platform.showForeground(shown.value)
            tellEnd(run, failure)
        }
        platform.log("the tunnel ended, everything is blocked: ${failure.text}")
        awaitCancellation()
    }

    private fun ended(run: Run) = try {
        synchronized(lock) {
            val isLast = latest === run
            if (isLast) {
                tunnelInterface.close()
                phase = Phase.Idle
                shown.update { if (isFollowed) it else TunnelStatus.Disconnected(run.failure) }
            }
            if (!run.told) run.failure?.let { platform.log("the tunnel ended: ${it.text}") }
            // Also of one that was started again while it stopped: the next one begins after this.
            tellEnd(run, run.failure)
            if (isLast) platform.finished(lastStart)
        }
    } finally {
        run.over.complete()
    }

    /** Once for each tunnel: one that goes on blocking has ended when it began to. */
    private fun tellEnd(run: Run, failure: TunnelFailure?) {
        if (run.told) return
        run.told = true
        try {
            app.onEnded(failure)
        } catch (failed: Exception) {
            // The app's code: what it throws must not keep the service from ending.
            platform.log("the app does not take the end of its tunnel: ${failed.message ?: failed}")
        }
    }

    private fun show(run: Run, status: TunnelStatus) {
        synchronized(lock) {
            if (latest !== run || phase != Phase.Running) return
            shown.value = status
            platform.showForeground(status)
        }
    }
}
