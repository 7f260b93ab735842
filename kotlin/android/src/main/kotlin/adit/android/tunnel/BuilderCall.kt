package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family

/** One call on a [TunnelBuilder], as a value. */
public sealed interface BuilderCall {
    /** `setSession`. @property name what Android shows. */
    public data class Session(val name: String) : BuilderCall

    /** `setMtu`. @property bytes 1280 or more where IPv6 is carried (RFC 8200 section 5). */
    public data class Mtu(val bytes: Int) : BuilderCall

    /** `addAddress`. @property address an address of the interface, with its prefix length. */
    public data class Address(val address: Cidr) : BuilderCall

    /** `addRoute`. @property network goes into the tunnel. */
    public data class Route(val network: Cidr) : BuilderCall

    /** `excludeRoute`, from API 33. @property network stays outside the tunnel. */
    public data class ExcludeRoute(val network: Cidr) : BuilderCall

    /** `addDnsServer`. @property server a single address. */
    public data class Dns(val server: Cidr) : BuilderCall

    /** `addSearchDomain`. @property domain a domain to append to short names. */
    public data class SearchDomain(val domain: String) : BuilderCall

    /** `allowFamily`. @property family may pass beside the tunnel when the tunnel carries nothing of it. */
    public data class AllowFamily(val family: Family) : BuilderCall

    /** `addAllowedApplication`. @property packageName an app that uses the tunnel. */
    public data class AllowApp(val packageName: String) : BuilderCall

    /** `addDisallowedApplication`. @property packageName an app that does not use the tunnel. */
    public data class DisallowApp(val packageName: String) : BuilderCall

    /** `allowBypass`: apps may bind to a network below. */
    public data object AllowBypass : BuilderCall

    /** `setBlocking`. @property blocking false: the core waits for packets with epoll. */
    public data class Blocking(val blocking: Boolean) : BuilderCall

    /** `setMetered`, from API 29. @property metered false: as the network below. */
    public data class Metered(val metered: Boolean) : BuilderCall

    /**
     * `setHttpProxy` with a host, from API 29.
     *
     * @property host a name or address. @property port 1 to 65535. @property except hosts reached without it.
     */
    public data class Proxy(val host: String, val port: Int, val except: List<String>) : BuilderCall

    /** `setHttpProxy` with a script, from API 29. @property url of the proxy auto-configuration file. */
    public data class ProxyScript(val url: String) : BuilderCall

    /** `setUnderlyingNetworks(null)`: what carries the tunnel is the system's default network. */
    public data object FollowDefaultNetwork : BuilderCall
}

/** Why something of the settings is not as it was asked for. */
public enum class NoteKind {
    /** The text is no address, network or port. */
    Malformed,

    /** This version of Android cannot do it. */
    TooOld,

    /** No version of Android can do it for a VPN app. */
    NotOnAndroid,

    /** The app is not installed, or not visible to this one. */
    NotInstalled,

    /** Something was added so that nothing leaves beside the tunnel. */
    LeakClosed,

    /** Android refused the call; the others were made. */
    Refused,
}

/**
 * Something a person who wonders about the tunnel should be told.
 *
 * @property kind its kind. @property text what is so, and why.
 */
public data class Note(val kind: NoteKind, val text: String)

/**
 * What to call, in order, and what to tell.
 *
 * @property calls the calls on a new builder. @property notes what they leave out or add.
 */
public data class BuilderPlan(val calls: List<BuilderCall>, val notes: List<Note>)
