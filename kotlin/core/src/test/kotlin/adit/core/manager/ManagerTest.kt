package adit.core.manager

import adit.core.AditException
import adit.core.NetworkInfo
import adit.core.NetworkKind
import adit.core.Outcome
import adit.core.errorOrNull
import adit.core.orThrow
import adit.core.text
import adit.core.valueOrNull
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.TimeUnit

class ManagerTest {
    private val host = FakeHost()

    private val wifi = NetworkInfo(7u, "wlan0", NetworkKind.WIFI, listOf("192.0.2.9"), listOf("192.0.2.53"), listOf("work.example"), "work", false)

    private val cafe = wifi.copy(ssid = "cafe", searchDomains = emptyList())

    private suspend fun VpnManager.store(configuration: VpnConfiguration = connectable()) {
        loadFromPreferences().orThrow()
        this.configuration = configuration
        if ((configuration.protocolConfiguration as? Ikev2Protocol)?.authenticationMethod == IkeAuthenticationMethod.SharedSecret) {
            setSecret(SecretSlot.SharedSecret, "hunter2".toByteArray())
        }
        saveToPreferences().orThrow()
    }

    private fun error(outcome: Outcome<*>): VpnErrorCode? = outcome.errorOrNull()?.vpnError

    // Load, save, remove

    @Test
    fun `there is one shared manager, empty where nothing is stored`() = withVpn(host) { vpn ->
        assertSame(vpn.shared, vpn.shared)
        assertSame(vpn.shared, vpn.shared.connection.manager)
        assertEquals(VpnConfigurationKey.Personal("test.app"), vpn.shared.key)
        assertEquals(VpnStatus.Invalid, vpn.shared.connection.status)
        vpn.shared.loadFromPreferences().orThrow()
        assertEquals(VpnConfiguration(), vpn.shared.configuration)
    }

    @Test
    fun `a save before a load fails`() = withVpn(host) { vpn ->
        vpn.shared.configuration = connectable()
        val failed = vpn.shared.saveToPreferences()
        assertEquals(VpnErrorCode.ConfigurationStale, error(failed))
        assertTrue(failed.errorOrNull()!!.text.contains("load"), "${failed.errorOrNull()}")
        assertTrue(host.records.isEmpty())
    }

    @Test
    fun `the first save asks for consent, and secrets are references`() = withVpn(host) { vpn ->
        var description: String? = null
        host.consents = { description = it }
        vpn.shared.store()
        assertEquals("Work", description)
        assertEquals(listOf("load", "consent", "save"), host.asked.toList())
        val saved = vpn.shared.configuration.protocolConfiguration!!
        assertEquals("hunter2", host.secrets.getValue(saved.sharedSecretReference!!).decodeToString())
        assertFalse(host.records.values.single().contains("hunter2"))
        assertEquals(VpnStatus.Disconnected, vpn.shared.connection.status)

        host.asked.clear()
        vpn.shared.edit { copy(localizedDescription = "Home") }
        vpn.shared.saveToPreferences().orThrow()
        assertEquals(listOf("save"), host.asked.toList())
        assertEquals(2uL, recordGeneration(host.records.values.single()))
    }

    @Test
    fun `secrets of every kind are stored with the host`() = withVpn(host) { vpn ->
        val proxy = VpnProxyServer("proxy.example", 8080, authenticationRequired = true, username = "me")
        vpn.shared.loadFromPreferences().orThrow()
        vpn.shared.configuration = connectable().copy(
            protocolConfiguration = (connectable().protocolConfiguration as Ikev2Protocol).copy(
                username = "me",
                useExtendedAuthentication = true,
                authenticationMethod = IkeAuthenticationMethod.Certificate,
                ppkConfiguration = Ikev2PpkConfiguration("key"),
                proxySettings = VpnProxySettings(httpEnabled = true, httpServer = proxy, httpsEnabled = true, httpsServer = proxy),
            ),
        )
        for (slot in SecretSlot.entries) vpn.shared.setSecret(slot, "secret $slot".toByteArray())
        vpn.shared.saveToPreferences().orThrow()
        val saved = vpn.shared.configuration.protocolConfiguration as Ikev2Protocol
        val references = mapOf(
            SecretSlot.Password to saved.passwordReference,
            SecretSlot.SharedSecret to saved.sharedSecretReference,
            SecretSlot.IdentityData to saved.identityDataReference,
            SecretSlot.IdentityDataPassword to saved.identityDataPasswordReference,
            SecretSlot.PostQuantumPresharedKey to saved.ppkConfiguration?.keychainReference,
            SecretSlot.HttpProxyPassword to saved.proxySettings?.httpServer?.passwordReference,
            SecretSlot.HttpsProxyPassword to saved.proxySettings?.httpsServer?.passwordReference,
        )
        for (slot in SecretSlot.entries) assertEquals("secret $slot", host.secrets[references[slot]]?.decodeToString(), "$slot")
        assertFalse(host.records.values.single().contains("secret P"))
    }

