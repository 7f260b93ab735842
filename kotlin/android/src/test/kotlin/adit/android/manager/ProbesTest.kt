package adit.android.manager

import com.sun.net.httpserver.HttpServer
import io.mockk.every
import io.mockk.mockk
import io.mockk.verify
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.URL
import java.net.UnknownHostException
import kotlin.concurrent.thread

class ProbesTest {
    private val loopback = InetAddress.getLoopbackAddress()

    /** The loopback interface as a network. */
    private val network = object : PhysicalNetwork {
        var bound = 0
        var gone = false

        override fun resolve(host: String): List<InetAddress> =
            if (host == "here.example") listOf(loopback) else throw UnknownHostException(host)

        override fun bind(socket: DatagramSocket) {
            if (gone) throw IOException("the network is gone")
            bound++
        }

        override fun bind(socket: Socket) {
            if (gone) throw IOException("the network is gone")
            bound++
        }

        override fun open(url: URL): HttpURLConnection {
            // As in an app for API 28 or later that permits nothing else.
            if (url.protocol == "http") throw IOException("Cleartext HTTP traffic to ${url.host} not permitted")
            return secure
        }
    }
    private var status = 200
    private val secure = mockk<HttpURLConnection>(relaxed = true) { every { responseCode } answers { status } }

    /** Answers whoever connects with [answer], and gives what it was asked. */
    private fun web(answer: String, test: (String) -> Unit): List<String> {
        val asked = ArrayList<String>()
        ServerSocket(0, 8, loopback).use { server ->
            thread(isDaemon = true) {
                runCatching {
                    while (true) server.accept().use { client ->
                        val lines = client.getInputStream().bufferedReader().lineSequence()
                        synchronized(asked) { asked += lines.takeWhile { it.isNotEmpty() }.joinToString("|") }
                        client.getOutputStream().write(answer.toByteArray())
                    }
                }
            }
            test("http://here.example:${server.localPort}")
        }
        return synchronized(asked) { asked.toList() }
    }

    /** A name server that answers each query with what [answer] makes of it. */
    private fun server(answer: (ByteArray) -> List<ByteArray>, test: (Probes) -> Unit) = DatagramSocket(0, loopback).use { server ->
        thread(isDaemon = true) {
            runCatching {
                while (true) {
                    val packet = DatagramPacket(ByteArray(512), 512)
                    server.receive(packet)
                    for (back in answer(packet.data.copyOf(packet.length))) server.send(DatagramPacket(back, back.size, packet.socketAddress))
                }
            }
        }
        test(Probes(patienceMs = 600, port = server.localPort))
    }

    @Test
    fun `a name server that answers is there, whatever it says`() {
        server({ query -> listOf(query.also { it[2] = 0x81.toByte(); it[3] = 5 }) }) { probes ->
            assertTrue(probes.dns(network, listOf("192.0.2.x", "1.2.3.4.5", ":", loopback.hostAddress)))
            assertEquals(1, network.bound)
            network.gone = true
            assertFalse(probes.dns(network, listOf(loopback.hostAddress)))
        }
    }

    @Test
    fun `what is no answer to the query is none`() {
        server({ query -> listOf(byteArrayOf(1), query, query.copyOf().also { it[0]++; it[2] = 0x81.toByte() }) }) { probes ->
            assertFalse(probes.dns(network, listOf(loopback.hostAddress)))
        }
        assertFalse(Probes(200, 1).dns(network, listOf(loopback.hostAddress, "name.example")))
        assertFalse(Probes(200, 1).dns(network, emptyList()))
    }

    @Test
    fun `a name resolves or not`() {
        assertTrue(Probes().name(network, "here.example"))
        assertFalse(Probes().name(network, "no.example"))
    }

    @Test
    fun `HTTP is asked on the network although Android's client refuses it, HTTPS by that client`() {
        val asked = web("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") { base ->
            assertTrue(Probes().url(network, "$base/a?b=c"))
            assertTrue(Probes().url(network, base))
        }
        val port = asked.first().substringAfter("Host: here.example:").substringBefore('|')
        assertTrue(asked[0].startsWith("GET /a?b=c HTTP/1.1|Host: here.example:$port|"), asked[0])
        assertTrue(asked[1].startsWith("GET / HTTP/1.1|"), asked[1])
        assertTrue(Probes().url(network, "https://here.example/"))
        verify { secure.instanceFollowRedirects = false }
        status = 302
        assertFalse(Probes().url(network, "https://here.example/"))
    }

    @Test
    fun `an answer that is none, is endless or does not come, is no answer`() {
        for (answer in listOf("", "200 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 20", "x".repeat(100_000))) {
            web(answer) { base -> assertFalse(Probes(500).url(network, base), answer.take(20)) }
        }
        ServerSocket(0, 1, loopback).use { silent ->
            assertFalse(Probes(300).url(network, "http://here.example:${silent.localPort}/"))
        }
        assertEquals(emptyList<String>(), web("HTTP/1.1 200 OK\r\n\r\n") { base ->
            for (wrong in listOf("$base/a b", "$base/a\r\nX: y", "http://no.example/", "http:///", "http://here.example:70000/")) {
                assertFalse(Probes(500).url(network, wrong), wrong)
            }
        })
    }

    @Test
    fun `only status 200 without a redirect is an answer`() {
        val server = HttpServer.create(InetSocketAddress(loopback, 0), 0)
        for ((path, status) in listOf("/ok" to 200, "/none" to 204, "/moved" to 302)) {
            server.createContext(path) { exchange ->
                if (status == 302) exchange.responseHeaders.add("Location", "/ok")
                exchange.sendResponseHeaders(status, -1)
                exchange.close()
            }
        }
        server.start()
        try {
            val base = "http://${loopback.hostAddress}:${server.address.port}"
            assertTrue(Probes().url(network, "$base/ok"))
            val bound = network.bound
            assertTrue(bound > 0, "not on the network")
            network.gone = true
            assertFalse(Probes().url(network, "$base/ok"))
            network.gone = false
            for (wrong in listOf("$base/none", "$base/moved", "$base/missing", "ftp://a", "x", "http://${loopback.hostAddress}:1/")) {
                assertFalse(Probes(500).url(network, wrong), wrong)
            }
        } finally {
            server.stop(0)
        }
    }
}
