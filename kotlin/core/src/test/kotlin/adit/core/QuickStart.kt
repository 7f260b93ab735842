@file:Suppress("unused")

package adit.core

// What kotlin/README.md shows, word by word (SourcesTest of the Android module).

suspend fun connect(options: SessionOptions, tun: Int) = AditSession.open(options).orThrow().use { session ->
    session.attachTun(tun).orThrow()
    session.events.collect { event ->
        when (event) {
            is SessionEvent.Up -> println("connected to ${event.connection.server}")
            is SessionEvent.Closed -> println(event.error?.text ?: "stopped")
            else -> Unit
        }
    }
}

suspend fun report(profile: ByteArray): String = when (val report = Profiles.validate(profile)) {
    is Outcome.Ok -> report.value
    is Outcome.Failed -> "${report.error.text} ${report.error.advice}"
}
