package adit.android.routes

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.net.Inet6Address
import java.net.InetAddress
import kotlin.random.Random

class CidrTest {
    private fun cidr(text: String) = checkNotNull(Cidr.parse(text)) { text }

    @Test
    fun `addresses and networks of both families are read`() {
        assertEquals("10.1.2.3/8", cidr("10.1.2.3/8").toString())
        assertEquals("10.1.2.3/32", cidr("10.1.2.3").toString())
        assertEquals(cidr("0:0:0:0:0:0:0:0/0"), Cidr.ALL_V6)
        assertEquals("fe80:0:0:0:0:0:0:1/128", cidr("fe80::1%wlan0").toString())
        assertEquals(cidr("::ffff:0a00:0001/128"), cidr("::ffff:10.0.0.1"))
        assertTrue(cidr("::ffff:10.0.0.1").address is Inet6Address)
    }

    @Test
    fun `what is no address is refused and no resolver is asked`() {
        val wrong = listOf(
            "", "/", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/", "10.0.0.1/8/8", "localhost", "1",
            "::1::2", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "::1/129",
            "10.0.0.1::", "::10.0.0.1:1", "0x0a.0.0.1", "10.0.0.+1", "٣.0.0.1",
        )
        for (text in wrong) assertNull(Cidr.parse(text), text)
    }

    @Test
    fun `text of random addresses is read back as the platform reads it`() {
        val random = Random(1)
        repeat(2_000) {
            val octets = random.nextBytes(if (random.nextBoolean()) 4 else 16)
            // Half the time with runs of zeros, which is where the short form hides.
            if (random.nextBoolean()) for (index in octets.indices) if (random.nextInt(3) > 0) octets[index] = 0
            val address = if (octets.size == 4) InetAddress.getByAddress(octets) else Inet6Address.getByAddress(null, octets, -1)
            val prefix = random.nextInt(octets.size * 8 + 1)
            val read = cidr("${address.hostAddress}/$prefix")
            assertEquals(address, read.address)
            assertEquals(read, Cidr.of(address, prefix))
            assertEquals(read, cidr(read.toString()))
        }
    }

    @Test
    fun `a network has no bits behind its prefix`() {
        assertEquals(cidr("10.0.0.0/8"), cidr("10.1.2.3/8").network())
        assertFalse(cidr("10.1.2.3/8").isNetwork)
        assertTrue(cidr("10.1.2.3/8").network().isNetwork)
        assertEquals(cidr("2001:db8::/29"), cidr("2001:dbf::1/29").network())
        assertEquals(Cidr.ALL_V4, cidr("255.1.2.3/0").network())
    }

    @Test
    fun `halves make the whole`() {
        assertEquals(cidr("0.0.0.0/1") to cidr("128.0.0.0/1"), Cidr.ALL_V4.halves())
        assertEquals(cidr("2001:db8::/33") to cidr("2001:db8:8000::/33"), cidr("2001:db8::/32").halves())
        assertNull(cidr("10.0.0.1/32").halves())
        assertNull(Cidr.ALL_V6.parent())
        assertEquals(cidr("10.0.0.0/8"), cidr("10.128.0.0/9").parent())
    }

    @Test
    fun `containing needs one family and the same leading bits`() {
        assertTrue(cidr("10.9.0.0/16") in cidr("10.0.0.0/8"))
        assertFalse(cidr("10.0.0.0/8") in cidr("10.9.0.0/16"))
        assertFalse(cidr("11.0.0.0/16") in cidr("10.0.0.0/8"))
        assertFalse(cidr("::/128") in Cidr.ALL_V4)
    }
}
