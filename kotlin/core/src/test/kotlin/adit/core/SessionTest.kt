package adit.core

import adit.testgateway.TestGatewayKind
import com.sun.jna.Memory
import com.sun.jna.Native
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.SocketTimeoutException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

class SessionTest {
    private suspend fun open(options: SessionOptions): AditSession = AditSession.open(options).orThrow()

    /** Sends until it comes back: the core takes a device a moment after it was attached. */
    private fun roundTrip(tun: Pair, packet: ByteArray) {
        repeat(100) {
            tun.send(packet)
            val back = tun.receive() ?: return@repeat
            assertArrayEquals(mirrored(packet), back)
            return
        }
        throw AssertionError("no packet came back")
    }

    @Test
    fun `connects, moves packets through a descriptor, and stops within a second`() = withGateway { gateway ->
        open(options(gateway)).use { session ->
            assertEquals(gateway.address(), session.next<SessionEvent.Connecting>().address)
            val up = session.next<SessionEvent.Up>()
            assertEquals("gateway.adit.test", up.connection.server)
            assertTrue("0.0.0.0/0" in up.settings.includedRoutes)
            Pair().use { tun ->
                session.attachTun(tun.core).orThrow()
                // It was duplicated: ours may go.
                tun.closeCore()
                for ((number, size) in listOf(1 to 60, 2 to 700, 3 to 1280)) roundTrip(tun, packet(up.inner, number, size))
                val stats = session.stats().orThrow()
                assertTrue(stats.connected && stats.packetsSent >= 3u && stats.packetsReceived >= 3u, stats.toString())
                assertEquals(1uL, gateway.clients())
                val begun = TimeSource.Monotonic.markNow()
                session.stop().orThrow()
                assertTrue(begun.elapsedNow() < 1.seconds, "${begun.elapsedNow()}")
                assertNull(session.next<SessionEvent.Closed>().error)
                assertEquals(emptyList<SessionEvent>(), session.events.toList(), "nothing follows the end")
                assertEquals(0uL, gateway.clients(), "the server was told")
                assertFalse(tun.send(packet(up.inner, 4)), "the core closed its duplicate")
            }
        }
    }

    @Test
    fun `addresses that the app has resolved serve the first attempt, and the name is asked for again after it`() =
        withGateway(TestGatewayKind.NAMED) { gateway ->
            val asks = HostAbilities(false, true, false, false)
            open(options(gateway, asks).copy(serverAddresses = listOf("127.0.0.1"))).use { session ->
                session.attachPackets().orThrow()
                var asked = 0
                withTimeout(30.seconds) {
                    session.events.first { event ->
                        if (event is SessionEvent.Ask) asked++
                        event is SessionEvent.Up
                    }
                }
                assertEquals(0, asked)
                gateway.dropClients()
                val ask = session.next<SessionEvent.Ask>()
                assertEquals(Question.ResolveName("gateway.adit.test"), ask.question)
                session.answer(ask.token, Answer.Addresses(listOf("127.0.0.1"))).orThrow()
                session.next<SessionEvent.Up>()
            }
            val wrong = AditSession.open(options(gateway, asks).copy(serverAddresses = listOf("vpn.example")))
            assertTrue("vpn.example" in wrong.errorOrNull()!!.text, "$wrong")
        }

    @Test
    fun `the profile's own name servers and domains take the place of the server's, but for encrypted ones`() = withGateway { gateway ->
        suspend fun settings(dns: String?) = open(options(gateway).run { if (dns == null) this else copy(profile = withDns(gateway, dns)) })
            .use { it.next<SessionEvent.Up>().settings }
        fun list(key: String, vararg texts: String) = "<key>$key</key><array>${texts.joinToString("") { "<string>$it</string>" }}</array>"
        val servers = list("ServerAddresses", "10.98.0.53", "192.0.2.53")
        val plain = settings(null)
        val own = settings(servers + list("SearchDomains", "corp.example") + list("SupplementalMatchDomains", "a.example"))
        assertEquals(listOf("10.98.0.53", "192.0.2.53"), own.dns)
        assertEquals(listOf("a.example"), own.matchDomains)
        assertEquals(listOf("corp.example", "a.example"), own.searchDomains)
        assertNull(own.encryptedDns)
        val noSearch = settings(
            servers + list("SupplementalMatchDomains", "a.example") + "<key>SupplementalMatchDomainsNoSearch</key><integer>1</integer>",
        )
        assertEquals(listOf("a.example") to emptyList<String>(), noSearch.matchDomains to noSearch.searchDomains)
        val encrypted = settings("$servers<key>DNSProtocol</key><string>TLS</string><key>ServerName</key><string>dns.example</string>")
        assertEquals("TLS", encrypted.encryptedDns)
        assertEquals(plain.dns, encrypted.dns)
    }

