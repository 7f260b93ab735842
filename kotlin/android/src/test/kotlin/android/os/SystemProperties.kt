package android.os

/** Takes the place of the class of Android's jar, which needs a native library: a device of API level 35. */
@Suppress("unused", "UNUSED_PARAMETER")
object SystemProperties {
    private val known = mapOf(
        "ro.build.version.sdk" to "35",
        "ro.build.version.release" to "15",
        "ro.build.version.all_codenames" to "REL",
        "ro.product.cpu.abilist" to "arm64-v8a",
        "ro.product.cpu.abilist64" to "arm64-v8a",
    )

    @JvmStatic
    fun get(key: String) = get(key, "")

    @JvmStatic
    fun get(key: String, default: String?) = known[key] ?: default

    @JvmStatic
    fun getInt(key: String, default: Int) = known[key]?.toInt() ?: default

    @JvmStatic
    fun getLong(key: String, default: Long) = known[key]?.toLong() ?: default

    @JvmStatic
    fun getBoolean(key: String, default: Boolean) = known[key]?.toBoolean() ?: default

    @JvmStatic
    fun set(key: String, value: String?) = Unit

    @JvmStatic
    fun addChangeCallback(callback: Runnable) = Unit
}