    @Test
    fun `a refused consent stores nothing`() = withVpn(host) { vpn ->
        host.consents = { throw VpnRefusal("not today") }
        vpn.shared.loadFromPreferences().orThrow()
        vpn.shared.configuration = connectable()
        vpn.shared.setSecret(SecretSlot.SharedSecret, "hunter2".toByteArray())
        val failed = vpn.shared.saveToPreferences()
        assertEquals(VpnErrorCode.ConfigurationReadWriteFailed, error(failed))
        assertTrue(failed.errorOrNull()!!.text.contains("not today"))
        assertTrue(host.records.isEmpty())
    }

    @Test
    fun `a stale copy is not saved`() = withVpn(host) { vpn ->
        vpn.shared.store()
        vpn.manager(vpn.shared.key).use { other ->
            other.loadFromPreferences().orThrow()
            assertEquals("Work", other.configuration.localizedDescription)
            other.edit { copy(localizedDescription = "Other") }
            other.saveToPreferences().orThrow()
            vpn.shared.edit { copy(localizedDescription = "Mine") }
            assertEquals(VpnErrorCode.ConfigurationStale, error(vpn.shared.saveToPreferences()))
            vpn.shared.loadFromPreferences().orThrow()
            assertEquals("Other", vpn.shared.configuration.localizedDescription)
        }
        assertNotNull(runCatching { vpn.manager(vpn.shared.key).also { it.close() }.configuration }.exceptionOrNull())
    }

    @Test
    fun `another process's save is seen by the store`() = withVpn(host) { vpn ->
        vpn.shared.store()
        val record = host.records.getValue(vpn.shared.key)
        host.records[vpn.shared.key] = record.replace("\"generation\":1", "\"generation\":8")
        vpn.shared.edit { copy(localizedDescription = "Mine") }
        assertEquals(VpnErrorCode.ConfigurationStale, error(vpn.shared.saveToPreferences()))
    }

    @Test
    fun `a change that another process tells of makes copies stale, and is told`() = withVpn(host) { vpn ->
        vpn.shared.store()
        coroutineScope {
            val told = async(start = CoroutineStart.UNDISPATCHED) {
                vpn.notifications.first { it == VpnNotification.ConfigurationChanged(vpn.shared.key) }
            }
            vpn.storeChanged(vpn.shared.key)
            told.await()
        }
        assertEquals(VpnErrorCode.ConfigurationStale, error(vpn.shared.saveToPreferences()))
    }

    @Test
    fun `removing deletes the secrets too`() = withVpn(host) { vpn ->
        vpn.shared.store()
        vpn.shared.removeFromPreferences().orThrow()
        assertTrue(host.records.isEmpty())
        assertEquals("delete", generateSequence { host.asked.poll(5, TimeUnit.SECONDS) }.first { it == "delete" })
        assertEquals(VpnStatus.Invalid, vpn.shared.connection.status)
    }

    @Test
    fun `a store that fails is told`() = withVpn(host) { vpn ->
        host.loads = { throw java.io.IOException("disk") }
        val failed = vpn.shared.loadFromPreferences()
        assertEquals(VpnErrorCode.ConfigurationReadWriteFailed, error(failed))
        assertTrue(failed.errorOrNull()!!.text.contains("disk"))
    }

    @Test
    fun `what is not valid is not saved, and is told before`() = withVpn(host) { vpn ->
        vpn.shared.loadFromPreferences().orThrow()
        vpn.shared.configuration = VpnConfiguration()
        assertEquals(VpnErrorCode.ConfigurationInvalid, error(vpn.shared.saveToPreferences()))
        assertTrue(vpn.shared.objections().any { it.refused && it.property == "protocolConfiguration" })
    }

