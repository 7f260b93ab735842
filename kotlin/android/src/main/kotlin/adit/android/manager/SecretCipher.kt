package adit.android.manager

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** Encrypts secrets for a store. */
public interface SecretCipher {
    /** The secret, encrypted and bound to [name]. */
    public fun seal(secret: ByteArray, name: ByteArray): ByteArray

    /** What [seal] made, decrypted. @throws GeneralSecurityException it was changed, or is of another name or key. */
    public fun open(sealed: ByteArray, name: ByteArray): ByteArray
}

/**
 * AES in Galois/Counter mode (NIST SP 800-38D): the nonce, then ciphertext and tag.
 *
 * @param key gives the key, 128 or 256 bits, for each use; Android's keys stay in its KeyStore.
 */
public class AesGcmCipher(private val key: () -> SecretKey) : SecretCipher {
    override fun seal(secret: ByteArray, name: ByteArray): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        // The provider makes the nonce; Android's refuses one that the app made.
        cipher.init(Cipher.ENCRYPT_MODE, key())
        cipher.updateAAD(name)
        return cipher.iv + cipher.doFinal(secret)
    }

    override fun open(sealed: ByteArray, name: ByteArray): ByteArray {
        if (sealed.size < NONCE_BYTES) throw GeneralSecurityException("the secret is cut off")
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, key(), GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES))
        cipher.updateAAD(name)
        return cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES)
    }

    public companion object {
        private const val TRANSFORMATION = "AES/GCM/NoPadding"
        private const val NONCE_BYTES = 12
        private const val TAG_BITS = 128
        private const val KEY_STORE = "AndroidKeyStore"
        private const val KEY_BITS = 256

        /**
         * A cipher whose key is in Android's KeyStore, made at its first use. It can be used while the screen is locked, as an
         * always-on VPN must.
         */
        public fun ofAndroid(alias: String = "adit.vpn"): AesGcmCipher = AesGcmCipher { androidKey(alias) }

        private fun androidKey(alias: String): SecretKey {
            val store = KeyStore.getInstance(KEY_STORE).apply { load(null) }
            (store.getKey(alias, null) as? SecretKey)?.let { return it }
            val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEY_STORE)
            val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
            generator.init(
                KeyGenParameterSpec.Builder(alias, purposes)
                    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                    .setKeySize(KEY_BITS)
                    .build(),
            )
            return generator.generateKey()
        }
    }
}
