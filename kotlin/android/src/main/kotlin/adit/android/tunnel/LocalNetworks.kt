package adit.android.tunnel

import adit.android.routes.Cidr

/** Where a local network may lie (RFC 1918, RFC 4193). */
private val PRIVATE = cidrs("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")

/** Destinations that never leave the local link (RFC 3927, RFC 4291, RFC 5771). */
private val LINK = cidrs("169.254.0.0/16", "224.0.0.0/24", "fe80::/10", "ff02::/16")

/**
 * What stays outside of a tunnel that leaves local networks out: the link, and of what the network below calls local
 * the part that is private and of which the server names nothing.
 *
 * Whoever runs an access point says which networks are local; let him name public ones, and he takes out of the tunnel what he
 * wants (the LocalNet attack of TunnelCrack). The same rules as `routing_plan` of the core.
 *
 * @param told the networks the device is in. @param routes those the server lets through the tunnel.
 */
internal fun localNetworks(told: List<Cidr>, routes: List<Cidr>): List<Cidr> {
    val local = told.map { it.network() }.flatMap { network ->
        (PRIVATE + LINK).mapNotNull { range ->
            when (range) {
                in network -> range
                else -> network.takeIf { it in range }
            }
        }
    }
    return (local + LINK).filter { network -> routes.none { !it.isDefault && it in network } }.distinct().sorted()
}

private fun cidrs(vararg texts: String): List<Cidr> = texts.mapNotNull { Cidr.parse(it) }
