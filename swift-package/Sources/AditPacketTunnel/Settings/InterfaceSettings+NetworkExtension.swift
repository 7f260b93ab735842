#if canImport(NetworkExtension)
import Foundation
import NetworkExtension

extension InterfaceSettings {
    /// Apple's object with these values. Decides nothing.
    public func networkSettings() -> NEPacketTunnelNetworkSettings {
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
        settings.dnsSettings = dns.map(Self.resolver)
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

    /// A resolver that does not answer is not replaced by one outside the tunnel: `allowFailover` stays false.
    private static func resolver(_ dns: DNS) -> NEDNSSettings {
        let resolver: NEDNSSettings
        switch dns.transport {
        case .cleartext: resolver = NEDNSSettings(servers: dns.servers)
        case .tls(let serverName, let identity):
            let tls = NEDNSOverTLSSettings(servers: dns.servers)
            tls.serverName = serverName
            tls.identityReference = identity
            resolver = tls
        case .https(let url, let identity):
            let https = NEDNSOverHTTPSSettings(servers: dns.servers)
            https.serverURL = url
            https.identityReference = identity
            resolver = https
        }
        resolver.matchDomains = dns.matchDomains
        resolver.searchDomains = dns.searchDomains.isEmpty ? nil : dns.searchDomains
        resolver.domainName = dns.domainName
        resolver.matchDomainsNoSearch = dns.matchDomainsNoSearch
        return resolver
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
