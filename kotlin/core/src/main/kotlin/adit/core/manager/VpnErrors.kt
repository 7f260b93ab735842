package adit.core.manager

import adit.core.AditException
import adit.core.code

/** What went wrong with a configuration, or with the attempt to start it (`NEVPNError.Code`). */
public enum class VpnErrorCode(override val raw: Int, override val swiftName: String) : RawValue {
    /** The configuration is not valid. */
    ConfigurationInvalid(1, "configurationInvalid"),

    /** The configuration is not enabled. */
    ConfigurationDisabled(2, "configurationDisabled"),

    /** Connecting is not possible now. */
    ConnectionFailed(3, "connectionFailed"),

    /** The copy is older than what is stored, or was never loaded: load again. */
    ConfigurationStale(4, "configurationStale"),

    /** The store could not be read or written, or the user does not permit it. */
    ConfigurationReadWriteFailed(5, "configurationReadWriteFailed"),

    /** Anything else. */
    ConfigurationUnknown(6, "configurationUnknown"),
    ;

    public companion object {
        /** `NEVPNErrorDomain`. */
        public const val DOMAIN: String = "NEVPNErrorDomain"
    }
}

/** Why a tunnel ended (`NEVPNConnectionError`). */
public enum class VpnConnectionError(override val raw: Int, override val swiftName: String) : RawValue {
    /** The device slept too long for the server to keep the tunnel. */
    Overslept(1, "overslept"),

    /** There is no network. */
    NoNetworkAvailable(2, "noNetworkAvailable"),

    /** The network changed, and the tunnel could not be kept. */
    UnrecoverableNetworkChange(3, "unrecoverableNetworkChange"),

    /** The configuration cannot be connected with. */
    ConfigurationFailed(4, "configurationFailed"),

    /** The server's name does not resolve. */
    ServerAddressResolutionFailed(5, "serverAddressResolutionFailed"),

    /** The server did not answer at all. */
    ServerNotResponding(6, "serverNotResponding"),

    /** The server stopped answering. */
    ServerDead(7, "serverDead"),

    /** Who somebody is was not proved, to the server or to us. */
    AuthenticationFailed(8, "authenticationFailed"),

    /** The client's certificate cannot be used. */
    ClientCertificateInvalid(9, "clientCertificateInvalid"),

    /** The client's certificate is valid from later on. */
    ClientCertificateNotYetValid(10, "clientCertificateNotYetValid"),

    /** The client's certificate has expired. */
    ClientCertificateExpired(11, "clientCertificateExpired"),

    /** What runs the tunnel failed. */
    PluginFailed(12, "pluginFailed"),

    /** There is no configuration. */
    ConfigurationNotFound(13, "configurationNotFound"),

    /** What runs the tunnel may not run. */
    PluginDisabled(14, "pluginDisabled"),

    /** No agreement with the server. */
    NegotiationFailed(15, "negotiationFailed"),

    /** The server ended the tunnel. */
    ServerDisconnected(16, "serverDisconnected"),

    /** The server's certificate is not accepted. */
    ServerCertificateInvalid(17, "serverCertificateInvalid"),

    /** The server's certificate is valid from later on. */
    ServerCertificateNotYetValid(18, "serverCertificateNotYetValid"),

    /** The server's certificate has expired. */
    ServerCertificateExpired(19, "serverCertificateExpired"),
    ;

    public companion object {
        /** `NEVPNConnectionErrorDomain`. */
        public const val DOMAIN: String = "NEVPNConnectionErrorDomain"
    }
}

/**
 * Why the last tunnel ended (`fetchLastDisconnectError`).
 *
 * @property error Apple's case; null for an end that somebody asked for.
 * @property message what happened.
 * @property advice what to do about it; perhaps empty.
 */
public data class VpnDisconnect(public val error: VpnConnectionError?, public val message: String, public val advice: String)

/** The error of a manager's operation as Apple's case; null for an error of another kind. */
public val AditException.vpnError: VpnErrorCode? get() = VpnErrorCode.entries.ofName(code)

/** The error of a session as Apple's case; null for an error of another kind. */
public val AditException.connectionError: VpnConnectionError? get() = VpnConnectionError.entries.ofName(code)
