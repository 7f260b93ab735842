package adit.android.service

import android.annotation.SuppressLint
import android.app.ActivityManager
import android.app.Application
import android.content.ComponentName
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.os.Process

/**
 * Starts that were sent to a service of this process and have not reached it; the service may not be made yet.
 *
 * A stop that Android does not deliver must not end the service over such a start: what was started for the foreground and
 * never comes there takes the app with it. So the start is stopped when it arrives.
 */
internal class StartsUnderWay {
    private var count = 0
    private var stopped = 0

    /** The service was destroyed, and with it what was on the way. */
    fun destroyed(): Unit = synchronized(this) {
        count = 0
        stopped = 0
    }

    /** One is sent. */
    fun sent(): Unit = synchronized(this) { count++ }

    /** One was not sent after all: Android refused. */
    fun failed(): Unit = synchronized(this) {
        if (count > 0) count--
        // A stop may have been meant for it alone.
        stopped = minOf(stopped, count)
    }

    /** One has arrived. True: it was stopped on its way. */
    fun arrived(): Boolean = synchronized(this) {
        if (count > 0) count--
        (stopped > 0).also { if (it) stopped-- }
    }

    /** Stops those on their way; false: there are none. */
    fun stop(): Boolean = synchronized(this) {
        stopped = count
        stopped > 0
    }
}

/** The first API level that tells an app the name of its process. */
private const val API_PROCESS_NAME = 28

/** Whether Android makes a service in this process, by what the manifest says (`android:process`); no where it does not name it. */
internal fun Context.runsHere(service: Class<*>): Boolean = try {
    packageManager.getServiceInfo(ComponentName(this, service), 0).processName == processName()
} catch (_: PackageManager.NameNotFoundException) {
    false
}

@SuppressLint("NewApi") // The level is looked at.
private fun Context.processName(): String? =
    if (Build.VERSION.SDK_INT >= API_PROCESS_NAME) {
        Application.getProcessName()
    } else {
        systemService(ActivityManager::class.java).runningAppProcesses?.firstOrNull { it.pid == Process.myPid() }?.processName
    }
