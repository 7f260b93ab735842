package adit.core.manager

/**
 * The settings that every protocol has (`NEVPNProtocol`), and how the two sides prove who they are (`NEVPNProtocolIPSec`).
 *
 * Apple's classes inherit; here [Ikev2Protocol] and [IpsecProtocol] have these properties in common. PPTP and L2TP
 * have no class in Apple's API and none here.
 */
public sealed interface VpnProtocolConfiguration {
    /** The server, a host name or an IP address. */
    public val serverAddress: String?

    /** The user's name. */
    public val username: String?

    /** Where the host keeps the password. */
    public val passwordReference: SecretReference?

    /** Where the host keeps certificate and private key; the key never leaves its store, the tunnel asks for signatures. */
    public val identityReference: SecretReference?

    /** Where the host keeps the PKCS#12 file that was given as [SecretSlot.IdentityData]. */
    public val identityDataReference: SecretReference?

    /** Where the host keeps that file's passphrase. */
    public val identityDataPasswordReference: SecretReference?

    /** The tunnel goes down when the device sleeps. */
    public val disconnectOnSleep: Boolean

    /** The proxy for what goes through the tunnel. */
    public val proxySettings: VpnProxySettings?

    /** Everything goes through the tunnel, but for what the exclusions name. */
    public val includeAllNetworks: Boolean

    /** The local network stays outside. */
    public val excludeLocalNetworks: Boolean

    /** The carrier's own services stay outside; counts with [includeAllNetworks]. */
    public val excludeCellularServices: Boolean

    /** Apple's push service stays outside; counts with [includeAllNetworks]. */
    public val excludeApns: Boolean

    /** Links to other devices by USB or Wi-Fi stay outside; counts with [includeAllNetworks]. */
    public val excludeDeviceCommunication: Boolean

    /** The tunnel's routes go before those of the local network. */
    public val enforceRoutes: Boolean

    /** The cellular slice to use while the tunnel is up. */
    public val sliceUuid: String?

    /** How the device proves itself in IKE. */
    public val authenticationMethod: IkeAuthenticationMethod

    /** XAuth (IKEv1) or EAP (IKEv2) besides. */
    public val useExtendedAuthentication: Boolean

    /** Where the host keeps the pre-shared key. */
    public val sharedSecretReference: SecretReference?

    /** IDi, or the group name of IKEv1. */
    public val localIdentifier: String?

    /** IDr: who the server must be. */
    public val remoteIdentifier: String?
}

/** IKEv1 (`NEVPNProtocolIPSec`): stored and explained, not connected with; a start says why. Properties as in [VpnProtocolConfiguration]. */
public data class IpsecProtocol(
    override val serverAddress: String? = null,
    override val username: String? = null,
    override val passwordReference: SecretReference? = null,
    override val identityReference: SecretReference? = null,
    override val identityDataReference: SecretReference? = null,
    override val identityDataPasswordReference: SecretReference? = null,
    override val disconnectOnSleep: Boolean = false,
    override val proxySettings: VpnProxySettings? = null,
    override val includeAllNetworks: Boolean = false,
    override val excludeLocalNetworks: Boolean = true,
    override val excludeCellularServices: Boolean = true,
    override val excludeApns: Boolean = true,
    override val excludeDeviceCommunication: Boolean = true,
    override val enforceRoutes: Boolean = false,
    override val sliceUuid: String? = null,
    override val authenticationMethod: IkeAuthenticationMethod = IkeAuthenticationMethod.None,
    override val useExtendedAuthentication: Boolean = false,
    override val sharedSecretReference: SecretReference? = null,
    override val localIdentifier: String? = null,
    override val remoteIdentifier: String? = null,
) : VpnProtocolConfiguration

