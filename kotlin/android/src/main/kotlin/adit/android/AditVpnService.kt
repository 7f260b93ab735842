package adit.android

import adit.android.service.FrameworkPlatform
import adit.android.service.NOTIFICATION_ID
import adit.android.service.ServicePlatform
import adit.android.service.SessionFactory
import adit.android.service.StartReason
import adit.android.service.StartsUnderWay
import adit.android.service.TunnelApp
import adit.android.service.TunnelConfiguration
import adit.android.service.TunnelFailure
import adit.android.service.TunnelRunner
import adit.android.service.TunnelStatus
import adit.android.service.log
import adit.android.service.runsHere
import adit.android.service.systemService
import adit.android.trust.AndroidKeys
import adit.android.trust.DeviceAnswers
import adit.android.trust.DeviceTrust
import adit.android.tunnel.configuredBy
import adit.core.AditSession
import adit.core.Answer
import adit.core.Question
import adit.core.SessionEvent
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.VpnService
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.util.concurrent.atomic.AtomicReference

/**
 * An IKEv2 VPN as an Android service: subclass it, say where the profile comes from, name the subclass in the manifest.
 *
 * It asks nothing of the app but [configuration], and [answer] where the profile leaves a password to its user. It starts
 * when the app calls [start], and by itself as an always-on VPN and after the system ended the process.
 *
 * The manifest entry of the subclass, with what the library's own manifest does not bring, is in the library's README.
 */
public abstract class AditVpnService : VpnService() {
    private lateinit var runner: TunnelRunner
    private lateinit var tasks: CoroutineScope

    /**
     * The configuration to start with; null: there is none. Called for each start, also by the system, when no part of the
     * app is on the screen; so what it needs must be readable then (after the first unlock).
     */
    protected abstract suspend fun configuration(reason: StartReason): TunnelConfiguration?

    /**
     * The answer to a question: a password, a signature, the judgement of a chain of certificates. Asked only for what the
     * configuration's host abilities say is answered. An exception is a refusal.
     *
     * As it is, [deviceAnswers] judges chains and signs, and a password is refused. An app that overrides it for a password leaves the
     * rest to `super`.
     */
    protected open suspend fun answer(question: Question): Answer =
        deviceAnswers.answer(question) ?: Answer.Refused("the app does not answer this")

    /**
     * What the device answers: chains by its anchors, signatures by the keys of the app and by those the user chose for it. A key
     * is named by its alias: `Credentials(keyReference = alias, keyCertificates = deviceAnswers.certificates(alias))`.
     */
    protected open val deviceAnswers: DeviceAnswers by lazy { DeviceAnswers(DeviceTrust(), AndroidKeys(applicationContext)) }

    /** Told of every event of the core, in order, after it was acted upon. */
    protected open fun onEvent(event: SessionEvent) {}

    /**
     * Told when no tunnel runs any more. Starts and stops wait until it returns, so it must not wait for one.
     *
     * @param failure why; null: it was stopped.
     */
    protected open fun onEnded(failure: TunnelFailure?) {}

    /**
     * Whether the system runs this VPN as always-on, as it was when the first interface of the last tunnel stood; null: there was
     * none yet, or Android is older than API 29. Android tells it only whom an interface belongs to.
     */
    @Volatile
    protected var alwaysOn: Boolean? = null
        private set

    /**
     * Told in each start, from API 29 on, whether the user blocks connections without VPN (lockdown): when the first interface stands,
     * be it one that blocks ([adit.android.tunnel.TunnelOptions.blocking]), since Android does not tell before. On the tunnel's thread.
     */
    protected open fun onLockdown(on: Boolean) {}

    /** A message of the app to the service ([sendMessage]), and its answer; null: there is none. */
    protected open suspend fun onMessage(message: ByteArray): ByteArray? = null

    /** What Android opens from its own dialog on the VPN, such as the app's settings; null: nothing. */
    protected open fun configureIntent(): PendingIntent? = null

