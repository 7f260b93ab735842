package adit.android.trust

import android.net.http.X509TrustManagerExtensions
import java.security.KeyStore
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** Judges the issuers of a server's certificate. */
public fun interface ServerTrust {
    /**
     * Returns when the chain is trusted. Blocks.
     *
     * The core has looked before that the certificate is for [identity], for servers, valid now, and that the server has its key.
     *
     * @param chain the server's certificate first, then those it sent beside. @param identity the name it was checked for.
     * @throws CertificateException it is not trusted.
     */
    public fun check(chain: List<X509Certificate>, identity: String)
}

/**
 * What the device trusts, as far as the app's network security configuration lets it: from API 24 on the system's anchors, and
 * those that a user or a management server installed only where the app's configuration names `user`.
 *
 * @param manager makes the trust manager.
 */
public class DeviceTrust(private val manager: () -> X509TrustManager = ::deviceManager) : ServerTrust {
    override fun check(chain: List<X509Certificate>, identity: String) {
        val own = chain.firstOrNull() ?: throw CertificateException("the server sent no certificate")
        // The name chooses the part of the network security configuration; it is not compared.
        X509TrustManagerExtensions(manager()).checkServerTrusted(chain.toTypedArray(), exchange(own), identity)
    }

    private companion object {
        /** Trust managers want to know what the key is for: here for signatures. */
        fun exchange(certificate: X509Certificate) = if (certificate.publicKey.algorithm == "RSA") "ECDHE_RSA" else "ECDHE_ECDSA"
    }
}

private fun deviceManager(): X509TrustManager {
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
    // No store: the system's own.
    factory.init(null as KeyStore?)
    return factory.trustManagers.filterIsInstance<X509TrustManager>().firstOrNull()
        ?: throw CertificateException("the device has no trust manager")
}
