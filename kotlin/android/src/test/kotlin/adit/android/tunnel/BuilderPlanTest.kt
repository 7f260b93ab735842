package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family
import adit.android.testing.settings
import adit.core.ProxySettings
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.random.Random

class BuilderPlanTest {
    private fun cidr(text: String) = checkNotNull(Cidr.parse(text)) { text }

    private fun device(api: Int = 35, dns: List<String> = emptyList(), installed: (String) -> Boolean = { true }) =
        Device(api, "app.vpn", dns, installed)

    private fun BuilderPlan.routes() = calls.filterIsInstance<BuilderCall.Route>().map { it.network.toString() }

    private fun BuilderPlan.excluded() = calls.filterIsInstance<BuilderCall.ExcludeRoute>().map { it.network.toString() }

    private fun BuilderPlan.dns() = calls.filterIsInstance<BuilderCall.Dns>().map { it.server.address.hostAddress }

    private fun BuilderPlan.allowed() = calls.filterIsInstance<BuilderCall.AllowFamily>().map { it.family }

    private fun BuilderPlan.kinds() = notes.map { it.kind }

    @Test
    fun `a tunnel for everything of both families, call by call`() {
        val plan = builderPlan(
            settings(ipv4 = listOf("10.9.0.5/24"), ipv6 = listOf("fd00:9::5/64"), mtu = 1380, search = listOf("corp.example")),
            TunnelOptions(session = "Work"),
            device(),
        )
        assertEquals(
            listOf(
                BuilderCall.Session("Work"),
                BuilderCall.Mtu(1380),
                BuilderCall.Address(cidr("10.9.0.5/32")),
                BuilderCall.Address(cidr("fd00:9::5/64")),
                BuilderCall.Route(Cidr.ALL_V4),
                BuilderCall.Route(Cidr.ALL_V6),
                BuilderCall.Dns(cidr("10.9.0.1")),
                BuilderCall.SearchDomain("corp.example"),
                BuilderCall.Blocking(false),
                BuilderCall.Metered(false),
                BuilderCall.FollowDefaultNetwork,
            ),
            plan.calls,
        )
        assertTrue(plan.notes.isEmpty(), plan.notes.toString())
    }

    @Test
    fun `what the profile says of name servers is obeyed as far as Android can, and the rest is told`() {
        val plan = builderPlan(
            settings(dns = listOf("10.9.0.53"), match = listOf("a.example"), search = listOf("corp.example")),
            TunnelOptions(),
            device(),
        )
        assertEquals(listOf("10.9.0.53"), plan.dns())
        assertTrue(BuilderCall.SearchDomain("corp.example") in plan.calls)
        assertEquals(1, plan.kinds().count { it == NoteKind.NotOnAndroid }, "${plan.notes}")
        val encrypted = builderPlan(settings(encryptedDns = "TLS"), TunnelOptions(), device())
        assertEquals(listOf("10.9.0.1"), encrypted.dns())
        val told = encrypted.notes.single { it.kind == NoteKind.NotOnAndroid }.text
        assertTrue("TLS" in told && "Private DNS" in told, told)
    }

    // Leaks

    @Test
    fun `IPv6 is blocked in a tunnel for everything without an IPv6 address`() {
        val plan = builderPlan(
            settings(included = listOf("0.0.0.0/0"), dns = listOf("10.9.0.1", "fd00:9::1"), blockIpv6 = true),
            TunnelOptions(),
            device(),
        )
        // Nothing of the family may be named: one name server alone would open it.
        assertTrue(plan.calls.none { it.toString().contains("fd00") || it.toString().contains("0:0:0") }, plan.calls.toString())
        assertTrue(plan.allowed().isEmpty())
        assertEquals(listOf("10.9.0.1"), plan.dns())
        assertEquals(listOf(NoteKind.LeakClosed, NoteKind.LeakClosed), plan.kinds())
    }

