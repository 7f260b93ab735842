package adit.android.power

import adit.android.testing.FakeSession
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@OptIn(ExperimentalCoroutinesApi::class)
class DozeKeeperTest {
    private val session = FakeSession()
    private val wakeUps = object : WakeUps {
        lateinit var idle: (Boolean) -> Unit
        lateinit var alarm: () -> Unit
        var set: Duration? = null

        override fun start(idle: (Boolean) -> Unit, alarm: () -> Unit) {
            this.idle = idle
            this.alarm = alarm
        }

        override fun wakeIn(delay: Duration) {
            set = delay
        }

        override fun cancel() {
            set = null
        }

        override fun stop() = cancel()
    }

    private fun TestScope.keeping(probe: Duration?) {
        backgroundScope.launch { DozeKeeper(wakeUps, probe).keep(session) }
        runCurrent()
    }

    private fun TestScope.dozes(dozing: Boolean) {
        wakeUps.idle(dozing)
        runCurrent()
    }

    private fun TestScope.goesOff() {
        wakeUps.set = null
        wakeUps.alarm()
        runCurrent()
    }

    @Test
    fun `an awake device sets no alarm and tells nothing`() = runTest {
        keeping(15.minutes)
        dozes(false)
        advanceTimeBy(24.hours)
        assertEquals(emptyList<String>(), session.calls)
        assertEquals(null, wakeUps.set)
    }

    @Test
    fun `the session sleeps in Doze, looks at each alarm for ten seconds, and wakes at the end`() = runTest {
        keeping(15.minutes)
        dozes(true)
        assertEquals(listOf("sleep"), session.calls)
        assertEquals(15.minutes, wakeUps.set)
        goesOff()
        assertEquals(listOf("sleep", "wake"), session.calls)
        assertEquals(null, wakeUps.set)
        advanceTimeBy(10.seconds)
        runCurrent()
        assertEquals(listOf("sleep", "wake", "sleep"), session.calls)
        assertEquals(15.minutes, wakeUps.set)
        dozes(false)
        assertEquals(listOf("sleep", "wake", "sleep", "wake"), session.calls)
        assertEquals(null, wakeUps.set)
    }

    @Test
    fun `Doze that ends while the session looks does not send it to sleep again`() = runTest {
        keeping(15.minutes)
        dozes(true)
        goesOff()
        dozes(false)
        advanceTimeBy(1.hours)
        runCurrent()
        assertEquals("wake", session.calls.last())
        assertEquals(null, wakeUps.set)
    }

    @Test
    fun `an alarm that comes late, after Doze, does nothing`() = runTest {
        keeping(15.minutes)
        dozes(true)
        dozes(false)
        goesOff()
        assertEquals(listOf("sleep", "wake"), session.calls)
    }

    @Test
    fun `without a probe there is no alarm`() = runTest {
        keeping(null)
        dozes(true)
        assertEquals(null, wakeUps.set)
        assertEquals(listOf("sleep"), session.calls)
    }
}
