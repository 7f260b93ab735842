package adit.android.manager

import adit.android.AditVpnService
import adit.android.network.NetworkWatcher
import adit.android.network.UnderlyingNetwork
import adit.android.power.WakeUps
import adit.android.service.ServicePlatform
import adit.android.service.TunnelStatus
import adit.android.testing.network
import adit.android.trust.DeviceAnswers
import adit.android.tunnel.Apps
import adit.android.tunnel.TunDescriptor
import adit.android.tunnel.TunnelBuilder
import adit.android.tunnel.TunnelOptions
import adit.core.Answer
import adit.core.Question
import adit.core.errorOrNull
import adit.core.manager.VpnAppRule
import adit.core.manager.IkeAuthenticationMethod
import adit.core.manager.VpnConnectionError
import adit.core.manager.Ikev2Protocol
import adit.core.manager.ManagedVpnSettings
import adit.core.manager.OnDemandRuleConnect
import adit.core.manager.PerAppVpn
import adit.core.manager.VpnSystemOptions
import adit.core.manager.SecretReference
import adit.core.manager.SecretSlot
import adit.core.manager.VpnRefusal
import adit.core.manager.VpnConfiguration
import adit.core.manager.VpnConfigurationKey
import adit.core.manager.VpnErrorCode
import adit.core.manager.VpnPlatform
import adit.core.manager.VpnStatus
import adit.core.manager.vpnError
import adit.core.orThrow
import android.app.Activity
import android.content.Intent
import io.mockk.every
import io.mockk.mockk
import io.mockk.verify
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.IOException
import java.net.InetAddress
import java.security.KeyPairGenerator
import javax.crypto.spec.SecretKeySpec
import kotlin.time.Duration.Companion.seconds

/** The model, the store and the service together, with the real core; the server is an address of this host that is silent. */
class PersonalVpnServiceTest {
    @TempDir
    lateinit var folder: File

    private var changed: ((UnderlyingNetwork?) -> Unit)? = null
    private var dozes: ((Boolean) -> Unit)? = null
    private var consent: Intent? = null
    private var agrees = true
    private var foreground = true
    private val descriptor = mockk<TunDescriptor>(relaxed = true) { every { fd } returns 42 }
    private var established = false
    private val builder = mockk<TunnelBuilder>(relaxed = true) {
        every { establish() } answers { descriptor.also { established = true } }
        every { addAllowedApplication(any()) } returns true
    }
    private var protects = true
    private var lockdown: Boolean? = null
    private val android = mockk<ServicePlatform>(relaxed = true) {
        every { api } returns 35
        every { ownPackage } returns "app.vpn"
        every { isPrepared() } answers { consent == null }
        every { isLockdown } answers { lockdown?.let { it && established } }
        every { showForeground(any()) } answers { foreground }
        every { newBuilder() } returns builder
        every { isInstalled(any()) } returns true
        every { protect(any()) } answers { protects }
        every { bind(any(), any()) } returns true
        every { resolve("vpn.example", any()) } returns listOf("127.0.0.1")
        every { networks } returns mockk<NetworkWatcher>(relaxed = true) {
            every { start(any()) } answers { firstArg<(UnderlyingNetwork?) -> Unit>()(UnderlyingNetwork(network("wlan0"))) }
        }
    }
    private val below = mockk<PhysicalNetwork> {
        every { resolve("vpn.example") } returns listOf(InetAddress.getLoopbackAddress())
    }
    private val tunnels = ServiceTunnels(
        launch = { service.onStartCommand(intent("adit.android.START"), 0, 1) },
        halt = { service.onStartCommand(intent("adit.android.STOP"), 0, 2) },
    )
    /** The store of a device that was not unlocked yet cannot be read. */
    private var unreadable = false

    private inner class Store(private val files: ConfigurationStore) : ConfigurationStore by files {
        override fun keys() = if (unreadable) throw IOException("locked") else files.keys()

        override fun record(key: VpnConfigurationKey) = if (unreadable) throw IOException("locked") else files.record(key)
    }

    private fun model() = AndroidPersonalVpn(
        host = { network ->
            val store = Store(FileStore(folder, AesGcmCipher { SecretKeySpec(ByteArray(16), "AES") }))
            val asker = ConsentAsker { agrees.also { if (it) consent = null } }
            AndroidVpnHost(store, { consent }, asker, { network()?.let { below } }, tunnels)
        },
        options = VpnSystemOptions("app.vpn", VpnPlatform.Android(35, false)),
        tunnels = tunnels,
        watcher = mockk<NetworkWatcher>(relaxed = true) { every { start(any()) } answers { changed = firstArg() } },
        wakeUps = mockk<WakeUps>(relaxed = true) { every { start(any(), any()) } answers { dozes = firstArg() } },
        scope = CoroutineScope(SupervisorJob() + Dispatchers.Default),
        lockdown = LockdownMemory(File(folder, "new/lockdown")),
    )

