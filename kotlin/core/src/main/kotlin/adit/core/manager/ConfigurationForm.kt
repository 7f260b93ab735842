package adit.core.manager

/** The JSON form of a configuration (`adit_manager::Configuration`), both ways. */
internal object ConfigurationForm {
    fun read(text: String): VpnConfiguration = Members.read(text).run {
        VpnConfiguration(
            isEnabled = flag("is_enabled"),
            protocolConfiguration = inner("protocol_configuration")?.let { protocol(it) },
            localizedDescription = text("localized_description"),
            isOnDemandEnabled = flag("is_on_demand_enabled"),
            onDemandRules = inners("on_demand_rules")?.map { rule(it) },
            managed = inner("managed")?.let { managed(it) } ?: ManagedVpnSettings(),
        )
    }

    fun write(of: VpnConfiguration): String = Json.write(
        mapOf(
            "is_enabled" to of.isEnabled,
            "protocol_configuration" to of.protocolConfiguration?.let { protocol(it) },
            "localized_description" to of.localizedDescription,
            "is_on_demand_enabled" to of.isOnDemandEnabled,
            "on_demand_rules" to of.onDemandRules?.map { rule(it) },
            "managed" to managed(of.managed),
        ),
    )

    // Protocols

    private fun protocol(form: Members): VpnProtocolConfiguration {
        val ikev2 = form.inner("ikev2") ?: return ipsec(checkNotNull(form.inner("ipsec")) { "no protocol" })
        val ipsec = ipsec(checkNotNull(ikev2.inner("ipsec")))
        return Ikev2Protocol(
            serverAddress = ipsec.serverAddress,
            username = ipsec.username,
            passwordReference = ipsec.passwordReference,
            identityReference = ipsec.identityReference,
            identityDataReference = ipsec.identityDataReference,
            identityDataPasswordReference = ipsec.identityDataPasswordReference,
            disconnectOnSleep = ipsec.disconnectOnSleep,
            proxySettings = ipsec.proxySettings,
            includeAllNetworks = ipsec.includeAllNetworks,
            excludeLocalNetworks = ipsec.excludeLocalNetworks,
            excludeCellularServices = ipsec.excludeCellularServices,
            excludeApns = ipsec.excludeApns,
            excludeDeviceCommunication = ipsec.excludeDeviceCommunication,
            enforceRoutes = ipsec.enforceRoutes,
            sliceUuid = ipsec.sliceUuid,
            authenticationMethod = ipsec.authenticationMethod,
            useExtendedAuthentication = ipsec.useExtendedAuthentication,
            sharedSecretReference = ipsec.sharedSecretReference,
            localIdentifier = ipsec.localIdentifier,
            remoteIdentifier = ipsec.remoteIdentifier,
            ikeSecurityAssociationParameters = association(ikev2, "ike_security_association_parameters"),
            childSecurityAssociationParameters = association(ikev2, "child_security_association_parameters"),
            deadPeerDetectionRate = Ikev2DeadPeerDetectionRate.entries.ofRaw(ikev2.needLong("dead_peer_detection_rate")),
            serverCertificateIssuerCommonName = ikev2.text("server_certificate_issuer_common_name"),
            serverCertificateCommonName = ikev2.text("server_certificate_common_name"),
            certificateType = Ikev2CertificateType.entries.ofRaw(ikev2.needLong("certificate_type")),
            useConfigurationAttributeInternalIpSubnet = ikev2.flag("use_configuration_attribute_internal_ip_subnet"),
            disableMobike = ikev2.flag("disable_mobike"),
            disableRedirect = ikev2.flag("disable_redirect"),
            enablePfs = ikev2.flag("enable_pfs"),
            allowPostQuantumKeyExchangeFallback = ikev2.flag("allow_post_quantum_key_exchange_fallback"),
            enableRevocationCheck = ikev2.flag("enable_revocation_check"),
            strictRevocationCheck = ikev2.flag("strict_revocation_check"),
            minimumTlsVersion = Ikev2TlsVersion.entries.ofRaw(ikev2.needLong("minimum_tls_version")),
            maximumTlsVersion = Ikev2TlsVersion.entries.ofRaw(ikev2.needLong("maximum_tls_version")),
            enableFallback = ikev2.flag("enable_fallback"),
            mtu = ikev2.int("mtu"),
            ppkConfiguration = ikev2.inner("ppk_configuration")?.let {
                Ikev2PpkConfiguration(it.needText("identifier"), it.reference("keychain_reference"), it.flag("is_mandatory"))
            },
            trustedCertificates = ikev2.texts("trusted_certificates").orEmpty().map { TrustedCertificate(it.fromHex()) },
            profileOnly = ikev2.inner("profile_only")?.let { profileOnly(it) } ?: Ikev2ProfileSettings(),
        )
    }

