import Foundation

/// The protocol of a configuration. PPTP and L2TP have no class in Apple's API and no case here.
public enum VPNProtocolConfiguration: Equatable, Sendable {
    /// IKEv2.
    case ikev2(IKEv2Protocol)
    /// IKEv1: stored and explained; a start says why it cannot yet.
    case ipsec(IPSecProtocol)

    /// What every protocol has.
    public var base: VPNProtocol {
        get {
            switch self {
            case .ikev2(let ikev2): ikev2.ipsec.base
            case .ipsec(let ipsec): ipsec.base
            }
        }
        set {
            switch self {
            case .ikev2(var ikev2):
                ikev2.ipsec.base = newValue
                self = .ikev2(ikev2)
            case .ipsec(var ipsec):
                ipsec.base = newValue
                self = .ipsec(ipsec)
            }
        }
    }
}

/// What every protocol's settings have (`NEVPNProtocol`). The defaults are those of iOS.
public struct VPNProtocol: Equatable, Sendable {
    /// The server, a host name or an IP address.
    public var serverAddress: String?
    /// The user's name.
    public var username: String?
    /// Where the host keeps the password.
    public var passwordReference: SecretReference?
    /// Where the host keeps certificate and private key; the tunnel asks it for signatures.
    public var identityReference: SecretReference?
    /// Where the host keeps the PKCS #12 file given with ``VPNManager/setIdentityData(_:)``.
    public var identityDataReference: SecretReference?
    /// Where the host keeps that file's passphrase.
    public var identityDataPasswordReference: SecretReference?
    /// The tunnel ends when the device sleeps.
    public var disconnectOnSleep = false
    /// The proxy for what goes through the tunnel.
    public var proxySettings: VPNProxySettings?
    /// Everything goes through the tunnel, but for what the exclusions name.
    public var includeAllNetworks = false
    /// The local network stays outside. macOS has false.
    public var excludeLocalNetworks = true
    /// The carrier's own services stay outside; counts with ``includeAllNetworks``.
    public var excludeCellularServices = true
    /// Apple's push service stays outside; counts with ``includeAllNetworks``.
    public var excludeAPNs = true
    /// Links to other devices stay outside; counts with ``includeAllNetworks``.
    public var excludeDeviceCommunication = true
    /// The tunnel's routes go before those of the local network.
    public var enforceRoutes = false
    /// The cellular slice to use while the tunnel is up.
    public var sliceUUID: String?

    /// The defaults.
    public init() {}
}

/// How the two sides prove who they are (`NEVPNProtocolIPSec`). Has all members of ``VPNProtocol`` as its own.
@dynamicMemberLookup
public struct IPSecProtocol: Equatable, Sendable {
    /// What every protocol has.
    public var base = VPNProtocol()
    /// How the device proves itself in IKE.
    public var authenticationMethod: IKEAuthenticationMethod = .none
    /// XAuth (IKEv1) or EAP (IKEv2) besides.
    public var useExtendedAuthentication = false
    /// Where the host keeps the pre-shared key.
    public var sharedSecretReference: SecretReference?
    /// Who the device is (IDi), or the group name of IKEv1.
    public var localIdentifier: String?
    /// Who the server must be (IDr).
    public var remoteIdentifier: String?

    /// The defaults.
    public init() {}

    /// The members of ``VPNProtocol``.
    public subscript<Value>(dynamicMember member: WritableKeyPath<VPNProtocol, Value>) -> Value {
        get { base[keyPath: member] }
        set { base[keyPath: member] = newValue }
    }
}