    @Test
    fun `a line of the app's stands in the log that is exported, without secrets`() = withGateway { gateway ->
        val password = options(gateway, credentials = Credentials(password = "hunter2-of-the-app"))
        open(password).use { session ->
            logLine("bound to wlan0 by hunter2-of-the-app")
            val tail = session.logTail().orThrow()
            assertTrue(tail.lines().any { "adit_app: bound to wlan0 by ****" in it }, tail)
            assertFalse("hunter2" in tail)
        }
    }

    @Test
    fun `a descriptor is replaced while packets pass`() = withGateway { gateway ->
        open(options(gateway)).use { session ->
            val up = session.next<SessionEvent.Up>()
            Pair().use { first ->
                session.attachTun(first.core).orThrow()
                first.closeCore()
                roundTrip(first, packet(up.inner, 1))
                Pair().use { second ->
                    session.attachTun(second.core).orThrow()
                    second.closeCore()
                    roundTrip(second, packet(up.inner, 2))
                    assertFalse(first.send(packet(up.inner, 3)), "the first one is closed")
                }
            }
        }
    }

    @Test
    fun `in another network Up comes again with what stays outside there, and packets go on`() = withGateway { gateway ->
        AditSession.open(options(gateway)).orThrow().use { session ->
            Pair().use { pair ->
                session.attachTun(pair.core).orThrow()
                pair.closeCore()
                val seen = ArrayList<SessionEvent>()
                val ups = Channel<SessionEvent.Up>(Channel.UNLIMITED)
                val reader = launch(Dispatchers.Default) {
                    session.events.collect { event ->
                        synchronized(seen) { seen += event }
                        if (event is SessionEvent.Up) ups.trySend(event)
                    }
                }
                val inner = withTimeout(30.seconds) { ups.receive() }.settings.ipv4.first().substringBefore('/')
                for ((number, own) in listOf("192.168.1.17/24", "10.20.0.9/16").withIndex()) {
                    val there = NetworkInfo(
                        number.toULong(), "eth$number", NetworkKind.ETHERNET, listOf("127.0.0.1", own), emptyList(), emptyList(), null, false,
                    )
                    session.networkChanged(there).orThrow()
                    val outside = withTimeout(30.seconds) { ups.receive() }.settings.excludedRoutes
                    assertEquals(number == 0, "192.168.1.0/24" in outside, "$outside")
                    assertEquals(number == 1, "10.20.0.0/16" in outside, "$outside")
                    val sent = packet(inner, 7 + number)
                    // What is under way while the server learns of the new address may be lost.
                    val back = (1..100).any { pair.send(sent); pair.receive(100)?.contentEquals(mirrored(sent)) == true }
                    assertTrue(back, "nothing comes back in the network $own")
                }
                val lost = synchronized(seen) { seen.filterIsInstance<SessionEvent.Reasserting>() }
                assertTrue(lost.isEmpty(), "$lost")
                session.stop().orThrow()
                reader.join()
            }
        }
    }

    @Test
    fun `moves packets in batches through the C ABI`() = withGateway { gateway ->
        assertEquals(1, PacketAbi.abi.adit_abi_version())
        open(options(gateway)).use { session ->
            val handle = session.attachPackets().orThrow().toLong()
            val taken = LinkedBlockingQueue<ByteArray>()
            val out = PacketAbi.PacketsOut { _, packets, count ->
                for (at in 0 until count) {
                    val data = packets.getPointer(at * 16)
                    taken += data.getByteArray(0, packets.getLong(at * 16 + 8).toInt())
                }
                count
            }
            assertEquals(0, PacketAbi.abi.adit_packets_register(handle, out, null))
            val inner = session.next<SessionEvent.Up>().inner
            val batch = List(32) { packet(inner, it + 1, 200) }
            Memory(32L * 16).use { array ->
                val data = batch.map { packet -> Memory(packet.size.toLong()).apply { write(0, packet, 0, packet.size) } }
                data.forEachIndexed { at, memory ->
                    array.setPointer(at * 16L, memory)
                    array.setLong(at * 16L + 8, memory.size())
                }
                val back = HashSet<Int>()
                repeat(50) {
                    if (back.size == 32) return@repeat
                    // Again from the first that is missing: on a busy machine the gateway has no room for the last ones.
                    val from = (0L until 32L).first { (it + 1).toInt() !in back }
                    assertTrue(PacketAbi.abi.adit_packets_in(handle, array.share(from * 16), 32 - from) in 0..32 - from)
                    while (true) {
                        val packet = taken.poll(300, TimeUnit.MILLISECONDS) ?: break
                        val number = packet[5].toInt()
                        assertArrayEquals(mirrored(batch[number - 1]), packet)
                        back += number
                        if (back.size == 32) break
                    }
                }
                assertEquals(32, back.size)
                data.forEach { it.close() }
            }
            assertEquals(0, PacketAbi.abi.adit_packets_register(handle, null, null))
        }
    }

