package adit.android.service

import adit.android.network.UnderlyingNetwork
import adit.android.testing.network
import adit.core.logLine
import android.app.Notification
import android.app.Service
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.net.Network
import android.net.VpnService
import io.mockk.Runs
import io.mockk.every
import io.mockk.just
import io.mockk.mockk
import io.mockk.mockkStatic
import io.mockk.unmockkStatic
import io.mockk.verify
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.Inet6Address
import java.net.InetAddress
import java.net.UnknownHostException

/** Android's own classes behind the seam; the tests' device has API level 35. */
class FrameworkPlatformTest {
    private val packages = mockk<PackageManager> {
        every { getApplicationInfo("mail", 0) } returns mockk<ApplicationInfo>()
        every { getApplicationInfo("gone", 0) } throws PackageManager.NameNotFoundException()
    }
    private val service = mockk<VpnService> {
        every { packageManager } returns packages
        every { packageName } returns "app.vpn"
        every { protect(7) } returns true
        every { protect(8) } returns false
        every { stopForeground(any<Int>()) } just Runs
        every { stopSelf(any()) } just Runs
        every { startForeground(any(), any(), any()) } just Runs
    }
    private val platform = FrameworkPlatform(service, { mockk(relaxed = true) }, { mockk<Notification>() })

    @Test
    fun `it is what the device is`() {
        assertEquals(35, platform.api)
        assertEquals("app.vpn", platform.ownPackage)
        assertTrue(platform.isInstalled("mail"))
        assertFalse(platform.isInstalled("gone"))
    }

    @Test
    fun `always-on and lockdown are as Android says`() {
        for (on in listOf(true, false)) {
            every { service.isAlwaysOn } returns on
            every { service.isLockdownEnabled } returns !on
            assertEquals(on, platform.isAlwaysOn)
            assertEquals(!on, platform.isLockdown)
        }
    }

    @Test
    fun `whether a socket is protected is Android's word`() {
        assertTrue(platform.protect(7))
        assertFalse(platform.protect(8))
        assertFalse(platform.bind(7, UnderlyingNetwork(network("wlan0"))), "no network of Android's to bind to")
    }

    @Test
    fun `names are asked of the network below, and addresses come without a scope`() {
        val below = mockk<Network> {
            every { getAllByName("vpn.example") } returns arrayOf(
                InetAddress.getByName("192.0.2.99"),
                Inet6Address.getByAddress("", InetAddress.getByName("fe80::9").address, 3),
            )
            every { getAllByName("no.example") } throws UnknownHostException("no.example")
        }
        val wifi = UnderlyingNetwork(network("wlan0"), system = below)
        assertEquals(listOf("192.0.2.99", "fe80:0:0:0:0:0:0:9"), platform.resolve("vpn.example", wifi))
        assertTrue(runCatching { platform.resolve("no.example", wifi) }.exceptionOrNull() is UnknownHostException)
        assertEquals(listOf("192.0.2.1"), platform.resolve("192.0.2.1", null))
    }

    @Test
    fun `in the foreground as a VPN, or told that it may not`() {
        assertTrue(platform.showForeground(TunnelStatus.Connecting()))
        verify { service.startForeground(any(), any(), ServiceInfo.FOREGROUND_SERVICE_TYPE_SYSTEM_EXEMPTED) }
        every { service.startForeground(any(), any(), any()) } throws IllegalStateException("not now")
        assertFalse(platform.showForeground(TunnelStatus.Connecting()))
        every { service.startForeground(any(), any(), any()) } throws SecurityException("no type")
        assertFalse(platform.showForeground(TunnelStatus.Connecting()))
    }

    @Test
    fun `a line goes into the core's log, which the app exports, and to the system's where there is no core`() {
        mockkStatic("adit.core.AditKt")
        try {
            every { logLine(any()) } just Runs
            platform.log("bound to wlan0")
            verify(exactly = 1) { logLine("bound to wlan0") }
            assertTrue(android.util.Log.lines.none { "bound to wlan0" in it })
            every { logLine(any()) } throws UnsatisfiedLinkError("adit_bindings")
            platform.log("there is no core")
            assertTrue(android.util.Log.lines.any { "there is no core" in it })
        } finally {
            unmockkStatic("adit.core.AditKt")
        }
    }

    @Test
    fun `finished, it leaves the foreground and ends by its number`() {
        platform.finished(3)
        verify(exactly = 1) { service.stopForeground(Service.STOP_FOREGROUND_REMOVE) }
        verify(exactly = 1) { service.stopSelf(3) }
    }
}
