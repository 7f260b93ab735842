package adit.android.power

import adit.android.service.systemService
import android.annotation.SuppressLint
import android.app.AlarmManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import android.os.PowerManager
import android.os.SystemClock
import java.security.SecureRandom
import kotlin.time.Duration

/** The first API level that asks who may send to a receiver. */
private const val API_EXPORTED = 33

/** The first API level that tells of Light Doze. */
private const val API_LIGHT_DOZE = 33

/**
 * Android's power and alarm services as [WakeUps]. Needs `WAKE_LOCK`; the alarm is an inexact one, which needs no permission.
 *
 * The receiver is the application's, not a service's own: Android takes those away when the service is destroyed, before its tunnel
 * has told the server goodbye.
 *
 * @param name one word; two of different names in an app have an alarm each.
 * @param light whether Light Doze, which begins minutes after the screen went dark, counts too, from API 33 on.
 */
@SuppressLint("UnspecifiedRegisterReceiverFlag", "NewApi") // Below API 33 there is no flag: who sent a broadcast is looked at.
public class FrameworkWakeUps internal constructor(
    owner: Context,
    name: String,
    light: Boolean,
    private val api: Int,
) : WakeUps {
    /** @param context any of the app's. @param name one word. @param light whether Light Doze counts too. */
    public constructor(context: Context, name: String, light: Boolean = false) : this(context, name, light, Build.VERSION.SDK_INT)

    private val context: Context = owner.applicationContext
    private val light = light && api >= API_LIGHT_DOZE
    private val power = context.systemService(PowerManager::class.java)
    private val alarms = context.systemService(AlarmManager::class.java)
    private val action = "${context.packageName}.adit.WAKE.$name"

    /** Below API 33 any app may send to the receiver; what the alarm brings back no other app knows. */
    private val token = SecureRandom().nextLong()
    private var receiver: BroadcastReceiver? = null

    override fun start(idle: (dozing: Boolean) -> Unit, alarm: () -> Unit) {
        stop()
        val awake = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "adit:probe").apply { setReferenceCounted(false) }
        val next = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) {
                if (intent.action == action) {
                    if (!isOurs(intent)) return
                    // Else the device may sleep again before the server has answered.
                    awake.acquire(PROBE_TIME.inWholeMilliseconds)
                    alarm()
                } else {
                    idle(isDozing())
                }
            }
        }
        val filter = IntentFilter(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED).apply {
            addAction(action)
            if (light) addAction(PowerManager.ACTION_DEVICE_LIGHT_IDLE_MODE_CHANGED)
        }
        if (api >= API_EXPORTED) {
            context.registerReceiver(next, filter, Context.RECEIVER_NOT_EXPORTED)
        } else {
            context.registerReceiver(next, filter)
        }
        receiver = next
        if (isDozing()) idle(true)
    }

    override fun wakeIn(delay: Duration) {
        val at = SystemClock.elapsedRealtime() + delay.inWholeMilliseconds
        alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, at, intent())
    }

    override fun cancel() {
        alarms.cancel(intent())
    }

    override fun stop() {
        val last = receiver ?: return
        receiver = null
        try {
            context.unregisterReceiver(last)
        } catch (_: IllegalArgumentException) {
            // Android took it away already. What waits for this to end must not fail by it.
        }
        cancel()
    }

    private fun isDozing() = power.isDeviceIdleMode || light && power.isDeviceLightIdleMode

    /** What the alarm sends. */
    internal fun broadcast(): Intent = Intent(action).setPackage(context.packageName).putExtra(TOKEN, token)

    private fun isOurs(intent: Intent) = intent.hasExtra(TOKEN) && intent.getLongExtra(TOKEN, 0) == token

    private fun intent(): PendingIntent {
        return PendingIntent.getBroadcast(context, 0, broadcast(), PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)
    }

    private companion object {
        const val TOKEN = "adit.token"
    }
}
