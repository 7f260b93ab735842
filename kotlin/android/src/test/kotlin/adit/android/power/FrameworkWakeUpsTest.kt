package adit.android.power

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.PowerManager
import io.mockk.every
import io.mockk.mockk
import io.mockk.mockkStatic
import io.mockk.unmockkStatic
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
    private val alarms = mockk<AlarmManager>(relaxed = true)
    private val context: Context = mockk<Context>(relaxed = true) {
        every { packageName } returns "app.vpn"
        every { getSystemService(PowerManager::class.java) } returns power
        every { getSystemService(AlarmManager::class.java) } returns alarms
        every { registerReceiver(any(), any(), any<Int>()) } answers {
            receiver = firstArg()
            filter = secondArg()
            null
        }
    }

    /** A service: what it registered itself Android takes away when it is destroyed. */
    private val service = mockk<Context> { every { applicationContext } answers { context } }
    private val heard = ArrayList<String>()

    private fun started(name: String) = FrameworkWakeUps(service, name).apply {
        start(idle = { heard += "idle $it" }, alarm = { heard += "alarm" })
    }

    @Test
    fun `its own alarm wakes it for as long as a probe takes, and nobody else's does`() {
        val wakeUps = started("tunnel")
        val own = wakeUps.broadcast()
        assertTrue(filter!!.hasAction(own.action))
        receiver!!.onReceive(context, Intent(own.action))
        receiver!!.onReceive(context, Intent(own.action).putExtra("adit.token", 0L))
        receiver!!.onReceive(context, FrameworkWakeUps(service, "tunnel").broadcast())
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
    fun `a service that was destroyed has nothing of it, and an end that comes late does no harm`() {
        val wakeUps = started("tunnel")
        every { context.unregisterReceiver(any()) } throws IllegalArgumentException("Receiver not registered")
        mockkStatic(PendingIntent::class)
        try {
            every { PendingIntent.getBroadcast(any(), any(), any(), any()) } returns mockk()
            wakeUps.stop()
            wakeUps.stop()
        } finally {
            unmockkStatic(PendingIntent::class)
        }
        verify(exactly = 1) { context.unregisterReceiver(receiver) }
        verify(exactly = 1) { alarms.cancel(any<PendingIntent>()) }
    }

    @Test
    fun `Light Doze counts where it is asked for, from API 33 on`() {
        for ((light, api, counts) in listOf(Triple(true, 33, true), Triple(true, 32, false), Triple(false, 35, false))) {
            heard.clear()
            every { power.isDeviceLightIdleMode } returns true
            every { context.registerReceiver(any(), any()) } answers {
                receiver = firstArg()
                filter = secondArg()
                null
            }
            FrameworkWakeUps(service, "tunnel", light, api).start(idle = { heard += "idle $it" }, alarm = {})
            assertEquals(counts, filter!!.hasAction(PowerManager.ACTION_DEVICE_LIGHT_IDLE_MODE_CHANGED), "$light $api")
            assertEquals(if (counts) listOf("idle true") else emptyList(), heard, "$light $api")
            every { power.isDeviceLightIdleMode } returns false
            receiver!!.onReceive(context, Intent(PowerManager.ACTION_DEVICE_LIGHT_IDLE_MODE_CHANGED))
            assertEquals("idle false", heard.last())
        }
    }

    @Test
    fun `model and tunnel have an alarm each`() {
        assertNotEquals(started("tunnel").broadcast().action, started("model").broadcast().action)
    }
}