    // Questions

    @Test
    fun `no datagram leaves before the socket is protected, and none when it is refused`() {
        DatagramSocket(0, InetAddress.getLoopbackAddress()).use { server ->
            fun received(ms: Int): Boolean = try {
                server.soTimeout = ms
                server.receive(DatagramPacket(ByteArray(2_000), 2_000))
                true
            } catch (_: SocketTimeoutException) {
                false
            }
            withGateway(TestGatewayKind.SILENT) { gateway ->
                val overrides = """{"port":${server.localPort},"nat_port":${server.localPort},"reconnect":false}"""
                val options = options(gateway, HostAbilities(true, false, false, false)).copy(overridesJson = overrides)
                open(options).use { session ->
                    val ask = session.next<SessionEvent.Ask>()
                    assertTrue(assertInstanceOf(Question.ProtectSocket::class.java, ask.question).fd >= 0)
                    assertFalse(received(500), "a datagram left before the answer")
                    session.answer(ask.token, Answer.Refused("not today")).orThrow()
                    val error = assertInstanceOf(AditException.System::class.java, session.next<SessionEvent.Closed>().error)
                    assertTrue(error.text.contains("not today"), error.text)
                    assertFalse(received(200), "a datagram left after the refusal")
                }
                open(options).use { session ->
                    // One question for each socket.
                    val answering = launch {
                        session.events.collect { if (it is SessionEvent.Ask) session.answer(it.token, Answer.Done) }
                    }
                    assertTrue(withContext(Dispatchers.IO) { received(10_000) }, "once protected, it is used")
                    answering.cancel()
                }
            }
        }
    }

    @Test
    fun `a name is resolved by the app`() = withGateway(TestGatewayKind.NAMED) { gateway ->
        open(options(gateway, HostAbilities(false, true, false, false))).use { session ->
            val ask = session.next<SessionEvent.Ask>()
            assertEquals(Question.ResolveName("gateway.adit.test"), ask.question)
            session.answer(ask.token, Answer.Addresses(listOf("127.0.0.1"))).orThrow()
            session.next<SessionEvent.Up>()
        }
    }

    @Test
    fun `a password is asked of the app`() = withGateway(TestGatewayKind.WITHOUT_PASSWORD) { gateway ->
        open(options(gateway, HostAbilities(false, false, false, true))).use { session ->
            val ask = session.next<SessionEvent.Ask>()
            val question = assertInstanceOf(Question.Password::class.java, ask.question)
            assertEquals(0u, question.attempt)
            session.answer(ask.token, Answer.Password(gateway.username(), gateway.password())).orThrow()
            session.next<SessionEvent.Up>()
        }
    }

    @Test
    fun `a chain is judged by the app`() = withGateway(TestGatewayKind.WITHOUT_ANCHOR) { gateway ->
        open(options(gateway, HostAbilities(false, false, true, false))).use { session ->
            val ask = session.next<SessionEvent.Ask>()
            val question = assertInstanceOf(Question.JudgeChain::class.java, ask.question)
            assertEquals("gateway.adit.test", question.identity)
            assertTrue(question.certificates.isNotEmpty())
            session.answer(ask.token, Answer.Done).orThrow()
            session.next<SessionEvent.Up>()
        }
    }

    @Test
    fun `an answer to no question is the programmer's mistake`() = withGateway(TestGatewayKind.SILENT) { gateway ->
        open(options(gateway)).use { session ->
            assertInstanceOf(AditException.Usage::class.java, session.answer(4711u, Answer.Done).errorOrNull())
        }
    }

    // Errors

