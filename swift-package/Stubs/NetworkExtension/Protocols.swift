// What an app tells the system about a tunnel: NEVPNProtocol and its kinds. Signatures of Apple's SDK; values only.

import Foundation

open class NEVPNProtocol: NSObject {
    open var serverAddress: String?
    open var username: String?
    open var passwordReference: Data?
    open var identityReference: Data?
    open var identityData: Data?
    open var identityDataPassword: String?
    open var disconnectOnSleep = false
    open var proxySettings: NEProxySettings?
    open var includeAllNetworks = false
    open var excludeLocalNetworks = true
    open var excludeCellularServices = true
    open var excludeAPNs = true
    open var excludeDeviceCommunication = true
    open var enforceRoutes = false
    open var sliceUUID: String?
}

open class NETunnelProviderProtocol: NEVPNProtocol {
    open var providerConfiguration: [String: Any]?
    open var providerBundleIdentifier: String?
}

public enum NEVPNIKEAuthenticationMethod: Int, Sendable {
    case none = 0
    case certificate = 1
    case sharedSecret = 2
}

open class NEVPNProtocolIPSec: NEVPNProtocol {
    open var authenticationMethod: NEVPNIKEAuthenticationMethod = .none
    open var useExtendedAuthentication = false
    open var sharedSecretReference: Data?
    open var localIdentifier: String?
    open var remoteIdentifier: String?
}

public enum NEVPNIKEv2EncryptionAlgorithm: Int, Sendable {
    case algorithmDES = 1
    case algorithm3DES = 2
    case algorithmAES128 = 3
    case algorithmAES256 = 4
    case algorithmAES128GCM = 5
    case algorithmAES256GCM = 6
    case algorithmChaCha20Poly1305 = 7
}

public enum NEVPNIKEv2IntegrityAlgorithm: Int, Sendable {
    case SHA96 = 1
    case SHA160 = 2
    case SHA256 = 3
    case SHA384 = 4
    case SHA512 = 5
}

public enum NEVPNIKEv2DiffieHellmanGroup: Int, Sendable {
    case groupInvalid = 0
    case group1 = 1
    case group2 = 2
    case group5 = 5
    case group14 = 14
    case group15 = 15
    case group16 = 16
    case group17 = 17
    case group18 = 18
    case group19 = 19
    case group20 = 20
    case group21 = 21
    case group31 = 31
    case group32 = 32
}

public enum NEVPNIKEv2PostQuantumKeyExchangeMethod: Int, Sendable {
    case methodNone = 0
    case method36 = 36
    case method37 = 37
}

public enum NEVPNIKEv2DeadPeerDetectionRate: Int, Sendable {
    case none = 0
    case low = 1
    case medium = 2
    case high = 3
}

public enum NEVPNIKEv2CertificateType: Int, Sendable {
    case RSA = 1
    case ECDSA256 = 2
    case ECDSA384 = 3
    case ECDSA521 = 4
    case ed25519 = 5
    case RSAPSS = 6
}

public enum NEVPNIKEv2TLSVersion: Int, Sendable {
    case versionDefault = 0
    case version1_0 = 1
    case version1_1 = 2
    case version1_2 = 3
    case version1_3 = 4
}

open class NEVPNIKEv2SecurityAssociationParameters: NSObject {
    open var encryptionAlgorithm: NEVPNIKEv2EncryptionAlgorithm = .algorithmAES256
    open var integrityAlgorithm: NEVPNIKEv2IntegrityAlgorithm = .SHA256
    open var diffieHellmanGroup: NEVPNIKEv2DiffieHellmanGroup = .group14
    open var lifetimeMinutes: Int32 = 60
    open var postQuantumKeyExchangeMethods: [NEVPNIKEv2PostQuantumKeyExchangeMethod] = []
}

open class NEVPNIKEv2PPKConfiguration: NSObject {
    open private(set) var identifier: String
    open private(set) var keychainReference: Data
    open var isMandatory = true

    public init(identifier: String, keychainReference: Data) {
        self.identifier = identifier
        self.keychainReference = keychainReference
    }
}

open class NEVPNProtocolIKEv2: NEVPNProtocolIPSec {
    open private(set) var ikeSecurityAssociationParameters = NEVPNIKEv2SecurityAssociationParameters()
    open private(set) var childSecurityAssociationParameters = NEVPNIKEv2SecurityAssociationParameters()
    open var deadPeerDetectionRate: NEVPNIKEv2DeadPeerDetectionRate = .medium
    open var serverCertificateIssuerCommonName: String?
    open var serverCertificateCommonName: String?
    open var certificateType: NEVPNIKEv2CertificateType = .RSA
    open var useConfigurationAttributeInternalIPSubnet = false
    open var disableMOBIKE = false
    open var disableRedirect = false
    open var enablePFS = false
    open var allowPostQuantumKeyExchangeFallback = false
    open var enableRevocationCheck = false
    open var strictRevocationCheck = false
    open var minimumTLSVersion: NEVPNIKEv2TLSVersion = .versionDefault
    open var maximumTLSVersion: NEVPNIKEv2TLSVersion = .versionDefault
    open var enableFallback = false
    open var mtu = 1280
    open var ppkConfiguration: NEVPNIKEv2PPKConfiguration?
}
