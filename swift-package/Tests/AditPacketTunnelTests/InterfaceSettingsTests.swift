import Adit
import XCTest

@testable import AditPacketTunnel
#if canImport(NetworkExtension)
import NetworkExtension
#endif

/// The settings of a server, to be changed one by one.
struct Draft {
    var remoteAddress = "198.51.100.7"
    var ipv4 = ["10.9.0.5/32"]
    var ipv6 = ["fd00:9::5/128"]
    var includedRoutes = ["0.0.0.0/0", "::/0", "10.0.0.0/8"]
    var excludedRoutes = ["192.168.0.0/16"]
    var dns = ["10.9.0.1"]
    var matchDomains: [String] = []
    var searchDomains = ["corp.example"]
    var mtu: UInt16 = 1400
    var proxy: ProxySettings?
    var blockIpv4 = false
    var blockIpv6 = false
}

extension TunnelSettings {
    /// What a server might give, and what is different this time.
    static func sample(_ change: (inout Draft) -> Void = { _ in }) -> TunnelSettings {
        var draft = Draft()
        change(&draft)
        return TunnelSettings(
            remoteAddress: draft.remoteAddress, ipv4: draft.ipv4, ipv6: draft.ipv6, includedRoutes: draft.includedRoutes,
            excludedRoutes: draft.excludedRoutes, dns: draft.dns, matchDomains: draft.matchDomains,
            searchDomains: draft.searchDomains, mtu: draft.mtu, proxy: draft.proxy, includeAllNetworks: false,
            enforceRoutes: false, excludeLocalNetworks: false, blockIpv4: draft.blockIpv4, blockIpv6: draft.blockIpv6)
    }
}

final class InterfaceSettingsTests: XCTestCase {
    func testPrefixesAreReadStrictly() {
        XCTAssertEqual(Prefix("10.0.0.0/8")?.subnetMask, "255.0.0.0")
        XCTAssertEqual(Prefix("0.0.0.0/0")?.subnetMask, "0.0.0.0")
        XCTAssertEqual(Prefix("192.0.2.1")?.subnetMask, "255.255.255.255")
        XCTAssertEqual(Prefix("10.1.2.0/23")?.subnetMask, "255.255.254.0")
        XCTAssertEqual(Prefix("fd00::1")?.length, 128)
        XCTAssertTrue(Prefix("::/0")?.isDefaultRoute == true)
        for wrong in ["", "/", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "host.example", "10.0.0.0/-1", "10.0.0.0/ 8",
                      "10.0.0.0/8/9", "fe80::1%en0/64", "10.0.0.0/", "10.0.0.0/٨", "10.0.0.0/0008"] {
            XCTAssertNil(Prefix(wrong), wrong)
        }
    }

    func testFamiliesAreKeptApart() {
        let settings = InterfaceSettings(.sample())
        XCTAssertEqual(settings.ipv4?.included.map(\.address), ["0.0.0.0", "10.0.0.0"])
        XCTAssertEqual(settings.ipv4?.excluded.map(\.address), ["192.168.0.0"])
        XCTAssertEqual(settings.ipv6?.included.map(\.address), ["::"])
        XCTAssertEqual(settings.ipv6?.excluded, [])
        XCTAssertEqual(settings.ignored, [])
    }

    func testAnInterfaceAddressOfIPv6IsAtMost120() {
        XCTAssertEqual(InterfaceSettings(.sample()).ipv6?.addresses.first?.length, 120)
        let wide = TunnelSettings.sample { $0.ipv6 = ["fd00:9::5/64"] }
        XCTAssertEqual(InterfaceSettings(wide).ipv6?.addresses.first?.length, 64)
    }

    func testAFamilyWithoutAddressIsLeftAloneUnlessItMustBeBlocked() {
        let split = TunnelSettings.sample { $0.ipv6 = [] }
        XCTAssertNil(InterfaceSettings(split).ipv6)
        let blocked = InterfaceSettings(.sample { $0.ipv6 = []; $0.blockIpv6 = true })
        XCTAssertEqual(blocked.ipv6?.included.map(\.isDefaultRoute), [true])
        XCTAssertEqual(blocked.ipv6?.addresses.count, 1)
        let four = InterfaceSettings(.sample { $0.ipv4 = []; $0.blockIpv4 = true })
        XCTAssertEqual(four.ipv4?.included.map(\.subnetMask), ["0.0.0.0"])
    }

