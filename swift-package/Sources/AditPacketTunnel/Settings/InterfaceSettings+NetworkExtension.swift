#if canImport(NetworkExtension)
import Foundation
import NetworkExtension

extension InterfaceSettings {
    /// Apple's object with these values. Decides nothing.
    func networkSettings() -> NEPacketTunnelNetworkSettings {
        let settings = NEPacketTunnelNetworkSettings(tunnelRemoteAddress: remoteAddress)
        if let ipv4 {
            let four = NEIPv4Settings(
                addresses: ipv4.addresses.map(\.address), subnetMasks: ipv4.addresses.map(\.subnetMask))
            four.includedRoutes = ipv4.included.map(Self.route4)
            four.excludedRoutes = ipv4.excluded.map(Self.route4)
            settings.ipv4Settings = four
        }
        if let ipv6 {
            let six = NEIPv6Settings(
                addresses: ipv6.addresses.map(\.address),
                networkPrefixLengths: ipv6.addresses.map { NSNumber(value: $0.length) })
            six.includedRoutes = ipv6.included.map(Self.route6)
            six.excludedRoutes = ipv6.excluded.map(Self.route6)
            settings.ipv6Settings = six
        }
        if let dns {
            let resolver = NEDNSSettings(servers: dns.servers)
            resolver.matchDomains = dns.matchDomains
            resolver.searchDomains = dns.searchDomains.isEmpty ? nil : dns.searchDomains
            // The domains say which resolver to ask; what completes short names has its own list.
            resolver.matchDomainsNoSearch = true
            settings.dnsSettings = resolver
        }
        if let proxy {
            let proxies = NEProxySettings()
            proxies.autoProxyConfigurationEnabled = proxy.automatic != nil
            proxies.proxyAutoConfigurationURL = proxy.automatic
            proxies.httpServer = proxy.http.map { NEProxyServer(address: $0.host, port: $0.port) }
            proxies.httpEnabled = proxy.http != nil
            proxies.httpsServer = proxy.https.map { NEProxyServer(address: $0.host, port: $0.port) }
            proxies.httpsEnabled = proxy.https != nil
            proxies.matchDomains = proxy.matchDomains.isEmpty ? nil : proxy.matchDomains
            settings.proxySettings = proxies
        }
        settings.mtu = NSNumber(value: mtu)
        return settings
    }

    private static func route4(_ prefix: Prefix) -> NEIPv4Route {
        prefix.isDefaultRoute
            ? .default() : NEIPv4Route(destinationAddress: prefix.address, subnetMask: prefix.subnetMask)
    }

    private static func route6(_ prefix: Prefix) -> NEIPv6Route {
        prefix.isDefaultRoute
            ? .default()
            : NEIPv6Route(destinationAddress: prefix.address, networkPrefixLength: NSNumber(value: prefix.length))
    }
}
#endif
