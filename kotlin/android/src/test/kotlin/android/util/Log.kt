package android.util

/** Takes the place of the class of Android's jar, which needs a native library, for the tests' process. */
@Suppress("unused")
object Log {
    const val VERBOSE = 2
    const val DEBUG = 3
    const val INFO = 4
    const val WARN = 5
    const val ERROR = 6

    /** What was written. */
    @JvmField
    val lines = ArrayList<String>()

    @JvmStatic
    fun isLoggable(tag: String?, level: Int) = false

    @JvmStatic
    fun v(tag: String?, text: String?) = written(tag, text)

    @JvmStatic
    fun d(tag: String?, text: String?) = written(tag, text)

    @JvmStatic
    fun i(tag: String?, text: String?) = written(tag, text)

    @JvmStatic
    fun w(tag: String?, text: String?) = written(tag, text)

    @JvmStatic
    fun w(tag: String?, text: String?, cause: Throwable?) = written(tag, "$text $cause")

    @JvmStatic
    fun e(tag: String?, text: String?) = written(tag, text)

    @JvmStatic
    fun e(tag: String?, text: String?, cause: Throwable?) = written(tag, "$text $cause")

    @JvmStatic
    fun wtf(tag: String?, text: String?) = written(tag, text)

    private fun written(tag: String?, text: String?): Int = synchronized(lines) {
        lines += "$tag: $text"
        0
    }
}