    @Test
    fun `enabling one disables the others, and all are loaded`() = withVpn(host) { vpn ->
        vpn.shared.store()
        vpn.manager(VpnConfigurationKey.Personal("other.app")).use { other ->
            other.store()
            vpn.shared.loadFromPreferences().orThrow()
            assertFalse(vpn.shared.configuration.isEnabled)
            vpn.shared.connection.startVpnTunnel().let { assertEquals(VpnErrorCode.ConfigurationDisabled, error(it)) }
        }
        val all = vpn.loadAllFromPreferences().orThrow()
        assertEquals(setOf("test.app", "other.app"), all.map { (it.key as VpnConfigurationKey.Personal).app }.toSet())
        assertEquals(1, all.count { it.configuration.isEnabled })
        all.forEach { it.close() }
    }

    @Test
    fun `changes are told`() = withVpn(host) { vpn ->
        coroutineScope {
            val told = async(start = CoroutineStart.UNDISPATCHED) {
                vpn.notifications.filterIsInstance<VpnNotification.ConfigurationChanged>().first()
            }
            vpn.shared.store()
            assertEquals(vpn.shared.key, told.await().key)
        }
    }

    // Start and stop

    @Test
    fun `a start hands over profile, addresses and options, and a stop ends it`() = withVpn(host) { vpn ->
        vpn.shared.store()
        vpn.shared.connection.startVpnTunnel(VpnStartOptions("me", "now")).orThrow()
        val (start, report) = host.tunnel()
        assertEquals(listOf("192.0.2.7"), start.addresses)
        assertEquals("me" to "now", start.username to start.password)
        assertEquals(vpn.shared.key, start.key)
        assertFalse(start.onDemand)
        assertTrue(start.profile.decodeToString().contains("vpn.example.org"))
        assertFalse(start.toString().contains("now"))
        val options = start.sessionOptions(adit.core.HostAbilities(false, false, false, false))
        assertEquals(listOf("192.0.2.7"), options.serverAddresses)
        assertEquals("me", start.sessionOptions(adit.core.HostAbilities(false, false, false, false)).credentials.username)
        assertEquals(VpnStatus.Connecting, vpn.shared.connection.status)
        assertNull(vpn.shared.connection.connectedDate)
        assertNull(vpn.shared.connection.fetchLastDisconnectError())
        vpn.shared.connection.stopVpnTunnel()
        assertEquals(start.tunnel, host.stopped.poll(10, TimeUnit.SECONDS))
        assertEquals(VpnStatus.Disconnected, vpn.shared.connection.statuses.first { it == VpnStatus.Disconnected })
        assertNull(vpn.shared.connection.fetchLastDisconnectError()!!.error)
    }

    @Test
    fun `what is not stored, and IKEv1, is not started`() = withVpn(host) { vpn ->
        assertEquals(VpnErrorCode.ConfigurationInvalid, error(vpn.shared.connection.startVpnTunnel()))
        val ikev1 = IpsecProtocol(
            serverAddress = "vpn.example.org", authenticationMethod = IkeAuthenticationMethod.SharedSecret, localIdentifier = "group",
        )
        vpn.shared.loadFromPreferences().orThrow()
        vpn.shared.configuration = VpnConfiguration(isEnabled = true, protocolConfiguration = ikev1)
        vpn.shared.setSecret(SecretSlot.SharedSecret, "hunter2".toByteArray())
        vpn.shared.saveToPreferences().orThrow()
        val refused = vpn.shared.connection.startVpnTunnel()
        assertTrue(refused.errorOrNull()!!.text.contains("IKEv1"), "${refused.errorOrNull()}")
    }

