package adit.android.power

import android.app.AlarmManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.PowerManager
import io.mockk.every
import io.mockk.mockk
import io.mockk.verify
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class FrameworkWakeUpsTest {
    private val awake = mockk<PowerManager.WakeLock>(relaxed = true)
    private val power = mockk<PowerManager>(relaxed = true) {
        every { newWakeLock(any(), any()) } returns awake
        every { isDeviceIdleMode } returns false
    }
    private var receiver: BroadcastReceiver? = null
    private var filter: IntentFilter? = null
    private val context = mockk<Context>(relaxed = true) {
        every { packageName } returns "app.vpn"
        every { getSystemService(PowerManager::class.java) } returns power
        every { getSystemService(AlarmManager::class.java) } returns mockk(relaxed = true)
        every { registerReceiver(any(), any(), any<Int>()) } answers {
            receiver = firstArg()
            filter = secondArg()
            null
        }
    }
    private val heard = ArrayList<String>()

    private fun started(name: String) = FrameworkWakeUps(context, name).apply {
        start(idle = { heard += "idle $it" }, alarm = { heard += "alarm" })
    }

    @Test
    fun `its own alarm wakes it for as long as a probe takes, and nobody else's does`() {
        val wakeUps = started("tunnel")
        val own = wakeUps.broadcast()
        assertTrue(filter!!.hasAction(own.action))
        receiver!!.onReceive(context, Intent(own.action))
        receiver!!.onReceive(context, Intent(own.action).putExtra("adit.token", 0L))
        receiver!!.onReceive(context, FrameworkWakeUps(context, "tunnel").broadcast())
        assertEquals(emptyList<String>(), heard)
        verify(exactly = 0) { awake.acquire(any()) }
        receiver!!.onReceive(context, own)
        assertEquals(listOf("alarm"), heard)
        verify(exactly = 1) { awake.acquire(PROBE_TIME.inWholeMilliseconds) }
    }

    @Test
    fun `Doze is told as it begins and ends`() {
        started("tunnel")
        for (dozing in listOf(true, false)) {
            every { power.isDeviceIdleMode } returns dozing
            receiver!!.onReceive(context, Intent(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED))
        }
        assertEquals(listOf("idle true", "idle false"), heard)
    }

    @Test
    fun `model and tunnel have an alarm each`() {
        assertNotEquals(started("tunnel").broadcast().action, started("model").broadcast().action)
    }
}
