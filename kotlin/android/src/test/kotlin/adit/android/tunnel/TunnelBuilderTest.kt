package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family
import adit.android.testing.settings
import android.app.PendingIntent
import android.content.pm.PackageManager.NameNotFoundException
import android.net.ProxyInfo
import android.net.VpnService
import android.os.ParcelFileDescriptor
import io.mockk.every
import io.mockk.mockk
import io.mockk.slot
import io.mockk.verify
import io.mockk.verifyOrder
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.InetAddress

class TunnelBuilderTest {
    private val plan = builderPlan(
        settings(dns = listOf("10.9.0.1", "127.0.0.1")),
        TunnelOptions(apps = Apps.Only(setOf("a", "b"))),
        Device(35, "app.vpn"),
    )

    private fun cidr(text: String) = checkNotNull(Cidr.parse(text))

    /** A builder that takes everything. */
    private fun willing() = mockk<TunnelBuilder>(relaxed = true) {
        every { addAllowedApplication(any()) } returns true
        every { addDisallowedApplication(any()) } returns true
    }

    @Test
    fun `the calls are made in order`() {
        val builder = willing()
        assertEquals(Applied(emptyList(), null), plan.applyTo(builder))
        verifyOrder {
            builder.setSession("Adit")
            builder.setMtu(1280)
            builder.addAddress(cidr("10.9.0.5/32"))
            builder.addRoute(Cidr.ALL_V4)
            builder.addDnsServer(cidr("10.9.0.1"))
            builder.addAllowedApplication("a")
            builder.addAllowedApplication("b")
            builder.setBlocking(false)
            builder.setMetered(false)
            builder.followDefaultNetwork()
        }
        verify(exactly = 0) { builder.establish() }
    }

    @Test
    fun `what Android refuses is told and the rest is made`() {
        val builder = willing()
        every { builder.addDnsServer(cidr("127.0.0.1")) } throws IllegalArgumentException("Bad address")
        every { builder.addAllowedApplication("a") } returns false
        val applied = plan.applyTo(builder)
        assertEquals(listOf(NoteKind.Refused, NoteKind.NotInstalled), applied.notes.map { it.kind })
        assertTrue(applied.notes[0].text.contains("127.0.0.1") && applied.notes[0].text.contains("Bad address"))
        assertNull(applied.unsafe)
        verify { builder.followDefaultNetwork() }
    }

    @Test
    fun `an interface that would leak is not safe to establish`() {
        fun unsafe(refuse: TunnelBuilder.() -> Unit) = plan.applyTo(willing().apply(refuse)).unsafe
        assertNotNull(unsafe { every { addRoute(any()) } throws IllegalArgumentException() })
        assertNotNull(unsafe { every { addAddress(any()) } throws IllegalArgumentException() })
        assertNotNull(unsafe { every { addDnsServer(any()) } throws IllegalArgumentException() })
        assertNotNull(unsafe { every { addAllowedApplication(any()) } returns false })
        assertNull(unsafe { every { addSearchDomain(any()) } throws IllegalArgumentException() })
    }

    @Test
    fun `a bug is not taken for a refusal`() {
        val builder = willing()
        every { builder.setMtu(any()) } throws IllegalStateException("bug")
        assertTrue(runCatching { plan.applyTo(builder) }.exceptionOrNull() is IllegalStateException)
    }

    // Android's own builder behind it

    private val android = mockk<VpnService.Builder>(relaxed = true)
    private val builder = FrameworkTunnelBuilder(android)

    @Test
    fun `each call reaches Android's builder`() {
        builder.setSession("Work")
        builder.setMtu(1400)
        builder.addAddress(cidr("10.9.0.5/24"))
        builder.addRoute(Cidr.ALL_V6)
        builder.addDnsServer(cidr("10.9.0.1"))
        builder.addSearchDomain("corp.example")
        builder.allowFamily(Family.V4)
        builder.allowFamily(Family.V6)
        builder.allowBypass()
        builder.setBlocking(false)
        builder.setMetered(true)
        builder.followDefaultNetwork()
        assertTrue(builder.addAllowedApplication("a"))
        assertTrue(builder.addDisallowedApplication("b"))
        verify(exactly = 1) {
            android.setSession("Work")
            android.setMtu(1400)
            android.addAddress(InetAddress.getByName("10.9.0.5"), 24)
            android.addRoute(InetAddress.getByName("::"), 0)
            android.addDnsServer(InetAddress.getByName("10.9.0.1"))
            android.addSearchDomain("corp.example")
            // AF_INET and AF_INET6 of Linux.
            android.allowFamily(2)
            android.allowFamily(10)
            android.allowBypass()
            android.setBlocking(false)
            android.setMetered(true)
            android.setUnderlyingNetworks(null)
            android.addAllowedApplication("a")
            android.addDisallowedApplication("b")
        }
    }

    @Test
    fun `an app that is not there is an answer`() {
        every { android.addAllowedApplication("gone") } throws NameNotFoundException("gone")
        every { android.addDisallowedApplication("gone") } throws NameNotFoundException("gone")
        assertFalse(builder.addAllowedApplication("gone"))
        assertFalse(builder.addDisallowedApplication("gone"))
    }

    @Test
    fun `what Android's dialog opens is the app's, where it says so`() {
        val android = mockk<VpnService.Builder>(relaxed = true)
        val intent = mockk<PendingIntent>()
        android.configuredBy(null)
        verify(exactly = 0) { android.setConfigureIntent(any()) }
        android.configuredBy(intent)
        verify(exactly = 1) { android.setConfigureIntent(intent) }
    }

    @Test
    fun `proxies reach Android's builder as it has them`() {
        val proxy = slot<ProxyInfo>()
        every { android.setHttpProxy(capture(proxy)) } returns android
        builder.setProxy("proxy.example", 8080, emptyList())
        assertEquals("proxy.example" to 8080, proxy.captured.host to proxy.captured.port)
        builder.setProxyScript("http://proxy.example/p.pac")
        assertEquals("http://proxy.example/p.pac", proxy.captured.pacFileUrl.toString())
    }

    @Test
    fun `no descriptor means not prepared, and one is closed by its owner`() {
        every { android.establish() } returns null
        assertNull(builder.establish())
        val descriptor = mockk<ParcelFileDescriptor>(relaxed = true) { every { fd } returns 42 }
        every { android.establish() } returns descriptor
        val tun = checkNotNull(builder.establish())
        assertEquals(42, tun.fd)
        verify(exactly = 0) { descriptor.detachFd() }
        tun.close()
        verify(exactly = 1) { descriptor.close() }
    }
}
