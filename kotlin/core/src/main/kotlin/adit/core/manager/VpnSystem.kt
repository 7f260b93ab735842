package adit.core.manager

import adit.core.AditException
import adit.core.AditSession
import adit.core.Manager
import adit.core.NetworkInfo
import adit.core.NetworkKind
import adit.core.Outcome
import adit.core.SessionEvent
import adit.core.outcome
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration.Companion.milliseconds

/** The platform that the model runs on, as far as routes depend on it. */
public sealed interface VpnPlatform {
    /** A `VpnService`. @property apiLevel `Build.VERSION.SDK_INT`. @property lockdown the user blocks connections without VPN. */
    public data class Android(val apiLevel: Int, val lockdown: Boolean) : VpnPlatform

    /** `adit connect`, and JVM programs like it. */
    public data object Linux : VpnPlatform
}

internal fun VpnPlatform.form(): Any = when (this) {
    is VpnPlatform.Android -> mapOf("android" to mapOf("api_level" to apiLevel, "lockdown" to lockdown))
    VpnPlatform.Linux -> "linux"
}

/**
 * What a Personal VPN is made from.
 *
 * @property app the app's identifier.
 * @property platform where it runs.
 * @property oneTunnel the platform runs one tunnel at a time (Android).
 * @property acceptsTrafficOutside a start is not refused where the platform cannot keep some traffic in the tunnel.
 */
public data class VpnSystemOptions(
    public val app: String,
    public val platform: VpnPlatform,
    public val oneTunnel: Boolean = platform is VpnPlatform.Android,
    public val acceptsTrafficOutside: Boolean = false,
)

/**
 * The Personal VPN of this device, as far as this app knows it: Apple's model on platforms that have none.
 *
 * Make one for each process. It asks [host] for what needs the platform, and keeps the time, in coroutines of [scope] until
 * it is closed or the scope is cancelled. Its functions may be called from any thread; none blocks.
 *
 * @param options the app and its platform.
 * @throws AditException.Usage the options are wrong.
 */
