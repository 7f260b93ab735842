package adit.core.manager

/** Why whoever runs a tunnel is stopped (`NEProviderStopReason`). */
public enum class ProviderStopReason(override val raw: Int, override val swiftName: String) : RawValue {
    /** No particular reason. */
    None(0, "none"),

    /** The user, or the app for them. */
    UserInitiated(1, "userInitiated"),

    /** What runs the tunnel failed. */
    ProviderFailed(2, "providerFailed"),

    /** There is no network. */
    NoNetworkAvailable(3, "noNetworkAvailable"),

    /** The network changed, and the tunnel could not be kept. */
    UnrecoverableNetworkChange(4, "unrecoverableNetworkChange"),

    /** What runs the tunnel may not run. */
    ProviderDisabled(5, "providerDisabled"),

    /** Authentication was broken off. */
    AuthenticationCanceled(6, "authenticationCanceled"),

    /** The configuration cannot be connected with. */
    ConfigurationFailed(7, "configurationFailed"),

    /** Nothing went through the tunnel for too long. */
    IdleTimeout(8, "idleTimeout"),

    /** The configuration was disabled. */
    ConfigurationDisabled(9, "configurationDisabled"),

    /** The configuration was removed. */
    ConfigurationRemoved(10, "configurationRemoved"),

    /** Another VPN took its place. */
    Superceded(11, "superceded"),

    /** The user logged out. */
    UserLogout(12, "userLogout"),

    /** Another user took over. */
    UserSwitch(13, "userSwitch"),

    /** The connection was not made. */
    ConnectionFailed(14, "connectionFailed"),

    /** The device went to sleep. */
    Sleep(15, "sleep"),

    /** The app is being updated. */
    AppUpdate(16, "appUpdate"),

    /** A mistake in what runs the tunnel. */
    InternalError(17, "internalError"),
}
