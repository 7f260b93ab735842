package adit.core.manager

/** A case of one of Apple's enumerations. */
public interface RawValue {
    /** Apple's raw value. */
    public val raw: Int

    /** The case's name in Swift. */
    public val swiftName: String
}

/** The case with a raw value; throws when the core knows one that this class does not. */
internal fun <T : RawValue> List<T>.ofRaw(raw: Long): T = first { it.raw.toLong() == raw }

/** The case with a Swift name; null when there is none. */
internal fun <T : RawValue> List<T>.ofName(name: String?): T? = firstOrNull { it.swiftName == name }