    func testResolversWithoutDomainsAnswerForEverything() {
        XCTAssertEqual(InterfaceSettings(.sample()).dns?.matchDomains, [""])
        let split = TunnelSettings.sample { $0.matchDomains = ["corp.example"] }
        XCTAssertEqual(InterfaceSettings(split).dns?.matchDomains, ["corp.example"])
    }

    func testATunnelForEverythingLeavesNoResolverOfTheLocalNetwork() {
        for (routes, resolver) in [
            (["0.0.0.0/0", "::/0"], "192.0.2.53"), (["0.0.0.0/0"], "192.0.2.53"), (["::/0"], "2001:db8::53"),
            (["0.0.0.0/1", "128.0.0.0/1"], "192.0.2.53"), (["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"], "192.0.2.53"),
            (["::/1", "8000::/1", "10.0.0.0/8"], "2001:db8::53"),
        ] {
            let settings = InterfaceSettings(.sample { $0.dns = []; $0.includedRoutes = routes })
            XCTAssertEqual(settings.dns?.servers, [resolver], "\(routes)")
            XCTAssertEqual(settings.dns?.matchDomains, [""])
            XCTAssertEqual(settings.ignored.count, 1, "\(settings.ignored)")
        }
        for routes in [
            ["10.0.0.0/8"], ["0.0.0.0/1"], ["0.0.0.0/1", "128.0.0.0/2"], ["0.0.0.0/2", "64.0.0.0/3", "128.0.0.0/1"], ["2000::/3"],
        ] {
            XCTAssertNil(InterfaceSettings(.sample { $0.dns = []; $0.includedRoutes = routes }).dns, "\(routes)")
        }
        let other = InterfaceSettings(.sample { $0.dns = []; $0.includedRoutes = []; $0.ipv4 = []; $0.blockIpv4 = true })
        XCTAssertEqual(other.dns?.servers, ["192.0.2.53"])
    }

    func testWhatCannotBeUsedIsLeftOutAndTold() {
        let odd = TunnelSettings.sample {
            $0.includedRoutes = ["10.0.0.0/8", "nonsense"]
            $0.dns = ["resolver.example", "10.9.0.1"]
            $0.remoteAddress = "vpn.example"
        }
        let settings = InterfaceSettings(odd)
        XCTAssertEqual(settings.ignored, ["route nonsense: no address prefix", "resolver resolver.example: no address"])
        XCTAssertEqual(settings.dns?.servers, ["10.9.0.1"])
        XCTAssertEqual(settings.remoteAddress, "127.0.0.1")
    }

    func testTheMTUIsEnoughForIPv6() {
        XCTAssertEqual(InterfaceSettings(.sample { $0.mtu = 1200 }).mtu, 1280)
        XCTAssertEqual(InterfaceSettings(.sample { $0.mtu = 1200; $0.ipv6 = [] }).mtu, 1200)
    }

    func testProxiesAreReadWithTheirPorts() {
        let given = ProxySettings(
            pacUrl: "https://proxy.example/proxy.pac", http: "proxy.example:8080", https: "[2001:db8::1]:8443",
            matchDomains: ["corp.example"])
        let proxy = InterfaceSettings(.sample { $0.proxy = given }).proxy
        XCTAssertEqual(proxy?.automatic?.absoluteString, "https://proxy.example/proxy.pac")
        XCTAssertEqual(proxy?.http, .init(host: "proxy.example", port: 8080))
        XCTAssertEqual(proxy?.https, .init(host: "2001:db8::1", port: 8443))
        XCTAssertEqual(proxy?.matchDomains, ["corp.example"])
        for wrong in ["", "proxy.example", ":80", "proxy.example:0", "proxy.example:http", "proxy.example:99999", "[]:80"] {
            XCTAssertNil(InterfaceSettings.Proxy.Server(wrong), wrong)
        }
        #if canImport(NetworkExtension)
        let settings = InterfaceSettings(.sample { $0.proxy = given }).networkSettings().proxySettings
        XCTAssertEqual(settings?.httpServer?.port, 8080)
        XCTAssertEqual(settings?.httpsServer?.address, "2001:db8::1")
        XCTAssertEqual(settings?.autoProxyConfigurationEnabled, true)
        XCTAssertEqual(settings?.matchDomains, ["corp.example"])
        #endif
    }