    /** Ends the tunnel from within, with the reason to tell; null: without one. */
    protected fun cancelTunnel(failure: TunnelFailure?): Unit = runner.stop(failure)

    /** Shows the user a message, as a notification of its own. */
    protected fun displayMessage(message: String) {
        val manager = systemService(NotificationManager::class.java)
        manager.createNotificationChannel(NotificationChannel(CHANNEL, "VPN", NotificationManager.IMPORTANCE_LOW))
        manager.notify(NOTIFICATION_ID + 1, messageNotification(message))
    }

    /** The notification of [displayMessage]. */
    protected open fun messageNotification(message: String): Notification = Notification.Builder(this, CHANNEL)
        .setSmallIcon(android.R.drawable.ic_lock_lock)
        .setContentTitle(applicationInfo.loadLabel(packageManager))
        .setContentText(message)
        .setAutoCancel(true)
        .build()

    /** The notification that keeps the service in the foreground. Made again with each change of [status]. */
    protected open fun notification(status: TunnelStatus): Notification = plainNotification(status)

    /** The app's code: what it throws must not take the tunnel with it. */
    internal fun shownNotification(status: TunnelStatus): Notification = try {
        notification(status)
    } catch (failed: Exception) {
        log("the app makes no notification: ${failed.message ?: failed}")
        plainNotification(status)
    }

    /** The library's own notification. Tests give another. */
    internal open fun plainNotification(status: TunnelStatus): Notification {
        val manager = systemService(NotificationManager::class.java)
        manager.createNotificationChannel(NotificationChannel(CHANNEL, "VPN", NotificationManager.IMPORTANCE_LOW))
        return Notification.Builder(this, CHANNEL)
            .setSmallIcon(android.R.drawable.ic_lock_lock)
            .setContentTitle(applicationInfo.loadLabel(packageManager))
            .setContentText(words(status))
            .setOngoing(true)
            .setOnlyAlertOnce(true)
            .build()
    }

    /** What the tunnel uses of Android. Tests give their own. */
    protected open fun platform(): ServicePlatform = FrameworkPlatform(this, { Builder().configuredBy(configureIntent()) }, ::shownNotification)

    /** Where sessions come from. Tests give their own. */
    protected open fun sessions(): SessionFactory = SessionFactory { AditSession.open(it) }

    /** Where tunnels run: one thing at a time, off the main thread. Tests give their own. */
    protected open fun scope(): CoroutineScope =
        CoroutineScope(SupervisorJob() + Dispatchers.Default.limitedParallelism(1))

    /** Makes what runs tunnels. A subclass that overrides it calls this one first. */
    override fun onCreate() {
        super.onCreate()
        val app = object : TunnelApp {
            override suspend fun configuration(reason: StartReason) = this@AditVpnService.configuration(reason)

            override suspend fun answer(question: Question) = this@AditVpnService.answer(question)

            override fun onEvent(event: SessionEvent) = this@AditVpnService.onEvent(event)

            override fun onEnded(failure: TunnelFailure?) = this@AditVpnService.onEnded(failure)

            override fun onInterface(alwaysOn: Boolean?, lockdown: Boolean?) {
                this@AditVpnService.alwaysOn = alwaysOn
                lockdown?.let { onLockdown(it) }
            }
        }
        tasks = scope()
        runner = TunnelRunner(platform(), app, sessions(), tasks, shared, before = ending.getAndSet(null))
        running = this
    }

