import Adit
import Foundation

/// What the tunnel's interface is to have, as values: the whole decision, before Apple's objects are made of it.
///
/// Made by ``init(_:resolvers:)`` from what the server gave, or as ``blocking(remoteAddress:)`` while there is nothing yet. Equal values
/// mean that nothing needs to be applied again, which would make the system forget its DNS answers.
public struct InterfaceSettings: Equatable, Sendable {
    /// Addresses and routes of one family.
    public struct Family: Equatable, Sendable {
        /// The interface's own addresses.
        public var addresses: [Prefix] = []
        /// What goes into the tunnel.
        public var included: [Prefix] = []
        /// What stays outside of it.
        public var excluded: [Prefix] = []
    }

    /// Resolvers and what they are for.
    public struct DNS: Equatable, Sendable {
        /// How they are asked.
        public enum Transport: Equatable, Sendable {
            /// Port 53.
            case cleartext
            /// DNS over TLS; the name that the certificate must have, and the client's identity in the keychain.
            case tls(serverName: String?, identity: Data?)
            /// DNS over HTTPS; where, and the client's identity in the keychain.
            case https(url: URL, identity: Data?)
        }

        /// Their addresses.
        public var servers: [String]
        /// Which names they answer: each of these and what is below; an empty text stands for all.
        public var matchDomains: [String]
        /// What completes a name of one label.
        public var searchDomains: [String]
        /// How they are asked.
        public var transport: Transport = .cleartext
        /// The domain of the network.
        public var domainName: String?
        /// The match domains do not complete names: they say which resolver to ask, and what completes has its own list.
        public var matchDomainsNoSearch = true

        init(servers: [String], matchDomains: [String], searchDomains: [String]) {
            self.servers = servers
            self.matchDomains = matchDomains
            self.searchDomains = searchDomains
        }
    }

    /// A proxy, for what goes through the tunnel.
    public struct Proxy: Equatable, Sendable {
        /// Host and port.
        public struct Server: Equatable, Sendable {
            public var host: String
            public var port: Int
        }

        /// Where the automatic configuration is.
        public var automatic: URL?
        public var http: Server?
        public var https: Server?
        /// The domains that it is for; none: all.
        public var matchDomains: [String]
    }

    /// An address literal that the system shows as the server; it is not routed by.
    public var remoteAddress: String
    /// nil: the tunnel has no part in this family.
    public var ipv4: Family?
    public var ipv6: Family?
    /// nil: the device's own resolvers stay, which a tunnel that takes all traffic does not let them.
    public var dns: DNS?
    /// Bytes of the largest inner packet.
    public var mtu: Int
    public var proxy: Proxy?
    /// What the server gave and could not be used, for the log.
    public var ignored: [String] = []

    /// The smallest MTU with which IPv6 works (RFC 8200 section 5).
    static let smallestMTU = 1280

    /// The longest IPv6 prefix that has an effect on an interface of Apple's systems.
    static let longestIPv6Prefix = 120

    /// Addresses of no network, for a family that must end in the tunnel although the server gave no address for it
    /// (RFC 5737 section 3 and RFC 3849: they are documentation, so they collide with nothing).
    static let placeholder4 = Prefix(address: "192.0.2.1", length: 32, isIPv6: false)
    static let placeholder6 = Prefix(address: "2001:db8::1", length: 120, isIPv6: true)

    /// Addresses of no network, which stand for a resolver that never answers: asked through the tunnel, by nobody there
    /// (RFC 5737 section 3, RFC 3849).
    static let silentResolver4 = "192.0.2.53"
    static let silentResolver6 = "2001:db8::53"

    /// An address where nothing answers, shown as the server of a tunnel whose server is not known as an address.
    static let noRemote = "127.0.0.1"
}

