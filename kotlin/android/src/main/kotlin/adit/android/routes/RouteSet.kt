package adit.android.routes

/**
 * A set of addresses as the fewest networks that hold exactly them, in order.
 *
 * Below API 33 Android's `VpnService.Builder` knows only routes into the tunnel: what stays outside must be cut out of
 * them first, which is [minus].
 */
public class RouteSet private constructor(
    /** The networks: none holds another, no two are halves of one larger, sorted. */
    public val networks: List<Cidr>,
) {
    /** Whether no address is in it. */
    public val isEmpty: Boolean get() = networks.isEmpty()

    /** The addresses that are in this set and not in [other]. */
    public operator fun minus(other: RouteSet): RouteSet =
        RouteSet(merged(networks.flatMap { network -> cut(network, other.networks.filter { it.overlaps(network) }) }))

    /** The addresses of one family. */
    public fun of(family: Family): RouteSet = RouteSet(networks.filter { it.family == family })

    /** Whether every address of [family] is in it, be it as two halves. */
    public fun isAll(family: Family): Boolean = Cidr.all(family) in networks

    /** Whether all of [network] is in it. */
    public operator fun contains(network: Cidr): Boolean = networks.any { network in it }

    /** Whether some address of [network] is in it. */
    public fun intersects(network: Cidr): Boolean = networks.any { it.overlaps(network) }

    override fun equals(other: Any?): Boolean = other is RouteSet && networks == other.networks

    override fun hashCode(): Int = networks.hashCode()

    override fun toString(): String = networks.toString()

    public companion object {
        /** The set of all addresses in any of [networks]. Bits behind a prefix are ignored. */
        public fun of(networks: Iterable<Cidr>): RouteSet = RouteSet(merged(networks.map { it.network() }))

        /** [network] without the [holes], each of which overlaps it: halved until a half is inside a hole or free of all. */
        private fun cut(network: Cidr, holes: List<Cidr>): List<Cidr> = when {
            holes.isEmpty() -> listOf(network)
            holes.any { network in it } -> emptyList()
            else -> {
                // Not inside a hole, yet overlapping one: the hole is smaller, so there are halves.
                val (lower, upper) = network.halves() ?: return emptyList()
                listOf(lower, upper).flatMap { half -> cut(half, holes.filter { it.overlaps(half) }) }
            }
        }

        /** Sorted, without what another one holds, halves joined. */
        private fun merged(networks: List<Cidr>): List<Cidr> {
            val stack = ArrayList<Cidr>()
            for (network in networks.sorted()) {
                if (stack.isNotEmpty() && network in stack.last()) continue
                var next = network
                while (stack.isNotEmpty()) {
                    val parent = next.parent() ?: break
                    // Two different networks of one length inside their common parent are its halves.
                    if (stack.last().prefix != next.prefix || stack.last() !in parent) break
                    stack.removeAt(stack.lastIndex)
                    next = parent
                }
                stack.add(next)
            }
            return stack
        }
    }
}

private fun Cidr.overlaps(other: Cidr): Boolean = other in this || this in other
