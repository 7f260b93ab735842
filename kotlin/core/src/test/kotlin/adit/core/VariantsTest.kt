package adit.core

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds

/** The generated types hold every variant of the Rust enums, and each one crosses whole. */
class VariantsTest {
    private val settings = TunnelSettings(
        "192.0.2.1", listOf("10.0.0.5/32"), listOf("fd00::5/64"), listOf("0.0.0.0/0"), listOf("10.1.0.0/16"), listOf("10.0.0.1"),
        listOf("corp.example"), listOf("example"), 1400u, ProxySettings("http://p/p.pac", "p:80", "p:443", listOf("x")),
        true, false, true, false, true, "TLS",
    )
    private val connection = ConnectionInfo("vpn.example", "certificate", "AES", true, 42u)
    private val errors = listOf(
        AditException.Usage("a", "b", "c"),
        AditException.Profile("a", "b", "c"),
        AditException.Credentials("a", "b", "c"),
        AditException.ServerIdentity("a", "b", "c"),
        AditException.Negotiation("a", "b", "c"),
        AditException.Network("a", "b", "c"),
        AditException.ServerDisconnected("a", "b", "c"),
        AditException.System("a", "b", "c"),
        AditException.Internal("a", "b", "c"),
    )
    private val questions = listOf(
        Question.ProtectSocket(7),
        Question.ResolveName("vpn.example"),
        Question.Password("ada", 2u, "refused"),
        Question.Sign("key", "ed25519", byteArrayOf(1, 2)),
        Question.JudgeChain(listOf(byteArrayOf(3)), "vpn.example"),
    )
    private val answers = listOf(
        Answer.Done,
        Answer.Refused("no"),
        Answer.Addresses(listOf("192.0.2.1")),
        Answer.Signature(byteArrayOf(9)),
        Answer.Password(null, "pass"),
    )
    private val events = listOf(
        SessionEvent.Connecting("192.0.2.1:500"),
        SessionEvent.Ask(1u, 2u, Question.ProtectSocket(3)),
        SessionEvent.Up(settings, connection),
        SessionEvent.Warning("w"),
        SessionEvent.Rekeyed("ike"),
        SessionEvent.PathChanged("a", "b"),
        SessionEvent.Reasserting(null, 5u),
        SessionEvent.Detail("{}"),
        SessionEvent.Idle(1u),
        SessionEvent.Closed(null),
    )

    private fun names(of: List<Any>) = of.map { it.javaClass.simpleName }.toSet()

    private fun <T> crossed(value: T, converter: FfiConverterRustBuffer<T>): T {
        val buffer = ByteBuffer.allocate(converter.allocationSize(value).toInt())
        converter.write(value, buffer)
        buffer.flip()
        return converter.read(buffer).also { assertEquals(0, buffer.remaining()) }
    }

    @Test
    fun `every event`() {
        assertEquals(rustVariants("events.rs", "SessionEvent"), kotlinVariants(SessionEvent::class.java))
        assertEquals(kotlinVariants(SessionEvent::class.java), names(events))
        for (event in events) assertEquals(event, crossed(event, FfiConverterTypeSessionEvent))
    }

