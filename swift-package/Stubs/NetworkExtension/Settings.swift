// What a provider tells the system about its interface. Signatures of Apple's SDK; values only.

import Foundation

open class NETunnelNetworkSettings: NSObject {
    open private(set) var tunnelRemoteAddress: String
    open var dnsSettings: NEDNSSettings?
    open var proxySettings: NEProxySettings?

    public init(tunnelRemoteAddress address: String) { tunnelRemoteAddress = address }
}

open class NEPacketTunnelNetworkSettings: NETunnelNetworkSettings {
    open var ipv4Settings: NEIPv4Settings?
    open var ipv6Settings: NEIPv6Settings?
    open var tunnelOverheadBytes: NSNumber?
    open var mtu: NSNumber?

    public override init(tunnelRemoteAddress address: String) { super.init(tunnelRemoteAddress: address) }
}

open class NEIPv4Settings: NSObject {
    open private(set) var addresses: [String]
    open private(set) var subnetMasks: [String]
    open var includedRoutes: [NEIPv4Route]?
    open var excludedRoutes: [NEIPv4Route]?
    #if os(macOS) || os(Linux)
    open var router: String?
    #endif

    public init(addresses: [String], subnetMasks: [String]) {
        self.addresses = addresses
        self.subnetMasks = subnetMasks
    }
}

open class NEIPv4Route: NSObject {
    open private(set) var destinationAddress: String
    open private(set) var destinationSubnetMask: String
    open var gatewayAddress: String?

    public init(destinationAddress address: String, subnetMask: String) {
        destinationAddress = address
        destinationSubnetMask = subnetMask
    }

    open class func `default`() -> NEIPv4Route {
        NEIPv4Route(destinationAddress: "0.0.0.0", subnetMask: "0.0.0.0")
    }
}

open class NEIPv6Settings: NSObject {
    open private(set) var addresses: [String]
    open private(set) var networkPrefixLengths: [NSNumber]
    open var includedRoutes: [NEIPv6Route]?
    open var excludedRoutes: [NEIPv6Route]?

    public init(addresses: [String], networkPrefixLengths: [NSNumber]) {
        self.addresses = addresses
        self.networkPrefixLengths = networkPrefixLengths
    }
}

open class NEIPv6Route: NSObject {
    open private(set) var destinationAddress: String
    open private(set) var destinationNetworkPrefixLength: NSNumber
    open var gatewayAddress: String?

    public init(destinationAddress address: String, networkPrefixLength: NSNumber) {
        destinationAddress = address
        destinationNetworkPrefixLength = networkPrefixLength
    }

    open class func `default`() -> NEIPv6Route { NEIPv6Route(destinationAddress: "::", networkPrefixLength: 0) }
}

public enum NEDNSProtocol: Int, Sendable {
    case cleartext = 1
    case TLS = 2
    case HTTPS = 3
}

open class NEDNSSettings: NSObject {
    open var dnsProtocol: NEDNSProtocol { .cleartext }
    open private(set) var servers: [String]
    open var searchDomains: [String]?
    open var domainName: String?
    open var matchDomains: [String]?
    open var matchDomainsNoSearch = false
    open var allowFailover = false

    public init(servers: [String]) { self.servers = servers }
}

open class NEDNSOverTLSSettings: NEDNSSettings {
    open override var dnsProtocol: NEDNSProtocol { .TLS }
    open var serverName: String?
    open var identityReference: Data?
    public override init(servers: [String]) { super.init(servers: servers) }
}

open class NEDNSOverHTTPSSettings: NEDNSSettings {
    open override var dnsProtocol: NEDNSProtocol { .HTTPS }
    open var serverURL: URL?
    open var identityReference: Data?
    public override init(servers: [String]) { super.init(servers: servers) }
}

open class NEProxyServer: NSObject {
    open private(set) var address: String
    open private(set) var port: Int
    open var authenticationRequired = false
    open var username: String?
    open var password: String?

    public init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
}

open class NEProxySettings: NSObject {
    open var autoProxyConfigurationEnabled = false
    open var proxyAutoConfigurationURL: URL?
    open var proxyAutoConfigurationJavaScript: String?
    open var httpEnabled = false
    open var httpServer: NEProxyServer?
    open var httpsEnabled = false
    open var httpsServer: NEProxyServer?
    open var excludeSimpleHostnames = false
    open var exceptionList: [String]?
    open var matchDomains: [String]?
}
