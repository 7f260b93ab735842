package adit.android.trust

import android.content.Context
import android.security.KeyChain
import android.security.KeyChainException
import java.security.KeyStore
import java.security.PrivateKey
import java.security.cert.X509Certificate

/** Keys that the device keeps. Its functions block and may not be called on the main thread. */
public interface DeviceKeys {
    /** The key under an alias; null: there is none, or this app may not use it. */
    public fun key(alias: String): PrivateKey?

    /** The certificates of the key under an alias, its own first; empty: there are none. */
    public fun certificates(alias: String): List<X509Certificate>
}

/**
 * The app's own keys (`AndroidKeyStore`), then those of the device that the user or a management server lets the app use
 * (`KeyChain.choosePrivateKeyAlias`).
 *
 * @param own the app's own store, loaded. @param shared the device's keys.
 */
public class AndroidKeys internal constructor(private val own: () -> KeyStore, private val shared: DeviceKeys) : DeviceKeys {
    /** Those of the app of [context]. */
    public constructor(context: Context) : this({ KeyStore.getInstance(KEY_STORE).apply { load(null) } }, KeyChainKeys(context))

    override fun key(alias: String): PrivateKey? = own().getKey(alias, null) as? PrivateKey ?: shared.key(alias)

    override fun certificates(alias: String): List<X509Certificate> {
        val store = own()
        if (!store.isKeyEntry(alias)) return shared.certificates(alias)
        return store.getCertificateChain(alias).orEmpty().filterIsInstance<X509Certificate>()
    }

    private companion object {
        const val KEY_STORE = "AndroidKeyStore"
    }
}

/** `KeyChain`. */
private class KeyChainKeys(private val context: Context) : DeviceKeys {
    override fun key(alias: String): PrivateKey? = granted { KeyChain.getPrivateKey(context, alias) }

    override fun certificates(alias: String): List<X509Certificate> =
        granted { KeyChain.getCertificateChain(context, alias) }?.toList().orEmpty()

    /** What was not granted, or is not there any more, is told as null on some levels and thrown on others. */
    private fun <T> granted(ask: () -> T?): T? = try {
        ask()
    } catch (_: KeyChainException) {
        null
    }
}
