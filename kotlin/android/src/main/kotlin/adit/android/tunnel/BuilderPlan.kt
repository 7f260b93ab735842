package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family
import adit.android.routes.RouteSet
import adit.core.ProxySettings
import adit.core.TunnelSettings

/** The smallest MTU a link may have that carries IPv6 (RFC 8200 section 5). */
internal const val MIN_MTU_V6: Int = 1280

/** The smallest MTU every IPv4 link has to take whole datagrams of (RFC 791 section 3.2). */
internal const val MIN_MTU_V4: Int = 576

/** The name server of a tunnel that has none: documentation addresses (RFC 5737) answer nobody. */
internal const val NO_DNS: String = "192.0.2.1"

/** The first API level whose builder takes routes that stay outside. */
internal const val API_EXCLUDE_ROUTE: Int = 33

/** The first API level whose builder takes a proxy and whether it is metered. */
internal const val API_PROXY: Int = 29

/**
 * What the mapping must know of the device.
 *
 * @property api its API level, `Build.VERSION.SDK_INT`.
 * @property ownPackage the VPN app's own package.
 * @property underlyingDns the name servers of the network that carries the tunnel.
 * @property lockdown the user blocks connections without VPN.
 * @property isInstalled whether an app is installed and visible.
 */
public class Device(
    public val api: Int,
    public val ownPackage: String,
    public val underlyingDns: List<String> = emptyList(),
    public val isInstalled: (packageName: String) -> Boolean = { true },
    public val lockdown: Boolean = false,
)

/**
 * The calls that make an interface of what the server assigned: a pure function, the same for the same arguments.
 *
 * - Both families are closed: in a tunnel for everything, a family that has no inner address gets no route, address or
 *   name server, which makes Android block it, unless [TunnelOptions.bypass] lets it pass. A family with an address
 *   whose routes leave holes gets a default route; the core drops what the server would not take.
 * - Networks that stay outside are cut out of the routes below API 33 and named from there on; both send the same
 *   addresses into the tunnel.
 * - There is always a name server. Without one from the server, a tunnel for everything gets one that never answers, and
 *   a tunnel for some networks those of the network below.
 */
public fun builderPlan(settings: TunnelSettings, options: TunnelOptions, device: Device): BuilderPlan =
    Mapping(settings, options, device).plan()

/** The calls of an interface that swallows everything while the tunnel is not up. */
public fun blockingPlan(options: TunnelOptions, device: Device): BuilderPlan {
    val settings = TunnelSettings(
        remoteAddress = "",
        ipv4 = listOf("172.16.252.1/32"),
        ipv6 = listOf("fd00::fd02:1/128"),
        includedRoutes = listOf("0.0.0.0/0", "::/0"),
        excludedRoutes = emptyList(),
        dns = emptyList(),
        matchDomains = emptyList(),
        searchDomains = emptyList(),
        mtu = MIN_MTU_V6.toUShort(),
        proxy = null,
        includeAllNetworks = false,
        enforceRoutes = false,
        excludeLocalNetworks = false,
        blockIpv4 = false,
        blockIpv6 = false,
    )
    val plan = builderPlan(settings, options, device)
    // That it has no name server is its purpose.
    return plan.copy(notes = plan.notes.filter { it.kind != NoteKind.LeakClosed })
}