    /**
     * Starts or stops the tunnel. An intent that is null, or the system's own, is a start too: always-on, or again after
     * the process was ended.
     */
    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        if (intent?.action == ACTION_STOP) {
            runner.stop(startId = startId)
            return START_NOT_STICKY
        }
        val bySystem = intent == null || intent.action == SERVICE_INTERFACE
        // Also of one that is to be stopped: what was started for the foreground must come there.
        runner.start(if (bySystem) StartReason.System else StartReason.App, startId)
        if (intent?.action == ACTION_START && under.arrived()) {
            runner.stop(startId = startId)
            return START_NOT_STICKY
        }
        return START_STICKY
    }

    /** Ends the tunnel at once: the user switched the VPN off, or another VPN app was started. */
    override fun onRevoke() {
        runner.stop(TunnelFailure.Revoked("Android took the VPN away: it was switched off, or another VPN app was started"))
    }

    /** Ends the tunnel. Its clean-up goes on for a second at most; a service that Android makes meanwhile waits for it. */
    override fun onDestroy() {
        if (running === this) {
            running = null
            under.destroyed()
        }
        runner.stop()
        ending.set(runner)
        tasks.launch {
            runner.join()
            ending.compareAndSet(runner, null)
        }
        super.onDestroy()
    }

    private fun words(status: TunnelStatus): String = when (status) {
        is TunnelStatus.Disconnected -> if (status.blocking) "Blocked: ${status.failure?.text}" else "Disconnected"
        is TunnelStatus.Connecting -> "Connecting"
        is TunnelStatus.Connected -> "Connected"
        is TunnelStatus.Reasserting -> "Connecting again"
        is TunnelStatus.Disconnecting -> "Disconnecting"
    }

    public companion object {
        private const val ACTION_START = "adit.android.START"
        private const val ACTION_STOP = "adit.android.STOP"
        private const val CHANNEL = "adit.vpn"
        private val shared = MutableStateFlow<TunnelStatus>(TunnelStatus.Disconnected())

        /** The service of this process, from its making to its end. */
        @Volatile
        private var running: AditVpnService? = null

        /** What runs the tunnel of a service that was destroyed, until it is over. */
        private val ending = AtomicReference<TunnelRunner?>()

        /** The state of the tunnel of this process. */
        @JvmStatic
        public val status: StateFlow<TunnelStatus> = shared.asStateFlow()

        /**
         * What to show for the user's consent (`startActivityForResult`), or null when it has been given. It is gone when
         * another VPN app is prepared, so ask before each [start].
         */
        @JvmStatic
        public fun consent(context: Context): Intent? = prepare(context)

        /**
         * Starts the tunnel of [service]. What comes of it is in [status].
         *
         * @return false: nothing was started, since the user's [consent] is missing; [status] says so too. A VPN that is started
         *   without it may not come to the foreground, for which Android ends the app.
         */
        @JvmStatic
        public fun start(context: Context, service: Class<out AditVpnService>): Boolean {
            if (prepare(context) != null) {
                val failure = TunnelFailure.NotPrepared("the user has not agreed that this app be the VPN")
                // What runs is told by who runs it.
                shared.update { if (it is TunnelStatus.Disconnected && !it.blocking) TunnelStatus.Disconnected(failure) else it }
                return false
            }
            // Where the service is another process's, it is not seen to arrive here.
            val arrives = context.runsHere(service)
            if (arrives) under.sent()
            try {
                context.startForegroundService(Intent(context, service).setAction(ACTION_START))
            } catch (refused: RuntimeException) {
                if (arrives) under.failed()
                throw refused
            }
            return true
        }

        /**
         * Hands a message to the service of this process.
         *
         * @return its answer; null: it has none, or no service runs.
         */
        @JvmStatic
        public suspend fun sendMessage(message: ByteArray): ByteArray? = running?.onMessage(message)

        /** Stops the tunnel of [service], also while no part of the app is on the screen. */
        @JvmStatic
        public fun stop(context: Context, service: Class<out AditVpnService>) {
            // One that runs nothing may have a start before it, which a stop must not overtake.
            running?.takeIf { service.isInstance(it) && !it.runner.isIdle }?.let { return it.runner.stop() }
            val intent = Intent(context, service).setAction(ACTION_STOP)
            try {
                context.startService(intent)
            } catch (_: IllegalStateException) {
                // From the background Android starts nothing, but it stops what runs.
                if (!under.stop()) context.stopService(intent)
            }
        }

        private val under = StartsUnderWay()
    }
}
