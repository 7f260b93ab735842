package adit.core

import kotlinx.coroutines.flow.Flow

/**
 * One connection to a server: what an app does with it.
 *
 * [AditSession] is the real one. Code that only uses a session takes this, so that its tests can stand in.
 */
public interface TunnelSession : AutoCloseable {
    /**
     * What happens, in order, from the beginning; ends after [SessionEvent.Closed]. For one collector: an event is given
     * once. Cancelling the collection loses nothing, a later one goes on where it stopped.
     */
    public val events: Flow<SessionEvent>

    /**
     * Hands over the descriptor the tunnel's packets go through. It is duplicated: the caller's stays the caller's to close.
     * A second call replaces the first; the new descriptor is in use before the old one is closed.
     */
    public suspend fun attachTun(fd: Int, framing: TunFraming = TunFraming.RAW_IP): Outcome<Unit>

    /** Tells what network carries the tunnel now; null: none does. The core decides what follows (MOBIKE, RFC 4555). */
    public suspend fun networkChanged(network: NetworkInfo?): Outcome<Unit>

    /** Answers [SessionEvent.Ask]. An answer after the question's deadline is refused. */
    public suspend fun answer(token: ULong, answer: Answer): Outcome<Unit>

    /** The device goes to sleep: timers that would fail on waking are stopped. */
    public suspend fun sleep(): Outcome<Unit>

    /** The device is awake: the path may be stale and is looked at. */
    public suspend fun wake(): Outcome<Unit>

    /** Counters of the moment. */
    public suspend fun stats(): Outcome<SessionStats>

    /** The last lines of the log, without secrets, for an app to export. */
    public suspend fun logTail(): Outcome<String>

    /** Ends the session: the server is told, which takes one second at most, then [events] ends. A second call does nothing. */
    public suspend fun stop(): Outcome<Unit>

    /** [stop] for those who cannot suspend, and gives everything back. Blocks for little more than a second at most. */
    override fun close()
}