    private fun protocol(of: VpnProtocolConfiguration): Any = when (of) {
        is IpsecProtocol -> mapOf("ipsec" to ipsec(of))
        is Ikev2Protocol -> mapOf("ikev2" to ikev2(of))
    }

    private fun ikev2(of: Ikev2Protocol): Any = mapOf(
        "ipsec" to ipsec(of),
        "ike_security_association_parameters" to association(of.ikeSecurityAssociationParameters),
        "child_security_association_parameters" to association(of.childSecurityAssociationParameters),
        "dead_peer_detection_rate" to of.deadPeerDetectionRate.raw,
        "server_certificate_issuer_common_name" to of.serverCertificateIssuerCommonName,
        "server_certificate_common_name" to of.serverCertificateCommonName,
        "certificate_type" to of.certificateType.raw,
        "use_configuration_attribute_internal_ip_subnet" to of.useConfigurationAttributeInternalIpSubnet,
        "disable_mobike" to of.disableMobike,
        "disable_redirect" to of.disableRedirect,
        "enable_pfs" to of.enablePfs,
        "allow_post_quantum_key_exchange_fallback" to of.allowPostQuantumKeyExchangeFallback,
        "enable_revocation_check" to of.enableRevocationCheck,
        "strict_revocation_check" to of.strictRevocationCheck,
        "minimum_tls_version" to of.minimumTlsVersion.raw,
        "maximum_tls_version" to of.maximumTlsVersion.raw,
        "enable_fallback" to of.enableFallback,
        "mtu" to of.mtu,
        "ppk_configuration" to of.ppkConfiguration?.let {
            mapOf(
                "identifier" to it.identifier,
                "keychain_reference" to hex(it.keychainReference),
                "is_mandatory" to it.isMandatory,
            )
        },
        "trusted_certificates" to of.trustedCertificates.map { it.der.toHex() },
        "profile_only" to mapOf(
            "offers_observed_list" to of.profileOnly.offersObservedList,
            "enforce_strict_algorithm_selection" to of.profileOnly.enforceStrictAlgorithmSelection,
            "nat_keepalive_interval" to of.profileOnly.natKeepaliveInterval,
            "nat_keepalive_offload_disabled" to of.profileOnly.natKeepaliveOffloadDisabled,
        ),
    )

    private fun profileOnly(form: Members) = Ikev2ProfileSettings(
        offersObservedList = form.flag("offers_observed_list"),
        enforceStrictAlgorithmSelection = form.flag("enforce_strict_algorithm_selection"),
        natKeepaliveInterval = form.long("nat_keepalive_interval")?.toInt(),
        natKeepaliveOffloadDisabled = form.flag("nat_keepalive_offload_disabled"),
    )

    private fun ipsec(form: Members): IpsecProtocol {
        val base = checkNotNull(form.inner("base")) { "no base" }
        return IpsecProtocol(
            serverAddress = base.text("server_address"),
            username = base.text("username"),
            passwordReference = base.reference("password_reference"),
            identityReference = base.reference("identity_reference"),
            identityDataReference = base.reference("identity_data_reference"),
            identityDataPasswordReference = base.reference("identity_data_password_reference"),
            disconnectOnSleep = base.flag("disconnect_on_sleep"),
            proxySettings = base.inner("proxy_settings")?.let { proxies(it) },
            includeAllNetworks = base.flag("include_all_networks"),
            excludeLocalNetworks = base.flag("exclude_local_networks"),
            excludeCellularServices = base.flag("exclude_cellular_services"),
            excludeApns = base.flag("exclude_apns"),
            excludeDeviceCommunication = base.flag("exclude_device_communication"),
            enforceRoutes = base.flag("enforce_routes"),
            sliceUuid = base.text("slice_uuid"),
            authenticationMethod = IkeAuthenticationMethod.entries.ofRaw(form.needLong("authentication_method")),
            useExtendedAuthentication = form.flag("use_extended_authentication"),
            sharedSecretReference = form.reference("shared_secret_reference"),
            localIdentifier = form.text("local_identifier"),
            remoteIdentifier = form.text("remote_identifier"),
        )
    }