    @Test
    fun `a tunnel that may not run, or fails, is told as Apple's error`() = withVpn(host) { vpn ->
        vpn.shared.store()
        val connection = vpn.shared.connection
        for ((end, error) in listOf<Pair<VpnTunnelReport.() -> Unit, VpnConnectionError?>>(
            { report: VpnTunnelReport -> report.revoked() } to VpnConnectionError.PluginDisabled,
            { report: VpnTunnelReport -> report.closed(VpnConnectionError.PluginDisabled, "no consent") } to VpnConnectionError.PluginDisabled,
            { report: VpnTunnelReport -> report.closed(VpnConnectionError.PluginFailed, "no interface") } to VpnConnectionError.PluginFailed,
            { report: VpnTunnelReport -> report.closed(null) } to null,
            { report: VpnTunnelReport -> report.idle() } to null,
        )) {
            connection.startVpnTunnel().orThrow()
            host.tunnel().second.end()
            assertEquals(VpnStatus.Disconnected, connection.status)
            assertEquals(error, connection.fetchLastDisconnectError()!!.error)
        }
        assertTrue("DisconnectOnIdle" in connection.fetchLastDisconnectError()!!.message)
        host.tunnels = { _, _ -> throw VpnRefusal("no room") }
        connection.startVpnTunnel().orThrow()
        connection.statuses.first { it == VpnStatus.Disconnected }
        val last = connection.fetchLastDisconnectError()!!
        assertTrue(last.message.contains("no room"), "$last")
    }

    @Test
    fun `a managed configuration goes before the app's own`() = withVpn(host, VpnPlatform.Android(35, false)) { vpn ->
        vpn.shared.store(connectable().copy(protocolConfiguration = everything()))
        vpn.manager(VpnConfigurationKey.Managed("0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60")).use { managed ->
            managed.store(connectable().copy(protocolConfiguration = everything()))
            vpn.shared.connection.startVpnTunnel().orThrow()
            val (first, report) = host.tunnel()
            managed.connection.startVpnTunnel().orThrow()
            assertEquals(first.tunnel, host.stopped.poll(10, TimeUnit.SECONDS))
            report.closed(null)
            assertEquals(managed.key, host.tunnel().first.key)
        }
    }

    private fun everything() = (connectable().protocolConfiguration as Ikev2Protocol).copy(includeAllNetworks = true)

    // On demand

    private val onDemand = connectable().copy(
        isOnDemandEnabled = true,
        onDemandRules = listOf(
            OnDemandRuleDisconnect(ssidMatch = listOf("work")),
            OnDemandRuleEvaluateConnection(
                listOf(EvaluateConnectionRule(listOf("example.org"), EvaluateConnectionRuleAction.ConnectIfNeeded)),
                interfaceTypeMatch = OnDemandRuleInterfaceType.Cellular,
            ),
            OnDemandRuleConnect(),
        ),
    )

    @Test
    fun `rules start and end the tunnel as the network changes`() = withVpn(host) { vpn ->
        coroutineScope {
            val told = async(start = CoroutineStart.UNDISPATCHED) {
                vpn.notifications.filterIsInstance<VpnNotification.OnDemand>().first()
            }
            vpn.shared.store(onDemand)
            vpn.networkChanged(wifi)
            assertTrue(told.await().summary.isNotBlank())
            assertEquals(VpnStatus.Disconnected, vpn.shared.connection.status)
            vpn.networkChanged(cafe)
            val (start, report) = host.tunnel()
            assertTrue(start.onDemand)
            vpn.networkChanged(wifi)
            assertEquals(start.tunnel, host.stopped.poll(10, TimeUnit.SECONDS))
            report.closed(null)
            vpn.networkChanged(null)
            assertNull(host.started.poll(200, TimeUnit.MILLISECONDS))
        }
    }

    @Test
    fun `the user turns on demand off, unless the configuration is managed so`() = withVpn(host) { vpn ->
        vpn.shared.store(onDemand)
        vpn.shared.setUserOverride(true).orThrow()
        vpn.networkChanged(cafe)
        assertNull(host.started.poll(200, TimeUnit.MILLISECONDS))
        vpn.shared.setUserOverride(false).orThrow()
        assertTrue(host.tunnel().first.onDemand)
        vpn.manager(VpnConfigurationKey.Managed("0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60")).use { managed ->
            managed.store(onDemand.copy(isEnabled = false, managed = ManagedVpnSettings(onDemandUserOverrideDisabled = true)))
            assertInstanceOf(AditException.Usage::class.java, managed.setUserOverride(true).errorOrNull())
        }
    }

    @Test
    fun `a rule looks at each connection`() = withVpn(host) { vpn ->
        vpn.shared.store(onDemand)
        vpn.networkChanged(cafe.copy(kind = NetworkKind.CELLULAR, ssid = null))
        vpn.connectionOpened("other.example")
        host.reachable = false
        vpn.connectionOpened("a.example.org")
        assertTrue(host.tunnel().first.onDemand)
        assertTrue("name a.example.org" in host.asked, "${host.asked}")
        assertFalse(host.asked.any { it.contains("other.example") })
    }

