package adit.core.manager

/** What a rule does (`NEOnDemandRuleAction`). */
public enum class OnDemandRuleAction(override val raw: Int, override val swiftName: String) : RawValue {
    /** Starts the tunnel. */
    Connect(1, "connect"),

    /** Ends it, and starts none. */
    Disconnect(2, "disconnect"),

    /** Looks at each connection by itself. */
    EvaluateConnection(3, "evaluateConnection"),

    /** Leaves it as it is. */
    Ignore(4, "ignore"),
}

/** The interface a rule asks for (`NEOnDemandRuleInterfaceType`). */
public enum class OnDemandRuleInterfaceType(override val raw: Int, override val swiftName: String) : RawValue {
    /** Any. */
    Any(0, "any"),

    /** Wired Ethernet. */
    Ethernet(1, "ethernet"),

    /** Wi-Fi. */
    WiFi(2, "wiFi"),

    /** Mobile data. */
    Cellular(3, "cellular"),
}

/** What is done for the hosts of some domains (`NEEvaluateConnectionRuleAction`). */
public enum class EvaluateConnectionRuleAction(override val raw: Int, override val swiftName: String) : RawValue {
    /** The tunnel is started when the host cannot be reached without it. */
    ConnectIfNeeded(1, "connectIfNeeded"),

    /** The tunnel is never started. */
    NeverConnect(2, "neverConnect"),
}

/**
 * One rule (`NEOnDemandRule`): everything it asks for must hold; null holds everywhere. The first of a configuration's rules
 * that holds decides.
 */
public sealed interface OnDemandRule {
    /** What it does; fixed by its class. */
    public val action: OnDemandRuleAction

    /** A search domain of the network must be one of these. */
    public val dnsSearchDomainMatch: List<String>?

    /** Every DNS server of the network must be one of these. */
    public val dnsServerAddressMatch: List<String>?

    /** The primary interface must be of this type. */
    public val interfaceTypeMatch: OnDemandRuleInterfaceType

    /** The Wi-Fi network must be one of these. */
    public val ssidMatch: List<String>?

    /** This URL, HTTP or HTTPS, must answer with status 200. */
    public val probeUrl: String?
}

/** Starts the tunnel (`NEOnDemandRuleConnect`). */
public data class OnDemandRuleConnect(
    override val dnsSearchDomainMatch: List<String>? = null,
    override val dnsServerAddressMatch: List<String>? = null,
    override val interfaceTypeMatch: OnDemandRuleInterfaceType = OnDemandRuleInterfaceType.Any,
    override val ssidMatch: List<String>? = null,
    override val probeUrl: String? = null,
) : OnDemandRule {
    override val action: OnDemandRuleAction get() = OnDemandRuleAction.Connect
}

/** Ends the tunnel, and starts none (`NEOnDemandRuleDisconnect`). */
public data class OnDemandRuleDisconnect(
    override val dnsSearchDomainMatch: List<String>? = null,
    override val dnsServerAddressMatch: List<String>? = null,
    override val interfaceTypeMatch: OnDemandRuleInterfaceType = OnDemandRuleInterfaceType.Any,
    override val ssidMatch: List<String>? = null,
    override val probeUrl: String? = null,
) : OnDemandRule {
    override val action: OnDemandRuleAction get() = OnDemandRuleAction.Disconnect
}

/** Leaves the tunnel as it is (`NEOnDemandRuleIgnore`). */
public data class OnDemandRuleIgnore(
    override val dnsSearchDomainMatch: List<String>? = null,
    override val dnsServerAddressMatch: List<String>? = null,
    override val interfaceTypeMatch: OnDemandRuleInterfaceType = OnDemandRuleInterfaceType.Any,
    override val ssidMatch: List<String>? = null,
    override val probeUrl: String? = null,
) : OnDemandRule {
    override val action: OnDemandRuleAction get() = OnDemandRuleAction.Ignore
}

/**
 * Looks at each connection by itself (`NEOnDemandRuleEvaluateConnection`).
 *
 * @property connectionRules what is done for which hosts, in order; at least one.
 */
public data class OnDemandRuleEvaluateConnection(
    public val connectionRules: List<EvaluateConnectionRule>,
    override val dnsSearchDomainMatch: List<String>? = null,
    override val dnsServerAddressMatch: List<String>? = null,
    override val interfaceTypeMatch: OnDemandRuleInterfaceType = OnDemandRuleInterfaceType.Any,
    override val ssidMatch: List<String>? = null,
    override val probeUrl: String? = null,
) : OnDemandRule {
    override val action: OnDemandRuleAction get() = OnDemandRuleAction.EvaluateConnection
}

/**
 * What is done for the hosts of some domains (`NEEvaluateConnectionRule`).
 *
 * @property matchDomains the domains, by suffix; at least one.
 * @property action what is done.
 * @property useDnsServers with `ConnectIfNeeded`: the tunnel is started when these servers do not answer, or do not know the host.
 * @property probeUrl with `ConnectIfNeeded`: the tunnel is started when this URL does not answer with status 200.
 */
public data class EvaluateConnectionRule(
    public val matchDomains: List<String>,
    public val action: EvaluateConnectionRuleAction,
    public val useDnsServers: List<String>? = null,
    public val probeUrl: String? = null,
)
