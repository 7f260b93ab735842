package adit.android.manager

import com.sun.net.httpserver.HttpServer
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

        override fun open(url: URL): HttpURLConnection = url.openConnection() as HttpURLConnection
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
            assertTrue(probes.dns(network, listOf("192.0.2.x", loopback.hostAddress)))
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
            for (wrong in listOf("$base/none", "$base/moved", "$base/missing", "ftp://a", "x", "http://${loopback.hostAddress}:1/")) {
                assertFalse(Probes(500).url(network, wrong), wrong)
            }
        } finally {
            server.stop(0)
        }
    }
}
