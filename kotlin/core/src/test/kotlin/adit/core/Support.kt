package adit.core

import adit.testgateway.TestGateway
import adit.testgateway.TestGatewayKind
import com.sun.jna.Library
import com.sun.jna.Native
import com.sun.jna.Pointer
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.time.Duration.Companion.seconds

/** What of libc the tests need. */
@Suppress("FunctionName")
interface Libc : Library {
    fun socketpair(domain: Int, type: Int, protocol: Int, pair: IntArray): Int

    fun read(fd: Int, buffer: ByteArray, size: Long): Long

    fun write(fd: Int, buffer: ByteArray, size: Long): Long

    fun close(fd: Int): Int

    fun poll(fds: IntArray, count: Long, timeoutMs: Int): Int

    companion object {
        val libc: Libc by lazy { Native.load("c", Libc::class.java) }
    }
}

/** Two ends that keep packets apart, as a TUN does: one for the core, one for the test. */
class Pair : AutoCloseable {
    private val ends = IntArray(2).also { check(Libc.libc.socketpair(1, 2, 0, it) == 0) { "no socketpair" } }
    val core: Int get() = ends[0]
    private val test: Int get() = ends[1]

    fun send(packet: ByteArray): Boolean = Libc.libc.write(test, packet, packet.size.toLong()) == packet.size.toLong()

    /** The next packet, or null when none comes in time. */
    fun receive(withinMs: Int = 300): ByteArray? {
        // struct pollfd: the descriptor, then two shorts, of which POLLIN is 1.
        if (Libc.libc.poll(intArrayOf(test, 1), 1, withinMs) <= 0) return null
        val buffer = ByteArray(2_048)
        val read = Libc.libc.read(test, buffer, buffer.size.toLong())
        return if (read <= 0) null else buffer.copyOf(read.toInt())
    }

    fun closeCore() {
        Libc.libc.close(ends[0])
    }

    override fun close() {
        Libc.libc.close(ends[1])
    }
}

/** An IPv4 packet with UDP inside, from [source] to 10.98.0.7, of [size] bytes. */
fun packet(source: String, number: Int, size: Int = 100): ByteArray {
    val packet = ByteArray(size)
    packet[0] = 0x45
    packet[2] = (size shr 8).toByte()
    packet[3] = size.toByte()
    packet[5] = number.toByte()
    packet[8] = 64
    packet[9] = 17
    source.split('.').forEachIndexed { at, part -> packet[12 + at] = part.toInt().toByte() }
    byteArrayOf(10, 98, 0, 7).copyInto(packet, 16)
    var sum = 0
    for (at in 0 until 20 step 2) sum += (packet[at].toInt() and 0xff shl 8) or (packet[at + 1].toInt() and 0xff)
    while (sum > 0xffff) sum = (sum and 0xffff) + (sum shr 16)
    packet[10] = (sum.inv() shr 8).toByte()
    packet[11] = sum.inv().toByte()
    packet[21] = 9
    packet[23] = 9
    packet[24] = ((size - 20) shr 8).toByte()
    packet[25] = (size - 20).toByte()
    for (at in 28 until size) packet[at] = (at * number).toByte()
    return packet
}

/** What the test gateway's mirror makes of it. */
fun mirrored(packet: ByteArray): ByteArray = packet.copyOf().also {
    packet.copyInto(it, 12, 16, 20)
    packet.copyInto(it, 16, 12, 16)
}

/** A gateway for the time of [test]. */
fun withGateway(kind: TestGatewayKind = TestGatewayKind.STANDARD, test: suspend CoroutineScope.(TestGateway) -> Unit): Unit =
    TestGateway(kind).use { gateway ->
        try {
            runBlocking { test(gateway) }
        } finally {
            gateway.stop()
        }
    }

/** What a session at the gateway is made from. */
fun options(
    gateway: TestGateway,
    host: HostAbilities = HostAbilities(false, false, false, false),
    credentials: Credentials = Credentials(),
) = SessionOptions(gateway.profile(), null, credentials, host, gateway.overrides())

/** The gateway's profile with [keys] making what stands in its dictionary IKEv2 before the key AuthenticationMethod. */
fun edited(gateway: TestGateway, keys: (String) -> String): ByteArray {
    val key = "<key>AuthenticationMethod</key>"
    val profile = gateway.profile().decodeToString()
    check(profile.split(key).size == 2) { "not one $key" }
    return profile.replace(key, keys(key)).encodeToByteArray()
}

/** The gateway's profile with a dictionary DNS. */
fun withDns(gateway: TestGateway, dns: String): ByteArray {
    val key = "<key>IKEv2</key>"
    val profile = gateway.profile().decodeToString()
    check(profile.split(key).size == 2) { "not one $key" }
    return profile.replace(key, "<key>DNS</key><dict>$dns</dict>$key").encodeToByteArray()
}

/** The next event that [wanted] says, with those before it thrown away. */
suspend inline fun <reified T : SessionEvent> TunnelSession.next(crossinline wanted: (T) -> Boolean = { true }): T =
    withTimeout(30.seconds) {
        events.first { event ->
            check(event !is SessionEvent.Closed || event is T) { "closed while waiting for ${T::class.simpleName}: $event" }
            event is T && wanted(event)
        } as T
    }

/** The inner IPv4 address. */
val SessionEvent.Up.inner: String get() = settings.ipv4.first().substringBefore('/')

/** The repository's root. */
val repository: Path by lazy {
    generateSequence(Path.of("").toAbsolutePath()) { it.parent }
        .first { Files.exists(it.resolve("bindings/include/adit.h")) }
}

/** The variants of a Rust enum of the bindings, as its source has them. */
fun rustVariants(file: String, name: String): Set<String> {
    val source = repository.resolve("bindings/src").resolve(file).readText()
    val body = source.substringAfter("pub enum $name {\n").substringBefore("\n}\n")
    return Regex("^    ([A-Z][A-Za-z0-9]*)(?: \\{|,|\\()", RegexOption.MULTILINE).findAll(body).map { it.groupValues[1] }.toSet()
}

/** The nested classes of a generated sealed class that are its variants. */
fun kotlinVariants(type: Class<*>): Set<String> =
    type.declaredClasses.filter { type.isAssignableFrom(it) }.map { it.simpleName }.toSet()

/** Adit's C ABI, as far as packets need it. */
@Suppress("FunctionName")
interface PacketAbi : Library {
    fun adit_abi_version(): Int

    fun adit_packets_register(handle: Long, out: PacketsOut?, context: Pointer?): Int

    fun adit_packets_in(handle: Long, packets: Pointer, count: Long): Long

    /** Takes a batch: an array of `{ const uint8_t *data; size_t len; }`. */
    fun interface PacketsOut : com.sun.jna.Callback {
        fun invoke(context: Pointer?, packets: Pointer, count: Long): Long
    }

    companion object {
        val abi: PacketAbi by lazy { Native.load("adit_bindings", PacketAbi::class.java) }
    }
}