public class VpnSystem(options: VpnSystemOptions, private val host: VpnHost, scope: CoroutineScope) : AutoCloseable {
    internal val core = Manager(
        Json.write(
            mapOf(
                "app" to options.app,
                "platform" to options.platform.form(),
                "one_tunnel" to options.oneTunnel,
                "accepts_traffic_outside" to options.acceptsTrafficOutside,
            ),
        ),
    )
    private val own = CoroutineScope(scope.coroutineContext + SupervisorJob(scope.coroutineContext[Job]))
    private val closed = AtomicBoolean(false)
    private var served = true
    private val changed = Channel<Unit>(Channel.CONFLATED)
    private val told = MutableSharedFlow<VpnNotification>(extraBufferCapacity = BUFFER, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    /** Operations that run or wait, by manager; each ends with a notification of the core. Guarded by [waiting] itself. */
    private val waiting = HashMap<Pair<UInt, String>, ArrayDeque<CompletableDeferred<Outcome<Unit>>>>()

    /** What happens, as it happens; a collector that is 256 behind loses the oldest. */
    public val notifications: SharedFlow<VpnNotification> = told.asSharedFlow()

    /** The one manager of this app's own configuration (`NEVPNManager.shared()`). */
    public val shared: VpnManager = VpnManager(this, core.shared(), VpnConfigurationKey.Personal(options.app))

    init {
        own.coroutineContext.job.invokeOnCompletion { release() }
        own.launch {
            try {
                serve()
            } catch (gone: IllegalStateException) {
                // Closed between two looks; anything else is a bug.
                if (!closed.get()) throw gone
            }
        }
    }

    /** Another manager of a configuration, with a copy of its own, so that it can become stale. Close it when done. */
    public fun manager(key: VpnConfigurationKey): VpnManager = VpnManager(this, core.open(Json.write(key.form())), key)

    /** What is stored of a configuration, as far as it was loaded; null: nothing. */
    public fun stored(key: VpnConfigurationKey): VpnConfiguration? = core.stored(Json.write(key.form()))?.let { ConfigurationForm.read(it) }

    /** Tells of the physical network; null: there is none. On-demand rules are asked. */
    public fun networkChanged(network: NetworkInfo?): Unit = calling { networkChanged(network?.let { Json.write(form(it)) }) }

    /** The device is about to sleep: tunnels with `disconnectOnSleep` end. */
    public fun sleep(): Unit = calling { sleep() }

    /** The device is awake. */
    public fun wake(): Unit = calling { wake() }

    /**
     * An app is about to open a connection to a host, where the platform tells: rules that evaluate connections decide
     * whether the tunnel is started.
     */
    public fun connectionOpened(host: String): Unit = calling { connectionOpened(host) }

    /**
     * Every configuration that the host's store has (`NETunnelProviderManager.loadAllFromPreferences`), loaded, each with a
     * manager of its own, which is the caller's to close.
     */
    public suspend fun loadAllFromPreferences(): Outcome<List<VpnManager>> {
        val keys = try {
            host.keys()
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (failed: Exception) {
            val code = VpnErrorCode.ConfigurationReadWriteFailed.swiftName
            return Outcome.Failed(AditException.Usage(failed.message ?: failed.toString(), "", code))
        }
        val managers = keys.map { manager(it) }
        for (manager in managers) {
            val loaded = manager.loadFromPreferences()
            if (loaded is Outcome.Failed) {
                managers.forEach { it.close() }
                return loaded
            }
        }
        return Outcome.Ok(managers)
    }

    /**
     * Somebody else wrote or deleted what is stored: another process of the app, or a management server. Managers that loaded it
     * before are stale, as [VpnErrorCode.ConfigurationStale] has it, until they load it again.
     */
    public fun storeChanged(key: VpnConfigurationKey): Unit = calling { storeChanged(Json.write(key.form())) }

    /** Ends the model; tunnels are the host's to end. A second call does nothing. */
    override fun close() {
        if (!closed.compareAndSet(false, true)) return
        own.cancel()
        release()
        core.destroy()
    }

    /** Nobody serves any more: what waits would wait for ever. */
    private fun release() {
        synchronized(waiting) {
            served = false
            waiting.values.flatten().forEach { it.complete(CLOSED) }
            waiting.clear()
        }
    }

    /** Calls the core, and looks at what it wants afterwards. */
    internal fun <T> calling(call: Manager.() -> T): T = core.call().also { changed.trySend(Unit) }

    /** Begins an operation and waits for its end. */
    internal suspend fun operation(manager: UInt, name: String, begin: Manager.() -> Unit): Outcome<Unit> {
        val end = CompletableDeferred<Outcome<Unit>>()
        val begun = synchronized(waiting) {
            if (!served) return CLOSED
            val queue = waiting.getOrPut(manager to name) { ArrayDeque() }
            // Registered first: it may end at once.
            queue.addLast(end)
            outcome { core.begin() }.also { if (it is Outcome.Failed) queue.removeLast() }
        }
        changed.trySend(Unit)
        return if (begun is Outcome.Failed) begun else end.await()
    }

    private suspend fun serve() {
        while (true) {
            tell()
            while (true) {
                val request = Members.read(core.nextRequest() ?: break)
                own.launch { answer(request) }
            }
            val due = core.timeoutMs()
            val signal = if (due == null) changed.receive() else withTimeoutOrNull(due.toLong().milliseconds) { changed.receive() }
            if (signal == null) core.handleTimeout()
        }
    }

    /** Passes on what the core tells, in order. */
    internal fun tell(): Unit = synchronized(told) {
        while (true) {
            val notification = Members.read(core.nextNotification() ?: return)
            when (val name = notification.needText("notification")) {
                "completed" -> completed(notification)
                "configuration_changed" -> told.tryEmit(VpnNotification.ConfigurationChanged(checkNotNull(notification.key())))
                "status_changed" -> {
                    val status = checkNotNull(VpnStatus.entries.ofName(notification.text("status")))
                    told.tryEmit(VpnNotification.StatusChanged(checkNotNull(notification.key()), status))
                }
                "on_demand" ->
                    told.tryEmit(VpnNotification.OnDemand(checkNotNull(notification.key()), notification.needText("summary")))
                "default_route" -> told.tryEmit(VpnNotification.DefaultRoute(notification.key("holder")))
                else -> error("the core tells of $name")
            }
        }
    }

    private fun completed(notification: Members) {
        val name = notification.needLong("manager").toUInt() to notification.needText("operation")
        val end = synchronized(waiting) { waiting[name]?.removeFirstOrNull() } ?: return
        val error = notification.inner("error")
        end.complete(
            if (error == null) Outcome.Ok(Unit) else {
                Outcome.Failed(AditException.Usage(error.needText("message"), "", error.needText("code")))
            },
        )
    }

    // Requests

    private suspend fun answer(request: Members) {
        val answer = try {
            asked(request)
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (_: VpnStaleRecord) {
            mapOf("answer" to "stale")
        } catch (failed: Exception) {
            no(request.needText("request"), failed)
        }
        unlessClosed { answer(request.needLong("token").toULong(), Json.write(answer)) }
    }

    /** The core takes of each request only what can come of it. */
    private fun no(request: String, failed: Exception): Map<String, Any?> {
        val reason = failed.message ?: failed.toString()
        return when {
            request.startsWith("probe_") -> mapOf("answer" to "reachable", "reachable" to false)
            request == "consent" || failed is VpnRefusal && request in REFUSABLE -> mapOf("answer" to "refused", "reason" to reason)
            else -> mapOf("answer" to "failed", "reason" to reason)
        }
    }

    private suspend fun asked(request: Members): Map<String, Any?> {
        val key = request.key() ?: shared.key
        return when (val name = request.needText("request")) {
            "load" -> mapOf("answer" to "record", "record" to host.load(key))
            "save" -> done { host.save(key, request.needText("record"), request.long("replaces")?.toULong()) }
            "remove" -> done { host.remove(key) }
            "consent" -> done { host.consent(key, request.text("description")) }
            "store_secret" -> {
                val reference = host.storeSecret(key, slot(request), request.needText("content").fromHex())
                mapOf("answer" to "reference", "reference" to reference.bytes.toHex())
            }
            "delete_secrets" -> done {
                host.deleteSecrets(request.texts("references").orEmpty().map { SecretReference(it.fromHex()) })
            }
            "read_secret" -> {
                val reference = SecretReference(request.needText("reference").fromHex())
                mapOf("answer" to "secret", "content" to host.readSecret(key, slot(request), reference)?.toHex())
            }
            "resolve_name" -> mapOf("answer" to "addresses", "list" to host.resolveName(request.needText("host")))
            "probe_dns" -> reachable(host.probeDns(request.texts("servers").orEmpty()))
            "probe_name" -> reachable(host.probeName(request.needText("host")))
            "probe_url" -> reachable(host.probeUrl(request.needText("url")))
            "start_tunnel" -> done { start(request, key).let { host.startTunnel(it, Report(it)) } }
            "stop_tunnel" -> done { host.stopTunnel(request.needLong("tunnel").toUInt()) }
            else -> throw IllegalStateException("the core asks for $name")
        }
    }

    private suspend fun done(act: suspend () -> Unit): Map<String, Any?> {
        act()
        return mapOf("answer" to "done")
    }

    private fun reachable(found: Boolean) = mapOf("answer" to "reachable", "reachable" to found)

    private fun slot(request: Members) = SecretSlot.entries.first { it.word == request.text("slot") }

    private fun start(request: Members, key: VpnConfigurationKey) = VpnTunnelStart(
        tunnel = request.needLong("tunnel").toUInt(),
        key = key,
        profile = request.needText("profile").fromHex(),
        identityReference = request.text("identity_reference")?.let { SecretReference.ofHex(it) },
        addresses = request.texts("addresses").orEmpty(),
        username = request.text("username"),
        password = request.text("password"),
        onDemand = request.flag("on_demand"),
    )

    private inner class Report(private val start: VpnTunnelStart) : VpnTunnelReport {
        override fun event(session: AditSession, event: SessionEvent) = unlessClosed { tunnelEvent(start.tunnel, session.session, event) }

        override fun revoked() = unlessClosed { tunnelRevoked(start.tunnel) }

        override fun idle() = unlessClosed { tunnelReport(start.tunnel, Json.write(mapOf("report" to "idle"))) }

        override fun closed(error: VpnConnectionError?, message: String) {
            val form = error?.let { mapOf("code" to it.swiftName, "message" to message) }
            unlessClosed { tunnelReport(start.tunnel, Json.write(mapOf("report" to "closed", "error" to form))) }
        }
    }

    /** What is answered or reported may come after the end. */
    private fun unlessClosed(call: Manager.() -> Unit) {
        try {
            if (!closed.get()) calling(call)
        } catch (gone: IllegalStateException) {
            if (!closed.get()) throw gone
        }
    }

    private companion object {
        const val BUFFER = 256
        val REFUSABLE = setOf("read_secret", "start_tunnel")
        val CLOSED = Outcome.Failed(AditException.Usage("the Personal VPN is closed", "Make another one.", "configurationUnknown"))

        /** The form of `evaluate_on_demand`. */
        fun form(network: NetworkInfo): Map<String, Any?> = mapOf(
            "interface" to when (network.kind) {
                NetworkKind.WIFI -> "WiFi"
                NetworkKind.CELLULAR -> "Cellular"
                NetworkKind.ETHERNET -> "Ethernet"
                NetworkKind.OTHER -> "Other"
            },
            "ssid" to network.ssid,
            "search_domains" to network.searchDomains,
            "dns_servers" to network.dns,
        )
    }
}
