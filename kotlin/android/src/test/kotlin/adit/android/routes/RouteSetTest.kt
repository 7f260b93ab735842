package adit.android.routes

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.random.Random

class RouteSetTest {
    private fun set(vararg texts: String) = RouteSet.of(texts.map { checkNotNull(Cidr.parse(it)) { it } })

    @Test
    fun `one address cut out of everything leaves one network a bit`() {
        val left = set("0.0.0.0/0") - set("192.0.2.7/32")
        assertEquals(32, left.networks.size)
        assertFalse(Cidr.parse("192.0.2.7/32")!! in left)
        assertTrue(Cidr.parse("192.0.2.6/32")!! in left && Cidr.parse("192.0.2.8/32")!! in left)
        assertEquals(128, (set("::/0") - set("2001:db8::1/128")).networks.size)
    }

    @Test
    fun `private networks cut out of everything are the routes everybody knows`() {
        val left = set("0.0.0.0/0") - set("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
        val known = "[0.0.0.0/5, 8.0.0.0/7, 11.0.0.0/8, 12.0.0.0/6, 16.0.0.0/4, 32.0.0.0/3, 64.0.0.0/2, 128.0.0.0/3, " +
            "160.0.0.0/5, 168.0.0.0/6, 172.0.0.0/12, 172.32.0.0/11, 172.64.0.0/10, 172.128.0.0/9, 173.0.0.0/8, " +
            "174.0.0.0/7, 176.0.0.0/4, 192.0.0.0/9, 192.128.0.0/11, 192.160.0.0/13, 192.169.0.0/16, 192.170.0.0/15, " +
            "192.172.0.0/14, 192.176.0.0/12, 192.192.0.0/10, 193.0.0.0/8, 194.0.0.0/7, 196.0.0.0/6, 200.0.0.0/5, " +
            "208.0.0.0/4, 224.0.0.0/3]"
        assertEquals(known, left.toString())
    }

    @Test
    fun `halves become one and what is held is dropped`() {
        assertEquals(set("0.0.0.0/0"), set("128.0.0.0/1", "10.0.0.0/8", "0.0.0.0/1"))
        assertTrue(set("::/1", "8000::/1").isAll(Family.V6))
        assertFalse(set("::/1").isAll(Family.V6))
        assertEquals(set("10.0.0.0/24"), set("10.0.0.99/24"))
    }

    @Test
    fun `the families do not touch each other`() {
        assertEquals(set("10.0.0.0/8"), set("10.0.0.0/8") - set("::/0"))
        assertTrue((set("10.0.0.0/8") - set("0.0.0.0/0")).isEmpty)
    }

    /** The sets are compared address by address, in a space small enough to try all of it: 192.0.2.0/24 and an IPv6 /120. */
    @Test
    fun `random sets hold exactly the addresses they should, in as few networks as can be`() {
        for (seed in 0 until 400) {
            val random = Random(seed)
            val v6 = random.nextBoolean()
            val bits = if (v6) 128 else 32
            val address = { value: Int -> if (v6) "2001:db8::${value.toString(16)}" else "192.0.2.$value" }
            val some = { count: Int ->
                List(count) { Cidr.parse("${address(random.nextInt(256))}/${bits - random.nextInt(9)}")!! }
            }
            val into = some(random.nextInt(6))
            val outside = some(random.nextInt(6))
            val left = RouteSet.of(into) - RouteSet.of(outside)
            val wanted = (0 until 256).map { value ->
                val one = Cidr.parse(address(value))!!
                into.any { one in it.network() } && outside.none { one in it.network() }
            }
            val got = (0 until 256).map { Cidr.parse(address(it))!! in left }
            assertEquals(wanted, got, "seed $seed: $into without $outside is $left")
            assertEquals(fewest(wanted, 0, 256), left.networks.size, "seed $seed: $left could be fewer")
            assertTrue(left.networks.all { it.isNetwork }, "seed $seed: $left")
        }
    }

    /** How many networks it takes for the addresses that are true: one for a full block, else those of its halves. */
    private fun fewest(wanted: List<Boolean>, from: Int, size: Int): Int {
        val block = wanted.subList(from, from + size)
        return when {
            block.all { it } -> 1
            block.none { it } -> 0
            else -> fewest(wanted, from, size / 2) + fewest(wanted, from + size / 2, size / 2)
        }
    }
}
