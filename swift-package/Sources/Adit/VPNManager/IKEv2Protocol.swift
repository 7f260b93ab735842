import Foundation

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
    public var trustedCertificates: [Data] {
        get { certificates.map(\.data) }
        set { certificates = newValue.map { Hexadecimal(data: $0) } }
    }
    /// What only a profile can say.
    public var profileOnly = IKEv2ProfileSettings()

    private var certificates: [Hexadecimal] = []

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

extension IKEv2Protocol: Codable {
    private enum CodingKeys: String, CodingKey {
        case ipsec
        case ikeSecurityAssociationParameters = "ike_security_association_parameters"
        case childSecurityAssociationParameters = "child_security_association_parameters"
        case deadPeerDetectionRate = "dead_peer_detection_rate"
        case serverCertificateIssuerCommonName = "server_certificate_issuer_common_name"
        case serverCertificateCommonName = "server_certificate_common_name"
        case certificateType = "certificate_type"
        case useConfigurationAttributeInternalIPSubnet = "use_configuration_attribute_internal_ip_subnet"
        case disableMOBIKE = "disable_mobike"
        case disableRedirect = "disable_redirect"
        case enablePFS = "enable_pfs"
        case allowPostQuantumKeyExchangeFallback = "allow_post_quantum_key_exchange_fallback"
        case enableRevocationCheck = "enable_revocation_check"
        case strictRevocationCheck = "strict_revocation_check"
        case minimumTLSVersion = "minimum_tls_version"
        case maximumTLSVersion = "maximum_tls_version"
        case enableFallback = "enable_fallback"
        case mtu
        case ppkConfiguration = "ppk_configuration"
        case certificates = "trusted_certificates"
        case profileOnly = "profile_only"
    }
}

extension IKEv2ProfileSettings: Codable {
    enum CodingKeys: String, CodingKey {
        case offersObservedList = "offers_observed_list"
        case enforceStrictAlgorithmSelection = "enforce_strict_algorithm_selection"
        case natKeepaliveInterval = "nat_keepalive_interval"
        case natKeepaliveOffloadDisabled = "nat_keepalive_offload_disabled"
    }
}
