package adit.core.manager

import adit.core.Outcome
import adit.core.outcome
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onSubscription
import java.time.Instant

/**
 * The tunnel of a configuration (`NEVPNConnection`).
 *
 * @property manager whose it is.
 */
public class VpnConnection internal constructor(public val manager: VpnManager, private val id: UInt) {
    /** The state of the moment. */
    public val status: VpnStatus get() = checkNotNull(VpnStatus.entries.ofName(manager.vpn.core.status(id)))

    /** The state of the moment, then each change. */
    public val statuses: Flow<VpnStatus>
        get() = flow {
            // What happened before is not to come after the state of the moment.
            manager.vpn.tell()
            emitAll(manager.vpn.notifications.onSubscription { emit(VpnNotification.StatusChanged(manager.key, status)) })
        }
            .filterIsInstance<VpnNotification.StatusChanged>()
            .filter { it.key == manager.key }
            .map { it.status }
            .distinctUntilChanged()

    /** When it became connected; null while it is anything else. */
    public val connectedDate: Instant? get() = manager.vpn.core.connectedDate(id)?.let { Instant.ofEpochSecond(it.toLong()) }

    /** Why the last tunnel ended; null before any did. */
    public fun fetchLastDisconnectError(): VpnDisconnect? = manager.vpn.core.lastDisconnect(id)?.let {
        Members.read(it).run { VpnDisconnect(VpnConnectionError.entries.ofName(text("code")), needText("message"), needText("advice")) }
    }

    /**
     * Begins to connect with what is stored. Returns at once; what comes of it is in [statuses].
     *
     * @return [VpnErrorCode] in `error.vpnError` when it cannot begin: nothing is stored, it is disabled, it is IKEv1.
     */
    public fun startVpnTunnel(options: VpnStartOptions = VpnStartOptions()): Outcome<Unit> =
        outcome { manager.vpn.calling { start(id, options.username, options.password) } }

    /** Begins to disconnect. Returns at once. */
    public fun stopVpnTunnel(): Unit = manager.vpn.calling { stop(id) }
}

/**
 * Credentials for one start, in place of those that are stored.
 *
 * @property username `NEVPNConnectionStartOptionUsername`. @property password `NEVPNConnectionStartOptionPassword`.
 */
public class VpnStartOptions(public val username: String? = null, public val password: String? = null) {
    /** Without the password. */
    override fun toString(): String = "StartOptions(redacted)"

    public companion object {
        /** The key that Apple's dictionary has for [username]. */
        public const val USERNAME: String = "NEVPNConnectionStartOptionUsername"

        /** The key that Apple's dictionary has for [password]. */
        public const val PASSWORD: String = "NEVPNConnectionStartOptionPassword"
    }
}
