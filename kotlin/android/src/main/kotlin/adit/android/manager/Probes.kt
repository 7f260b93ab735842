package adit.android.manager

import java.io.IOException
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.MalformedURLException
import java.net.URL
import java.security.SecureRandom

/**
 * What on-demand rules want to know of a network: whether name servers answer, whether a name resolves, whether a URL
 * answers with status 200. Blocks; each question takes [patienceMs] at most for each server it asks.
 *
 * @param port the name servers' port; 53 but in tests.
 */
public class Probes(private val patienceMs: Int = 3_000, private val port: Int = 53) {
    private val random = SecureRandom()

    /** Whether one of these servers answers a query (RFC 1035), whatever the answer. */
    public fun dns(network: PhysicalNetwork, servers: List<String>): Boolean = servers.any { server ->
        // Not a name: asking a resolver for it would be another question.
        val address = if (isAddress(server)) InetAddress.getByName(server) else return@any false
        try {
            answers(network, address)
        } catch (_: IOException) {
            false
        }
    }

    /** Whether the name resolves. */
    public fun name(network: PhysicalNetwork, host: String): Boolean = try {
        network.resolve(host).isNotEmpty()
    } catch (_: IOException) {
        false
    }

    /** Whether the URL, HTTP or HTTPS, answers with status 200 and no redirect. */
    public fun url(network: PhysicalNetwork, url: String): Boolean {
        val at = try {
            URL(url)
        } catch (_: MalformedURLException) {
            return false
        }
        if (at.protocol != "http" && at.protocol != "https") return false
        val connection = network.open(at)
        return try {
            connection.instanceFollowRedirects = false
            connection.connectTimeout = patienceMs
            connection.readTimeout = patienceMs
            connection.useCaches = false
            connection.responseCode == HttpURLConnection.HTTP_OK
        } catch (_: IOException) {
            false
        } finally {
            connection.disconnect()
        }
    }

    private fun answers(network: PhysicalNetwork, server: InetAddress): Boolean = DatagramSocket().use { socket ->
        network.bind(socket)
        // Only the server's own datagrams come through.
        socket.connect(server, port)
        val query = query()
        val until = System.nanoTime() + patienceMs * NANOS
        for (attempt in 1..ATTEMPTS) {
            socket.send(DatagramPacket(query, query.size))
            val slice = System.nanoTime() + patienceMs * NANOS / ATTEMPTS
            while (true) {
                val left = ((minOf(slice, until) - System.nanoTime()) / NANOS).toInt()
                if (left <= 0) break
                socket.soTimeout = left
                val packet = DatagramPacket(ByteArray(MAX_ANSWER), MAX_ANSWER)
                try {
                    socket.receive(packet)
                } catch (_: java.net.SocketTimeoutException) {
                    break
                }
                if (isAnswer(packet, query)) return true
            }
        }
        false
    }

    /** A query for the name servers of the root: every server has an answer, be it a refusal. */
    private fun query(): ByteArray {
        val id = ByteArray(2).also { random.nextBytes(it) }
        return id + byteArrayOf(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1)
    }

    private fun isAnswer(packet: DatagramPacket, query: ByteArray): Boolean =
        packet.length >= HEADER && packet.data[0] == query[0] && packet.data[1] == query[1] && packet.data[2].toInt() and RESPONSE != 0

    private companion object {
        const val ATTEMPTS = 2
        const val HEADER = 12
        const val RESPONSE = 0x80
        const val MAX_ANSWER = 1_500
        const val NANOS = 1_000_000L
        val ADDRESS = Regex("[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*")

        fun isAddress(text: String) = ADDRESS.matches(text) && (':' in text || text.all { it.isDigit() || it == '.' })
    }
}