/// The settings of an IKEv2 tunnel (`NEVPNProtocolIKEv2`). Has all members of ``IPSecProtocol`` and ``VPNProtocol`` as its own.
@dynamicMemberLookup
public struct IKEv2Protocol: Equatable, Sendable {
    /// What IKEv1 and IKEv2 have.
    public var ipsec = IPSecProtocol()
    /// The IKE SA.
    public var ikeSecurityAssociationParameters = IKEv2SecurityAssociationParameters()
    /// Child SAs.
    public var childSecurityAssociationParameters = IKEv2SecurityAssociationParameters(lifetimeMinutes: 30)
    /// How often the server is asked for a sign of life.
    public var deadPeerDetectionRate: IKEv2DeadPeerDetectionRate = .medium
    /// The common name of the CA that issued the server's certificate.
    public var serverCertificateIssuerCommonName: String?
    /// The name that the server's certificate must have; the remote identifier unless set.
    public var serverCertificateCommonName: String?
    /// The kind of the client certificate's key.
    public var certificateType: IKEv2CertificateType = .RSA
    /// The networks that the server announces are the routes.
    public var useConfigurationAttributeInternalIPSubnet = false
    /// No MOBIKE (RFC 4555).
    public var disableMOBIKE = false
    /// The server's REDIRECT (RFC 5685) is not followed.
    public var disableRedirect = false
    /// A key exchange in each rekey of a Child SA.
    public var enablePFS = false
    /// The server may leave out the post-quantum key exchanges.
    public var allowPostQuantumKeyExchangeFallback = false
    /// Whether the server's certificate is revoked is asked, best effort.
    public var enableRevocationCheck = false
    /// No answer to that is a refusal.
    public var strictRevocationCheck = false
    /// The lowest TLS version of EAP-TLS.
    public var minimumTLSVersion: IKEv2TLSVersion = .versionDefault
    /// The highest TLS version of EAP-TLS.
    public var maximumTLSVersion: IKEv2TLSVersion = .versionDefault
    /// A second tunnel by cellular for Wi-Fi Assist.
    public var enableFallback = false
    /// The MTU of the tunnel's interface, 1280 to 1400 bytes.
    public var mtu = 1280
    /// A post-quantum pre-shared key.
    public var ppkConfiguration: IKEv2PPKConfiguration?
    /// Certificates of CAs that the server is judged by, DER; empty: the system's trust store. Apple's class has no property
    /// for it; a profile brings them in payloads of their own.
    public var trustedCertificates: [Data] = []
    /// What only a profile can say.
    public var profileOnly = IKEv2ProfileSettings()

    /// The defaults.
    public init() {}

    /// The members of ``IPSecProtocol``, and through them those of ``VPNProtocol``.
    public subscript<Value>(dynamicMember member: WritableKeyPath<IPSecProtocol, Value>) -> Value {
        get { ipsec[keyPath: member] }
        set { ipsec[keyPath: member] = newValue }
    }
}

/// Keys of a profile for which Apple's API has no property.
public struct IKEv2ProfileSettings: Equatable, Sendable {
    /// There is no dictionary for the IKE SA: what Apple's client was observed to offer is offered.
    public var offersObservedList = false
    /// `EnforceStrictAlgorithmSelection`.
    public var enforceStrictAlgorithmSelection = false
    /// `NATKeepAliveInterval` in seconds, at least 20.
    public var natKeepaliveInterval: UInt32?
    /// `NATKeepAliveOffloadEnable` is 0.
    public var natKeepaliveOffloadDisabled = false

    /// Nothing of it.
    public init() {}
}

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

/// Which proxies apps use while the tunnel is up (`NEProxySettings`).
public struct VPNProxySettings: Equatable, Sendable {
    /// A PAC file decides.
    public var autoProxyConfigurationEnabled = false
    /// Where that file is, an HTTP(S) URL.
    public var proxyAutoConfigurationURL: String?
    /// The file itself; goes before the URL.
    public var proxyAutoConfigurationJavaScript: String?
    /// The HTTP proxy is used.
    public var httpEnabled = false
    /// The HTTP proxy.
    public var httpServer: VPNProxyServer?
    /// The HTTPS proxy is used.
    public var httpsEnabled = false
    /// The HTTPS proxy.
    public var httpsServer: VPNProxyServer?
    /// Names without a dot go past the proxy.
    public var excludeSimpleHostnames = false
    /// Domains that go past the proxy.
    public var exceptionList: [String]?
    /// Only hosts of these domains use the proxy; nil: all.
    public var matchDomains: [String]?

    /// No proxy.
    public init() {}
}

/// One proxy (`NEProxyServer`).
public struct VPNProxyServer: Equatable, Sendable {
    /// Host name or IP address.
    public var address: String
    /// TCP port.
    public var port: Int
    /// It wants a name and a password.
    public var authenticationRequired = false
    /// The user's name there.
    public var username: String?
    /// Where the host keeps the password. ``VPNManager/setSecret(_:for:)`` brings it; it is stored only together with a name
    /// and ``authenticationRequired``.
    public var passwordReference: SecretReference?

    /// A proxy without credentials.
    public init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
}
