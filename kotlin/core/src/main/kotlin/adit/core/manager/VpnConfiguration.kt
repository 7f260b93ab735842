package adit.core.manager

/**
 * One VPN configuration: the properties of `NEVPNManager`, and what a profile can say besides. The default is what a load
 * gives where nothing is stored.
 *
 * @property isEnabled this one is selected; saving it so disables the others of its kind.
 * @property protocolConfiguration the protocol and its settings.
 * @property localizedDescription the name in the system's settings.
 * @property isOnDemandEnabled the rules count.
 * @property onDemandRules in order; the first that holds decides.
 * @property managed what only a profile says.
 */
public data class VpnConfiguration(
    public val isEnabled: Boolean = false,
    public val protocolConfiguration: VpnProtocolConfiguration? = null,
    public val localizedDescription: String? = null,
    public val isOnDemandEnabled: Boolean = false,
    public val onDemandRules: List<OnDemandRule>? = null,
    public val managed: ManagedVpnSettings = ManagedVpnSettings(),
)

/**
 * Keys of a profile that no property of Apple's API has.
 *
 * @property profileMatching rules are read as a profile's: one DNS server that matches is enough, search domains match by suffix.
 * @property onDemandUserOverrideDisabled the user cannot turn on demand off.
 * @property disconnectOnIdleSeconds the tunnel ends after so long without traffic.
 * @property perApp for chosen apps only.
 */
public data class ManagedVpnSettings(
    public val profileMatching: Boolean = false,
    public val onDemandUserOverrideDisabled: Boolean = false,
    public val disconnectOnIdleSeconds: Int? = null,
    public val perApp: PerAppVpn? = null,
)

/**
 * What a per-app VPN is for (`com.apple.vpn.managed.applayer`; `NETunnelProviderManager.forPerAppVPN()`).
 *
 * @property vpnUuid `VPNUUID`, by which apps are mapped to it.
 * @property onDemandMatchAppEnabled it starts when one of its apps opens a connection.
 * @property apps the apps.
 * @property safariDomains pages of these domains in the system's browser.
 * @property mailDomains mail accounts of these domains.
 * @property calendarDomains calendars of these domains.
 * @property contactsDomains address books of these domains.
 * @property associatedDomains associated-domain requests for these.
 * @property excludedDomains never through the tunnel.
 * @property smbDomains file servers of these domains.
 */
public data class PerAppVpn(
    public val vpnUuid: String = "",
    public val onDemandMatchAppEnabled: Boolean = false,
    public val apps: List<VpnAppRule> = emptyList(),
    public val safariDomains: List<String> = emptyList(),
    public val mailDomains: List<String> = emptyList(),
    public val calendarDomains: List<String> = emptyList(),
    public val contactsDomains: List<String> = emptyList(),
    public val associatedDomains: List<String> = emptyList(),
    public val excludedDomains: List<String> = emptyList(),
    public val smbDomains: List<String> = emptyList(),
)

/**
 * An app of a per-app VPN (`NEAppRule`).
 *
 * @property identifier the app's identifier: on Android its package.
 * @property matchSigningIdentifier its signing identifier.
 * @property matchDesignatedRequirement its code requirement, macOS.
 * @property matchPath its program's path, macOS.
 * @property matchTools helpers that it starts, macOS.
 */
public data class VpnAppRule(
    public val identifier: String,
    public val matchSigningIdentifier: String = identifier,
    public val matchDesignatedRequirement: String? = null,
    public val matchPath: String? = null,
    public val matchTools: List<VpnAppRule> = emptyList(),
)