private class Mapping(
    private val settings: TunnelSettings,
    private val options: TunnelOptions,
    private val device: Device,
) {
    private val calls = ArrayList<BuilderCall>()
    private val notes = ArrayList<Note>()

    private val included = RouteSet.of(networks(settings.includedRoutes, "included route"))
    private val addresses = networks(settings.ipv4, "address") + networks(settings.ipv6, "address")

    /** Whether everything of some family is to go through the tunnel. */
    private val everything = settings.includeAllNetworks || Family.entries.any { included.isAll(it) }

    /** The families of which the tunnel carries something. */
    private val carried = Family.entries.filter { family -> !blocked(family) && addresses.any { it.family == family } }

    /** Families of which nothing is carried and that may leave beside the tunnel. */
    private val passing = (Family.entries - carried.toSet()).filter { it in options.bypass || !everything && !blocked(it) }

    fun plan(): BuilderPlan {
        calls += BuilderCall.Session(options.session)
        calls += BuilderCall.Mtu(mtu())
        interfaceAddresses()
        families()
        routes()
        nameServers()
        domains()
        apps()
        proxy()
        calls += BuilderCall.Blocking(false)
        if (device.api >= API_PROXY) calls += BuilderCall.Metered(options.metered)
        bypass()
        lockdown()
        calls += BuilderCall.FollowDefaultNetwork
        return BuilderPlan(calls, notes)
    }

    private fun blocked(family: Family): Boolean =
        if (family == Family.V4) settings.blockIpv4 else settings.blockIpv6

    private fun mtu(): Int {
        val least = if (Family.V6 in carried) MIN_MTU_V6 else MIN_MTU_V4
        val wanted = settings.mtu.toLong()
        if (wanted == 0L) return MIN_MTU_V6
        return wanted.coerceIn(least.toLong(), MAX_MTU).toInt()
    }

    private fun interfaceAddresses() {
        for (address in addresses) {
            if (address.family !in carried) continue
            // A longer prefix would make the kernel route the rest of the inner network here, asked for or not.
            calls += BuilderCall.Address(if (address.family == Family.V4) address.withPrefix(32) else address)
        }
        if (carried.isEmpty()) note(NoteKind.Malformed, "the server assigned no inner address that can be used")
    }

    /** Android blocks what is not carried unless told otherwise. */
    private fun families() {
        for (family in Family.entries - carried.toSet()) {
            if (family in passing) {
                calls += BuilderCall.AllowFamily(family)
            } else {
                note(NoteKind.LeakClosed, "$family is blocked: everything is to go through the tunnel, which does not carry it")
            }
        }
    }

    private fun routes() {
        var into = RouteSet.of(included.networks.filter { it.family in carried })
        for (family in carried) {
            if (!everything || into.isAll(family) || family in options.bypass) continue
            into = RouteSet.of(into.networks + Cidr.all(family))
            note(NoteKind.LeakClosed, "all of $family is routed into the tunnel: its routes left holes")
        }
        val excluded = networks(settings.excludedRoutes, "excluded route")
        val outside = RouteSet.of(excluded.filter { into.intersects(it) })
        if (device.api < API_EXCLUDE_ROUTE) {
            (into - outside).networks.forEach { calls += BuilderCall.Route(it) }
            return
        }
        // The longest match wins: a route inside an excluded network would win over the exclusion.
        into.networks.filter { it !in outside }.forEach { calls += BuilderCall.Route(it) }
        outside.networks.filter { out -> into.networks.any { out in it && it != out } }
            .forEach { calls += BuilderCall.ExcludeRoute(it) }
    }

    private fun nameServers() {
        settings.encryptedDns?.let {
            note(
                NoteKind.NotOnAndroid,
                "the profile's name servers over $it are left out, the server's take their place: Android gives a VPN no encrypted " +
                    "DNS, which is the user's setting (Private DNS)",
            )
        }
        val servers = addressesOf(settings.dns, "name server")
        val (usable, useless) = servers.partition { it.family in carried }
        for (server in useless) {
            note(NoteKind.LeakClosed, "name server $server is left out: the tunnel carries nothing of its family")
        }
        if (usable.isNotEmpty()) {
            usable.forEach { calls += BuilderCall.Dns(it) }
            return
        }
        // A name server opens its family, so none of one that is blocked.
        val below = addressesOf(device.underlyingDns, "name server below").filter { it.family in carried + passing }
        if (!everything && below.isNotEmpty()) {
            below.forEach { calls += BuilderCall.Dns(it) }
            return
        }
        Cidr.parse(if (Family.V4 in carried) NO_DNS else NO_DNS_V6)?.let { calls += BuilderCall.Dns(it) }
        note(
            NoteKind.LeakClosed,
            "there is no name server that can be used: names do not resolve, so that no query leaves beside the tunnel",
        )
    }

    private fun domains() {
        settings.searchDomains.filter { it.isNotBlank() }.distinct().forEach { calls += BuilderCall.SearchDomain(it) }
        val match = settings.matchDomains.filter { it.isNotBlank() }
        if (match.isNotEmpty()) {
            note(
                NoteKind.NotOnAndroid,
                "all names go to the tunnel's name servers, not only ${match.joinToString()}: Android has no name server by domain",
            )
        }
    }

    private fun apps() {
        when (val apps = options.apps) {
            is Apps.All -> Unit
            is Apps.Only -> {
                val installed = installed(apps.packages)
                installed.forEach { calls += BuilderCall.AllowApp(it) }
                if (installed.isEmpty()) {
                    calls += BuilderCall.AllowApp(device.ownPackage)
                    note(NoteKind.LeakClosed, "no app uses the tunnel: none of those it is for is installed")
                }
            }
            is Apps.AllBut -> installed(apps.packages).forEach { calls += BuilderCall.DisallowApp(it) }
        }
    }

    private fun installed(packages: Set<String>): List<String> {
        val (installed, absent) = packages.sorted().partition { device.isInstalled(it) }
        absent.forEach { note(NoteKind.NotInstalled, "$it is not installed, or not visible to this app") }
        return installed
    }

    private fun proxy() {
        val proxy = settings.proxy ?: return
        if (device.api < API_PROXY) {
            note(NoteKind.TooOld, "the proxy is left out: Android takes one from API $API_PROXY on, this is ${device.api}")
            return
        }
        if (proxy.matchDomains.any { it.isNotBlank() }) {
            note(
                NoteKind.NotOnAndroid,
                "the proxy is used for all hosts, not only ${proxy.matchDomains.joinToString()}: Android has no proxy by domain",
            )
        }
        if (proxy.http != null && proxy.https != null && proxy.http != proxy.https) {
            note(NoteKind.NotOnAndroid, "the proxy ${proxy.https} for HTTPS is left out: Android takes one proxy")
        }
        proxyCall(proxy)?.let { calls += it } ?: note(NoteKind.Malformed, "the proxy is left out: neither a host with a port nor a script")
    }

    private fun proxyCall(proxy: ProxySettings): BuilderCall? {
        val script = proxy.pacUrl.orEmpty()
        if (script.isNotBlank()) return BuilderCall.ProxyScript(script)
        val server = proxy.http ?: proxy.https ?: return null
        val host = server.substringBeforeLast(':').removeSurrounding("[", "]")
        val port = server.substringAfterLast(':', "").toIntOrNull() ?: return null
        return if (host.isBlank() || port !in 1..MAX_PORT) null else BuilderCall.Proxy(host, port, emptyList())
    }

    private fun bypass() {
        if (!options.allowBypass) return
        if (everything || settings.enforceRoutes) {
            note(NoteKind.LeakClosed, "apps may not bypass the tunnel: the profile enforces its routes or tunnels everything")
        } else {
            calls += BuilderCall.AllowBypass
        }
    }

    /** What the user's own setting takes from the app's choices. */
    private fun lockdown() {
        if (!device.lockdown) return
        if (options.apps != Apps.All) note(NoteKind.NotOnAndroid, "apps that do not use the tunnel have no network: connections without VPN are blocked")
        if (options.allowBypass) note(NoteKind.NotOnAndroid, "no app can bypass the tunnel: connections without VPN are blocked")
    }

    private fun networks(texts: List<String>, what: String): List<Cidr> = texts.mapNotNull { text ->
        Cidr.parse(text).also { if (it == null) note(NoteKind.Malformed, "$what \"$text\" is no address with a prefix length") }
    }

    private fun addressesOf(texts: List<String>, what: String): List<Cidr> =
        networks(texts, what).map { it.withPrefix(it.family.bits) }.distinct()

    private fun note(kind: NoteKind, text: String) {
        notes += Note(kind, text)
    }

    private companion object {
        const val MAX_MTU = 65_535L
        const val MAX_PORT = 65_535

        /** Of the discard prefix (RFC 6666). */
        const val NO_DNS_V6 = "100::1"
    }
}