/**
 * The settings of an IKEv2 tunnel (`NEVPNProtocolIKEv2`). What is not said has Apple's default.
 *
 * @property ikeSecurityAssociationParameters the IKE SA.
 * @property childSecurityAssociationParameters Child SAs.
 * @property deadPeerDetectionRate how often the server is asked for a sign of life.
 * @property serverCertificateIssuerCommonName the common name of the CA that issued the server's certificate.
 * @property serverCertificateCommonName the name the server's certificate must have; the remote identifier unless set.
 * @property certificateType the kind of the client certificate's key.
 * @property useConfigurationAttributeInternalIpSubnet the networks that the server announces are the routes.
 * @property disableMobike no MOBIKE (RFC 4555).
 * @property disableRedirect the server's REDIRECT (RFC 5685) is not followed.
 * @property enablePfs a key exchange in each rekey of a Child SA.
 * @property allowPostQuantumKeyExchangeFallback the server may leave out the post-quantum key exchanges.
 * @property enableRevocationCheck whether the server's certificate is revoked is asked, best effort.
 * @property strictRevocationCheck no answer to that is a refusal.
 * @property minimumTlsVersion the lowest TLS version of EAP-TLS.
 * @property maximumTlsVersion the highest TLS version of EAP-TLS.
 * @property enableFallback a second tunnel by cellular for Wi-Fi Assist.
 * @property mtu the MTU of the tunnel's interface, 1280 to 1400 bytes.
 * @property ppkConfiguration a post-quantum pre-shared key.
 * @property trustedCertificates certificates of CAs that the server is judged by; empty: the system's trust store.
 * @property profileOnly what only a profile can say.
 */
public data class Ikev2Protocol(
    override val serverAddress: String? = null,
    override val username: String? = null,
    override val passwordReference: SecretReference? = null,
    override val identityReference: SecretReference? = null,
    override val identityDataReference: SecretReference? = null,
    override val identityDataPasswordReference: SecretReference? = null,
    override val disconnectOnSleep: Boolean = false,
    override val proxySettings: VpnProxySettings? = null,
    override val includeAllNetworks: Boolean = false,
    override val excludeLocalNetworks: Boolean = true,
    override val excludeCellularServices: Boolean = true,
    override val excludeApns: Boolean = true,
    override val excludeDeviceCommunication: Boolean = true,
    override val enforceRoutes: Boolean = false,
    override val sliceUuid: String? = null,
    override val authenticationMethod: IkeAuthenticationMethod = IkeAuthenticationMethod.None,
    override val useExtendedAuthentication: Boolean = false,
    override val sharedSecretReference: SecretReference? = null,
    override val localIdentifier: String? = null,
    override val remoteIdentifier: String? = null,
    public val ikeSecurityAssociationParameters: Ikev2SecurityAssociationParameters = Ikev2SecurityAssociationParameters.ike(),
    public val childSecurityAssociationParameters: Ikev2SecurityAssociationParameters = Ikev2SecurityAssociationParameters.child(),
    public val deadPeerDetectionRate: Ikev2DeadPeerDetectionRate = Ikev2DeadPeerDetectionRate.Medium,
    public val serverCertificateIssuerCommonName: String? = null,
    public val serverCertificateCommonName: String? = null,
    public val certificateType: Ikev2CertificateType = Ikev2CertificateType.Rsa,
    public val useConfigurationAttributeInternalIpSubnet: Boolean = false,
    public val disableMobike: Boolean = false,
    public val disableRedirect: Boolean = false,
    public val enablePfs: Boolean = false,
    public val allowPostQuantumKeyExchangeFallback: Boolean = false,
    public val enableRevocationCheck: Boolean = false,
    public val strictRevocationCheck: Boolean = false,
    public val minimumTlsVersion: Ikev2TlsVersion = Ikev2TlsVersion.Default,
    public val maximumTlsVersion: Ikev2TlsVersion = Ikev2TlsVersion.Default,
    public val enableFallback: Boolean = false,
    public val mtu: Int = 1280,
    public val ppkConfiguration: Ikev2PpkConfiguration? = null,
    public val trustedCertificates: List<TrustedCertificate> = emptyList(),
    public val profileOnly: Ikev2ProfileSettings = Ikev2ProfileSettings(),
) : VpnProtocolConfiguration

/**
 * Keys of a profile for which Apple's API has no property. All off unless a profile sets them.
 *
 * @property offersObservedList there is no dictionary for the IKE SA: what Apple's client was observed to offer is offered.
 * @property enforceStrictAlgorithmSelection `EnforceStrictAlgorithmSelection`.
 * @property natKeepaliveInterval `NATKeepAliveInterval` in seconds, at least 20.
 * @property natKeepaliveOffloadDisabled `NATKeepAliveOffloadEnable` is 0.
 */