    private fun ipsec(of: VpnProtocolConfiguration): Any = mapOf(
        "base" to mapOf(
            "server_address" to of.serverAddress,
            "username" to of.username,
            "password_reference" to hex(of.passwordReference),
            "identity_reference" to hex(of.identityReference),
            "identity_data_reference" to hex(of.identityDataReference),
            "identity_data_password_reference" to hex(of.identityDataPasswordReference),
            "disconnect_on_sleep" to of.disconnectOnSleep,
            "proxy_settings" to of.proxySettings?.let { proxies(it) },
            "include_all_networks" to of.includeAllNetworks,
            "exclude_local_networks" to of.excludeLocalNetworks,
            "exclude_cellular_services" to of.excludeCellularServices,
            "exclude_apns" to of.excludeApns,
            "exclude_device_communication" to of.excludeDeviceCommunication,
            "enforce_routes" to of.enforceRoutes,
            "slice_uuid" to of.sliceUuid,
        ),
        "authentication_method" to of.authenticationMethod.raw,
        "use_extended_authentication" to of.useExtendedAuthentication,
        "shared_secret_reference" to hex(of.sharedSecretReference),
        "local_identifier" to of.localIdentifier,
        "remote_identifier" to of.remoteIdentifier,
    )

    private fun association(of: Members, name: String): Ikev2SecurityAssociationParameters {
        val form = checkNotNull(of.inner(name)) { "no $name" }
        return Ikev2SecurityAssociationParameters(
            encryptionAlgorithm = Ikev2EncryptionAlgorithm.entries.ofRaw(form.needLong("encryption_algorithm")),
            integrityAlgorithm = Ikev2IntegrityAlgorithm.entries.ofRaw(form.needLong("integrity_algorithm")),
            diffieHellmanGroup = Ikev2DiffieHellmanGroup.entries.ofRaw(form.needLong("diffie_hellman_group")),
            lifetimeMinutes = form.int("lifetime_minutes"),
            postQuantumKeyExchangeMethods = form.numbers("post_quantum_key_exchange_methods")
                .map { Ikev2PostQuantumKeyExchangeMethod.entries.ofRaw(it) },
        )
    }

    private fun association(of: Ikev2SecurityAssociationParameters): Any = mapOf(
        "encryption_algorithm" to of.encryptionAlgorithm.raw,
        "integrity_algorithm" to of.integrityAlgorithm.raw,
        "diffie_hellman_group" to of.diffieHellmanGroup.raw,
        "lifetime_minutes" to of.lifetimeMinutes,
        "post_quantum_key_exchange_methods" to of.postQuantumKeyExchangeMethods.map { it.raw },
    )

    private fun proxies(form: Members) = VpnProxySettings(
        autoProxyConfigurationEnabled = form.flag("auto_proxy_configuration_enabled"),
        proxyAutoConfigurationUrl = form.text("proxy_auto_configuration_url"),
        proxyAutoConfigurationJavaScript = form.text("proxy_auto_configuration_javascript"),
        httpEnabled = form.flag("http_enabled"),
        httpServer = form.inner("http_server")?.let { proxy(it) },
        httpsEnabled = form.flag("https_enabled"),
        httpsServer = form.inner("https_server")?.let { proxy(it) },
        excludeSimpleHostnames = form.flag("exclude_simple_hostnames"),
        exceptionList = form.texts("exception_list"),
        matchDomains = form.texts("match_domains"),
    )

    private fun proxies(of: VpnProxySettings): Any = mapOf(
        "auto_proxy_configuration_enabled" to of.autoProxyConfigurationEnabled,
        "proxy_auto_configuration_url" to of.proxyAutoConfigurationUrl,
        "proxy_auto_configuration_javascript" to of.proxyAutoConfigurationJavaScript,
        "http_enabled" to of.httpEnabled,
        "http_server" to of.httpServer?.let { proxy(it) },
        "https_enabled" to of.httpsEnabled,
        "https_server" to of.httpsServer?.let { proxy(it) },
        "exclude_simple_hostnames" to of.excludeSimpleHostnames,
        "exception_list" to of.exceptionList,
        "match_domains" to of.matchDomains,
    )

    private fun proxy(form: Members) = VpnProxyServer(
        address = form.needText("address"),
        port = form.int("port"),
        authenticationRequired = form.flag("authentication_required"),
        username = form.text("username"),
        passwordReference = form.reference("password_reference"),
    )

    private fun proxy(of: VpnProxyServer): Any = mapOf(
        "address" to of.address,
        "port" to of.port,
        "authentication_required" to of.authenticationRequired,
        "username" to of.username,
        "password_reference" to hex(of.passwordReference),
    )

    // On demand