    private var made: AndroidPersonalVpn? = null
    private var personal: AndroidPersonalVpn
        get() = made ?: model().also { made = it }
        set(value) {
            made = value
        }
    private val options = ArrayList<TunnelOptions>()

    private inner class Vpn : PersonalVpnService() {
        override fun personalVpn() = personal

        override fun platform(): ServicePlatform = android

        override val deviceAnswers = DeviceAnswers({ _, _ -> }, mockk {
            every { key("work") } returns key
            every { certificates(any()) } returns emptyList()
        })

        suspend fun answers(question: Question) = answer(question)

        suspend fun certificates(reference: SecretReference) = identity(reference)

        val asks get() = abilities

        override fun tunnelOptions(configuration: VpnConfiguration) = super.tunnelOptions(configuration).also { options += it }
    }

    private val key = KeyPairGenerator.getInstance("EC").generateKeyPair().private
    private val service = Vpn().apply { onCreate() }

    private val shared get() = personal.vpn.shared

    private fun intent(of: String): Intent = Intent().apply { action = of }

    private fun running(test: suspend () -> Unit) = runBlocking { withTimeout(30.seconds) { test() } }

    private suspend fun store(tells: Boolean = true, change: VpnConfiguration.() -> VpnConfiguration = { this }) {
        shared.loadFromPreferences().orThrow()
        val protocol = Ikev2Protocol(
            serverAddress = "vpn.example",
            remoteIdentifier = "vpn.example",
            localIdentifier = "me",
            authenticationMethod = IkeAuthenticationMethod.SharedSecret,
        )
        shared.configuration = VpnConfiguration(true, protocol, "Work").change()
        shared.setSecret(SecretSlot.SharedSecret, "hunter2".toByteArray())
        shared.saveToPreferences().orThrow()
        if (tells) changed!!(UnderlyingNetwork(network("wlan0")))
    }

    private suspend fun status(wanted: VpnStatus) = shared.connection.statuses.first { it == wanted }

    @AfterEach
    fun `nothing runs afterwards`() {
        service.onDestroy()
        running { AditVpnService.status.first { it is TunnelStatus.Disconnected } }
        personal.close()
    }

    @Test
    fun `the first save asks what Android wants to ask, and a refusal stores nothing`() = running {
        consent = mockk()
        agrees = false
        val refused = runCatching { store() }.exceptionOrNull() as adit.core.AditException
        assertEquals(VpnErrorCode.ConfigurationReadWriteFailed, refused.vpnError)
        assertTrue(folder.list()!!.none { it.endsWith(".json") })
        agrees = true
        store()
        assertNull(consent)
        assertEquals(1, folder.list()!!.count { it.endsWith(".json") })
        assertTrue(folder.listFiles()!!.none { it.readText(Charsets.ISO_8859_1).contains("hunter2") })
    }

    @Test
    fun `an activity is asked, and its result is the answer`() = running {
        val consents = ActivityConsents()
        for ((result, agreed) in listOf(Activity.RESULT_OK to true, Activity.RESULT_CANCELED to false)) {
            val asked = CoroutineScope(Dispatchers.Default).async { consents.ask(mockk()) }
            consents.waiting.first { it != null }
            consents.answered(result)
            assertEquals(agreed, asked.await())
            assertNull(consents.waiting.value)
        }
    }

