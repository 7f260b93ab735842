package adit.core.manager

import adit.core.AditSession
import adit.core.HostAbilities
import adit.core.Pair
import adit.core.TunnelSettings
import adit.core.mirrored
import adit.core.orThrow
import adit.core.packet
import adit.core.withGateway
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.seconds

/** The manager with real tunnels, against the embedded gateway. */
class ManagerSessionTest {
    /** Attaches one end of a pair. */
    private class Packets(private val pair: Pair) : TunnelHost {
        override val abilities = HostAbilities(protectsSockets = true, resolvesNames = false, judgesChains = false, asksPassword = false)
        val settings = CompletableFuture<TunnelSettings>()
        val protects = AtomicInteger()

        override suspend fun attach(session: AditSession, settings: TunnelSettings) {
            session.attachTun(pair.core).orThrow()
            this.settings.complete(settings)
        }

        override suspend fun protect(fd: Int) {
            protects.incrementAndGet()
        }
    }

    private class Tunnels(private val running: SessionTunnels) : FakeHost() {
        override suspend fun startTunnel(start: VpnTunnelStart, report: VpnTunnelReport) = running.start(start, report)

        override suspend fun stopTunnel(tunnel: UInt) = running.stop(tunnel)
    }

    @Test
    fun `a profile becomes a configuration, a tunnel with packets, and the reason of its end`() = withGateway { gateway ->
        Pair().use { pair ->
            val scope = CoroutineScope(Dispatchers.Default)
            val packets = Packets(pair)
            val host = Tunnels(SessionTunnels(packets, scope, gateway.overrides().replace("}", ",\"reconnect\":false}")))
            VpnSystem(VpnSystemOptions("test.app", VpnPlatform.Linux), host, scope).use { vpn ->
                val manager = vpn.shared
                manager.loadFromPreferences().orThrow()
                manager.importProfile(gateway.profile()).orThrow()
                assertFalse(manager.configuration.toString().contains(gateway.password()))
                manager.edit { copy(isEnabled = true) }
                manager.saveToPreferences().orThrow()
                assertFalse(host.records.values.single().contains(gateway.password()))

                val connection = manager.connection
                val seen = async(start = CoroutineStart.UNDISPATCHED) {
                    connection.statuses.takeWhile { it != VpnStatus.Disconnecting }.toList()
                }
                connection.startVpnTunnel().orThrow()
                val settings = packets.settings.get(30, TimeUnit.SECONDS)
                withTimeout(30.seconds) { connection.statuses.first { it == VpnStatus.Connected } }
                assertTrue(connection.connectedDate!! > Instant.now().minusSeconds(60), "${connection.connectedDate}")
                assertTrue(packets.protects.get() > 0, "no socket was protected")
                val sent = packet(settings.ipv4.first().substringBefore('/'), 7)
                val back = (1..100).firstNotNullOf { pair.send(sent); pair.receive() }
                assertArrayEquals(mirrored(sent), back)

                connection.stopVpnTunnel()
                withTimeout(30.seconds) { connection.statuses.first { it == VpnStatus.Disconnected } }
                assertNull(connection.fetchLastDisconnectError()!!.error)
                assertNull(connection.connectedDate)
                assertEquals(listOf(VpnStatus.Disconnected, VpnStatus.Connecting, VpnStatus.Connected), seen.await())

                connection.startVpnTunnel(VpnStartOptions(password = "another")).orThrow()
                withTimeout(30.seconds) { connection.statuses.first { it == VpnStatus.Disconnected } }
                val last = connection.fetchLastDisconnectError()!!
                assertEquals(VpnConnectionError.AuthenticationFailed, last.error)
                assertTrue(last.message.contains("password"), "$last")
            }
        }
    }
}