    private fun rule(form: Members): OnDemandRule {
        val searchDomains = form.texts("dns_search_domain_match")
        val servers = form.texts("dns_server_address_match")
        val type = OnDemandRuleInterfaceType.entries.ofRaw(form.needLong("interface_type_match"))
        val ssids = form.texts("ssid_match")
        val probe = form.text("probe_url")
        return when (val kind = form.value("kind")) {
            "connect" -> OnDemandRuleConnect(searchDomains, servers, type, ssids, probe)
            "disconnect" -> OnDemandRuleDisconnect(searchDomains, servers, type, ssids, probe)
            "ignore" -> OnDemandRuleIgnore(searchDomains, servers, type, ssids, probe)
            else -> {
                val rules = checkNotNull(Members.of(kind).inners("evaluate-connection")) { "no rule" }.map {
                    EvaluateConnectionRule(
                        matchDomains = it.texts("match_domains").orEmpty(),
                        action = EvaluateConnectionRuleAction.entries.ofRaw(it.needLong("action")),
                        useDnsServers = it.texts("use_dns_servers"),
                        probeUrl = it.text("probe_url"),
                    )
                }
                OnDemandRuleEvaluateConnection(rules, searchDomains, servers, type, ssids, probe)
            }
        }
    }

    private fun rule(of: OnDemandRule): Any = mapOf(
        "kind" to when (of) {
            is OnDemandRuleConnect -> "connect"
            is OnDemandRuleDisconnect -> "disconnect"
            is OnDemandRuleIgnore -> "ignore"
            is OnDemandRuleEvaluateConnection -> mapOf(
                "evaluate-connection" to of.connectionRules.map {
                    mapOf(
                        "match_domains" to it.matchDomains,
                        "action" to it.action.raw,
                        "use_dns_servers" to it.useDnsServers,
                        "probe_url" to it.probeUrl,
                    )
                },
            )
        },
        "dns_search_domain_match" to of.dnsSearchDomainMatch,
        "dns_server_address_match" to of.dnsServerAddressMatch,
        "interface_type_match" to of.interfaceTypeMatch.raw,
        "ssid_match" to of.ssidMatch,
        "probe_url" to of.probeUrl,
    )

    // What only a profile says

    private fun managed(form: Members) = ManagedVpnSettings(
        profileMatching = form.flag("profile_matching"),
        onDemandUserOverrideDisabled = form.flag("on_demand_user_override_disabled"),
        disconnectOnIdleSeconds = form.long("disconnect_on_idle_seconds")?.toInt(),
        perApp = form.inner("per_app")?.let { perApp(it) },
    )

    private fun managed(of: ManagedVpnSettings): Any = mapOf(
        "profile_matching" to of.profileMatching,
        "on_demand_user_override_disabled" to of.onDemandUserOverrideDisabled,
        "disconnect_on_idle_seconds" to of.disconnectOnIdleSeconds,
        "per_app" to of.perApp?.let { perApp(it) },
    )

    private fun perApp(form: Members) = PerAppVpn(
        vpnUuid = form.text("vpn_uuid").orEmpty(),
        onDemandMatchAppEnabled = form.flag("on_demand_match_app_enabled"),
        apps = form.inners("apps").orEmpty().map { app(it) },
        safariDomains = form.texts("safari_domains").orEmpty(),
        mailDomains = form.texts("mail_domains").orEmpty(),
        calendarDomains = form.texts("calendar_domains").orEmpty(),
        contactsDomains = form.texts("contacts_domains").orEmpty(),
        associatedDomains = form.texts("associated_domains").orEmpty(),
        excludedDomains = form.texts("excluded_domains").orEmpty(),
        smbDomains = form.texts("smb_domains").orEmpty(),
    )

    private fun perApp(of: PerAppVpn): Any = mapOf(
        "vpn_uuid" to of.vpnUuid,
        "on_demand_match_app_enabled" to of.onDemandMatchAppEnabled,
        "apps" to of.apps.map { app(it) },
        "safari_domains" to of.safariDomains,
        "mail_domains" to of.mailDomains,
        "calendar_domains" to of.calendarDomains,
        "contacts_domains" to of.contactsDomains,
        "associated_domains" to of.associatedDomains,
        "excluded_domains" to of.excludedDomains,
        "smb_domains" to of.smbDomains,
    )

    private fun app(form: Members): VpnAppRule = VpnAppRule(
        identifier = form.text("identifier").orEmpty(),
        matchSigningIdentifier = form.text("match_signing_identifier").orEmpty(),
        matchDesignatedRequirement = form.text("match_designated_requirement"),
        matchPath = form.text("match_path"),
        matchTools = form.inners("match_tools").orEmpty().map { app(it) },
    )

    private fun app(of: VpnAppRule): Any = mapOf(
        "identifier" to of.identifier,
        "match_signing_identifier" to of.matchSigningIdentifier,
        "match_designated_requirement" to of.matchDesignatedRequirement,
        "match_path" to of.matchPath,
        "match_tools" to of.matchTools.map { app(it) },
    )

    private fun Members.reference(name: String): SecretReference? = text(name)?.let { SecretReference.ofHex(it) }

    private fun hex(reference: SecretReference?): String? = reference?.bytes?.toHex()
}
