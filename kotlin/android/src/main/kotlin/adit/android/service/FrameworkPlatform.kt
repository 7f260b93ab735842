package adit.android.service

import adit.android.network.FrameworkNetworkWatcher
import adit.android.network.NetworkWatcher
import adit.android.network.UnderlyingNetwork
import adit.android.power.FrameworkWakeUps
import adit.android.power.WakeUps
import adit.android.tunnel.FrameworkTunnelBuilder
import adit.android.tunnel.TunnelBuilder
import adit.core.logLine
import android.annotation.SuppressLint
import android.app.Notification
import android.app.Service
import android.content.Context
import android.content.pm.PackageManager
import android.content.pm.ServiceInfo
import android.net.ConnectivityManager
import android.net.Network
import android.net.VpnService
import android.os.Build
import android.os.Handler
import android.os.Looper
import android.os.ParcelFileDescriptor
import android.util.Log
import java.io.IOException
import java.net.InetAddress

/** The first API level with a foreground type for VPN apps. */
private const val API_SYSTEM_EXEMPTED = 34

/** The first API level that tells a VPN whether it is always-on. */
private const val API_ALWAYS_ON = 29

/** A service of the system. Every device has those the library asks for. */
internal fun <T : Any> Context.systemService(type: Class<T>): T =
    checkNotNull(getSystemService(type)) { "the system has no ${type.simpleName}" }

/** The notification's number in the app. */
internal const val NOTIFICATION_ID: Int = 0x41_44_49_54

/**
 * Android itself behind [ServicePlatform]. Decides nothing.
 *
 * @param service the VPN service. @param builder makes one of its builders. @param notification what keeps it in the foreground.
 */
internal class FrameworkPlatform(
    private val service: VpnService,
    private val builder: () -> VpnService.Builder,
    private val notification: (TunnelStatus) -> Notification,
) : ServicePlatform {
    override val api: Int get() = Build.VERSION.SDK_INT

    override val ownPackage: String get() = service.packageName

    override val networks: NetworkWatcher by lazy {
        FrameworkNetworkWatcher(service.systemService(ConnectivityManager::class.java), Handler(Looper.getMainLooper()))
    }

    override val wakeUps: WakeUps by lazy { FrameworkWakeUps(service, "tunnel", light = true) }

    override fun isPrepared(): Boolean = VpnService.prepare(service) == null

    override val isAlwaysOn: Boolean? get() = if (api >= API_ALWAYS_ON) service.isAlwaysOn else null

    override val isLockdown: Boolean? get() = if (api >= API_ALWAYS_ON) service.isLockdownEnabled else null

    override fun newBuilder(): TunnelBuilder = FrameworkTunnelBuilder(builder())

    override fun protect(fd: Int): Boolean = service.protect(fd)

    override fun bind(fd: Int, network: UnderlyingNetwork): Boolean {
        val system = network.system as? Network ?: return false
        return try {
            // A duplicate is the same socket; the number stays the core's to close.
            ParcelFileDescriptor.fromFd(fd).use { system.bindSocket(it.fileDescriptor) }
            true
        } catch (_: IOException) {
            false
        }
    }

    override fun resolve(host: String, network: UnderlyingNetwork?): List<String> {
        val system = network?.system as? Network
        val addresses = system?.getAllByName(host) ?: InetAddress.getAllByName(host)
        return addresses.mapNotNull { it.hostAddress?.substringBefore('%') }
    }

    override fun isInstalled(packageName: String): Boolean = try {
        service.packageManager.getApplicationInfo(packageName, 0)
        true
    } catch (_: PackageManager.NameNotFoundException) {
        false
    }

    @SuppressLint("NewApi") // The level is looked at.
    override fun showForeground(status: TunnelStatus): Boolean = try {
        if (api >= API_SYSTEM_EXEMPTED) {
            service.startForeground(
                NOTIFICATION_ID,
                notification(status),
                ServiceInfo.FOREGROUND_SERVICE_TYPE_SYSTEM_EXEMPTED,
            )
        } else {
            service.startForeground(NOTIFICATION_ID, notification(status))
        }
        true
    } catch (refused: IllegalStateException) {
        // ForegroundServiceStartNotAllowedException, from API 31.
        log("not in the foreground: ${refused.message}")
        false
    } catch (refused: SecurityException) {
        log("not in the foreground: ${refused.message}")
        false
    }

    override fun finished(startId: Int) {
        service.stopForeground(Service.STOP_FOREGROUND_REMOVE)
        service.stopSelf(startId)
    }

    override fun log(line: String): Unit = adit.android.service.log(line)
}

/** Writes a line to logcat, and to the log that an app exports (`AditSession.logTail`), where it stands among the core's. */
internal fun log(line: String) {
    try {
        logLine(line)
    } catch (missing: LinkageError) {
        // The library is not there, which is then what the line is about.
        Log.w("adit", line, missing)
    }
}