    @Test
    fun `a family the core blocks is blocked even with an address and routes of it`() {
        val plan = builderPlan(settings(ipv6 = listOf("fd00:9::5/64"), blockIpv6 = true), TunnelOptions(), device())
        assertEquals(listOf("0.0.0.0/0"), plan.routes())
        assertTrue(plan.calls.none { it is BuilderCall.Address && it.address.family == Family.V6 })
    }

    @Test
    fun `a family may pass where the app says so`() {
        val plan = builderPlan(
            settings(included = listOf("0.0.0.0/0"), blockIpv6 = true),
            TunnelOptions(bypass = setOf(Family.V6)),
            device(),
        )
        assertEquals(listOf(Family.V6), plan.allowed())
    }

    @Test
    fun `IPv4 is blocked in a tunnel for all of IPv6`() {
        val plan = builderPlan(
            settings(ipv4 = emptyList(), ipv6 = listOf("fd00:9::5/128"), included = listOf("::/0"), dns = emptyList(), blockIpv4 = true),
            TunnelOptions(),
            device(),
        )
        assertEquals(listOf("0:0:0:0:0:0:0:0/0"), plan.routes())
        assertTrue(plan.allowed().isEmpty())
        assertEquals(listOf("100:0:0:0:0:0:0:1"), plan.dns())
    }

    @Test
    fun `half of IPv6 becomes all of it when all of IPv4 is tunnelled`() {
        val plan = builderPlan(
            settings(ipv6 = listOf("fd00:9::5/64"), included = listOf("0.0.0.0/0", "fd00:9::/32")),
            TunnelOptions(),
            device(),
        )
        assertEquals(listOf("0.0.0.0/0", "0:0:0:0:0:0:0:0/0"), plan.routes())
        assertEquals(listOf(NoteKind.LeakClosed), plan.kinds())
    }

    @Test
    fun `two halves are everything`() {
        val plan = builderPlan(settings(included = listOf("0.0.0.0/1", "128.0.0.0/1")), TunnelOptions(), device())
        assertEquals(listOf("0.0.0.0/0"), plan.routes())
        assertTrue(plan.allowed().isEmpty(), "IPv6 must not pass beside a tunnel for everything")
    }

    @Test
    fun `all networks means a default route whatever the server narrowed to`() {
        val plan = builderPlan(settings(included = listOf("10.0.0.0/8"), everything = true), TunnelOptions(), device())
        assertEquals(listOf("0.0.0.0/0"), plan.routes())
    }

    @Test
    fun `a tunnel for some networks lets the other family pass`() {
        val plan = builderPlan(settings(included = listOf("10.0.0.0/8")), TunnelOptions(), device())
        assertEquals(listOf(Family.V6), plan.allowed())
        assertEquals(listOf("10.0.0.0/8"), plan.routes())
    }

    // Name servers

    @Test
    fun `there is never no name server`() {
        val random = Random(7)
        repeat(500) {
            val plan = builderPlan(
                settings(
                    ipv4 = listOf("10.9.0.5/32").filter { random.nextBoolean() },
                    ipv6 = listOf("fd00:9::5/64").filter { random.nextBoolean() },
                    included = listOf("0.0.0.0/0", "::/0", "10.0.0.0/8", "fd00::/8").filter { random.nextBoolean() },
                    dns = listOf("10.9.0.1", "fd00:9::1", "nonsense").filter { random.nextInt(3) == 0 },
                    blockIpv4 = random.nextInt(4) == 0,
                    blockIpv6 = random.nextInt(4) == 0,
                    everything = random.nextInt(4) == 0,
                ),
                TunnelOptions(),
                device(dns = listOf("192.168.1.1", "fd11::1").filter { random.nextBoolean() }),
            )
            assertTrue(plan.dns().isNotEmpty(), plan.toString())
        }
    }

    @Test
    fun `a tunnel for everything without a name server gets one that never answers`() {
        val plan = builderPlan(settings(dns = emptyList()), TunnelOptions(), device(dns = listOf("192.168.1.1")))
        assertEquals(listOf("192.0.2.1"), plan.dns())
        assertTrue(NoteKind.LeakClosed in plan.kinds())
    }

