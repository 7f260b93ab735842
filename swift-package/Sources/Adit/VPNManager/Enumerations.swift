import Foundation

// The enumerations of Apple's API, with its raw values; their names are Apple's without the letters NEVPN or NE.

/// How device and server authenticate in IKE (`NEVPNIKEAuthenticationMethod`).
public enum IKEAuthenticationMethod: Int, CaseIterable, Codable, Sendable {
    /// Not in IKE; EAP still may.
    case none = 0
    /// Certificate and private key.
    case certificate = 1
    /// Pre-shared key.
    case sharedSecret = 2
}

/// The cipher of a security association (`NEVPNIKEv2EncryptionAlgorithm`).
public enum IKEv2EncryptionAlgorithm: Int, CaseIterable, Codable, Sendable {
    /// DES in CBC mode: a start refuses it.
    case algorithmDES = 1
    /// Triple DES in CBC mode: a start refuses it.
    case algorithm3DES = 2
    /// AES with 128-bit keys in CBC mode.
    case algorithmAES128 = 3
    /// AES with 256-bit keys in CBC mode.
    case algorithmAES256 = 4
    /// AES with 128-bit keys in Galois/Counter mode.
    case algorithmAES128GCM = 5
    /// AES with 256-bit keys in Galois/Counter mode.
    case algorithmAES256GCM = 6
    /// ChaCha20 with Poly1305.
    case algorithmChaCha20Poly1305 = 7
}

/// The integrity of a security association, and the PRF of an IKE SA (`NEVPNIKEv2IntegrityAlgorithm`).
public enum IKEv2IntegrityAlgorithm: Int, CaseIterable, Codable, Sendable {
    /// HMAC-SHA1, 96 bits.
    case SHA96 = 1
    /// HMAC-SHA1, 160 bits.
    case SHA160 = 2
    /// HMAC-SHA2-256.
    case SHA256 = 3
    /// HMAC-SHA2-384.
    case SHA384 = 4
    /// HMAC-SHA2-512.
    case SHA512 = 5
}

/// How often the server is asked for a sign of life (`NEVPNIKEv2DeadPeerDetectionRate`).
public enum IKEv2DeadPeerDetectionRate: Int, CaseIterable, Codable, Sendable {
    /// Never.
    case none = 0
    /// Every 30 minutes.
    case low = 1
    /// Every 10 minutes.
    case medium = 2
    /// Every minute.
    case high = 3
}

/// The key exchange, by IANA's number (`NEVPNIKEv2DiffieHellmanGroup`).
public enum IKEv2DiffieHellmanGroup: Int, CaseIterable, Codable, Sendable {
    /// None: a start refuses it.
    case groupInvalid = 0
    /// MODP, 768 bits: a start refuses it.
    case group1 = 1
    /// MODP, 1024 bits: a start refuses it.
    case group2 = 2
    /// MODP, 1536 bits: a start refuses it.
    case group5 = 5
    /// MODP, 2048 bits.
    case group14 = 14
    /// MODP, 3072 bits.
    case group15 = 15
    /// MODP, 4096 bits.
    case group16 = 16
    /// MODP, 6144 bits.
    case group17 = 17
    /// MODP, 8192 bits.
    case group18 = 18
    /// NIST P-256.
    case group19 = 19
    /// NIST P-384.
    case group20 = 20
    /// NIST P-521.
    case group21 = 21
    /// Curve25519.
    case group31 = 31
    /// Curve448.
    case group32 = 32
}

/// An additional key exchange, by IANA's number (`NEVPNIKEv2PostQuantumKeyExchangeMethod`).
public enum IKEv2PostQuantumKeyExchangeMethod: Int, CaseIterable, Codable, Sendable {
    /// None.
    case methodNone = 0
    /// ML-KEM-768.
    case method36 = 36
    /// ML-KEM-1024.
    case method37 = 37
}

/// The kind of the client certificate's key (`NEVPNIKEv2CertificateType`).
public enum IKEv2CertificateType: Int, CaseIterable, Codable, Sendable {
    /// RSA with PKCS #1 signatures.
    case RSA = 1
    /// ECDSA on P-256.
    case ECDSA256 = 2
    /// ECDSA on P-384.
    case ECDSA384 = 3
    /// ECDSA on P-521.
    case ECDSA521 = 4
    /// Ed25519.
    case ed25519 = 5
    /// RSA with PSS signatures.
    case RSAPSS = 6
}

/// A bound for the TLS versions of EAP-TLS (`NEVPNIKEv2TLSVersion`).
public enum IKEv2TLSVersion: Int, CaseIterable, Codable, Sendable {
    /// No bound of its own.
    case versionDefault = 0
    /// TLS 1.0.
    case version1_0 = 1
    /// TLS 1.1.
    case version1_1 = 2
    /// TLS 1.2.
    case version1_2 = 3
    /// TLS 1.3.
    case version1_3 = 4
}

/// What a connection does (`NEVPNStatus`).
public enum VPNStatus: Int, CaseIterable, Sendable {
    /// There is no stored configuration.
    case invalid = 0
    /// Nothing runs.
    case disconnected = 1
    /// The tunnel is being made.
    case connecting = 2
    /// The tunnel is up.
    case connected = 3
    /// The tunnel is being made again.
    case reasserting = 4
    /// The tunnel is being ended.
    case disconnecting = 5
}

/// What an on-demand rule does (`NEOnDemandRuleAction`).
public enum OnDemandRuleAction: Int, CaseIterable, Codable, Sendable {
    /// Starts the tunnel.
    case connect = 1
    /// Ends it, and starts none.
    case disconnect = 2
    /// Looks at each connection.
    case evaluateConnection = 3
    /// Leaves it as it is.
    case ignore = 4
}

/// The interface that a rule asks for (`NEOnDemandRuleInterfaceType`).
public enum OnDemandRuleInterfaceType: Int, CaseIterable, Codable, Sendable {
    /// Any.
    case any = 0
    /// Wired Ethernet.
    case ethernet = 1
    /// Wi-Fi.
    case wiFi = 2
    /// Mobile data.
    case cellular = 3
}

/// What is done for the hosts of some domains (`NEEvaluateConnectionRuleAction`).
public enum EvaluateConnectionRuleAction: Int, CaseIterable, Codable, Sendable {
    /// The tunnel is started when the host cannot be reached without it.
    case connectIfNeeded = 1
    /// The tunnel is never started.
    case neverConnect = 2
}
