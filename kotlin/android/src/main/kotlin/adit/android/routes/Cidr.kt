package adit.android.routes

import java.net.Inet6Address
import java.net.InetAddress

/** The two families of IP addresses. */
public enum class Family(
    /** Bits of an address. */
    public val bits: Int,
    /** The value of `AF_INET` or `AF_INET6` that Android's `VpnService.Builder.allowFamily` takes. */
    public val number: Int,
) {
    /** IPv4. */
    V4(32, 2),

    /** IPv6. */
    V6(128, 10),
}

/**
 * An IP address with a prefix length: a network when [isNetwork], else an interface's address in one.
 *
 * Read from text by [parse], which never asks a resolver. Two are equal when address and prefix length are.
 *
 * @property prefix the prefix length, `0..32` or `0..128`.
 */
public class Cidr private constructor(
    private val octets: ByteArray,
    public val prefix: Int,
) : Comparable<Cidr> {

    /** The address's family. */
    public val family: Family get() = if (octets.size == 4) Family.V4 else Family.V6

    /** The address without the prefix length. */
    public val address: InetAddress
        get() = when (family) {
            Family.V4 -> InetAddress.getByAddress(octets)
            // The general function makes an IPv4 address of ::ffff:a.b.c.d.
            Family.V6 -> Inet6Address.getByAddress(null, octets, -1)
        }

    /** Whether all bits behind the prefix are zero, as Android asks of a route. */
    public val isNetwork: Boolean get() = (prefix until family.bits).none { bit(it) }

    /** Whether it covers every address of its family. */
    public val isDefault: Boolean get() = prefix == 0

    /** The network this address is in: the bits behind the prefix set to zero. */
    public fun network(): Cidr {
        val masked = octets.copyOf()
        for (index in prefix until family.bits) masked[index / 8] = masked[index / 8].withoutBit(index)
        return Cidr(masked, prefix)
    }

    /** The same address with another prefix length, `0..family.bits`. */
    public fun withPrefix(length: Int): Cidr {
        require(length in 0..family.bits) { "a prefix of $family has 0 to ${family.bits} bits, not $length" }
        return Cidr(octets, length)
    }

    /** Whether every address of [other] is in this network. */
    public operator fun contains(other: Cidr): Boolean =
        family == other.family && prefix <= other.prefix && (0 until prefix).all { bit(it) == other.bit(it) }

    /** The two halves of this network, or null for a single address. */
    public fun halves(): Pair<Cidr, Cidr>? {
        if (prefix == family.bits) return null
        val lower = network()
        val upper = lower.octets.copyOf()
        upper[prefix / 8] = upper[prefix / 8].withBit(prefix)
        return Cidr(lower.octets, prefix + 1) to Cidr(upper, prefix + 1)
    }

    /** The network one bit larger, or null for a default route. */
    public fun parent(): Cidr? = if (prefix == 0) null else withPrefix(prefix - 1).network()

    /** IPv4 before IPv6, then by address, then the larger network first. */
    override fun compareTo(other: Cidr): Int {
        if (family != other.family) return family.compareTo(other.family)
        for (index in octets.indices) {
            val order = (octets[index].toInt() and 0xff).compareTo(other.octets[index].toInt() and 0xff)
            if (order != 0) return order
        }
        return prefix.compareTo(other.prefix)
    }

    override fun equals(other: Any?): Boolean =
        other is Cidr && prefix == other.prefix && octets.contentEquals(other.octets)

    override fun hashCode(): Int = 31 * octets.contentHashCode() + prefix

    /** The form [parse] reads: `10.0.0.0/8`, `fd00:0:0:0:0:0:0:0/8`. */
    override fun toString(): String = "${address.hostAddress}/$prefix"

    /** Bit [index] of the address, counted from the most significant. */
    internal fun bit(index: Int): Boolean = octets[index / 8].toInt() shr (7 - index % 8) and 1 == 1

    public companion object {
        /** Every IPv4 address. */
        public val ALL_V4: Cidr = Cidr(ByteArray(4), 0)

        /** Every IPv6 address. */
        public val ALL_V6: Cidr = Cidr(ByteArray(16), 0)

        /** Every address of [family]. */
        public fun all(family: Family): Cidr = if (family == Family.V4) ALL_V4 else ALL_V6

        /**
         * Reads `address/prefix`, or an address alone, which stands for itself. A scope (`fe80::1%wlan0`) is cut off.
         *
         * @return null when it is neither.
         */
        public fun parse(text: String): Cidr? {
            val parts = text.trim().split('/')
            val octets = octets(parts[0]) ?: return null
            val prefix = when (parts.size) {
                1 -> octets.size * 8
                2 -> parts[1].takeIf { it.isNumber(3) }?.toInt() ?: return null
                else -> return null
            }
            return if (prefix <= octets.size * 8) Cidr(octets, prefix) else null
        }

        /** From an address and a prefix length; null when the length is not one of its family. */
        public fun of(address: InetAddress, prefix: Int): Cidr? =
            if (prefix in 0..address.address.size * 8) Cidr(address.address, prefix) else null

        private fun octets(text: String): ByteArray? =
            if (':' in text) ipv6(text.substringBefore('%')) else ipv4(text)

        private fun ipv4(text: String): ByteArray? {
            val parts = text.split('.')
            if (parts.size != 4 || parts.any { !it.isNumber(3) || it.toInt() > 255 }) return null
            return ByteArray(4) { parts[it].toInt().toByte() }
        }

        /** RFC 4291 section 2.2: groups, one `::` at most, the last four octets perhaps as IPv4. */
        private fun ipv6(text: String): ByteArray? {
            val sides = text.split("::")
            if (sides.size > 2) return null
            val head = groups(sides[0], last = sides.size == 1) ?: return null
            if (sides.size == 1) return head.takeIf { it.size == 16 }
            val tail = groups(sides[1], last = true) ?: return null
            // The two colons stand for one group of zeros at least.
            return if (head.size + tail.size > 14) null else head + ByteArray(16 - head.size - tail.size) + tail
        }

        private fun groups(text: String, last: Boolean): ByteArray? {
            if (text.isEmpty()) return ByteArray(0)
            val parts = text.split(':')
            var octets = ByteArray(0)
            for ((index, part) in parts.withIndex()) {
                octets += if ('.' in part) {
                    ipv4(part).takeIf { last && index == parts.lastIndex } ?: return null
                } else {
                    if (part.length !in 1..4 || part.any { it.digitToIntOrNull(16) == null }) return null
                    val group = part.toInt(16)
                    byteArrayOf((group shr 8).toByte(), group.toByte())
                }
            }
            return octets.takeIf { it.size <= 16 }
        }

        private fun String.isNumber(digits: Int): Boolean = length in 1..digits && all { it in '0'..'9' }

        private fun Byte.withBit(index: Int): Byte = (toInt() or (0x80 shr index % 8)).toByte()

        private fun Byte.withoutBit(index: Int): Byte = (toInt() and (0x80 shr index % 8).inv()).toByte()
    }
}
