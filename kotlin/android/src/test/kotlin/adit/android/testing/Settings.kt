package adit.android.testing

import adit.core.ProxySettings
import adit.core.TunnelSettings

/** Settings of a tunnel for everything with an IPv4 address, but for what a test names. */
fun settings(
    ipv4: List<String> = listOf("10.9.0.5/32"),
    ipv6: List<String> = emptyList(),
    included: List<String> = listOf("0.0.0.0/0") + if (ipv6.isEmpty()) emptyList() else listOf("::/0"),
    excluded: List<String> = emptyList(),
    dns: List<String> = listOf("10.9.0.1"),
    match: List<String> = emptyList(),
    search: List<String> = emptyList(),
    mtu: Int = 1280,
    proxy: ProxySettings? = null,
    everything: Boolean = false,
    enforce: Boolean = false,
    excludeLocal: Boolean = false,
    blockIpv4: Boolean = false,
    blockIpv6: Boolean = false,
    encryptedDns: String? = null,
) = TunnelSettings(
    remoteAddress = "192.0.2.99",
    ipv4 = ipv4,
    ipv6 = ipv6,
    includedRoutes = included,
    excludedRoutes = excluded,
    dns = dns,
    matchDomains = match,
    searchDomains = search,
    mtu = mtu.toUShort(),
    proxy = proxy,
    includeAllNetworks = everything,
    enforceRoutes = enforce,
    excludeLocalNetworks = excludeLocal,
    blockIpv4 = blockIpv4,
    blockIpv6 = blockIpv6,
    encryptedDns = encryptedDns,
)
