package adit.android.service

import adit.android.tunnel.Note
import adit.core.AditException
import adit.core.ConnectionInfo
import adit.core.TunnelSettings
import adit.core.manager.VpnConnectionError
import adit.core.manager.ProviderStopReason
import adit.core.manager.connectionError
import adit.core.text

/** Why the service runs. */
public enum class StartReason {
    /** The app asked. */
    App,

    /** The system did: always-on, after a boot, or again after it ended the process (an intent that is null). */
    System,
}

/** What an app shows of its tunnel. */
public sealed interface TunnelStatus {
    /**
     * Not running.
     *
     * @property failure why it ended; null when it was stopped, or never ran.
     * @property blocking whether everything is still blocked ([adit.android.tunnel.BlockingMode.AlsoAfterFailure]), until it is
     *   stopped or started again.
     */
    public data class Disconnected(val failure: TunnelFailure? = null, val blocking: Boolean = false) : TunnelStatus

    /** On the way. @property address the server's, once it is known. */
    public data class Connecting(val address: String? = null) : TunnelStatus

    /**
     * Up.
     *
     * @property settings what the server assigned. @property connection how it was agreed on.
     * @property notes what is not as the profile asked for.
     */
    public data class Connected(
        val settings: TunnelSettings,
        val connection: ConnectionInfo,
        val notes: List<Note>,
    ) : TunnelStatus

    /**
     * It was up and is being made again; nothing leaves meanwhile.
     *
     * @property error why; null: only the network is another. @property retryMs until the next attempt.
     */
    public data class Reasserting(val error: AditException?, val retryMs: Long) : TunnelStatus

    /** Being stopped: a second at most. */
    public data object Disconnecting : TunnelStatus
}

/** Why a tunnel ended without being stopped, or never came up. */
public sealed interface TunnelFailure {
    /** What to tell a person. */
    public val text: String

    /** The user has not consented, or another VPN app was prepared since: ask again with `AditVpnService.consent`. */
    public data class NotPrepared(override val text: String) : TunnelFailure

    /** The app had no configuration to give. */
    public data class NoConfiguration(override val text: String) : TunnelFailure

    /** Android does not let the service run in the foreground. */
    public data class NotInForeground(override val text: String) : TunnelFailure

    /** Android took the VPN away: the user switched it off, or another VPN app was started. */
    public data class Revoked(override val text: String) : TunnelFailure

    /** Nothing went through the tunnel for as long as the profile allows (`DisconnectOnIdle`), so it ended by itself. No mistake of anybody. */
    public data class Idle(override val text: String) : TunnelFailure

    /** Android did not make the interface as it must be. */
    public data class NoInterface(override val text: String) : TunnelFailure

    /** The core failed. @property error says who must act and what to do. */
    public data class Core(val error: AditException) : TunnelFailure {
        override val text: String get() = error.text
    }
}

/** Why a tunnel ended, as Apple's packet tunnel providers are told; null stands for a stop by the app or its user. */
public val TunnelFailure?.stopReason: ProviderStopReason
    get() = when (this) {
        null -> ProviderStopReason.UserInitiated
        is TunnelFailure.NotPrepared, is TunnelFailure.NotInForeground -> ProviderStopReason.ProviderDisabled
        is TunnelFailure.NoConfiguration -> ProviderStopReason.ConfigurationFailed
        is TunnelFailure.Revoked -> ProviderStopReason.Superceded
        is TunnelFailure.Idle -> ProviderStopReason.IdleTimeout
        is TunnelFailure.NoInterface -> ProviderStopReason.ProviderFailed
        is TunnelFailure.Core -> when (error.connectionError) {
            null -> if (error is AditException.Internal) ProviderStopReason.InternalError else ProviderStopReason.ConfigurationFailed
            VpnConnectionError.NoNetworkAvailable -> ProviderStopReason.NoNetworkAvailable
            VpnConnectionError.UnrecoverableNetworkChange -> ProviderStopReason.UnrecoverableNetworkChange
            VpnConnectionError.ConfigurationFailed -> ProviderStopReason.ConfigurationFailed
            VpnConnectionError.ConfigurationNotFound -> ProviderStopReason.ConfigurationRemoved
            VpnConnectionError.PluginFailed -> ProviderStopReason.ProviderFailed
            VpnConnectionError.PluginDisabled -> ProviderStopReason.ProviderDisabled
            else -> ProviderStopReason.ConnectionFailed
        }
    }