    @Test
    fun `a start runs the service, a stop ends it`() = running {
        store()
        shared.connection.startVpnTunnel().orThrow()
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address?.startsWith("127.0.0.1") == true }
        assertEquals("Work", options.single().session)
        // The model has asked for the name; the first attempt does not ask again.
        verify(exactly = 0) { android.resolve(any(), any()) }
        // The address is told before the first socket is made.
        verify(timeout = 10_000) { android.protect(any()) }
        shared.connection.stopVpnTunnel()
        status(VpnStatus.Disconnected)
        AditVpnService.status.first { it is TunnelStatus.Disconnected }
        assertNull(shared.connection.fetchLastDisconnectError()!!.error)
    }

    @Test
    fun `a socket that is not protected ends it, and the reason is Apple's`() = running {
        store()
        protects = false
        shared.connection.startVpnTunnel().orThrow()
        status(VpnStatus.Disconnected)
        assertEquals(VpnConnectionError.PluginFailed, shared.connection.fetchLastDisconnectError()!!.error)
    }

    @Test
    fun `revoked, stopped by the user, or not let into the foreground, it is told`() = running {
        store()
        shared.connection.startVpnTunnel().orThrow()
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        service.onRevoke()
        status(VpnStatus.Disconnected)
        assertEquals(VpnConnectionError.PluginDisabled, shared.connection.fetchLastDisconnectError()!!.error)

        AditVpnService.status.first { it is TunnelStatus.Disconnected }
        shared.connection.startVpnTunnel().orThrow()
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        service.onStartCommand(intent("adit.android.STOP"), 0, 3)
        status(VpnStatus.Disconnected)
        assertNull(shared.connection.fetchLastDisconnectError()!!.error)

        foreground = false
        shared.connection.startVpnTunnel().orThrow()
        status(VpnStatus.Disconnected)
        assertEquals(VpnConnectionError.PluginDisabled, shared.connection.fetchLastDisconnectError()!!.error)
    }

    @Test
    fun `the device judges chains, and signs with the key whose alias is the identity's reference`() = running {
        assertTrue(service.asks.judgesChains)
        assertEquals(Answer.Done, service.answers(Question.JudgeChain(emptyList(), "vpn.example")))
        val reference = "work".toByteArray().joinToString("") { "%02x".format(it) }
        assertTrue(service.answers(Question.Sign(reference, "ecdsa-sha256", byteArrayOf(1))) is Answer.Signature)
        val none = runCatching { service.certificates(SecretReference("work".toByteArray())) }.exceptionOrNull()
        assertTrue(none is VpnRefusal && "work" in none.message!!, "$none")
    }

    @Test
    fun `always-on starts what is stored`() = running {
        store()
        service.onStartCommand(null, 0, 1)
        status(VpnStatus.Connecting)
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address?.startsWith("127.0.0.1") == true }
        assertEquals(1, options.size)
    }

    @Test
    fun `that connections without VPN are blocked is remembered for the next model`() = running {
        store()
        val memory = LockdownMemory(File(folder, "new/lockdown"))
        for ((told, remembered) in listOf(null to false, true to true, null to true, false to false)) {
            lockdown = told
            // As the system has it: without an interface the answer is no.
            established = false
            shared.connection.startVpnTunnel().orThrow()
            AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
            assertEquals(remembered, memory.last(), "$told")
            shared.connection.stopVpnTunnel()
            status(VpnStatus.Disconnected)
            AditVpnService.status.first { it is TunnelStatus.Disconnected }
        }
    }

    @Test
    fun `in a new process what is stored counts on demand, though no part of the app has loaded it`() = running {
        store(tells = false) { copy(isOnDemandEnabled = true, onDemandRules = listOf(OnDemandRuleConnect())) }
        personal.close()
        unreadable = true
        personal = model()
        changed!!(UnderlyingNetwork(network("wlan0")))
        delay(600)
        assertEquals(0, options.size, "nothing can be read before the first unlock")
        unreadable = false
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        assertEquals("Work", options.single().session)
    }

    @Test
    fun `taken away and started again at once, the first end is told and the second tunnel is not kept waiting`() = running {
        store()
        shared.connection.startVpnTunnel().orThrow()
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        service.onRevoke()
        service.onStartCommand(null, 0, 5)
        withTimeout(10.seconds) { AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null } }
        assertEquals(2, options.size)
        assertEquals(VpnConnectionError.PluginDisabled, shared.connection.fetchLastDisconnectError()!!.error)
    }

    @Test
    fun `always-on with nothing stored says so`() = running {
        service.onStartCommand(null, 0, 1)
        val ended = AditVpnService.status.first { it is TunnelStatus.Disconnected && it.failure != null } as TunnelStatus.Disconnected
        assertTrue(ended.failure!!.text.contains("stored"), "${ended.failure}")
    }

    @Test
    fun `on demand starts it when the network changes, and Doze ends it where it is to`() = running {
        store {
            val protocol = (protocolConfiguration as Ikev2Protocol).copy(disconnectOnSleep = true)
            copy(isOnDemandEnabled = true, onDemandRules = listOf(OnDemandRuleConnect()), protocolConfiguration = protocol)
        }
        status(VpnStatus.Connecting)
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        dozes!!(true)
        status(VpnStatus.Disconnected)
        dozes!!(false)
    }

    @Test
    fun `a per-app configuration is for its apps only`() = running {
        store { copy(managed = ManagedVpnSettings(perApp = PerAppVpn("u", apps = listOf(VpnAppRule("org.mail"))))) }
        shared.connection.startVpnTunnel().orThrow()
        AditVpnService.status.first { it is TunnelStatus.Connecting && it.address != null }
        assertEquals(Apps.Only(setOf("org.mail")), options.single().apps)
        assertNull(shared.objections().firstOrNull { it.refused })
        assertEquals(null, shared.setUserOverride(false).errorOrNull())
    }
}
