package adit.android.manager

import adit.core.manager.VpnConfigurationKey
import adit.core.manager.SecretReference
import adit.core.manager.VpnStaleRecord
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.IOException
import java.security.GeneralSecurityException
import javax.crypto.spec.SecretKeySpec

class FileStoreTest {
    @TempDir
    lateinit var folder: File

    private val cipher = AesGcmCipher { SecretKeySpec(ByteArray(32) { it.toByte() }, "AES") }
    private val store by lazy { FileStore(File(folder, "adit"), cipher) }
    private val own = VpnConfigurationKey.Personal("../../org.example.vpn")
    private val managed = VpnConfigurationKey.Managed("0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60")

    private fun record(generation: Int) = """{"version":1,"generation":$generation,"configuration":{}}"""

    private fun files() = File(folder, "adit").list().orEmpty().toList()

    @Test
    fun `records are kept by their key, all of one or nothing`() {
        assertNull(store.record(own))
        assertEquals(emptyList<VpnConfigurationKey>(), store.keys())
        store.write(own, record(1), null)
        store.write(managed, record(7), null)
        assertEquals(setOf(own, managed), store.keys().toSet())
        assertEquals(record(1), FileStore(File(folder, "adit"), cipher).record(own))
        assertTrue(files().all { it.endsWith(".json") && ".." !in it }, "${files()}")
        store.delete(managed)
        store.delete(managed)
        assertEquals(listOf<VpnConfigurationKey>(own), store.keys())
    }

    @Test
    fun `a record is replaced only when it is the one that is meant`() {
        assertThrows(VpnStaleRecord::class.java) { store.write(own, record(2), 1u) }
        store.write(own, record(1), null)
        assertThrows(VpnStaleRecord::class.java) { store.write(own, record(2), null) }
        assertThrows(VpnStaleRecord::class.java) { store.write(own, record(3), 2u) }
        assertEquals(record(1), store.record(own))
        store.write(own, record(2), 1u)
        assertEquals(record(2), store.record(own))
    }

    @Test
    fun `secrets are encrypted, each bound to its name`() {
        val secret = "hunter2".encodeToByteArray()
        val first = store.keep(secret)
        val second = store.keep(secret)
        assertFalse(first == second)
        assertArrayEquals(secret, store.secret(first))
        val stored = File(folder, "adit").listFiles()!!.toList()
        assertEquals(2, stored.size)
        assertTrue(stored.none { it.readText(Charsets.ISO_8859_1).contains("hunter2") })
        assertFalse(stored[0].readBytes().contentEquals(stored[1].readBytes()))
        // One in the place of the other, one changed, one cut off.
        stored[0].writeBytes(stored[1].readBytes())
        val moved = listOf(first, second).count { runCatching { store.secret(it) }.exceptionOrNull() is GeneralSecurityException }
        assertEquals(1, moved)
        stored[1].writeBytes(stored[1].readBytes().also { it[20] = (it[20] + 1).toByte() })
        assertThrows(GeneralSecurityException::class.java) { listOf(first, second).forEach { store.secret(it) } }
        stored[0].writeBytes(byteArrayOf(1))
        assertThrows(GeneralSecurityException::class.java) { listOf(first, second).forEach { store.secret(it) } }
        store.forget(first)
        store.forget(first)
        assertNull(store.secret(first))
        assertNull(store.secret(SecretReference(byteArrayOf(9))))
    }

    @Test
    fun `what cannot be written is told`() {
        File(folder, "file").writeText("")
        assertThrows(IOException::class.java) { FileStore(File(folder, "file"), cipher).keep(byteArrayOf(1)) }
    }
}
