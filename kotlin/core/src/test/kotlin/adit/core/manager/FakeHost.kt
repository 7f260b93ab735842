package adit.core.manager

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds

/** A host in memory. What it was asked is in [asked]; tunnels start when [tunnels] says how. */
open class FakeHost : VpnHost {
    val records = ConcurrentHashMap<ConfigurationKey, String>()
    val secrets = ConcurrentHashMap<SecretReference, ByteArray>()
    val asked = LinkedBlockingQueue<String>()
    val started = LinkedBlockingQueue<Pair<TunnelStart, TunnelReport>>()
    val stopped = LinkedBlockingQueue<UInt>()
    var consents: (String?) -> Unit = {}
    var loads: () -> Unit = {}
    var tunnels: suspend (TunnelStart, TunnelReport) -> Unit = { _, _ -> }
    var reachable = false

    override suspend fun keys(): List<ConfigurationKey> = records.keys.toList()

    override suspend fun load(key: ConfigurationKey): String? {
        asked += "load"
        loads()
        return records[key]
    }

    override suspend fun save(key: ConfigurationKey, record: String, replaces: ULong?) {
        asked += "save"
        if (records[key]?.let { recordGeneration(it) } != replaces) throw StaleRecord()
        records[key] = record
    }

    override suspend fun remove(key: ConfigurationKey) {
        asked += "remove"
        records.remove(key)
    }

    override suspend fun consent(key: ConfigurationKey, description: String?) {
        asked += "consent"
        consents(description)
    }

    override suspend fun storeSecret(key: ConfigurationKey, slot: SecretSlot, content: ByteArray): SecretReference {
        val reference = SecretReference("$slot ${secrets.size}".toByteArray())
        secrets[reference] = content
        return reference
    }

    override suspend fun deleteSecrets(references: List<SecretReference>) {
        asked += "delete"
        references.forEach { secrets.remove(it) }
    }

    override suspend fun readSecret(key: ConfigurationKey, slot: SecretSlot, reference: SecretReference): ByteArray? = secrets[reference]

    override suspend fun resolveName(host: String): List<String> = listOf("192.0.2.7").also { asked += "resolve $host" }

    override suspend fun probeDns(servers: List<String>): Boolean = reachable.also { asked += "dns $servers" }

    override suspend fun probeName(host: String): Boolean = reachable.also { asked += "name $host" }

    override suspend fun probeUrl(url: String): Boolean = reachable.also { asked += "url $url" }

    override suspend fun startTunnel(start: TunnelStart, report: TunnelReport) {
        tunnels(start, report)
        started += start to report
    }

    override suspend fun stopTunnel(tunnel: UInt) {
        stopped += tunnel
    }

    /** The next tunnel that was started. */
    fun tunnel(): Pair<TunnelStart, TunnelReport> = checkNotNull(started.poll(10, TimeUnit.SECONDS)) { "no tunnel was started" }
}

/** A Personal VPN for the time of [test], on Linux unless told. */
fun withVpn(
    host: VpnHost,
    platform: VpnPlatform = VpnPlatform.Linux,
    test: suspend (PersonalVpn) -> Unit,
): Unit = runBlocking(kotlinx.coroutines.Dispatchers.Default) {
    PersonalVpn(PersonalVpnOptions("test.app", platform), host, this).use { vpn ->
        withTimeout(30.seconds) { test(vpn) }
    }
}

/** An IKEv2 configuration that can be saved and started. */
fun connectable() = VpnConfiguration(
    isEnabled = true,
    localizedDescription = "Work",
    protocolConfiguration = Ikev2Configuration(
        serverAddress = "vpn.example.org",
        remoteIdentifier = "vpn.example.org",
        localIdentifier = "me",
        authenticationMethod = AuthenticationMethod.SharedSecret,
    ),
)
