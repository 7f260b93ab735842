package adit.android.manager

import java.io.IOException
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.MalformedURLException
import java.net.Socket
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
        if (!isAddress(server)) return@any false
        try {
            answers(network, InetAddress.getByName(server))
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

    /**
     * Whether the URL, HTTP or HTTPS, answers with status 200 and no redirect.
     *
     * A URL of HTTP is asked over a socket: Android's own client refuses it in apps for API 28 and later, unless their network
     * security configuration permits it, and what is asked here holds no secret.
     */
    public fun url(network: PhysicalNetwork, url: String): Boolean {
        val at = try {
            URL(url)
        } catch (_: MalformedURLException) {
            return false
        }
        return try {
            when (at.protocol) {
                "http" -> plain(network, at) == HttpURLConnection.HTTP_OK
                "https" -> encrypted(network, at) == HttpURLConnection.HTTP_OK
                else -> false
            }
        } catch (_: IOException) {
            false
        } catch (_: IllegalArgumentException) {
            // A port beyond 65535.
            false
        }
    }

    private fun encrypted(network: PhysicalNetwork, url: URL): Int {
        val connection = network.open(url)
        try {
            connection.instanceFollowRedirects = false
            connection.connectTimeout = patienceMs
            connection.readTimeout = patienceMs
            connection.useCaches = false
            return connection.responseCode
        } finally {
            connection.disconnect()
        }
    }

    /** The status of a GET (RFC 9112), of the first address that takes the connection. */
    private fun plain(network: PhysicalNetwork, url: URL): Int {
        val host = url.host.removeSurrounding("[", "]")
        // What ends a line would begin another header field.
        if (host.isEmpty() || (url.host + url.file).any { it <= ' ' || it.code == DELETE }) return NO_STATUS
        val addresses = if (isAddress(host)) listOf(InetAddress.getByName(host)) else network.resolve(host)
        val until = System.nanoTime() + patienceMs * NANOS
        for (address in addresses) {
            val left = ((until - System.nanoTime()) / NANOS).toInt()
            if (left <= 0) break
            Socket().use { socket ->
                network.bind(socket)
                try {
                    socket.connect(InetSocketAddress(address, if (url.port == -1) HTTP_PORT else url.port), left)
                } catch (_: IOException) {
                    return@use
                }
                val port = if (url.port == -1) "" else ":${url.port}"
                val path = url.file.takeIf { it.startsWith('/') } ?: "/${url.file}"
                val request = "GET $path HTTP/1.1\r\nHost: ${url.host}$port\r\nUser-Agent: Adit\r\nAccept: */*\r\nConnection: close\r\n\r\n"
                socket.getOutputStream().write(request.encodeToByteArray())
                return status(socket, until)
            }
        }
        return NO_STATUS
    }

    /** The status of the answer's first line; 0: it is none, or came too slowly. */
    private fun status(socket: Socket, until: Long): Int {
        val line = StringBuilder()
        val input = socket.getInputStream()
        while (line.length < MAX_STATUS_LINE) {
            val left = ((until - System.nanoTime()) / NANOS).toInt()
            if (left <= 0) return NO_STATUS
            socket.soTimeout = left
            val byte = input.read()
            if (byte == -1 || byte == '\n'.code) break
            line.append(byte.toChar())
        }
        return STATUS.find(line)?.groupValues?.get(1)?.toInt() ?: NO_STATUS
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
        const val HTTP_PORT = 80
        const val NO_STATUS = 0
        const val DELETE = 0x7f

        /** Far more than a status and its reason need. */
        const val MAX_STATUS_LINE = 1_024
        val STATUS = Regex("^HTTP/1\\.[0-9] ([0-9]{3})(?![0-9])")
        val ADDRESS = Regex("[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*")

        fun isAddress(text: String) = ADDRESS.matches(text) && (':' in text || text.all { it.isDigit() || it == '.' })
    }
}
