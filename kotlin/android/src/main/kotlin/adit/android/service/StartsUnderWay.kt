package adit.android.service

/**
 * Starts that were sent to the service of this process and have not reached it.
 *
 * A stop that Android does not deliver must not end the service over such a start: what was started for the foreground and
 * never comes there takes the app with it. So the start is stopped when it arrives.
 */
internal class StartsUnderWay {
    private var count = 0
    private var stopped = 0

    private var isHere = false

    /** The service was made in this process, which therefore sees starts arrive. */
    fun made(): Unit = synchronized(this) { isHere = true }

    /** It was destroyed, and with it what was on the way. */
    fun destroyed(): Unit = synchronized(this) {
        isHere = false
        count = 0
        stopped = 0
    }

    /** One was sent. */
    fun sent(): Unit = synchronized(this) { count++ }

    /** One has arrived. True: it was stopped on its way. */
    fun arrived(): Boolean = synchronized(this) {
        if (count > 0) count--
        (stopped > 0).also { if (it) stopped-- }
    }

    /** Stops those on their way; false: there are none. */
    fun stop(): Boolean = synchronized(this) {
        stopped = if (isHere) count else 0
        stopped > 0
    }
}
