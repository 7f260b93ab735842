package adit.android.service

import adit.android.network.NetworkChanges
import adit.android.network.UnderlyingNetwork
import adit.android.power.DozeKeeper
import adit.android.tunnel.BlockingMode
import adit.android.tunnel.Device
import adit.android.tunnel.Note
import adit.android.tunnel.blockingPlan
import adit.android.tunnel.builderPlan
import adit.core.Answer
import adit.core.ConnectionInfo
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.TunnelSession
import adit.core.TunnelSettings
import adit.core.errorOrNull
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.net.UnknownHostException

/**
 * One session from its making to its end: acts on its events, answers its questions, and tells it of networks and of Doze.
 */
internal class RunningTunnel(
    private val platform: ServicePlatform,
    private val app: TunnelApp,
    private val sessions: SessionFactory,
    private val configuration: TunnelConfiguration,
    private val tunnelInterface: Interface,
    private val io: CoroutineDispatcher,
    private val show: (TunnelStatus) -> Unit,
) {
    private val networks = NetworkChanges()
    private var up: Up? = null

    /** The core has the interface of the moment; else it is one that blocks. */
    private var attached = false
    private var notes: List<Note> = emptyList()

    /** The app was told what [standing] tells. */
    private var stood = false

    /** The profile lets nothing out beside the tunnel (IncludeAllNetworks): known once it was up. */
    val includesAllNetworks: Boolean get() = up?.settings?.includeAllNetworks == true

    private class Up(val settings: TunnelSettings, val connection: ConnectionInfo)

    /** Runs until the session is closed; answers why, or null when nothing went wrong. Cancelling it stops the session. */
    suspend fun run(): TunnelFailure? = try {
        platform.networks.start(networks::seen)
        when {
            configuration.tunnel.blocking == BlockingMode.Off -> tunnelInterface.close()
            !tunnelInterface.isOpen -> block()
        }
        if (tunnelInterface.isOpen) standing()
        val host = configuration.session.host.copy(protectsSockets = true, resolvesNames = true)
        when (val opened = sessions.open(configuration.session.copy(host = host))) {
            is Outcome.Failed -> TunnelFailure.Core(opened.error)
            is Outcome.Ok -> opened.value.let { session ->
                try {
                    drive(session)
                } finally {
                    withContext(NonCancellable) { session.end() }
                }
            }
        }
    } catch (ended: Ended) {
        ended.failure
    } finally {
        ending { platform.networks.stop() }
        ending { platform.wakeUps.stop() }
    }

    /** Part of the end: that one part fails must not keep the others from it, nor take the process. */
    private fun ending(part: () -> Unit) = try {
        part()
    } catch (failed: RuntimeException) {
        platform.log("the end of the tunnel: ${failed.message ?: failed}")
    }

    private suspend fun drive(session: TunnelSession): TunnelFailure? = coroutineScope {
        launch { networks.settled { session.moved(it) } }
        launch { DozeKeeper(platform.wakeUps, configuration.tunnel.dozeProbe).keep(session) }
        var failure: TunnelFailure? = null
        session.events.collect { event ->
            when (event) {
                is SessionEvent.Idle ->
                    failure = TunnelFailure.Idle("nothing went through the tunnel for ${event.seconds} s (DisconnectOnIdle)")
                is SessionEvent.Closed -> failure = event.error?.let { TunnelFailure.Core(it) } ?: failure
                else -> Unit
            }
            act(session, event)
            tell(event)
        }
        coroutineContext.cancelChildren()
        failure
    }

    /** The app's code: what it throws must not take the tunnel's process with it. */
    private fun tell(event: SessionEvent) = try {
        app.onEvent(event)
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (failed: Exception) {
        platform.log("the app does not take an event: ${failed.message ?: failed}")
    }

    private suspend fun CoroutineScope.act(session: TunnelSession, event: SessionEvent) {
        when (event) {
            is SessionEvent.Connecting -> show(TunnelStatus.Connecting(event.address))
            is SessionEvent.Ask -> launch { answer(session, event) }
            is SessionEvent.Up -> {
                val now = Up(event.settings, event.connection)
                up = now
                show(TunnelStatus.Connected(now.settings, now.connection, configure(session, now)))
            }
            is SessionEvent.Reasserting -> show(TunnelStatus.Reasserting(event.error, event.retryMs.toLong()))
            is SessionEvent.Warning -> platform.log(event.text)
            else -> Unit
        }
    }

    // The interface

    /** What Android tells of the user's settings once there is an interface, for the app; once. */
    private fun standing() {
        if (stood) return
        stood = true
        try {
            app.onInterface(platform.isAlwaysOn, platform.isLockdown)
        } catch (failed: Exception) {
            // The app's code: what it throws must not take the tunnel's process with it.
            platform.log("the app does not take what Android tells: ${failed.message ?: failed}")
        }
    }

    /** Makes everything go nowhere until the tunnel is up. */
    private suspend fun block() {
        tunnelInterface.replace(blockingPlan(configuration.tunnel, device()), platform.newBuilder()) {}
    }

    /** Makes the interface the settings ask for, unless it is there already; answers what is not as it was asked for. */
    private suspend fun configure(session: TunnelSession, up: Up): List<Note> {
        val plan = builderPlan(up.settings, configuration.tunnel, device())
        if (attached && tunnelInterface.isMadeBy(plan)) return notes
        val refused = tunnelInterface.replace(plan, platform.newBuilder()) { fd ->
            session.attachTun(fd).errorOrNull()?.let { throw Ended(TunnelFailure.Core(it)) }
        }
        attached = true
        standing()
        // Once more: whether connections without VPN are blocked is known only now.
        notes = builderPlan(up.settings, configuration.tunnel, device()).notes + refused
        notes.forEach { platform.log(it.text) }
        return notes
    }

    /** What the network below has changed of the interface: the name servers of a tunnel that brings none. */
    private suspend fun reconfigure(session: TunnelSession) {
        up?.let { configure(session, it) }
    }

    private fun device() = Device(
        api = platform.api,
        ownPackage = platform.ownPackage,
        underlyingDns = networks.current?.info?.dns.orEmpty(),
        isInstalled = platform::isInstalled,
        lockdown = platform.isLockdown == true,
    )

    // Questions

    private suspend fun answer(session: TunnelSession, ask: SessionEvent.Ask) {
        val answer = when (val question = ask.question) {
            is Question.ProtectSocket -> protect(question.fd)
            is Question.ResolveName -> resolve(question.host, ask.deadlineMs.toLong())
            else -> asked(question)
        }
        session.answer(ask.token, answer).errorOrNull()?.let { platform.log("an answer was not taken: ${it.message}") }
    }

    /** Nothing is sent through the socket before this is answered, and never when it is refused. */
    private fun protect(fd: Int): Answer {
        if (!platform.protect(fd)) {
            return Answer.Refused("Android did not keep the socket outside the tunnel (VpnService.protect)")
        }
        // Where the network is gone a protected socket follows the system's default one.
        networks.current?.let {
            if (!platform.bind(fd, it)) platform.log("the socket follows the default network: ${it.info.`interface`} is gone")
        }
        return Answer.Done
    }

    /** Asks on the network below: the default one may be the tunnel, which is not up yet and under lockdown answers nobody. */
    private suspend fun resolve(host: String, withinMs: Long): Answer {
        val network = withTimeoutOrNull(withinMs * 9 / 10) { networks.available() }
            ?: return Answer.Refused("there is no network to resolve $host on")
        return try {
            Answer.Addresses(runInterruptible(io) { platform.resolve(host, network) })
        } catch (unknown: UnknownHostException) {
            Answer.Refused("$host does not resolve on ${network.info.`interface`}: ${unknown.message}")
        }
    }

    private suspend fun asked(question: Question): Answer = try {
        app.answer(question)
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (failed: Exception) {
        // The app's code: what it throws is its answer, and must not take the tunnel's process with it.
        Answer.Refused(failed.message ?: failed.toString())
    }

    // Networks

    private suspend fun TunnelSession.moved(network: UnderlyingNetwork?) {
        networkChanged(network?.info).errorOrNull()?.let { platform.log("a change of network was not taken: ${it.message}") }
        reconfigure(this)
    }

    private suspend fun TunnelSession.end() {
        stop()
        withContext(io) { close() }
    }
}
