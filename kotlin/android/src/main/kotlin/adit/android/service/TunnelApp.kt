package adit.android.service

import adit.android.tunnel.TunnelOptions
import adit.core.Answer
import adit.core.Outcome
import adit.core.Question
import adit.core.SessionEvent
import adit.core.SessionOptions
import adit.core.TunnelSession

/**
 * What an app gives for a tunnel.
 *
 * @property session profile and credentials. That sockets are protected and names resolved by the host is set for it.
 * @property tunnel what the app chooses beside the profile.
 */
public data class TunnelConfiguration(
    val session: SessionOptions,
    val tunnel: TunnelOptions = TunnelOptions(),
) {
    /** Without the session's part, which holds passwords. */
    override fun toString(): String = "TunnelConfiguration(session=redacted, tunnel=$tunnel)"
}

/** What only the app knows. */
public interface TunnelApp {
    /** The configuration to start with; null: there is none. Asked at each start, also when the system starts the service. */
    public suspend fun configuration(reason: StartReason): TunnelConfiguration?

    /** The answer to a question that neither the core nor Android can answer: a password, a signature, a chain's judgement. */
    public suspend fun answer(question: Question): Answer

    /** Told of every event, in order, after it was acted upon. */
    public fun onEvent(event: SessionEvent)

    /** Told when nothing runs any more, once for each tunnel. @param failure why; null: it was stopped. */
    public fun onEnded(failure: TunnelFailure?) {}

    /**
     * Told once for each tunnel, when its first interface stands, be it one that blocks: Android says neither before.
     *
     * @param alwaysOn whether the system runs this VPN as always-on. @param lockdown whether the user blocks connections
     *   without VPN. Null: below API 29 it does not say.
     */
    public fun onInterface(alwaysOn: Boolean?, lockdown: Boolean?) {}
}

/** Makes a session of a configuration. */
public fun interface SessionFactory {
    /** The session, or why the core does not take the configuration. */
    public suspend fun open(options: SessionOptions): Outcome<TunnelSession>
}
