package adit.android.testing

import adit.core.AditException
import adit.core.Answer
import adit.core.ConnectionInfo
import adit.core.NetworkInfo
import adit.core.NetworkKind
import adit.core.Outcome
import adit.core.SessionEvent
import adit.core.SessionStats
import adit.core.TunFraming
import adit.core.TunnelSession
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.receiveAsFlow

/** A session that does nothing but write down, in [calls], what it was told; the test says what happens in it. */
class FakeSession : TunnelSession {
    val calls = ArrayList<String>()
    val answers = HashMap<ULong, Answer>()

    /** What [attachTun] answers. */
    var attaching: Outcome<Unit> = Outcome.Ok(Unit)

    /** What [stop] waits for. */
    var stops: CompletableDeferred<Unit>? = null

    private val channel = Channel<SessionEvent>(Channel.UNLIMITED)
    private var stopped = false
    override val events: Flow<SessionEvent> = channel.receiveAsFlow()

    fun happens(event: SessionEvent) {
        channel.trySend(event)
        if (event is SessionEvent.Closed) channel.close()
    }

    override suspend fun attachTun(fd: Int, framing: TunFraming): Outcome<Unit> {
        calls += "attach $fd"
        return attaching
    }

    override suspend fun networkChanged(network: NetworkInfo?): Outcome<Unit> {
        calls += "network ${network?.`interface`}"
        return Outcome.Ok(Unit)
    }

    override suspend fun answer(token: ULong, answer: Answer): Outcome<Unit> {
        answers[token] = answer
        return Outcome.Ok(Unit)
    }

    override suspend fun sleep() = noted("sleep")

    override suspend fun wake() = noted("wake")

    override suspend fun stats(): Outcome<SessionStats> = throw UnsupportedOperationException()

    override suspend fun logTail(): Outcome<String> = Outcome.Ok("")

    override suspend fun stop(): Outcome<Unit> {
        if (!stopped) happens(SessionEvent.Closed(null))
        stopped = true
        stops?.await()
        return noted("stop")
    }

    override fun close() {
        calls += "close"
    }

    private fun noted(call: String): Outcome<Unit> {
        calls += call
        return Outcome.Ok(Unit)
    }
}

/** A network below the tunnel. */
fun network(name: String, dns: List<String> = listOf("192.168.1.1"), metered: Boolean = false) = NetworkInfo(
    handle = name.hashCode().toULong(),
    `interface` = name,
    kind = NetworkKind.WIFI,
    addresses = listOf("192.168.1.17"),
    dns = dns,
    searchDomains = emptyList(),
    ssid = null,
    metered = metered,
)

/** How a tunnel was agreed on. */
val connection = ConnectionInfo(
    server = "vpn.example",
    serverAuthentication = "certificate",
    ikeSuite = "AES-256-GCM",
    nat = false,
    tookMs = 42u,
)

/** An error of the core's. */
fun networkError(text: String) = AditException.Network(text, "try again", "serverNotResponding")
