package adit.android.manager

import adit.core.manager.VpnConfigurationKey
import adit.core.manager.SecretReference
import adit.core.manager.VpnStaleRecord
import adit.core.manager.recordGeneration
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.security.SecureRandom

/** Where configurations and their secrets are kept. Its functions block. */
public interface ConfigurationStore {
    /** The configurations of which there is a record. */
    public fun keys(): List<VpnConfigurationKey>

    /** A record; null: there is none. */
    public fun record(key: VpnConfigurationKey): String?

    /** Writes a record, all of it or nothing, in place of generation [replaces]. @throws VpnStaleRecord another one is there. */
    public fun write(key: VpnConfigurationKey, record: String, replaces: ULong?)

    /** Deletes a record, if there is one. */
    public fun delete(key: VpnConfigurationKey)

    /** Keeps a secret under a name of its own. */
    public fun keep(secret: ByteArray): SecretReference

    /** A secret; null: there is none of that name. */
    public fun secret(reference: SecretReference): ByteArray?

    /** Forgets a secret. */
    public fun forget(reference: SecretReference)
}

/**
 * A store in a folder that only this app can read. Secrets are encrypted by [cipher]; a record holds none.
 *
 * For one process: what another one writes meanwhile is seen by its generation, but two writes at the same moment are not
 * told apart.
 *
 * @param folder use `Context.noBackupFilesDir`: the key that encrypts the secrets does not leave the device.
 */
public class FileStore(private val folder: File, private val cipher: SecretCipher) : ConfigurationStore {
    private val random = SecureRandom()

    override fun keys(): List<VpnConfigurationKey> = synchronized(this) {
        folder.list().orEmpty().filter { it.endsWith(RECORD) }.sorted().mapNotNull { key(it.removeSuffix(RECORD)) }
    }

    override fun record(key: VpnConfigurationKey): String? = synchronized(this) { read(file(key))?.decodeToString() }

    override fun write(key: VpnConfigurationKey, record: String, replaces: ULong?): Unit = synchronized(this) {
        if (record(key)?.let { recordGeneration(it) } != replaces) throw VpnStaleRecord()
        write(file(key), record.encodeToByteArray())
    }

    override fun delete(key: VpnConfigurationKey): Unit = synchronized(this) { delete(file(key)) }

    override fun keep(secret: ByteArray): SecretReference = synchronized(this) {
        val name = ByteArray(NAME_BYTES).also { random.nextBytes(it) }
        write(file(SecretReference(name)), cipher.seal(secret, name))
        SecretReference(name)
    }

    override fun secret(reference: SecretReference): ByteArray? = synchronized(this) {
        read(file(reference))?.let { cipher.open(it, reference.bytes) }
    }

    override fun forget(reference: SecretReference): Unit = synchronized(this) { delete(file(reference)) }

    // Files. Names are hexadecimal, so that no identifier can lead out of the folder.

    private fun file(key: VpnConfigurationKey): File = File(
        folder,
        when (key) {
            is VpnConfigurationKey.Personal -> PERSONAL + hex(key.app.encodeToByteArray())
            is VpnConfigurationKey.Managed -> MANAGED + hex(key.payload.encodeToByteArray())
        } + RECORD,
    )

    private fun key(name: String): VpnConfigurationKey? = when {
        name.startsWith(PERSONAL) -> unhex(name.removePrefix(PERSONAL))?.let { VpnConfigurationKey.Personal(it) }
        name.startsWith(MANAGED) -> unhex(name.removePrefix(MANAGED))?.let { VpnConfigurationKey.Managed(it) }
        else -> null
    }

    private fun file(reference: SecretReference): File = File(folder, hex(reference.bytes) + SECRET)

    private fun read(file: File): ByteArray? = if (file.exists()) file.readBytes() else null

    private fun write(file: File, content: ByteArray) {
        if (!folder.isDirectory && !folder.mkdirs()) throw IOException("there is no folder for the VPN's configuration")
        val next = File(folder, file.name + ".new")
        FileOutputStream(next).use {
            it.write(content)
            // Else the new name may outlive a power cut that the content does not.
            it.fd.sync()
        }
        Files.move(next.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    }

    private fun delete(file: File) {
        if (!file.delete() && file.exists()) throw IOException("a part of the VPN's configuration cannot be deleted")
    }

    private fun hex(bytes: ByteArray) = bytes.joinToString("") { (it.toInt() and 0xff).toString(16).padStart(2, '0') }

    private fun unhex(text: String): String? =
        text.chunked(2).map { it.toIntOrNull(16)?.toByte() ?: return null }.toByteArray().decodeToString()

    private companion object {
        const val NAME_BYTES = 16
        const val RECORD = ".json"
        const val SECRET = ".secret"
        const val PERSONAL = "personal-"
        const val MANAGED = "managed-"
    }
}
