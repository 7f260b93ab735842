package adit.core

import adit.testgateway.TestGatewayKind
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.io.File

/** After 200 sessions the process is what it was. The JVM's heap is all there from the start (surefire's settings), so it does not hide a leak. */
class LeakTest {
    private class Process(val descriptors: Int, val threads: Int, val residentKb: Long, val live: ULong)

    private fun measured(): Process {
        repeat(3) {
            System.gc()
            Thread.sleep(100)
        }
        val resident = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        return Process(
            descriptors = File("/proc/self/fd").list()!!.size,
            threads = File("/proc/self/task").list()!!.count { nameOf(it).startsWith("adit") },
            residentKb = resident.filter { it.isDigit() }.toLong(),
            live = liveSessions(),
        )
    }

    /** Of the core's threads only: those of the JVM come and go. */
    private fun nameOf(thread: String) = try {
        File("/proc/self/task/$thread/comm").readText()
    } catch (_: java.io.IOException) {
        ""
    }

    private fun session(kind: TestGatewayKind, times: Int) = withGateway(kind) { gateway ->
        repeat(times) {
            AditSession.open(options(gateway)).orThrow().use { session ->
                Pair().use { tun ->
                    session.attachTun(tun.core).orThrow()
                    tun.closeCore()
                    if (kind == TestGatewayKind.STANDARD) session.next<SessionEvent.Up>() else session.next<SessionEvent.Connecting>()
                }
            }
        }
    }

    @Test
    @Timeout(300)
    fun `200 sessions leave nothing behind`() {
        // What is loaded and compiled once is there after these.
        session(TestGatewayKind.STANDARD, 40)
        session(TestGatewayKind.SILENT, 20)
        val before = measured()
        session(TestGatewayKind.STANDARD, 150)
        session(TestGatewayKind.SILENT, 50)
        val after = measured()
        println("MEASURED: 200 sessions: ${before.residentKb / 1024} MiB resident before, ${after.residentKb / 1024} after")
        assertEquals(0uL, after.live, "live sessions")
        assertTrue(after.descriptors <= before.descriptors, "descriptors: ${before.descriptors}, then ${after.descriptors}")
        assertTrue(after.threads <= before.threads, "the core's threads: ${before.threads}, then ${after.threads}")
        assertTrue(after.residentKb <= before.residentKb * 105 / 100, "resident: ${before.residentKb} KiB, then ${after.residentKb}")
    }
}
