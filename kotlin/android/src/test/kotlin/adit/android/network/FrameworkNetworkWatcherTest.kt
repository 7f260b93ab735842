package adit.android.network

import adit.core.NetworkKind
import android.net.ConnectivityManager.NetworkCallback
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.wifi.WifiInfo
import io.mockk.CapturingSlot
import io.mockk.every
import io.mockk.just
import io.mockk.mockk
import io.mockk.Runs
import io.mockk.slot
import io.mockk.verify
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.Inet6Address
import java.net.InetAddress

class FrameworkNetworkWatcherTest {
    private val callback: CapturingSlot<NetworkCallback> = slot()
    private val connectivity = mockk<Connectivity> {
        every { watchBest(capture(callback)) } just Runs
        every { request(capture(callback)) } just Runs
        every { end(any()) } just Runs
    }
    private val seen = ArrayList<UnderlyingNetwork?>()

    private fun watching(api: Int) = FrameworkNetworkWatcher(connectivity, api).apply { start { seen += it } }

    private fun network(handle: Long) = mockk<Network> { every { networkHandle } returns handle }

    private fun links(name: String): LinkProperties {
        // An address with a scope, as Android gives a link's own.
        val local = Inet6Address.getByAddress("", InetAddress.getByName("fe80::1").address, 3)
        return mockk {
            every { interfaceName } returns name
            every { linkAddresses } returns listOf(
                link(InetAddress.getByName("192.168.1.17"), 24),
                link(local, 64),
            )
            every { dnsServers } returns listOf(InetAddress.getByName("192.168.1.1"), local)
            every { domains } returns "home.example lan"
        }
    }

    private fun link(of: InetAddress, prefix: Int) = mockk<LinkAddress> {
        every { address } returns of
        every { prefixLength } returns prefix
    }

    private fun abilities(transport: Int, unmetered: Boolean = true) = mockk<NetworkCapabilities> {
        every { hasTransport(any()) } answers { firstArg<Int>() == transport }
        every { hasCapability(any()) } answers { firstArg<Int>() == NetworkCapabilities.NET_CAPABILITY_NOT_METERED && unmetered }
        every { transportInfo } returns null
    }

    @Test
    fun `from API 31 the best network is watched, below it is asked for`() {
        watching(31)
        verify(exactly = 1) { connectivity.watchBest(any()) }
        verify(exactly = 0) { connectivity.request(any()) }
        watching(30)
        verify(exactly = 1) { connectivity.request(any()) }
    }

    @Test
    fun `a network is told when all of it is known, without scopes`() {
        watching(35)
        val wifi = network(77)
        callback.captured.onAvailable(wifi)
        callback.captured.onCapabilitiesChanged(wifi, abilities(NetworkCapabilities.TRANSPORT_WIFI, unmetered = false))
        assertTrue(seen.isEmpty())
        callback.captured.onLinkPropertiesChanged(wifi, links("wlan0"))
        val told = seen.single()!!
        assertEquals("wlan0", told.info.`interface`)
        assertEquals(77uL, told.info.handle)
        assertEquals(NetworkKind.WIFI, told.info.kind)
        assertEquals(listOf("192.168.1.1", "fe80:0:0:0:0:0:0:1"), told.info.dns)
        assertEquals(listOf("192.168.1.17/24", "fe80:0:0:0:0:0:0:1/64"), told.info.addresses)
        assertEquals(listOf("home.example", "lan"), told.info.searchDomains)
        assertTrue(told.info.metered)
        assertNull(told.info.ssid)
        assertEquals(wifi, told.system)
    }

    @Test
    fun `another network takes over whole, and the loss of the old one is not a loss`() {
        watching(35)
        val wifi = network(1)
        val mobile = network(2)
        callback.captured.onCapabilitiesChanged(wifi, abilities(NetworkCapabilities.TRANSPORT_WIFI))
        callback.captured.onLinkPropertiesChanged(wifi, links("wlan0"))
        callback.captured.onAvailable(mobile)
        callback.captured.onCapabilitiesChanged(mobile, abilities(NetworkCapabilities.TRANSPORT_CELLULAR))
        assertEquals(1, seen.size, "the links of one network with the abilities of another")
        callback.captured.onLinkPropertiesChanged(mobile, links("rmnet0"))
        callback.captured.onLost(wifi)
        assertEquals(listOf("wlan0", "rmnet0"), seen.map { it?.info?.`interface` })
        callback.captured.onLost(mobile)
        assertNull(seen.last())
    }

    @Test
    fun `from API 31 it asks for what tells where the device is, without which there is no name of a Wi-Fi network`() {
        val flags = NetworkCallback::class.java.getDeclaredField("mFlags").apply { isAccessible = true }
        for ((api, wanted) in listOf(31 to NetworkCallback.FLAG_INCLUDE_LOCATION_INFO, 35 to NetworkCallback.FLAG_INCLUDE_LOCATION_INFO, 30 to 0)) {
            watching(api)
            assertEquals(wanted, flags.getInt(callback.captured), "$api")
        }
    }

    @Test
    fun `the name of a Wi-Fi network is told without its quotes, and none where Android keeps it back`() {
        for ((given, told) in listOf("\"Home\"" to "Home", "\"a\"b\"" to "a\"b", "<unknown ssid>" to null, "0a0b0c" to null, "\"\"" to null)) {
            seen.clear()
            watching(35)
            val wifi = network(1)
            val info = mockk<WifiInfo> { every { ssid } returns given }
            val abilities = abilities(NetworkCapabilities.TRANSPORT_WIFI).also { every { it.transportInfo } returns info }
            callback.captured.onCapabilitiesChanged(wifi, abilities)
            callback.captured.onLinkPropertiesChanged(wifi, links("wlan0"))
            assertEquals(told, seen.single()!!.info.ssid, given)
        }
    }

    @Test
    fun `after the end nothing is told`() {
        val watcher = watching(35)
        val wifi = network(1)
        watcher.stop()
        watcher.stop()
        verify(exactly = 1) { connectivity.end(callback.captured) }
        callback.captured.onCapabilitiesChanged(wifi, abilities(NetworkCapabilities.TRANSPORT_ETHERNET))
        callback.captured.onLinkPropertiesChanged(wifi, links("eth0"))
        callback.captured.onLost(wifi)
        assertTrue(seen.isEmpty())
    }
}