public data class Ikev2ProfileSettings(
    public val offersObservedList: Boolean = false,
    public val enforceStrictAlgorithmSelection: Boolean = false,
    public val natKeepaliveInterval: Int? = null,
    public val natKeepaliveOffloadDisabled: Boolean = false,
)

/**
 * One security association: exactly one proposal and its lifetime (`NEVPNIKEv2SecurityAssociationParameters`).
 *
 * @property encryptionAlgorithm the cipher.
 * @property integrityAlgorithm the integrity, and the PRF of the IKE SA.
 * @property diffieHellmanGroup the key exchange.
 * @property lifetimeMinutes minutes until it is over, 10 to 1440; a new one is made before.
 * @property postQuantumKeyExchangeMethods additional key exchanges in order, at most 7 (RFC 9370).
 */
public data class Ikev2SecurityAssociationParameters(
    public val encryptionAlgorithm: Ikev2EncryptionAlgorithm = Ikev2EncryptionAlgorithm.Aes256,
    public val integrityAlgorithm: Ikev2IntegrityAlgorithm = Ikev2IntegrityAlgorithm.Sha256,
    public val diffieHellmanGroup: Ikev2DiffieHellmanGroup = Ikev2DiffieHellmanGroup.Group14,
    public val lifetimeMinutes: Int,
    public val postQuantumKeyExchangeMethods: List<Ikev2PostQuantumKeyExchangeMethod> = emptyList(),
) {
    public companion object {
        /** The defaults of the IKE SA: an hour. */
        public fun ike(): Ikev2SecurityAssociationParameters = Ikev2SecurityAssociationParameters(lifetimeMinutes = 60)

        /** The defaults of a Child SA: half an hour. */
        public fun child(): Ikev2SecurityAssociationParameters = Ikev2SecurityAssociationParameters(lifetimeMinutes = 30)
    }
}

/**
 * A post-quantum pre-shared key (RFC 8784; `NEVPNIKEv2PPKConfiguration`).
 *
 * @property identifier its identifier, which the server is told.
 * @property keychainReference where the host keeps the key; null until it is stored ([SecretSlot.PostQuantumPresharedKey]).
 * @property isMandatory without it there is no connection.
 */
public data class Ikev2PpkConfiguration(
    public val identifier: String,
    public val keychainReference: SecretReference? = null,
    public val isMandatory: Boolean = true,
)

/**
 * Which proxies apps use while the tunnel is up (`NEProxySettings`).
 *
 * @property autoProxyConfigurationEnabled a PAC file decides.
 * @property proxyAutoConfigurationUrl where that file is, an HTTP(S) URL.
 * @property proxyAutoConfigurationJavaScript the file itself; goes before the URL.
 * @property httpEnabled the HTTP proxy is used.
 * @property httpServer the HTTP proxy.
 * @property httpsEnabled the HTTPS proxy is used.
 * @property httpsServer the HTTPS proxy.
 * @property excludeSimpleHostnames names without a dot go past the proxy.
 * @property exceptionList domains that go past the proxy.
 * @property matchDomains only hosts of these domains use the proxy; null: all.
 */
public data class VpnProxySettings(
    public val autoProxyConfigurationEnabled: Boolean = false,
    public val proxyAutoConfigurationUrl: String? = null,
    public val proxyAutoConfigurationJavaScript: String? = null,
    public val httpEnabled: Boolean = false,
    public val httpServer: VpnProxyServer? = null,
    public val httpsEnabled: Boolean = false,
    public val httpsServer: VpnProxyServer? = null,
    public val excludeSimpleHostnames: Boolean = false,
    public val exceptionList: List<String>? = null,
    public val matchDomains: List<String>? = null,
)

/**
 * One proxy (`NEProxyServer`). Its password is set by [VpnManager.setSecret], and stored only together with a name and
 * [authenticationRequired].
 *
 * @property address host name or IP address.
 * @property port TCP port, 1 to 65535.
 * @property authenticationRequired it wants a name and a password.
 * @property username the user's name there.
 * @property passwordReference where the host keeps the password.
 */
public data class VpnProxyServer(
    public val address: String,
    public val port: Int,
    public val authenticationRequired: Boolean = false,
    public val username: String? = null,
    public val passwordReference: SecretReference? = null,
)
