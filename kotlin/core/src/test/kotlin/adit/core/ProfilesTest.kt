package adit.core

import adit.testgateway.TestGateway
import adit.testgateway.TestGatewayKind
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ProfilesTest {
    /** The gateway's profile, which is a good one. */
    private val good: ByteArray = TestGateway(TestGatewayKind.SILENT).use { it.profile() }

    private fun errors(report: String): Int = Regex("\"severity\":\\s*\"error\"").findAll(report).count()

    @Test
    fun `a good profile has no error, and one without its server address has`() = runBlocking<Unit> {
        assertEquals(0, errors(Profiles.validate(good).orThrow()))
        val broken = String(good).replace("<key>RemoteAddress</key>", "<key>RemoteAdress</key>").toByteArray()
        val report = Profiles.validate(broken).orThrow()
        assertTrue(errors(report) > 0, report)
        assertTrue(report.contains("RemoteAddress"), report)
    }

    @Test
    fun `what is no profile is a report too`() = runBlocking<Unit> {
        assertTrue(errors(Profiles.validate("nonsense".toByteArray()).orThrow()) > 0)
        assertTrue(errors(Profiles.validate(ByteArray(0)).orThrow()) > 0)
    }

    @Test
    fun `wrong options are the programmer's mistake`() = runBlocking<Unit> {
        val error = Profiles.validate(good, """{"no_such_option":1}""").errorOrNull()
        assertInstanceOf(AditException.Usage::class.java, error)
        assertTrue(error!!.text.contains("no_such_option"), error.text)
        assertInstanceOf(AditException.Usage::class.java, Profiles.validate(good, "{").errorOrNull())
    }

    @Test
    fun `explain, show, plan, convert, diff and on demand answer in JSON`() = runBlocking<Unit> {
        val answers = listOf(
            Profiles.explain(good),
            Profiles.show(good),
            Profiles.planSummary(good),
            Profiles.convert(good, """{"to":"declarations"}"""),
            Profiles.diff(good, good),
            Profiles.evaluateOnDemand(good, """{"network":{"kind":"wifi","ssid":"home"}}"""),
        )
        for (answer in answers.take(5)) assertTrue(answer.orThrow().startsWith("{"))
        val onDemand = answers.last()
        assertTrue(onDemand.valueOrNull()?.startsWith("{") ?: (onDemand.errorOrNull() is AditException.Usage))
    }

    @Test
    fun `what is shown holds no password`() = withGateway { gateway ->
        assertFalse(Profiles.show(gateway.profile()).orThrow().contains(gateway.password()))
    }

    @Test
    fun `the version is Adit's`() {
        assertTrue(version().matches(Regex("\\d+\\.\\d+\\.\\d+.*")))
    }

    @Test
    fun `outcomes are mapped and thrown`() {
        val failed = Outcome.Failed(AditException.Usage("x", "y", ""))
        assertEquals(2, Outcome.Ok(1).map { it + 1 }.valueOrNull())
        assertTrue((failed as Outcome<Int>).map { it + 1 } === failed)
        assertNull(failed.valueOrNull())
        assertInstanceOf(AditException.Usage::class.java, runCatching { (failed as Outcome<Int>).orThrow() }.exceptionOrNull())
        assertTrue(runCatching { outcome { error("a bug") } }.exceptionOrNull() is IllegalStateException)
    }
}
