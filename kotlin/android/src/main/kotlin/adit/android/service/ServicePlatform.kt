package adit.android.service

import adit.android.network.NetworkWatcher
import adit.android.network.UnderlyingNetwork
import adit.android.power.WakeUps
import adit.android.tunnel.TunnelBuilder

/**
 * What a tunnel needs of Android, and nothing else: [AditVpnService][adit.android.AditVpnService] has the real one, tests
 * have theirs.
 */
public interface ServicePlatform {
    /** `Build.VERSION.SDK_INT`. */
    public val api: Int

    /** The app's own package. */
    public val ownPackage: String

    /** The networks below the tunnel. */
    public val networks: NetworkWatcher

    /** Doze and alarms. */
    public val wakeUps: WakeUps

    /** Whether the user has consented and no other VPN app was prepared since. */
    public fun isPrepared(): Boolean

    /**
     * Whether the system runs this VPN as always-on; null: below API 29 it does not say. Android answers only whom the interface
     * of the moment belongs to: without one this is false, whatever the setting is.
     */
    public val isAlwaysOn: Boolean? get() = null

    /** Whether the user blocks connections without VPN (lockdown); null and false as with [isAlwaysOn]. */
    public val isLockdown: Boolean? get() = null

    /** A new builder. */
    public fun newBuilder(): TunnelBuilder

    /** Keeps a socket outside the tunnel. False: Android refused, nothing may be sent through it. */
    public fun protect(fd: Int): Boolean

    /** Binds a socket to a network below the tunnel. False: the network is gone. */
    public fun bind(fd: Int, network: UnderlyingNetwork): Boolean

    /**
     * The addresses of a host, asked on the network below the tunnel; null: on the system's default one. Blocks.
     *
     * @throws java.net.UnknownHostException the name does not resolve there.
     */
    public fun resolve(host: String, network: UnderlyingNetwork?): List<String>

    /** Whether an app is installed and visible to this one. */
    public fun isInstalled(packageName: String): Boolean

    /** Shows the state in the notification that keeps the service in the foreground. False: Android does not let it start. */
    public fun showForeground(status: TunnelStatus): Boolean

    /**
     * Takes the notification away and lets the system end the service, unless it was started again since.
     *
     * @param startId the last start that was seen, as Android numbers them.
     */
    public fun finished(startId: Int)

    /** Writes a line to the system's log (logcat), and to the one that an app exports. Holds no secret. */
    public fun log(line: String)
}
