package adit.android.service

import adit.android.tunnel.BuilderPlan
import adit.android.tunnel.Note
import adit.android.tunnel.TunDescriptor
import adit.android.tunnel.TunnelBuilder
import adit.android.tunnel.applyTo

/**
 * The interface of the moment: the descriptor, and the calls that made it.
 *
 * The core duplicates the descriptor; this one is kept open beside it, so that the interface stays, and swallows what is sent
 * to it, whatever becomes of the core. A new one is made and in use before the old one is closed.
 */
internal class Interface {
    private var descriptor: TunDescriptor? = null
    private var made: BuilderPlan? = null

    /** Whether there is one. */
    val isOpen: Boolean get() = descriptor != null

    /** Whether these calls made it, so that it need not be made again. */
    fun isMadeBy(plan: BuilderPlan): Boolean = isOpen && made?.calls == plan.calls

    /**
     * Makes one, lets [use] hand it to whom it is for, and closes the one before. Closes the new one when [use] fails.
     *
     * @return what Android refused.
     * @throws Ended it was not made, or not taken.
     */
    suspend fun replace(plan: BuilderPlan, builder: TunnelBuilder, use: suspend (fd: Int) -> Unit): List<Note> {
        val applied = plan.applyTo(builder)
        applied.unsafe?.let { throw Ended(TunnelFailure.NoInterface(it)) }
        val next = establish(builder)
        try {
            use(next.fd)
        } catch (failed: Throwable) {
            next.close()
            throw failed
        }
        descriptor?.close()
        descriptor = next
        made = plan
        return applied.notes
    }

    fun close() {
        descriptor?.close()
        descriptor = null
        made = null
    }

    private fun establish(builder: TunnelBuilder): TunDescriptor = try {
        builder.establish() ?: throw Ended(TunnelFailure.NotPrepared("the user's consent is gone, or another VPN app was prepared"))
    } catch (refused: IllegalArgumentException) {
        throw Ended(TunnelFailure.NoInterface(refused.reason()))
    } catch (refused: IllegalStateException) {
        throw Ended(TunnelFailure.NoInterface(refused.reason()))
    } catch (refused: SecurityException) {
        throw Ended(TunnelFailure.NoInterface(refused.reason()))
    }

    private fun Exception.reason() = "Android did not make the interface: ${message ?: this}"
}

/** Ends a run with a failure. */
internal class Ended(val failure: TunnelFailure) : Exception(failure.text)
