import Foundation

/// One security association: one proposal and its lifetime (`NEVPNIKEv2SecurityAssociationParameters`).
public struct IKEv2SecurityAssociationParameters: Equatable, Sendable {
    /// The cipher.
    public var encryptionAlgorithm: IKEv2EncryptionAlgorithm = .algorithmAES256
    /// The integrity, and the PRF of the IKE SA.
    public var integrityAlgorithm: IKEv2IntegrityAlgorithm = .SHA256
    /// The key exchange.
    public var diffieHellmanGroup: IKEv2DiffieHellmanGroup = .group14
    /// Minutes until it is over, 10 to 1440; a new one is made before.
    public var lifetimeMinutes: Int32
    /// Additional key exchanges in order, at most seven.
    public var postQuantumKeyExchangeMethods: [IKEv2PostQuantumKeyExchangeMethod] = []

    /// The defaults: 60 minutes for an IKE SA; a Child SA has 30.
    public init(lifetimeMinutes: Int32 = 60) { self.lifetimeMinutes = lifetimeMinutes }
}

/// A post-quantum pre-shared key (`NEVPNIKEv2PPKConfiguration`, RFC 8784).
public struct IKEv2PPKConfiguration: Equatable, Sendable {
    /// Its identifier, which the server is told.
    public var identifier: String
    /// Where the host keeps the key; nil until it is stored.
    public var keychainReference: SecretReference?
    /// Without it there is no connection.
    public var isMandatory = true

    /// A key that the host keeps already; nil: ``VPNManager/setSecret(_:for:)`` brings it.
    public init(identifier: String, keychainReference: SecretReference? = nil) {
        self.identifier = identifier
        self.keychainReference = keychainReference
    }
}

extension IKEv2SecurityAssociationParameters: Codable {
    enum CodingKeys: String, CodingKey {
        case encryptionAlgorithm = "encryption_algorithm"
        case integrityAlgorithm = "integrity_algorithm"
        case diffieHellmanGroup = "diffie_hellman_group"
        case lifetimeMinutes = "lifetime_minutes"
        case postQuantumKeyExchangeMethods = "post_quantum_key_exchange_methods"
    }
}

extension IKEv2PPKConfiguration: Codable {
    enum CodingKeys: String, CodingKey {
        case identifier
        case keychainReference = "keychain_reference"
        case isMandatory = "is_mandatory"
    }
}
