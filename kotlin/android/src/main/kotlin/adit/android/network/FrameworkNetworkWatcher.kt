package adit.android.network

import adit.core.NetworkInfo
import adit.core.NetworkKind
import android.annotation.SuppressLint
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.net.wifi.WifiInfo
import android.os.Build
import android.os.Handler

/** The first API level that tells of the best network without asking for one. */
private const val API_BEST_MATCHING = 31

/**
 * Android's connectivity service as a [NetworkWatcher].
 *
 * Asks for the best network with internet that is no VPN: the default network, as an app is told of it, is the tunnel
 * itself once it is up. Below API 31 a request for such a network tells the same; it needs `CHANGE_NETWORK_STATE`.
 *
 * The name of a Wi-Fi network (`NetworkInfo.ssid`) comes from API 31 on, where it is part of what is told of a network, and only to
 * an app with the user's location permission (`ACCESS_FINE_LOCATION`, and `ACCESS_BACKGROUND_LOCATION` for when no part of it is
 * on the screen) while location is switched on.
 */
public class FrameworkNetworkWatcher internal constructor(private val connectivity: Connectivity, private val api: Int) : NetworkWatcher {
    /** Watches the device's networks; callbacks run on [handler]. */
    public constructor(connectivity: ConnectivityManager, handler: Handler) :
        this(SystemConnectivity(connectivity, handler), Build.VERSION.SDK_INT)

    private var watching: Watching? = null

    override fun start(changed: (UnderlyingNetwork?) -> Unit) {
        stop()
        val pieces = Pieces(changed)
        // Without the flag the name of a Wi-Fi network is left out from API 31 on, whatever the app may know.
        val callback = if (api >= API_BEST_MATCHING) Located(pieces) else Plain(pieces)
        if (api >= API_BEST_MATCHING) connectivity.watchBest(callback) else connectivity.request(callback)
        watching = Watching(pieces, callback)
    }

    override fun stop() {
        val last = watching ?: return
        watching = null
        last.pieces.ended = true
        connectivity.end(last.callback)
    }

    private class Watching(val pieces: Pieces, val callback: ConnectivityManager.NetworkCallback)

    private class Plain(private val pieces: Pieces) : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: Network) = pieces.available(network)

        override fun onLinkPropertiesChanged(network: Network, linkProperties: LinkProperties) = pieces.links(network, linkProperties)

        override fun onCapabilitiesChanged(network: Network, networkCapabilities: NetworkCapabilities) =
            pieces.abilities(network, networkCapabilities)

        override fun onLost(network: Network) = pieces.lost(network)
    }

    @SuppressLint("NewApi") // Its user looks at the level.
    private class Located(private val pieces: Pieces) : ConnectivityManager.NetworkCallback(FLAG_INCLUDE_LOCATION_INFO) {
        override fun onAvailable(network: Network) = pieces.available(network)

        override fun onLinkPropertiesChanged(network: Network, linkProperties: LinkProperties) = pieces.links(network, linkProperties)

        override fun onCapabilitiesChanged(network: Network, networkCapabilities: NetworkCapabilities) =
            pieces.abilities(network, networkCapabilities)

        override fun onLost(network: Network) = pieces.lost(network)
    }

    /** Android tells of a network in pieces; the core is told of whole ones. */
    private class Pieces(private val changed: (UnderlyingNetwork?) -> Unit) {
        @Volatile
        var ended = false
        private var network: Network? = null
        private var links: LinkProperties? = null
        private var abilities: NetworkCapabilities? = null

        fun available(network: Network) {
            if (this.network == network) return
            this.network = network
            links = null
            abilities = null
        }

        fun links(network: Network, told: LinkProperties) {
            available(network)
            links = told
            tell()
        }

        fun abilities(network: Network, told: NetworkCapabilities) {
            available(network)
            abilities = told
            tell()
        }

        fun lost(network: Network) {
            // A better one may have taken over before this one went.
            if (this.network != network) return
            this.network = null
            if (!ended) changed(null)
        }

        private fun tell() {
            val network = network ?: return
            val links = links ?: return
            val abilities = abilities ?: return
            if (!ended) changed(underlyingNetwork(network, links, abilities))
        }
    }
}

/** What is used of `ConnectivityManager`, for networks with internet that are no VPN. */
internal interface Connectivity {
    /** `registerBestMatchingNetworkCallback`, from API 31. */
    fun watchBest(callback: ConnectivityManager.NetworkCallback)

    /** `requestNetwork`. */
    fun request(callback: ConnectivityManager.NetworkCallback)

    /** `unregisterNetworkCallback`. */
    fun end(callback: ConnectivityManager.NetworkCallback)
}

@SuppressLint("NewApi") // Its user looks at the level.
private class SystemConnectivity(private val manager: ConnectivityManager, private val handler: Handler) : Connectivity {
    override fun watchBest(callback: ConnectivityManager.NetworkCallback) =
        manager.registerBestMatchingNetworkCallback(internetBelowVpn(), callback, handler)

    override fun request(callback: ConnectivityManager.NetworkCallback) =
        manager.requestNetwork(internetBelowVpn(), callback, handler)

    override fun end(callback: ConnectivityManager.NetworkCallback) = manager.unregisterNetworkCallback(callback)
}

private fun internetBelowVpn(): NetworkRequest = NetworkRequest.Builder()
    .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
    .addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
    .build()

internal fun underlyingNetwork(network: Network, links: LinkProperties, abilities: NetworkCapabilities): UnderlyingNetwork =
    UnderlyingNetwork(networkInfo(network, links, abilities), network)

/** What the core decides by, of what Android tells. Addresses come without a scope, those of this device with the length of their prefix. */
internal fun networkInfo(network: Network, links: LinkProperties, abilities: NetworkCapabilities): NetworkInfo = NetworkInfo(
    handle = network.networkHandle.toULong(),
    `interface` = links.interfaceName,
    kind = kind(abilities),
    addresses = links.linkAddresses.mapNotNull { link ->
        link.address?.hostAddress?.let { "${it.withoutScope()}/${link.prefixLength}" }
    },
    dns = links.dnsServers.mapNotNull { it.hostAddress?.withoutScope() },
    searchDomains = links.domains.orEmpty().split(' ', ',').filter { it.isNotBlank() },
    ssid = ssid(abilities),
    metered = !abilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED),
)

private fun kind(abilities: NetworkCapabilities): NetworkKind = when {
    abilities.hasTransport(NetworkCapabilities.TRANSPORT_WIFI) -> NetworkKind.WIFI
    abilities.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR) -> NetworkKind.CELLULAR
    abilities.hasTransport(NetworkCapabilities.TRANSPORT_ETHERNET) -> NetworkKind.ETHERNET
    else -> NetworkKind.OTHER
}

/**
 * The Wi-Fi network's name, which Android tells only to apps that may know where the device is. From API 31: `WifiInfo` is no
 * `TransportInfo` before, and below API 29 there is none at all.
 */
@SuppressLint("NewApi")
private fun ssid(abilities: NetworkCapabilities): String? = try {
    val name = (abilities.transportInfo as? WifiInfo)?.ssid
    name?.takeIf { it.startsWith('"') && it.endsWith('"') && it.length > 2 }?.removeSurrounding("\"")
} catch (_: NoSuchMethodError) {
    null
}

private fun String.withoutScope(): String = substringBefore('%')