    @Test
    fun `a tunnel for some networks without a name server keeps those of the network below`() {
        val split = settings(included = listOf("10.0.0.0/8"), dns = emptyList())
        assertEquals(listOf("192.168.1.1"), builderPlan(split, TunnelOptions(), device(dns = listOf("192.168.1.1"))).dns())
        assertEquals(listOf("192.0.2.1"), builderPlan(split, TunnelOptions(), device()).dns())
        val blocked = settings(included = listOf("10.0.0.0/8"), dns = emptyList(), blockIpv6 = true)
        assertEquals(listOf("192.0.2.1"), builderPlan(blocked, TunnelOptions(), device(dns = listOf("fd11::1"))).dns())
    }

    @Test
    fun `that Android has no name server by domain is told`() {
        val plan = builderPlan(settings(match = listOf("corp.example")), TunnelOptions(), device())
        assertTrue(plan.notes.single { it.kind == NoteKind.NotOnAndroid }.text.contains("corp.example"))
    }

    // Routes that stay outside

    @Test
    fun `excluded networks are cut out below API 33 and named from there on`() {
        val some = settings(excluded = listOf("192.168.0.0/16", "2001:db8::/32"))
        val old = builderPlan(some, TunnelOptions(), device(api = 32))
        assertEquals(16, old.routes().size)
        assertTrue(old.excluded().isEmpty())
        val new = builderPlan(some, TunnelOptions(), device(api = 33))
        assertEquals(listOf("0.0.0.0/0"), new.routes())
        assertEquals(listOf("192.168.0.0/16"), new.excluded())
    }

    @Test
    fun `the networks that stay outside are those that the core names`() {
        val local = settings(excluded = listOf("169.254.0.0/16", "192.168.1.0/24"), excludeLocal = true)
        for (api in listOf(29, 35)) {
            val plan = builderPlan(local, TunnelOptions(), Device(api, "app.vpn"))
            for (outside in listOf("192.168.1.7", "169.254.1.1")) assertFalse(goesIn(plan, cidr(outside)), "$api $outside")
            for (inside in listOf("192.168.2.7", "8.8.8.8")) assertTrue(goesIn(plan, cidr(inside)), "$api $inside")
        }
        assertTrue(builderPlan(settings(excludeLocal = true), TunnelOptions(), device()).excluded().isEmpty())
    }

    @Test
    fun `what of a proxy Android cannot do is told, and one that cannot be read is left out`() {
        fun plan(proxy: ProxySettings) = builderPlan(settings(proxy = proxy), TunnelOptions(), device())
        val both = plan(ProxySettings(null, "a.example:80", "b.example:443", listOf("corp.example")))
        assertEquals(2, both.notes.count { it.kind == NoteKind.NotOnAndroid })
        assertTrue(BuilderCall.Proxy("a.example", 80, emptyList()) in both.calls)
        val secure = plan(ProxySettings(null, null, "[2001:db8::1]:443", emptyList()))
        assertTrue(BuilderCall.Proxy("2001:db8::1", 443, emptyList()) in secure.calls)
        for (wrong in listOf("a.example", "a.example:0", "a.example:x", ":80", "")) {
            val none = plan(ProxySettings(null, wrong, null, emptyList()))
            assertTrue(none.calls.none { it is BuilderCall.Proxy }, wrong)
            assertTrue(NoteKind.Malformed in none.kinds(), wrong)
        }
    }

    /** Where a packet goes is what counts: on each level the longest of the routes that hold its address decides. */
    @Test
    fun `both ways send the same addresses into the tunnel`() {
        for (seed in 0 until 300) {
            val random = Random(seed)
            val some = { List(random.nextInt(5)) { "192.0.2.${random.nextInt(256)}/${24 + random.nextInt(9)}" } }
            val split = settings(included = some() + "198.51.100.0/24", excluded = some())
            val old = builderPlan(split, TunnelOptions(), device(api = 29))
            val new = builderPlan(split, TunnelOptions(), device(api = 35))
            for (value in 0 until 256) {
                val one = cidr("192.0.2.$value")
                assertEquals(goesIn(old, one), goesIn(new, one), "seed $seed: $one of $split")
            }
        }
    }

