package adit.core.manager

/**
 * Something against saving a configuration, or starting it.
 *
 * @property property Apple's property. @property message what is wrong. @property refused a save fails with it; else a start does.
 */
public data class VpnObjection(public val property: String, public val message: String, public val refused: Boolean)

/** What follows when a platform does not do something. */
public enum class Consequence(internal val word: String) {
    /** Nothing leaks: it counts for nothing there. */
    NoEffect("no-effect"),

    /** More goes through the tunnel than was asked for. */
    MoreInTunnel("more-in-tunnel"),

    /** Only while no tunnel is set up traffic may go past it. */
    OutsideWhileDown("outside-while-down"),

    /** Some traffic may go past the tunnel that should not: a start is refused unless the host accepts it. */
    TrafficOutside("traffic-outside"),
}

/**
 * One thing that a platform cannot do.
 *
 * @property subject the property of Apple's API, or the key of a profile. @property consequence what follows.
 * @property reason the platform's reason, and what can be done instead.
 */
public data class VpnLimitation(public val subject: String, public val consequence: Consequence, public val reason: String)

internal fun limitations(of: List<Members>): List<VpnLimitation> = of.map { form ->
    val consequence = Consequence.entries.first { it.word == form.text("consequence") }
    VpnLimitation(form.needText("subject"), consequence, form.needText("reason"))
}

/**
 * What is known when a tunnel comes up. Networks are `address/prefix`.
 *
 * @property routes what the server lets through the tunnel. @property hasIpv4 it assigned an IPv4 address.
 * @property hasIpv6 it assigned an IPv6 address. @property localNetworks those of the physical interface, without its default route.
 * @property excludedRoutes what the app wants outside whatever the configuration says.
 */
public data class VpnTunnelRoutes(
    public val routes: List<String>,
    public val hasIpv4: Boolean,
    public val hasIpv6: Boolean,
    public val localNetworks: List<String> = emptyList(),
    public val excludedRoutes: List<String> = emptyList(),
)

internal fun VpnTunnelRoutes.form(): Map<String, Any?> = mapOf(
    "routes" to routes,
    "has_ipv4" to hasIpv4,
    "has_ipv6" to hasIpv6,
    "local_networks" to localNetworks,
    "excluded_routes" to excludedRoutes,
)

/**
 * What is set on this platform for a tunnel.
 *
 * @property included networks into the tunnel. @property excluded networks that stay outside; empty where they were cut out.
 * @property blockIpv4 IPv4 goes into the tunnel to be dropped there. @property blockIpv6 the same for IPv6.
 * @property blockWhileConnecting everything is to be dropped while the tunnel is being made.
 * @property cannot what the platform cannot do.
 */
public data class VpnRoutingPlan(
    public val included: List<String>,
    public val excluded: List<String>,
    public val blockIpv4: Boolean,
    public val blockIpv6: Boolean,
    public val blockWhileConnecting: Boolean,
    public val cannot: List<VpnLimitation>,
) {
    internal companion object {
        fun of(form: Members) = VpnRoutingPlan(
            included = form.texts("included").orEmpty(),
            excluded = form.texts("excluded").orEmpty(),
            blockIpv4 = form.flag("block_ipv4"),
            blockIpv6 = form.flag("block_ipv6"),
            blockWhileConnecting = form.flag("block_while_connecting"),
            cannot = limitations(form.inners("cannot").orEmpty()),
        )
    }
}

/**
 * The apps of a per-app VPN.
 *
 * @property allowed for `addAllowedApplication`, in order. @property missing apps that are not installed.
 * @property usable false: set up no tunnel, since an empty list would take every app. @property cannot what the platform cannot do.
 */
public data class VpnAppLists(
    public val allowed: List<String>,
    public val missing: List<String>,
    public val usable: Boolean,
    public val cannot: List<VpnLimitation>,
) {
    internal companion object {
        fun of(form: Members) = VpnAppLists(
            allowed = form.texts("allowed").orEmpty(),
            missing = form.texts("missing").orEmpty(),
            usable = form.flag("usable"),
            cannot = limitations(form.inners("cannot").orEmpty()),
        )
    }
}