    func testAProfilesResolversTakeThePlaceOfTheServers() throws {
        func resolvers(_ dns: [String: Any]) -> ProfileDNS? {
            ProfileDNS(
                payload: ["DNS": dns, "IKEv2": ["PayloadCertificateUUID": "A"]], identity: Data([7]))
        }
        let https = try XCTUnwrap(resolvers([
            "DNSProtocol": "HTTPS", "ServerURL": "https://dns.example.com/q", "ServerAddresses": ["10.9.0.53", "dns.example"],
            "SearchDomains": ["search.example"], "DomainName": "corp.example",
            "SupplementalMatchDomains": ["corp.example"], "SupplementalMatchDomainsNoSearch": 0,
            "PayloadCertificateUUID": "A",
        ]))
        let url = try XCTUnwrap(URL(string: "https://dns.example.com/q"))
        XCTAssertEqual(https.dns.transport, .https(url: url, identity: Data([7])))
        XCTAssertEqual(https.dns.servers, ["10.9.0.53"])
        XCTAssertEqual(InterfaceSettings(.sample(), resolvers: https).dns, https.dns)
        let tls = try XCTUnwrap(resolvers([
            "DNSProtocol": "TLS", "ServerName": "dns.example.com", "ServerAddresses": ["10.9.0.53"],
            "PayloadCertificateUUID": "B",
        ]))
        XCTAssertEqual(tls.dns.transport, .tls(serverName: "dns.example.com", identity: nil), "not the VPN's identity")
        XCTAssertEqual(tls.dns.matchDomains, [""])
        let clear = try XCTUnwrap(resolvers(["DNSProtocol": "Cleartext", "ServerAddresses": ["10.9.0.54"]]))
        XCTAssertEqual(clear.dns.transport, .cleartext)
        let named = try XCTUnwrap(resolvers([
            "ServerAddresses": ["2001:db8::53"], "DomainName": "corp.example", "SupplementalMatchDomains": ["corp.example"],
        ]))
        let chosen = InterfaceSettings(.sample { $0.dns = ["10.0.0.53"]; $0.matchDomains = [] }, resolvers: named).dns
        XCTAssertEqual(chosen?.servers, ["10.0.0.53"], "the core knows which can be asked")
        XCTAssertEqual(chosen?.matchDomains, [""])
        XCTAssertEqual(chosen?.domainName, "corp.example")
        for unusable: [String: Any] in [["DNSProtocol": "HTTPS"], ["DNSProtocol": "Cleartext", "ServerAddresses": ["x"]]] {
            XCTAssertNil(resolvers(unusable))
        }
        XCTAssertNil(ProfileDNS(payload: [:]))
        #if canImport(NetworkExtension)
        let one = try XCTUnwrap(InterfaceSettings(.sample(), resolvers: https).networkSettings().dnsSettings as? NEDNSOverHTTPSSettings)
        XCTAssertEqual(one.dnsProtocol, .HTTPS)
        XCTAssertEqual(one.serverURL, url)
        XCTAssertEqual(one.identityReference, Data([7]))
        XCTAssertEqual(one.servers, ["10.9.0.53"])
        XCTAssertEqual(one.searchDomains, ["search.example"])
        XCTAssertEqual(one.domainName, "corp.example")
        XCTAssertEqual(one.matchDomains, ["corp.example"])
        XCTAssertFalse(one.matchDomainsNoSearch)
        XCTAssertFalse(one.allowFailover)
        let two = try XCTUnwrap(InterfaceSettings(.sample(), resolvers: tls).networkSettings().dnsSettings as? NEDNSOverTLSSettings)
        XCTAssertEqual(two.dnsProtocol, .TLS)
        XCTAssertEqual(two.serverName, "dns.example.com")
        XCTAssertNil(two.identityReference)
        XCTAssertEqual(InterfaceSettings(.sample(), resolvers: clear).networkSettings().dnsSettings?.dnsProtocol, .cleartext)
        #endif
    }