    private suspend fun closing(options: SessionOptions): AditException? =
        open(options.copy(overridesJson = options.overridesJson?.replace("}", ""","reconnect":false}"""))).use { session ->
            withTimeout(30.seconds) { session.events.toList() }.filterIsInstance<SessionEvent.Closed>().single().error
        }

    @Test
    fun `a wrong password is the user's to mend`() = withGateway(TestGatewayKind.WRONG_PASSWORD) { gateway ->
        val error = assertInstanceOf(AditException.Credentials::class.java, closing(options(gateway)))
        assertEquals("authenticationFailed", error.code)
        assertTrue(error.text.isNotBlank())
    }

    @Test
    fun `a server of another CA is not believed`() = withGateway(TestGatewayKind.OTHER_ANCHOR) { gateway ->
        assertInstanceOf(AditException.ServerIdentity::class.java, closing(options(gateway)))
    }

    @Test
    fun `what is no profile makes no session`() = runBlocking<Unit> {
        val host = HostAbilities(false, false, false, false)
        val error = AditSession.open(SessionOptions("nonsense".toByteArray(), null, Credentials(), host, null)).errorOrNull()
        assertInstanceOf(AditException.Profile::class.java, error)
        assertTrue(error!!.text.isNotBlank())
        assertTrue(error.message!!.contains(error.text))
    }

    @Test
    fun `overrides that are no overrides are the programmer's mistake`() = withGateway(TestGatewayKind.SILENT) { gateway ->
        val error = AditSession.open(options(gateway).copy(overridesJson = """{"prot":1}""")).errorOrNull()
        assertInstanceOf(AditException.Usage::class.java, error)
    }

    @Test
    fun `the server's end of a tunnel is told, and it connects again`() = withGateway { gateway ->
        open(options(gateway)).use { session ->
            session.next<SessionEvent.Up>()
            gateway.dropClients()
            val reasserting = session.next<SessionEvent.Reasserting>()
            assertInstanceOf(AditException.ServerDisconnected::class.java, reasserting.error)
            session.next<SessionEvent.Up>()
        }
    }

    // Stop, close, cancel

    @Test
    fun `a silent server does not hold up a stop`() = withGateway(TestGatewayKind.SILENT) { gateway ->
        open(options(gateway)).use { session ->
            session.next<SessionEvent.Connecting>()
            val begun = TimeSource.Monotonic.markNow()
            session.stop().orThrow()
            session.stop().orThrow()
            assertTrue(begun.elapsedNow() < 1.seconds, "${begun.elapsedNow()}")
            assertNull(session.next<SessionEvent.Closed>().error)
        }
    }

    @Test
    fun `cancelling who takes the events loses none`() = withGateway { gateway ->
        open(options(gateway)).use { session ->
            session.next<SessionEvent.Connecting>()
            repeat(20) {
                val taker = launch { session.events.first { false } }
                delay(if (it % 2 == 0) 1.milliseconds else 0.milliseconds)
                taker.cancel()
                taker.join()
                if (session.stats().orThrow().connected) return@repeat
            }
            session.stop().orThrow()
            assertEquals(SessionEvent.Closed(null), session.next<SessionEvent.Closed>())
        }
    }

    @Test
    fun `a closed session says so, and closing again does nothing`() = withGateway(TestGatewayKind.SILENT) { gateway ->
        val session = open(options(gateway))
        session.close()
        session.close()
        assertInstanceOf(AditException.Usage::class.java, session.wake().errorOrNull())
        assertInstanceOf(AditException.Usage::class.java, session.attachTun(0).errorOrNull())
        assertTrue(runCatching { session.events.toList() }.isFailure, "its events are gone")
    }

    @Test
    fun `sleep, wake, network and log`() = withGateway { gateway ->
        open(options(gateway)).use { session ->
            session.next<SessionEvent.Up>()
            session.sleep().orThrow()
            session.wake().orThrow()
            session.networkChanged(NetworkInfo(7u, "lo", NetworkKind.WIFI, listOf("127.0.0.1"), emptyList(), emptyList(), null, false)).orThrow()
            session.networkChanged(null).orThrow()
            val tail = session.logTail().orThrow()
            assertNotNull(tail)
            assertFalse(tail.contains(gateway.password()), "a password in the log")
        }
    }

    @Test
    fun `the size of a pointer is what the C ABI's test takes it for`() {
        assertEquals(8, Native.POINTER_SIZE)
        assertEquals(8, Native.SIZE_T_SIZE)
    }
}
