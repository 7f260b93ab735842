package adit.android.tunnel

import adit.android.routes.Cidr
import adit.android.routes.Family

/**
 * What is used of Android's `VpnService.Builder`: the seam at which tests stand.
 *
 * Each function throws [IllegalArgumentException] when Android refuses its argument.
 */
public interface TunnelBuilder {
    /** The name of the connection. */
    public fun setSession(name: String)

    /** The MTU in bytes, positive. */
    public fun setMtu(bytes: Int)

    /** An address of the interface. */
    public fun addAddress(address: Cidr)

    /** A network into the tunnel. */
    public fun addRoute(network: Cidr)

    /** A network that stays outside. Only from API 33. */
    public fun excludeRoute(network: Cidr)

    /** A name server. */
    public fun addDnsServer(server: Cidr)

    /** A domain to append to short names. */
    public fun addSearchDomain(domain: String)

    /** A family that may pass when nothing of it is configured. */
    public fun allowFamily(family: Family)

    /** An app that uses the tunnel. @return false when it is not installed. */
    public fun addAllowedApplication(packageName: String): Boolean

    /** An app that does not use the tunnel. @return false when it is not installed. */
    public fun addDisallowedApplication(packageName: String): Boolean

    /** Lets apps bind to a network below. */
    public fun allowBypass()

    /** Whether reads of the descriptor block. */
    public fun setBlocking(blocking: Boolean)

    /** Whether it is metered in any case. Only from API 29. */
    public fun setMetered(metered: Boolean)

    /** An HTTP proxy for apps. Only from API 29. */
    public fun setProxy(host: String, port: Int, except: List<String>)

    /** A proxy auto-configuration file for apps. Only from API 29. */
    public fun setProxyScript(url: String)

    /** Says that the system's default network carries the tunnel. */
    public fun followDefaultNetwork()

    /**
     * Makes the interface.
     *
     * @return null when the user has not consented, or another VPN app has been prepared since.
     */
    public fun establish(): TunDescriptor?
}

/** An interface's file descriptor, owned by whoever holds this. The interface goes when its last descriptor is closed. */
public interface TunDescriptor : AutoCloseable {
    /** The descriptor's number. It stays owned here: what wants to keep it duplicates it. */
    public val fd: Int

    /** Closes the descriptor. A second call does nothing. */
    override fun close()
}

/**
 * What came of the calls of a plan.
 *
 * @property notes what Android refused, and apps that were not there.
 * @property unsafe why the interface must not be established: traffic would leave beside it; null when it may.
 */
public data class Applied(val notes: List<Note>, val unsafe: String?)

/** Makes the calls. One that Android refuses, or an app that is not there, does not keep the others from being made. */
public fun BuilderPlan.applyTo(builder: TunnelBuilder): Applied {
    val notes = ArrayList<Note>()
    val made = ArrayList<BuilderCall>()
    for (call in calls) {
        try {
            if (builder.make(call)) {
                made += call
            } else {
                notes += Note(NoteKind.NotInstalled, "$call: not installed, or not visible to this app")
            }
        } catch (refused: IllegalArgumentException) {
            notes += Note(NoteKind.Refused, "$call: ${refused.message ?: "refused by Android"}")
        }
    }
    return Applied(notes, unsafe(calls, made))
}

private fun unsafe(calls: List<BuilderCall>, made: List<BuilderCall>): String? {
    val lost = calls - made.toSet()
    return when {
        made.none { it is BuilderCall.Address } -> "Android took none of the inner addresses"
        lost.any { it is BuilderCall.Route } -> "Android refused a route into the tunnel: ${lost.first { it is BuilderCall.Route }}"
        calls.any { it is BuilderCall.AllowApp } && made.none { it is BuilderCall.AllowApp } ->
            "Android took none of the apps the tunnel is for, so every app would use it"
        calls.any { it is BuilderCall.Dns } && made.none { it is BuilderCall.Dns } -> "Android took none of the name servers"
        else -> null
    }
}

/** Makes one call; false when it names an app that is not there. */
private fun TunnelBuilder.make(call: BuilderCall): Boolean {
    when (call) {
        is BuilderCall.Session -> setSession(call.name)
        is BuilderCall.Mtu -> setMtu(call.bytes)
        is BuilderCall.Address -> addAddress(call.address)
        is BuilderCall.Route -> addRoute(call.network)
        is BuilderCall.ExcludeRoute -> excludeRoute(call.network)
        is BuilderCall.Dns -> addDnsServer(call.server)
        is BuilderCall.SearchDomain -> addSearchDomain(call.domain)
        is BuilderCall.AllowFamily -> allowFamily(call.family)
        is BuilderCall.AllowApp -> return addAllowedApplication(call.packageName)
        is BuilderCall.DisallowApp -> return addDisallowedApplication(call.packageName)
        is BuilderCall.AllowBypass -> allowBypass()
        is BuilderCall.Blocking -> setBlocking(call.blocking)
        is BuilderCall.Metered -> setMetered(call.metered)
        is BuilderCall.Proxy -> setProxy(call.host, call.port, call.except)
        is BuilderCall.ProxyScript -> setProxyScript(call.url)
        is BuilderCall.FollowDefaultNetwork -> followDefaultNetwork()
    }
    return true
}