    /// A profile with a VPN that has this besides.
    static func profile(_ dns: String) -> Data {
        let vpn = "<key>PayloadVersion</key><integer>1</integer><key>PayloadIdentifier</key><string>a.b</string>"
        return Data("""
            <?xml version="1.0" encoding="UTF-8"?>
            <plist version="1.0"><dict><key>PayloadType</key><string>Configuration</string>\(vpn)
            <key>PayloadUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A01</string>
            <key>PayloadContent</key><array><dict><key>PayloadType</key><string>com.apple.vpn.managed</string>\(vpn)
            <key>PayloadUUID</key><string>4B0C3A52-4C0B-4C0E-9C0E-2D5B6C1C0A02</string>\(dns)
            </dict></array></dict></plist>
            """.utf8)
    }

    func testTheResolversAreReadFromAProfile() throws {
        let profile = InterfaceSettingsTests.profile
        let dns = "<key>DNS</key><dict><key>DNSProtocol</key><string>Cleartext</string>"
            + "<key>ServerAddresses</key><array><string>10.9.0.54</string></array></dict>"
        for payload in [nil, "0", "4b0c3a52-4c0b-4c0e-9c0e-2d5b6c1c0a02"] {
            XCTAssertEqual(ProfileDNS.read(profile: profile(dns), payload: payload)?.dns.servers, ["10.9.0.54"])
        }
        XCTAssertNil(ProfileDNS.read(profile: profile(dns), payload: "1"))
        XCTAssertNil(ProfileDNS.read(profile: profile(""), payload: nil))
        XCTAssertNil(ProfileDNS.read(profile: Data("no profile".utf8), payload: nil))
    }

    #if canImport(NetworkExtension)
    func testEveryValueReachesApplesObjects() throws {
        let settings = InterfaceSettings(.sample())
        let objects = settings.networkSettings()
        XCTAssertEqual(objects.tunnelRemoteAddress, settings.remoteAddress)
        XCTAssertEqual(objects.mtu, 1400)
        XCTAssertNil(objects.tunnelOverheadBytes, "the MTU is known")
        let four = try XCTUnwrap(objects.ipv4Settings)
        XCTAssertEqual(four.addresses, ["10.9.0.5"])
        XCTAssertEqual(four.subnetMasks, ["255.255.255.255"])
        XCTAssertEqual(four.includedRoutes?.map(\.destinationAddress), ["0.0.0.0", "10.0.0.0"])
        XCTAssertEqual(four.includedRoutes?.map(\.destinationSubnetMask), ["0.0.0.0", "255.0.0.0"])
        XCTAssertEqual(four.excludedRoutes?.map(\.destinationAddress), ["192.168.0.0"])
        XCTAssertEqual(four.includedRoutes?.compactMap(\.gatewayAddress), [], "the tunnel itself")
        let six = try XCTUnwrap(objects.ipv6Settings)
        XCTAssertEqual(six.addresses, ["fd00:9::5"])
        XCTAssertEqual(six.networkPrefixLengths, [120])
        XCTAssertEqual(six.includedRoutes?.map(\.destinationAddress), ["::"])
        XCTAssertEqual(six.includedRoutes?.map(\.destinationNetworkPrefixLength), [0])
        XCTAssertEqual(six.includedRoutes?.compactMap(\.gatewayAddress), [], "the tunnel itself")
        XCTAssertEqual(six.excludedRoutes?.count, 0)
        XCTAssertEqual(objects.dnsSettings?.servers, ["10.9.0.1"])
        XCTAssertEqual(objects.dnsSettings?.matchDomainsNoSearch, true)
        XCTAssertEqual(objects.dnsSettings?.allowFailover, false)
        XCTAssertNil(objects.proxySettings)
    }
    #endif

    func testBlockingSettingsTakeBothFamiliesAndAllNames() {
        let settings = InterfaceSettings.blocking(remoteAddress: "vpn.example")
        XCTAssertEqual(settings.ipv4?.included.map(\.isDefaultRoute), [true])
        XCTAssertEqual(settings.ipv6?.included.map(\.isDefaultRoute), [true])
        XCTAssertEqual(settings.dns?.matchDomains, [""])
        XCTAssertEqual(settings.remoteAddress, "127.0.0.1")
        XCTAssertEqual(InterfaceSettings.blocking(remoteAddress: "2001:db8::7").remoteAddress, "2001:db8::7")
    }
}
