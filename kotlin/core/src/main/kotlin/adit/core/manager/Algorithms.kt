package adit.core.manager

/** How the device authenticates in IKE (`NEVPNIKEAuthenticationMethod`). */
public enum class IkeAuthenticationMethod(override val raw: Int, override val swiftName: String) : RawValue {
    /** Not in IKE; EAP still may. */
    None(0, "none"),

    /** Certificate and private key. */
    Certificate(1, "certificate"),

    /** Pre-shared key. */
    SharedSecret(2, "sharedSecret"),
}

/** The cipher of a security association (`NEVPNIKEv2EncryptionAlgorithm`). */
public enum class Ikev2EncryptionAlgorithm(override val raw: Int, override val swiftName: String) : RawValue {
    /** DES in CBC mode; refused. */
    Des(1, "algorithmDES"),

    /** Triple DES in CBC mode; refused. */
    TripleDes(2, "algorithm3DES"),

    /** AES with 128-bit keys in CBC mode. */
    Aes128(3, "algorithmAES128"),

    /** AES with 256-bit keys in CBC mode, the default. */
    Aes256(4, "algorithmAES256"),

    /** AES with 128-bit keys in Galois/Counter mode. */
    Aes128Gcm(5, "algorithmAES128GCM"),

    /** AES with 256-bit keys in Galois/Counter mode. */
    Aes256Gcm(6, "algorithmAES256GCM"),

    /** ChaCha20 with Poly1305. */
    ChaCha20Poly1305(7, "algorithmChaCha20Poly1305"),
}

/** The integrity of a security association, and the PRF of an IKE SA (`NEVPNIKEv2IntegrityAlgorithm`). */
public enum class Ikev2IntegrityAlgorithm(override val raw: Int, override val swiftName: String) : RawValue {
    /** HMAC-SHA1 cut to 96 bits. */
    Sha96(1, "SHA96"),

    /** HMAC-SHA1 with 160 bits. */
    Sha160(2, "SHA160"),

    /** HMAC-SHA2-256, the default. */
    Sha256(3, "SHA256"),

    /** HMAC-SHA2-384. */
    Sha384(4, "SHA384"),

    /** HMAC-SHA2-512. */
    Sha512(5, "SHA512"),
}

/** A key exchange group by its IANA number (`NEVPNIKEv2DiffieHellmanGroup`). */
public enum class Ikev2DiffieHellmanGroup(override val raw: Int, override val swiftName: String) : RawValue {
    /** No group at all; refused. */
    Invalid(0, "groupInvalid"),

    /** 768-bit MODP. */
    Group1(1, "group1"),

    /** 1024-bit MODP. */
    Group2(2, "group2"),

    /** 1536-bit MODP. */
    Group5(5, "group5"),

    /** 2048-bit MODP, the default. */
    Group14(14, "group14"),

    /** 3072-bit MODP. */
    Group15(15, "group15"),

    /** 4096-bit MODP. */
    Group16(16, "group16"),

    /** 6144-bit MODP. */
    Group17(17, "group17"),

    /** 8192-bit MODP. */
    Group18(18, "group18"),

    /** P-256. */
    Group19(19, "group19"),

    /** P-384. */
    Group20(20, "group20"),

    /** P-521. */
    Group21(21, "group21"),

    /** Curve25519. */
    Group31(31, "group31"),

    /** Curve448. */
    Group32(32, "group32"),
}

/** An additional key exchange (RFC 9370) by its IANA number (`NEVPNIKEv2PostQuantumKeyExchangeMethod`). */
public enum class Ikev2PostQuantumKeyExchangeMethod(override val raw: Int, override val swiftName: String) : RawValue {
    /** None in this place. */
    None(0, "methodNone"),

    /** ML-KEM-768. */
    Method36(36, "method36"),

    /** ML-KEM-1024. */
    Method37(37, "method37"),
}

/** How often the server is asked for a sign of life (`NEVPNIKEv2DeadPeerDetectionRate`). */
public enum class Ikev2DeadPeerDetectionRate(override val raw: Int, override val swiftName: String) : RawValue {
    /** Never. */
    None(0, "none"),

    /** Every 30 minutes. */
    Low(1, "low"),

    /** Every 10 minutes, the default. */
    Medium(2, "medium"),

    /** Every minute. */
    High(3, "high"),
}

/** The kind of the client certificate's key (`NEVPNIKEv2CertificateType`). */
public enum class Ikev2CertificateType(override val raw: Int, override val swiftName: String) : RawValue {
    /** RSA with PKCS#1 signatures, the default. */
    Rsa(1, "RSA"),

    /** ECDSA on P-256. */
    Ecdsa256(2, "ECDSA256"),

    /** ECDSA on P-384. */
    Ecdsa384(3, "ECDSA384"),

    /** ECDSA on P-521. */
    Ecdsa521(4, "ECDSA521"),

    /** Ed25519 (RFC 8420). */
    Ed25519(5, "ed25519"),

    /** RSA with PSS signatures. */
    RsaPss(6, "RSAPSS"),
}

/** A bound for the TLS version of EAP-TLS (`NEVPNIKEv2TLSVersion`). */
public enum class Ikev2TlsVersion(override val raw: Int, override val swiftName: String) : RawValue {
    /** No bound given. */
    Default(0, "versionDefault"),

    /** TLS 1.0. */
    Version1_0(1, "version1_0"),

    /** TLS 1.1. */
    Version1_1(2, "version1_1"),

    /** TLS 1.2. */
    Version1_2(3, "version1_2"),

    /** TLS 1.3. */
    Version1_3(4, "version1_3"),
}
