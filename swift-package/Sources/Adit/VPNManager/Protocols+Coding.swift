import Foundation

// The core's JSON: its own field names, raw values, bytes in hexadecimal.

extension VPNProtocolConfiguration: Codable {
    private enum Kind: String, CodingKey {
        case ikev2, ipsec
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        if let ipsec = try container.decodeIfPresent(IPSecProtocol.self, forKey: .ipsec) {
            self = .ipsec(ipsec)
        } else {
            self = .ikev2(try container.decode(IKEv2Protocol.self, forKey: .ikev2))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .ikev2(let ikev2): try container.encode(ikev2, forKey: .ikev2)
        case .ipsec(let ipsec): try container.encode(ipsec, forKey: .ipsec)
        }
    }
}

extension VPNProtocol: Codable {
    enum CodingKeys: String, CodingKey {
        case serverAddress = "server_address"
        case username
        case passwordReference = "password_reference"
        case identityReference = "identity_reference"
        case identityDataReference = "identity_data_reference"
        case identityDataPasswordReference = "identity_data_password_reference"
        case disconnectOnSleep = "disconnect_on_sleep"
        case proxySettings = "proxy_settings"
        case includeAllNetworks = "include_all_networks"
        case excludeLocalNetworks = "exclude_local_networks"
        case excludeCellularServices = "exclude_cellular_services"
        case excludeAPNs = "exclude_apns"
        case excludeDeviceCommunication = "exclude_device_communication"
        case enforceRoutes = "enforce_routes"
        case sliceUUID = "slice_uuid"
    }
}

extension IPSecProtocol: Codable {
    enum CodingKeys: String, CodingKey {
        case base
        case authenticationMethod = "authentication_method"
        case useExtendedAuthentication = "use_extended_authentication"
        case sharedSecretReference = "shared_secret_reference"
        case localIdentifier = "local_identifier"
        case remoteIdentifier = "remote_identifier"
    }
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
        case trustedCertificates = "trusted_certificates"
        case profileOnly = "profile_only"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        func read<Value: Decodable>(_ key: CodingKeys, _ member: WritableKeyPath<IKEv2Protocol, Value>) throws {
            self[keyPath: member] = try container.decode(Value.self, forKey: key)
        }
        try read(.ipsec, \.ipsec)
        try read(.ikeSecurityAssociationParameters, \.ikeSecurityAssociationParameters)
        try read(.childSecurityAssociationParameters, \.childSecurityAssociationParameters)
        try read(.deadPeerDetectionRate, \.deadPeerDetectionRate)
        serverCertificateIssuerCommonName = try container.decodeIfPresent(
            String.self, forKey: .serverCertificateIssuerCommonName)
        serverCertificateCommonName = try container.decodeIfPresent(String.self, forKey: .serverCertificateCommonName)
        try read(.certificateType, \.certificateType)
        try read(.useConfigurationAttributeInternalIPSubnet, \.useConfigurationAttributeInternalIPSubnet)
        try read(.disableMOBIKE, \.disableMOBIKE)
        try read(.disableRedirect, \.disableRedirect)
        try read(.enablePFS, \.enablePFS)
        try read(.allowPostQuantumKeyExchangeFallback, \.allowPostQuantumKeyExchangeFallback)
        try read(.enableRevocationCheck, \.enableRevocationCheck)
        try read(.strictRevocationCheck, \.strictRevocationCheck)
        try read(.minimumTLSVersion, \.minimumTLSVersion)
        try read(.maximumTLSVersion, \.maximumTLSVersion)
        try read(.enableFallback, \.enableFallback)
        try read(.mtu, \.mtu)
        ppkConfiguration = try container.decodeIfPresent(IKEv2PPKConfiguration.self, forKey: .ppkConfiguration)
        trustedCertificates = try container.decode([String].self, forKey: .trustedCertificates).map { text in
            guard let bytes = Data(hexadecimal: text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .trustedCertificates, in: container, debugDescription: "not hexadecimal")
            }
            return bytes
        }
        try read(.profileOnly, \.profileOnly)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ipsec, forKey: .ipsec)
        try container.encode(ikeSecurityAssociationParameters, forKey: .ikeSecurityAssociationParameters)
        try container.encode(childSecurityAssociationParameters, forKey: .childSecurityAssociationParameters)
        try container.encode(deadPeerDetectionRate, forKey: .deadPeerDetectionRate)
        try container.encodeIfPresent(serverCertificateIssuerCommonName, forKey: .serverCertificateIssuerCommonName)
        try container.encodeIfPresent(serverCertificateCommonName, forKey: .serverCertificateCommonName)
        try container.encode(certificateType, forKey: .certificateType)
        try container.encode(
            useConfigurationAttributeInternalIPSubnet, forKey: .useConfigurationAttributeInternalIPSubnet)
        try container.encode(disableMOBIKE, forKey: .disableMOBIKE)
        try container.encode(disableRedirect, forKey: .disableRedirect)
        try container.encode(enablePFS, forKey: .enablePFS)
        try container.encode(allowPostQuantumKeyExchangeFallback, forKey: .allowPostQuantumKeyExchangeFallback)
        try container.encode(enableRevocationCheck, forKey: .enableRevocationCheck)
        try container.encode(strictRevocationCheck, forKey: .strictRevocationCheck)
        try container.encode(minimumTLSVersion, forKey: .minimumTLSVersion)
        try container.encode(maximumTLSVersion, forKey: .maximumTLSVersion)
        try container.encode(enableFallback, forKey: .enableFallback)
        try container.encode(mtu, forKey: .mtu)
        try container.encodeIfPresent(ppkConfiguration, forKey: .ppkConfiguration)
        try container.encode(trustedCertificates.map(\.hexadecimal), forKey: .trustedCertificates)
        try container.encode(profileOnly, forKey: .profileOnly)
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

extension VPNProxySettings: Codable {
    enum CodingKeys: String, CodingKey {
        case autoProxyConfigurationEnabled = "auto_proxy_configuration_enabled"
        case proxyAutoConfigurationURL = "proxy_auto_configuration_url"
        case proxyAutoConfigurationJavaScript = "proxy_auto_configuration_javascript"
        case httpEnabled = "http_enabled"
        case httpServer = "http_server"
        case httpsEnabled = "https_enabled"
        case httpsServer = "https_server"
        case excludeSimpleHostnames = "exclude_simple_hostnames"
        case exceptionList = "exception_list"
        case matchDomains = "match_domains"
    }
}

extension VPNProxyServer: Codable {
    enum CodingKeys: String, CodingKey {
        case address, port
        case authenticationRequired = "authentication_required"
        case username
        case passwordReference = "password_reference"
    }
}
