package adit.core.manager

/**
 * The host's name for a secret that it keeps (Apple: a persistent reference of the keychain). No secret itself.
 *
 * @param bytes what the host knows it by; they mean nothing to anybody else.
 */
public class SecretReference(bytes: ByteArray) {
    private val content = bytes.copyOf()

    /** What the host knows it by. */
    public val bytes: ByteArray get() = content.copyOf()

    override fun equals(other: Any?): Boolean = other is SecretReference && content.contentEquals(other.content)

    override fun hashCode(): Int = content.contentHashCode()

    /** Its length only: a careless host may have put more into it than a name. */
    override fun toString(): String = "SecretReference(${content.size} bytes)"

    public companion object {
        /** The reference in a question `Sign`, which brings it back in hexadecimal. @throws IllegalArgumentException it is none. */
        public fun ofHex(text: String): SecretReference = SecretReference(text.fromHex())
    }
}

/**
 * A certificate of a CA.
 *
 * @param der its DER form.
 */
public class TrustedCertificate(der: ByteArray) {
    private val content = der.copyOf()

    /** Its DER form. */
    public val der: ByteArray get() = content.copyOf()

    override fun equals(other: Any?): Boolean = other is TrustedCertificate && content.contentEquals(other.content)

    override fun hashCode(): Int = content.contentHashCode()

    override fun toString(): String = "TrustedCertificate(${content.size} bytes)"
}

/** What a secret is for. */
public enum class SecretSlot(internal val word: String) {
    /** The user's password (`passwordReference`), UTF-8. */
    Password("password"),

    /** The pre-shared key (`sharedSecretReference`), the UTF-8 bytes of its text. */
    SharedSecret("shared-secret"),

    /** A PKCS#12 file (`identityData`). */
    IdentityData("identity-data"),

    /** The passphrase of that file (`identityDataPassword`), UTF-8. */
    IdentityDataPassword("identity-data-password"),

    /** The post-quantum pre-shared key (RFC 8784), `keychainReference` of [Ikev2PpkConfiguration]. */
    PostQuantumPresharedKey("post-quantum-preshared-key"),

    /** The password of the HTTP proxy (`NEProxyServer.password`), UTF-8. */
    HttpProxyPassword("http-proxy-password"),

    /** The password of the HTTPS proxy, UTF-8. */
    HttpsProxyPassword("https-proxy-password"),
}
