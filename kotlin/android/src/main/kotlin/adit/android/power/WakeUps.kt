package adit.android.power

import kotlin.time.Duration

/** Watches whether the device dozes, and wakes it while it does. */
public interface WakeUps {
    /**
     * Begins. [idle] is told true when the device begins to doze and false when it is done; [alarm] is called when an
     * alarm set by [wakeIn] went off. Both may be called from any thread.
     */
    public fun start(idle: (dozing: Boolean) -> Unit, alarm: () -> Unit)

    /** Sets the one alarm: after [delay], also in Doze, or some time later where the system gathers alarms. */
    public fun wakeIn(delay: Duration)

    /** Takes the alarm back. */
    public fun cancel()

    /** Ends, with the alarm. Nothing is called afterwards. */
    public fun stop()
}
