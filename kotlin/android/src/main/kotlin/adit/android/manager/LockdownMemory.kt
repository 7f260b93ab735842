package adit.android.manager

import java.io.File
import java.io.IOException

/**
 * Whether the user blocked connections without VPN when the service ran last. Only a running service can ask Android, and the
 * model is made before it runs.
 *
 * @param file is there while they are blocked.
 */
internal class LockdownMemory(private val file: File) {
    /** What was remembered; false: nothing yet. */
    fun last(): Boolean = file.exists()

    /** @throws IOException it cannot be written. */
    fun remember(on: Boolean) {
        if (on == last()) return
        val folder = file.absoluteFile.parentFile
        if (on && folder?.isDirectory == false && !folder.mkdirs()) throw IOException("there is no folder for it")
        if (on) file.createNewFile() else file.delete()
    }
}