    @Test
    fun `a probe decides`() = withVpn(host) { vpn ->
        vpn.shared.store(onDemand.copy(onDemandRules = listOf(OnDemandRuleConnect(probeUrl = "https://probe.example/"))))
        vpn.networkChanged(wifi)
        assertEquals("url https://probe.example/", generateSequence { host.asked.poll(5, TimeUnit.SECONDS) }.first { it.startsWith("url") })
        assertNull(host.started.poll(200, TimeUnit.MILLISECONDS))
        host.reachable = true
        vpn.networkChanged(cafe)
        host.tunnel()
    }

    @Test
    fun `the tunnel ends when the device sleeps, where it is to`() = withVpn(host) { vpn ->
        val protocol = (connectable().protocolConfiguration as Ikev2Protocol).copy(disconnectOnSleep = true)
        vpn.shared.store(connectable().copy(protocolConfiguration = protocol, managed = ManagedVpnSettings(disconnectOnIdleSeconds = 600)))
        vpn.shared.connection.startVpnTunnel().orThrow()
        val (start, report) = host.tunnel()
        vpn.sleep()
        assertEquals(start.tunnel, host.stopped.poll(10, TimeUnit.SECONDS))
        vpn.wake()
    }

    // What a platform can do

    @Test
    fun `the platform's limits are told`() = withVpn(host, VpnPlatform.Android(30, false)) { vpn ->
        vpn.shared.store(connectable().copy(protocolConfiguration = everything().copy(sliceUuid = "A4B9F2B1-6F0A-4A0E-8E40-0E2F3C1B9D11")))
        assertTrue(vpn.shared.limitations().any { it.subject == "sliceUUID" && it.consequence == Consequence.NoEffect }, "${vpn.shared.limitations()}")
        val routes = VpnTunnelRoutes(listOf("0.0.0.0/0"), hasIpv4 = true, hasIpv6 = false, localNetworks = listOf("192.0.2.0/24"))
        val plan = vpn.shared.routingPlan(routes).orThrow()
        assertTrue(plan.blockIpv6 && !plan.blockIpv4 && plan.blockWhileConnecting && plan.excluded.isEmpty(), "$plan")
        assertNull(vpn.shared.appLists(listOf("a")))
        vpn.shared.edit { copy(managed = ManagedVpnSettings(perApp = PerAppVpn("u", apps = listOf(VpnAppRule("a"), VpnAppRule("b"), VpnAppRule("c"))))) }
        val apps = vpn.shared.appLists(listOf("a", "org.b"), mapOf("b" to "org.b"))!!
        assertEquals(listOf("a", "org.b") to listOf("c"), apps.allowed to apps.missing)
        assertTrue(apps.usable && apps.cannot.isEmpty())
        vpn.manager(VpnConfigurationKey.Personal("none")).use { assertNotNull(it.routingPlan(routes).errorOrNull()) }
    }

    // The end

    @Test
    fun `a closed Personal VPN says so`() {
        lateinit var left: VpnSystem
        withVpn(host) { vpn ->
            left = vpn
            coroutineScope {
                host.loads = { Thread.sleep(200) }
                val waiting = async { vpn.shared.loadFromPreferences() }
                launch {
                    kotlinx.coroutines.delay(50)
                    vpn.close()
                    vpn.close()
                }
                assertInstanceOf(AditException.Usage::class.java, waiting.await().errorOrNull())
                assertNull(vpn.shared.loadFromPreferences().valueOrNull())
            }
        }
        assertTrue(runCatching { left.shared.configuration }.isFailure)
    }

    @Test
    fun `wrong options are the programmer's mistake`() = withVpn(host) { vpn ->
        val wrong = runCatching { VpnSystem(VpnSystemOptions("a", VpnPlatform.Android(70_000, false)), host, kotlinx.coroutines.GlobalScope) }
        assertInstanceOf(AditException.Usage::class.java, wrong.exceptionOrNull())
        assertInstanceOf(AditException.Profile::class.java, vpn.shared.importProfile("x".toByteArray()).errorOrNull())
    }
}
