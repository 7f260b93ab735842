package adit.core.manager

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds

/** A host in memory. What it was asked is in [asked]; tunnels start when [tunnels] says how. */
open class FakeHost : VpnHost {
    val records = ConcurrentHashMap<VpnConfigurationKey, String>()
    val secrets = ConcurrentHashMap<SecretReference, ByteArray>()
    val asked = LinkedBlockingQueue<String>()
    val started = LinkedBlockingQueue<Pair<VpnTunnelStart, VpnTunnelReport>>()
    val stopped = LinkedBlockingQueue<UInt>()
    var consents: (String?) -> Unit = {}
    var loads: () -> Unit = {}
    var tunnels: suspend (VpnTunnelStart, VpnTunnelReport) -> Unit = { _, _ -> }
    var reachable = false

    override suspend fun keys(): List<VpnConfigurationKey> = records.keys.toList()

    override suspend fun load(key: VpnConfigurationKey): String? {
        asked += "load"
        loads()
        return records[key]
    }

    override suspend fun save(key: VpnConfigurationKey, record: String, replaces: ULong?) {
        asked += "save"
        if (records[key]?.let { recordGeneration(it) } != replaces) throw VpnStaleRecord()
        records[key] = record
    }

    override suspend fun remove(key: VpnConfigurationKey) {
        asked += "remove"
        records.remove(key)
    }

    override suspend fun consent(key: VpnConfigurationKey, description: String?) {
        asked += "consent"
        consents(description)
    }

    override suspend fun storeSecret(key: VpnConfigurationKey, slot: SecretSlot, content: ByteArray): SecretReference {
        val reference = SecretReference("$slot ${secrets.size}".toByteArray())
        secrets[reference] = content
        return reference
    }

    override suspend fun deleteSecrets(references: List<SecretReference>) {
        asked += "delete"
        references.forEach { secrets.remove(it) }
    }

    override suspend fun readSecret(key: VpnConfigurationKey, slot: SecretSlot, reference: SecretReference): ByteArray? = secrets[reference]

    override suspend fun resolveName(host: String): List<String> = listOf("192.0.2.7").also { asked += "resolve $host" }

    override suspend fun probeDns(servers: List<String>): Boolean = reachable.also { asked += "dns $servers" }

    override suspend fun probeName(host: String): Boolean = reachable.also { asked += "name $host" }

    override suspend fun probeUrl(url: String): Boolean = reachable.also { asked += "url $url" }

    override suspend fun startTunnel(start: VpnTunnelStart, report: VpnTunnelReport) {
        tunnels(start, report)
        started += start to report
    }

    override suspend fun stopTunnel(tunnel: UInt) {
        stopped += tunnel
    }

    /** The next tunnel that was started. */
    fun tunnel(): Pair<VpnTunnelStart, VpnTunnelReport> = checkNotNull(started.poll(10, TimeUnit.SECONDS)) { "no tunnel was started" }
}

/** A Personal VPN for the time of [test], on Linux unless told. */
fun withVpn(
    host: VpnHost,
    platform: VpnPlatform = VpnPlatform.Linux,
    test: suspend (VpnSystem) -> Unit,
): Unit = runBlocking(kotlinx.coroutines.Dispatchers.Default) {
    VpnSystem(VpnSystemOptions("test.app", platform), host, this).use { vpn ->
        withTimeout(30.seconds) { test(vpn) }
    }
}

/** An IKEv2 configuration that can be saved and started. */
fun connectable() = VpnConfiguration(
    isEnabled = true,
    localizedDescription = "Work",
    protocolConfiguration = Ikev2Protocol(
        serverAddress = "vpn.example.org",
        remoteIdentifier = "vpn.example.org",
        localIdentifier = "me",
        authenticationMethod = IkeAuthenticationMethod.SharedSecret,
    ),
)
