package adit.example

import android.content.Context
import java.io.File

/**
 * The profile the user chose, in the app's own storage, which no other app reads, and in the folder that Android
 * leaves out of backups and transfers to another device: it may hold passwords. It is read as soon as the device was unlocked once, so that an always-on VPN can start with it.
 */
class ProfileStore(context: Context) {
    private val file = File(context.noBackupFilesDir, "vpn.mobileconfig")

    /** The profile; null when none was chosen. */
    fun load(): ByteArray? = if (file.exists()) file.readBytes() else null

    /** Keeps a profile in place of the one before. */
    fun save(profile: ByteArray) {
        val next = File(file.path + ".new")
        next.writeBytes(profile)
        check(next.renameTo(file)) { "the profile cannot be kept" }
    }
}
