package adit.core

/** What one call of the library costs from Kotlin, through UniFFI and JNA: `cargo xtask bench --paths` runs it. No packet ever goes this way. */
object CallBench {
    private const val CALLS = 20_000

    private fun nanoseconds(call: () -> Unit): Long {
        // The compiler of the JVM has seen it all after these.
        repeat(3 * CALLS) { call() }
        return List(9) {
            val begun = System.nanoTime()
            repeat(CALLS) { call() }
            (System.nanoTime() - begun) / CALLS
        }.sorted()[4]
    }

    @JvmStatic
    fun main(arguments: Array<String>) {
        println("| call from Kotlin | median |")
        println("| --- | ---: |")
        println("| `liveSessions()`: a number | ${nanoseconds { liveSessions() } / 10 / 100.0} µs |")
        println("| `version()`: a text | ${nanoseconds { version() } / 10 / 100.0} µs |")
    }
}