    private fun goesIn(plan: BuilderPlan, address: Cidr): Boolean {
        val routes = plan.calls.mapNotNull { call ->
            when (call) {
                is BuilderCall.Route -> call.network to true
                is BuilderCall.ExcludeRoute -> call.network to false
                else -> null
            }
        }
        assertEquals(routes.size, routes.map { it.first }.distinct().size, "one network twice: which one wins is Android's secret")
        return routes.filter { address in it.first }.maxByOrNull { it.first.prefix }?.second ?: false
    }

    // The rest

    @Test
    fun `the MTU suits the families it carries`() {
        fun mtu(wanted: Int, v6: Boolean) = builderPlan(
            settings(mtu = wanted, ipv6 = if (v6) listOf("fd00:9::5/64") else emptyList()),
            TunnelOptions(),
            device(),
        ).calls.filterIsInstance<BuilderCall.Mtu>().single().bytes
        assertEquals(1280, mtu(1100, v6 = true))
        assertEquals(1100, mtu(1100, v6 = false))
        assertEquals(576, mtu(1, v6 = false))
        assertEquals(1280, mtu(0, v6 = false))
        assertEquals(65_535, mtu(65_535, v6 = true))
    }

    @Test
    fun `apps are allowed or disallowed, never both, and those that are not installed are skipped`() {
        fun plan(apps: Apps) = builderPlan(settings(), TunnelOptions(apps = apps), device { it != "gone" })
        val only = plan(Apps.Only(setOf("mail", "gone", "browser")))
        assertEquals(listOf("browser", "mail"), only.calls.filterIsInstance<BuilderCall.AllowApp>().map { it.packageName })
        assertTrue(only.calls.none { it is BuilderCall.DisallowApp })
        assertEquals(listOf(NoteKind.NotInstalled), only.kinds() - NoteKind.LeakClosed)
        val but = plan(Apps.AllBut(setOf("gone", "game")))
        assertEquals(listOf("game"), but.calls.filterIsInstance<BuilderCall.DisallowApp>().map { it.packageName })
        assertTrue(but.calls.none { it is BuilderCall.AllowApp })
        assertTrue(plan(Apps.All).calls.none { it is BuilderCall.AllowApp || it is BuilderCall.DisallowApp })
    }

    @Test
    fun `a tunnel for apps that are all gone is not a tunnel for all apps`() {
        val plan = builderPlan(settings(), TunnelOptions(apps = Apps.Only(setOf("gone"))), device { false })
        assertEquals(listOf(BuilderCall.AllowApp("app.vpn")), plan.calls.filterIsInstance<BuilderCall.AllowApp>())
    }

    @Test
    fun `a proxy and whether it is metered need API 29`() {
        val proxy = ProxySettings(pacUrl = null, http = "proxy.example:8080", https = null, matchDomains = emptyList())
        val old = builderPlan(settings(proxy = proxy), TunnelOptions(), device(api = 28))
        assertTrue(old.calls.none { it is BuilderCall.Proxy || it is BuilderCall.Metered })
        assertEquals(listOf(NoteKind.TooOld), old.kinds() - NoteKind.LeakClosed)
        val new = builderPlan(settings(proxy = proxy), TunnelOptions(metered = true), device(api = 29))
        assertTrue(BuilderCall.Proxy("proxy.example", 8080, emptyList()) in new.calls)
        assertTrue(BuilderCall.Metered(true) in new.calls)
        val script = proxy.copy(pacUrl = "http://proxy.example/p.pac")
        assertTrue(BuilderCall.ProxyScript("http://proxy.example/p.pac") in builderPlan(settings(proxy = script), TunnelOptions(), device()).calls)
    }