    /** Each event as the library itself makes it, from one session to the next. */
    @Test
    fun `every event is met`() = withGateway { gateway ->
        val met = LinkedHashMap<String, SessionEvent>()
        suspend fun AditSession.until(wanted: (SessionEvent) -> Boolean) {
            try {
                withTimeout(30.seconds) {
                    events.first { event ->
                        met.putIfAbsent(event.javaClass.simpleName, event)
                        if (event is SessionEvent.Ask) answer(event.token, Answer.Done).orThrow()
                        wanted(event)
                    }
                }
            } catch (missing: NoSuchElementException) {
                throw AssertionError("the session ended; met so far: $met", missing)
            }
        }
        val asks = HostAbilities(true, false, false, false)
        val quick = options(gateway, asks).run { copy(overridesJson = overridesJson!!.replace("}", ",\"child_lifetime\":3}")) }
        // What no host does for a profile.
        val odd = edited(gateway) { "<key>EnableFallback</key><integer>1</integer>$it" }
        AditSession.open(quick.copy(profile = odd)).orThrow().use { session ->
            session.until { it is SessionEvent.Up }
            Pair().use { tun ->
                session.attachTun(tun.core).orThrow()
                session.until { it is SessionEvent.Rekeyed }
                // Another network, of which the server is told (MOBIKE).
                session.networkChanged(network(1u)).orThrow()
                session.networkChanged(network(2u)).orThrow()
                session.until { it is SessionEvent.PathChanged }
                gateway.dropClients()
                session.until { it is SessionEvent.Reasserting }
                session.until { it is SessionEvent.Up }
                session.stop().orThrow()
                session.until { it is SessionEvent.Closed }
                tun.closeCore()
            }
        }
        val idle = quick.copy(overridesJson = quick.overridesJson!!.replace("}", ",\"idle\":1}"))
        AditSession.open(idle).orThrow().use { session ->
            Pair().use { tun ->
                session.attachTun(tun.core).orThrow()
                session.until { it is SessionEvent.Idle }
                session.until { it is SessionEvent.Closed }
                tun.closeCore()
            }
        }
        assertEquals(SessionEvent.Idle(1u), met["Idle"])
        assertEquals(kotlinVariants(SessionEvent::class.java), met.keys)
        assertTrue("EnableFallback" in (met["Warning"] as SessionEvent.Warning).text, "${met["Warning"]}")
        assertTrue((met["Rekeyed"] as SessionEvent.Rekeyed).what.startsWith("child: "), "${met["Rekeyed"]}")
        val path = met["PathChanged"] as SessionEvent.PathChanged
        assertTrue(path.remote.startsWith("127.0.0.1:") && path.local.startsWith("127.0.0.1:"), "$path")
    }

    private fun network(handle: ULong) =
        NetworkInfo(handle, "eth$handle", NetworkKind.ETHERNET, listOf("127.0.0.1"), emptyList(), emptyList(), null, false)

    @Test
    fun `every error, alone and in an event`() {
        assertEquals(rustVariants("error.rs", "AditError"), kotlinVariants(AditException::class.java))
        assertEquals(kotlinVariants(AditException::class.java), names(errors))
        for (error in errors) {
            val closed = crossed(SessionEvent.Closed(error), FfiConverterTypeSessionEvent) as SessionEvent.Closed
            val back = checkNotNull(closed.error)
            assertEquals(error.javaClass, back.javaClass)
            assertEquals(Triple("a", "b", "c"), Triple(back.text, back.advice, back.code))
        }
    }

    @Test
    fun `every question`() {
        assertEquals(rustVariants("events.rs", "Question"), kotlinVariants(Question::class.java))
        assertEquals(kotlinVariants(Question::class.java), names(questions))
        for (question in questions) {
            // Arrays of bytes are equal by content only in their text.
            val back = crossed(question, FfiConverterTypeQuestion)
            assertEquals(question.javaClass, back.javaClass)
            if (question is Question.Sign) assertTrue(question.message.contentEquals((back as Question.Sign).message))
            if (question !is Question.Sign && question !is Question.JudgeChain) assertEquals(question, back)
        }
    }

    @Test
    fun `every answer`() {
        assertEquals(rustVariants("events.rs", "Answer"), kotlinVariants(Answer::class.java))
        assertEquals(kotlinVariants(Answer::class.java), names(answers))
        for (answer in answers) {
            val back = crossed(answer, FfiConverterTypeAnswer)
            if (answer is Answer.Signature) assertTrue(answer.bytes.contentEquals((back as Answer.Signature).bytes)) else assertEquals(answer, back)
        }
    }
}
