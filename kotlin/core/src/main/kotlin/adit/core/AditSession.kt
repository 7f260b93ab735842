package adit.core

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.onFailure
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.receiveAsFlow
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/**
 * A session of the Rust core.
 *
 * It connects from its making on, whether anybody takes the [events] or not. One thread of its own waits for them with
 * JNA's synchronous calls, which are the ones that are safe on Android, and for an hour at a time, so that a tunnel at
 * rest wakes nobody. [close] must be called in the end; `use { }` does.
 *
 * Every function but [close] may be called from any coroutine: what blocks does so on [Dispatchers.IO].
 */
public class AditSession private constructor(internal val session: Session) : TunnelSession {
    private val channel = Channel<SessionEvent>(EVENTS)
    private val closed = AtomicBoolean(false)
    private val pump = thread(name = "adit-events", isDaemon = true) { pump() }

    override val events: Flow<SessionEvent> = channel.receiveAsFlow()

    override suspend fun attachTun(fd: Int, framing: TunFraming): Outcome<Unit> = calling { session.attachTun(fd, framing) }

    /**
     * Uses packets in batches instead of a descriptor.
     *
     * @return the handle for `adit_packets_in` and `adit_packets_register` of `adit.h`.
     */
    public suspend fun attachPackets(): Outcome<ULong> = calling { session.attachPackets() }

    override suspend fun networkChanged(network: NetworkInfo?): Outcome<Unit> = calling { session.networkChanged(network) }

    override suspend fun answer(token: ULong, answer: Answer): Outcome<Unit> = calling { session.answer(token, answer) }

    override suspend fun sleep(): Outcome<Unit> = calling { session.sleep() }

    override suspend fun wake(): Outcome<Unit> = calling { session.wake() }

    override suspend fun stats(): Outcome<SessionStats> = calling { session.stats() }

    override suspend fun logTail(): Outcome<String> = calling { session.logTail() }

    override suspend fun stop(): Outcome<Unit> = calling { session.stop() }

    override fun close() {
        if (!closed.compareAndSet(false, true)) return
        // Frees a pump that waits for a taker; the stop then gives it the end.
        channel.cancel()
        try {
            session.stop()
            pump.join(PATIENCE.inWholeMilliseconds)
        } finally {
            session.destroy()
        }
    }

    private fun pump() {
        try {
            while (true) {
                val event = session.waitEvent(LONG_WAIT.inWholeMilliseconds.toUInt())
                if (event == null) {
                    // Nothing came for an hour, or the end was taken.
                    if (session.isClosed()) return else continue
                }
                var taken = true
                channel.trySendBlocking(event).onFailure { taken = false }
                if (!taken || event is SessionEvent.Closed) return
            }
        } finally {
            channel.close()
        }
    }

    private suspend fun <T> calling(call: () -> T): Outcome<T> = withContext(Dispatchers.IO) {
        if (closed.get()) closedError() else try {
            outcome(call)
        } catch (gone: IllegalStateException) {
            // Closed between the look and the call; anything else is a bug.
            if (closed.get()) closedError() else throw gone
        }
    }

    public companion object {
        /** Events that wait here; the core keeps more. */
        private const val EVENTS = 16
        private val LONG_WAIT = 1.hours
        private val PATIENCE = 2.seconds

        /** Judges the profile, makes a session of it and begins to connect. */
        public suspend fun open(options: SessionOptions): Outcome<AditSession> = withContext(Dispatchers.IO) {
            outcome { AditSession(Session(options)) }
        }

        private fun closedError() = Outcome.Failed(
            AditException.Usage("the session is closed", "Open another one.", ""),
        )
    }
}