    @Test
    fun `under lockdown apps outside have no network, and none can bypass`() {
        fun notes(lockdown: Boolean, options: TunnelOptions) =
            builderPlan(settings(included = listOf("10.0.0.0/8")), options, Device(35, "app.vpn", lockdown = lockdown)).notes
                .count { "connections without VPN are blocked" in it.text }
        val both = TunnelOptions(apps = Apps.Only(setOf("mail")), allowBypass = true)
        assertEquals(2, notes(true, both))
        assertEquals(0, notes(false, both))
        assertEquals(0, notes(true, TunnelOptions()))
    }

    @Test
    fun `apps may bypass only what is not enforced`() {
        val options = TunnelOptions(allowBypass = true)
        val split = settings(included = listOf("10.0.0.0/8"))
        assertTrue(BuilderCall.AllowBypass in builderPlan(split, options, device()).calls)
        assertFalse(BuilderCall.AllowBypass in builderPlan(split.copy(enforceRoutes = true), options, device()).calls)
        assertFalse(BuilderCall.AllowBypass in builderPlan(settings(), options, device()).calls)
        assertFalse(BuilderCall.AllowBypass in builderPlan(split, TunnelOptions(), device()).calls)
    }

    @Test
    fun `what cannot be read is left out and told`() {
        val plan = builderPlan(settings(included = listOf("10.0.0.0/8", "10.0.0.0/40"), dns = listOf("10.9.0.1", "x")), TunnelOptions(), device())
        assertEquals(listOf("10.0.0.0/8"), plan.routes())
        assertEquals(listOf(NoteKind.Malformed, NoteKind.Malformed), plan.kinds())
    }

    @Test
    fun `what blocks while connecting takes everything of both families and resolves nothing`() {
        val plan = blockingPlan(TunnelOptions(), device(dns = listOf("192.168.1.1")))
        assertEquals(listOf("0.0.0.0/0", "0:0:0:0:0:0:0:0/0"), plan.routes())
        assertEquals(listOf("192.0.2.1"), plan.dns())
        assertTrue(BuilderCall.Mtu(1280) in plan.calls)
        assertTrue(plan.notes.isEmpty())
    }

    @Test
    fun `for any settings the calls are sound`() {
        for (seed in 0 until 500) {
            val random = Random(seed)
            val some = { of: List<String> -> of.filter { random.nextBoolean() } }
            val api = 26 + random.nextInt(10)
            val plan = builderPlan(
                settings(
                    ipv4 = some(listOf("10.9.0.5/24", "10.9.0.6")),
                    ipv6 = some(listOf("fd00:9::5/64")),
                    included = some(listOf("0.0.0.0/0", "::/0", "10.0.0.1/8", "fd00::/8", "128.0.0.0/1", "::/1")),
                    excluded = some(listOf("10.1.0.0/16", "fd00:1::/32", "0.0.0.0/1", "192.168.0.0/16")),
                    dns = some(listOf("10.9.0.1", "fd00:9::1")),
                    mtu = random.nextInt(2_000),
                    blockIpv4 = random.nextInt(5) == 0,
                    blockIpv6 = random.nextInt(5) == 0,
                    everything = random.nextInt(5) == 0,
                ),
                TunnelOptions(allowBypass = random.nextBoolean()),
                device(api),
            )
            val calls = plan.calls
            val families = calls.filterIsInstance<BuilderCall.Address>().map { it.address.family }.toSet()
            val routes = calls.filterIsInstance<BuilderCall.Route>().map { it.network }
            assertTrue(routes.all { it.isNetwork && it.family in families }, "seed $seed: a route of a family without an address")
            assertTrue(calls.filterIsInstance<BuilderCall.AllowFamily>().none { it.family in families }, "seed $seed")
            val mtu = calls.filterIsInstance<BuilderCall.Mtu>().single().bytes
            assertTrue(mtu >= if (Family.V6 in families) 1280 else 576, "seed $seed")
            assertTrue(api >= 33 || calls.none { it is BuilderCall.ExcludeRoute }, "seed $seed")
            assertTrue(api >= 29 || calls.none { it is BuilderCall.Metered }, "seed $seed")
            assertTrue(calls.distinct().size == calls.size, "seed $seed: a call twice")
        }
    }
}
