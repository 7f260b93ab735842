package adit.android.network

import adit.android.testing.network
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.milliseconds

@OptIn(ExperimentalCoroutinesApi::class)
class NetworkChangesTest {
    private val changes = NetworkChanges()
    private val told = ArrayList<String?>()

    private fun seen(name: String?) = changes.seen(name?.let { UnderlyingNetwork(network(it)) })

    private fun TestScope.listening() {
        backgroundScope.launch { changes.settled { told += it?.info?.`interface` } }
        runCurrent()
    }

    private fun TestScope.after(ms: Int) {
        advanceTimeBy(ms.milliseconds)
        runCurrent()
    }

    @Test
    fun `a network is told once it has held for 250 ms`() = runTest {
        listening()
        seen("wlan0")
        after(249)
        assertEquals(emptyList<String?>(), told)
        after(1)
        assertEquals(listOf<String?>("wlan0"), told)
    }

    @Test
    fun `nothing is told before anything is known`() = runTest {
        listening()
        after(10_000)
        assertEquals(emptyList<String?>(), told)
    }

    @Test
    fun `callbacks in a burst are one change`() = runTest {
        listening()
        for (name in listOf("wlan0", null, "rmnet0", "wlan1")) {
            seen(name)
            after(200)
        }
        after(50)
        assertEquals(listOf<String?>("wlan1"), told)
    }

    @Test
    fun `one that comes back in time is no change`() = runTest {
        listening()
        seen("wlan0")
        after(250)
        seen(null)
        after(100)
        seen("wlan0")
        after(1_000)
        assertEquals(listOf<String?>("wlan0"), told)
    }

    @Test
    fun `none is told of, and the one after it`() = runTest {
        listening()
        for (name in listOf("wlan0", null, "wlan0")) {
            seen(name)
            after(250)
        }
        assertEquals(listOf("wlan0", null, "wlan0"), told)
    }

    @Test
    fun `no network at the start is told too`() = runTest {
        listening()
        seen(null)
        after(250)
        assertEquals(listOf<String?>(null), told)
    }
}
