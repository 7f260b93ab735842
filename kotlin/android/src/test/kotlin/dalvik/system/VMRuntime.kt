package dalvik.system

/** Takes the place of the class of Android's jar, which needs Android's virtual machine. */
@Suppress("unused")
class VMRuntime private constructor() {
    fun is64Bit() = true

    fun newUnpaddedArray(type: Class<*>, length: Int): Any = java.lang.reflect.Array.newInstance(type, length)

    companion object {
        private val only = VMRuntime()

        @JvmStatic
        fun getRuntime() = only
    }
}
