package adit.android.tunnel

import adit.android.routes.Family
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** Which apps use the tunnel. Android takes a list of allowed apps or one of disallowed apps, never both. */
public sealed interface Apps {
    /** Every app, this one included. */
    public data object All : Apps

    /**
     * Only these. When none of them is installed, only this app does, so that an empty list never comes to mean all.
     *
     * @property packages package names. From Android 11 on the manifest must make them visible (`<queries>`).
     */
    public data class Only(val packages: Set<String>) : Apps {
        init {
            require(packages.isNotEmpty()) { "name an app, or say Apps.All" }
        }
    }

    /**
     * All but these.
     *
     * @property packages package names. From Android 11 on the manifest must make them visible (`<queries>`).
     */
    public data class AllBut(val packages: Set<String>) : Apps
}

/** When an interface that swallows everything stands in for the tunnel. */
public enum class BlockingMode {
    /** Never: until the tunnel is up, traffic leaves as it did before. */
    Off,

    /** While connecting for the first time. */
    WhileConnecting,

    /**
     * Also after the tunnel ended with an error, until the app or its user stops it. In any case so once a tunnel was up whose
     * profile has IncludeAllNetworks.
     */
    AlsoAfterFailure,
}

/**
 * What an app chooses about the tunnel beside its profile.
 *
 * @property session what Android shows as the name of the connection.
 * @property apps which apps use it.
 * @property metered whether apps are to take it for metered in any case; else it is when the network below it is. From API 29.
 * @property allowBypass whether apps may bind to a network below the tunnel. Ignored where the profile enforces its routes.
 * @property bypass families that may leave beside the tunnel when it carries nothing of them. Else, in a tunnel for
 *   everything, they are blocked. A tunnel for some networks only lets families it does not carry pass in any case.
 * @property blocking see [BlockingMode].
 * @property dozeProbe how often a sleeping device (Doze) is woken to look whether the tunnel still stands: 9 minutes or
 *   more, since Android gives no app more; null: never, and the tunnel recovers when the device wakes.
 */
public data class TunnelOptions(
    val session: String = "Adit",
    val apps: Apps = Apps.All,
    val metered: Boolean = false,
    val allowBypass: Boolean = false,
    val bypass: Set<Family> = emptySet(),
    val blocking: BlockingMode = BlockingMode.WhileConnecting,
    val dozeProbe: Duration? = 15.minutes,
) {
    init {
        require(dozeProbe == null || dozeProbe >= 9.minutes) { "Android wakes a dozing device every 9 minutes at most" }
    }
}