extension InterfaceSettings {
    /// What the server gave, as settings.
    ///
    /// - Routes that are no prefix and resolvers that are no address are left out and told in ``ignored``.
    /// - IPv6 prefixes of addresses are at most /120.
    /// - A family without an inner address is blocked when the core says so: its default route goes into the tunnel, where
    ///   nothing takes it.
    /// - Match domains without a resolver mean nothing; resolvers without match domains answer for all names.
    /// - A tunnel that takes all of a family's traffic and has no resolver gets one that never answers: the resolvers of the
    ///   local network, which stay reachable beside the tunnel, would be told every name.
    /// - The MTU is not below 1280 when IPv6 is in the tunnel.
    /// - A profile's resolvers over TLS or HTTPS take the place of the others. Which of those in cleartext can be asked the core
    ///   has decided: of the profile only the domain's name is added.
    public init(_ settings: TunnelSettings, resolvers: ProfileDNS? = nil) {
        var ignored: [String] = []
        func prefixes(_ texts: [String], _ what: String) -> [Prefix] {
            texts.compactMap { text in
                if let prefix = Prefix(text) { return prefix }
                ignored.append("\(what) \(text): no address prefix")
                return nil
            }
        }
        let addresses = prefixes(settings.ipv4 + settings.ipv6, "address")
        let included = prefixes(settings.includedRoutes, "route")
        let excluded = prefixes(settings.excludedRoutes, "excluded route")
        func family(_ isIPv6: Bool, blocked: Bool) -> Family? {
            let own = addresses.filter { $0.isIPv6 == isIPv6 }
            guard !own.isEmpty || blocked else { return nil }
            var family = Family(addresses: own.map(InterfaceSettings.effective))
            if own.isEmpty {
                family.addresses = [isIPv6 ? InterfaceSettings.placeholder6 : InterfaceSettings.placeholder4]
                family.included = [Prefix(address: isIPv6 ? "::" : "0.0.0.0", length: 0, isIPv6: isIPv6)]
                return family
            }
            family.included = included.filter { $0.isIPv6 == isIPv6 }
            family.excluded = excluded.filter { $0.isIPv6 == isIPv6 }
            return family
        }
        ipv4 = family(false, blocked: settings.blockIpv4)
        ipv6 = family(true, blocked: settings.blockIpv6)
        let servers = settings.dns.filter { server in
            if Prefix.family(of: server) != nil { return true }
            ignored.append("resolver \(server): no address")
            return false
        }
        if let own = resolvers?.dns, own.transport != .cleartext {
            dns = own
        } else if !servers.isEmpty {
            var given = DNS(
                servers: servers,
                matchDomains: settings.matchDomains.isEmpty ? [""] : settings.matchDomains,
                searchDomains: settings.searchDomains
            )
            given.domainName = resolvers?.dns.domainName
            dns = given
        }
        let isRemoteKnown = Prefix.family(of: settings.remoteAddress) != nil
        remoteAddress = isRemoteKnown ? settings.remoteAddress : InterfaceSettings.noRemote
        mtu = Int(settings.mtu)
        if ipv6 != nil { mtu = max(mtu, InterfaceSettings.smallestMTU) }
        proxy = settings.proxy.map(Proxy.init)
        if dns == nil, let silent = silentResolver {
            dns = DNS(servers: [silent], matchDomains: [""], searchDomains: [])
            ignored.append("the device's own resolvers: all traffic goes into the tunnel, and the server names no resolver")
        }
        self.ignored = ignored
    }

    /// Everything goes into the tunnel and nothing comes out of it: applied before the connection is up, so that nothing
    /// leaves in clear meanwhile. The provider's own sockets are outside the tunnel in any case.
    public static func blocking(remoteAddress: String) -> InterfaceSettings {
        let isKnown = Prefix.family(of: remoteAddress) != nil
        return InterfaceSettings(
            remoteAddress: isKnown ? remoteAddress : noRemote,
            ipv4: Family(addresses: [placeholder4], included: [Prefix(address: "0.0.0.0", length: 0, isIPv6: false)]),
            ipv6: Family(addresses: [placeholder6], included: [Prefix(address: "::", length: 0, isIPv6: true)]),
            dns: DNS(servers: [noRemote], matchDomains: [""], searchDomains: []),
            mtu: smallestMTU
        )
    }

    /// The address of a resolver that never answers, inside a tunnel that takes all traffic of its family; nil for others.
    private var silentResolver: String? {
        if let ipv4, Prefix.coverAll(ipv4.included, isIPv6: false) { return InterfaceSettings.silentResolver4 }
        if let ipv6, Prefix.coverAll(ipv6.included, isIPv6: true) { return InterfaceSettings.silentResolver6 }
        return nil
    }

    private static func effective(_ prefix: Prefix) -> Prefix {
        guard prefix.isIPv6, prefix.length > longestIPv6Prefix else { return prefix }
        return Prefix(address: prefix.address, length: longestIPv6Prefix, isIPv6: true)
    }

    private init(remoteAddress: String, ipv4: Family?, ipv6: Family?, dns: DNS?, mtu: Int) {
        self.remoteAddress = remoteAddress
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.dns = dns
        self.mtu = mtu
    }
}

extension InterfaceSettings.Proxy {
    /// What the profile says. A server without a port, or an automatic configuration that is no address, is left out.
    init(_ settings: ProxySettings) {
        automatic = settings.pacUrl.flatMap(URL.init(string:))
        http = settings.http.flatMap(Server.init)
        https = settings.https.flatMap(Server.init)
        matchDomains = settings.matchDomains
    }
}

extension InterfaceSettings.Proxy.Server {
    /// Reads `host:port`; the host of IPv6 stands in brackets, which do not belong to it.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port != 0 else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: Int(port))
    }
}
