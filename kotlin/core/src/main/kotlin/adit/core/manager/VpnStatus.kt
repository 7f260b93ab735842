package adit.core.manager

/** The state of a connection (`NEVPNStatus`). */
public enum class VpnStatus(override val raw: Int, override val swiftName: String) : RawValue {
    /** There is no configuration, or none was loaded. */
    Invalid(0, "invalid"),

    /** Not connected. */
    Disconnected(1, "disconnected"),

    /** On its way. */
    Connecting(2, "connecting"),

    /** Up. */
    Connected(3, "connected"),

    /** Lost, and being made again. */
    Reasserting(4, "reasserting"),

    /** On its way down. */
    Disconnecting(5, "disconnecting"),
}
