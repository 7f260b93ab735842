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
        XCTAssertNil(InterfaceSettings(.sample { $0.dns = [] }).dns)
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

    func testBlockingSettingsTakeBothFamiliesAndAllNames() {
        let settings = InterfaceSettings.blocking(remoteAddress: "vpn.example")
        XCTAssertEqual(settings.ipv4?.included.map(\.isDefaultRoute), [true])
        XCTAssertEqual(settings.ipv6?.included.map(\.isDefaultRoute), [true])
        XCTAssertEqual(settings.dns?.matchDomains, [""])
        XCTAssertEqual(settings.remoteAddress, "127.0.0.1")
        XCTAssertEqual(InterfaceSettings.blocking(remoteAddress: "2001:db8::7").remoteAddress, "2001:db8::7")
    }
}
