package adit.android.power

import adit.core.TunnelSession
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** How long the session has, after an alarm in Doze, to look whether the server is still there. */
public val PROBE_TIME: Duration = 10.seconds

/**
 * Lets a session sleep while the device dozes.
 *
 * Timers of a process do not fire while the device sleeps, and packets of the server wake it by themselves. So the session is
 * told to sleep, which stops timers that would take the silence for a loss, and an alarm, the one kind that goes off in
 * Doze, lets it look now and then. When Doze ends it looks at once.
 *
 * @param probe how often to look in Doze; null: never.
 */
public class DozeKeeper(private val wakeUps: WakeUps, private val probe: Duration?) {
    private enum class Signal { Idle, Active, Alarm }

    /** Until cancelled. */
    public suspend fun keep(session: TunnelSession) {
        val signals = Channel<Signal>(Channel.UNLIMITED)
        wakeUps.start(
            idle = { dozing -> signals.trySend(if (dozing) Signal.Idle else Signal.Active) },
            alarm = { signals.trySend(Signal.Alarm) },
        )
        var dozing = false
        var next: Signal? = null
        while (true) {
            val signal = next ?: signals.receive()
            next = null
            when (signal) {
                Signal.Idle -> {
                    dozing = true
                    rest(session)
                }
                Signal.Active -> if (dozing) {
                    dozing = false
                    wakeUps.cancel()
                    session.wake()
                }
                Signal.Alarm -> if (dozing) {
                    session.wake()
                    next = withTimeoutOrNull(PROBE_TIME) { signals.receive() }
                    if (next == null) rest(session)
                }
            }
        }
    }

    private suspend fun rest(session: TunnelSession) {
        session.sleep()
        probe?.let { wakeUps.wakeIn(it) }
    }
}
