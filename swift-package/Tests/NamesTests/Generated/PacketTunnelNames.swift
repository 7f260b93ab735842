// Made by `cargo xtask regenerate names` from swift-package/names/packet-tunnel.tsv and its head. Do not edit.

import Adit
import AditManager
import Foundation
import NetworkExtension

@testable import AditPacketTunnel

/// What the uses of `packet-tunnel.tsv` name.
@MainActor
final class PacketTunnelNames {
    var provider: AditPacketTunnelProvider
    var tunnel: AditTunnelManager
    var port: PacketPort
    var settings = InterfaceSettings.blocking(remoteAddress: "192.0.2.1")
    var resolvers: ProfileDNS?
    var perApp = PerAppVPN()
    var app = VPNAppRule(signingIdentifier: "com.example.app")
    var paths = PathPolicy()
    var profile = Data()
    var reference = Data()
    var packet = Data()

    init(_ provider: AditPacketTunnelProvider, _ tunnel: AditTunnelManager, _ port: PacketPort) {
        self.provider = provider
        self.tunnel = tunnel
        self.port = port
    }

    /// Takes what a use gives.
    func used<Value>(_ value: Value) {}
}

extension PacketTunnelNames {
    func useNETunnelProviderManager() async throws {
        used(AditTunnelManager())
        used(tunnel.manager)
        used(try await AditTunnelManager.loadAll())
        used(AditTunnelManager(perApp: perApp))
        used(tunnel.installedApps)
        used(tunnel.isPerApp)
        used(tunnel.perApp.apps)
        used(tunnel.perApp.safariDomains)
        used(tunnel.perApp.mailDomains)
        used(tunnel.perApp.calendarDomains)
        used(tunnel.perApp.contactsDomains)
        used(tunnel.perApp.excludedDomains)
        used(tunnel.perApp.associatedDomains)
    }
    func useNETunnelProviderProtocol() async throws {
        used(ProviderConfiguration.self)
        used(ProviderConfiguration(profile: reference).dictionary)
        used(try ProviderConfiguration(["adit.version": 1]))
        used(try await tunnel.save(profile: profile, provider: "com.example.app.tunnel"))
    }
    func useNETunnelProviderSession() async throws {
        used(AditTunnelManager.self)
        used(tunnel.status)
        used(try tunnel.start(username: "user", password: "password"))
        used(tunnel.stop())
        used(try await tunnel.ask(.stats))
    }
    func useNEProvider() async throws {
        used(AditPacketTunnelProvider.self)
        used(provider.sleep {})
        used(provider.wake())
        used(paths)
        used(PathSnapshot.self)
    }
    func useNEProviderStopReason() async throws {
        used(NEProviderStopReason.self)
        used(provider.stopTunnel(with: .none) {})
        used(provider.stopTunnel(with: .userInitiated) {})
        used(provider.stopTunnel(with: .providerFailed) {})
        used(provider.stopTunnel(with: .noNetworkAvailable) {})
        used(provider.stopTunnel(with: .unrecoverableNetworkChange) {})
        used(provider.stopTunnel(with: .providerDisabled) {})
        used(provider.stopTunnel(with: .authenticationCanceled) {})
        used(provider.stopTunnel(with: .configurationFailed) {})
        used(provider.stopTunnel(with: .idleTimeout) {})
        used(provider.stopTunnel(with: .configurationDisabled) {})
        used(provider.stopTunnel(with: .configurationRemoved) {})
        used(provider.stopTunnel(with: .superceded) {})
        used(provider.stopTunnel(with: .userLogout) {})
        used(provider.stopTunnel(with: .userSwitch) {})
        used(provider.stopTunnel(with: .connectionFailed) {})
        used(provider.stopTunnel(with: .sleep) {})
        used(provider.stopTunnel(with: .appUpdate) {})
        used(provider.stopTunnel(with: .internalError) {})
    }
    func useNETunnelProvider() async throws {
        used(AditPacketTunnelProvider.self)
        used(provider.handleAppMessage(ProviderRequest.state.message) { _ in })
        used(ProviderReply.self)
        used(settings.networkSettings())
        used(provider.protocolConfiguration)
        used(provider.appRules)
        used(provider.routingMethod)
        used(provider.reasserting)
        used(NETunnelProviderErrorDomain)
    }
    func useNETunnelProviderError() async throws {
        used(NETunnelProviderError.self)
        used(NETunnelProviderError.Code.networkSettingsInvalid)
        used(NETunnelProviderError.Code.networkSettingsCanceled)
        used(NETunnelProviderError.Code.networkSettingsFailed)
    }
    func useNETunnelProviderRoutingMethod() async throws {
        used(provider.routingMethod)
        used(!tunnel.isPerApp)
        used(tunnel.isPerApp)
    }
    func useNEPacketTunnelProvider() async throws {
        used(AditPacketTunnelProvider.self)
        used(provider.startTunnel(options: nil) { _ in })
        used(provider.stopTunnel(with: .userInitiated) {})
        used(provider.cancelTunnelWithError(nil))
        used(provider.packetFlow)
        used(provider.interfaceDescriptor())
        used(provider.virtualInterface)
        used(try await tunnel.ask(.state))
    }
    func useNETunnelNetworkSettings() async throws {
        used(InterfaceSettings.self)
        used(InterfaceSettings.blocking(remoteAddress: "192.0.2.1"))
        used(settings.remoteAddress)
        used(settings.dns)
        used(settings.proxy)
    }
    func useNEPacketTunnelNetworkSettings() async throws {
        used(settings.networkSettings())
        used(settings.networkSettings())
        used(settings.ipv4)
        used(settings.ipv6)
        used(settings.networkSettings().tunnelOverheadBytes)
        used(settings.mtu)
    }
    func useNEIPv4Settings() async throws {
        used(InterfaceSettings.Family.self)
        used(settings.ipv4)
        used(settings.networkSettings().ipv4Settings)
        used(settings.ipv4?.addresses)
        used(settings.ipv4?.addresses.map(\.subnetMask))
        used(settings.ipv4?.included)
        used(settings.ipv4?.excluded)
    }
    func useNEIPv4Route() async throws {
        used(Prefix.self)
        used(Prefix("10.0.0.0/8"))
        used(Prefix("0.0.0.0/0")?.isDefaultRoute)
        used(settings.ipv4?.included.map(\.address))
        used(settings.ipv4?.included.map(\.subnetMask))
        used(settings.networkSettings().ipv4Settings?.includedRoutes?.first?.gatewayAddress)
    }
    func useNEIPv6Settings() async throws {
        used(InterfaceSettings.Family.self)
        used(settings.ipv6)
        used(settings.networkSettings().ipv6Settings)
        used(settings.ipv6?.addresses)
        used(settings.ipv6?.addresses.map(\.length))
        used(settings.ipv6?.included)
        used(settings.ipv6?.excluded)
    }
    func useNEIPv6Route() async throws {
        used(Prefix.self)
        used(Prefix("2001:db8::/32"))
        used(Prefix("::/0")?.isDefaultRoute)
        used(settings.ipv6?.included.map(\.address))
        used(settings.ipv6?.included.map(\.length))
        used(settings.networkSettings().ipv6Settings?.includedRoutes?.first?.gatewayAddress)
    }
    func useNEDNSSettings() async throws {
        used(InterfaceSettings.DNS.self)
        used(settings.networkSettings().dnsSettings)
        used(settings.dns?.transport)
        used(settings.dns?.servers)
        used(settings.dns?.searchDomains)
        used(settings.dns?.domainName)
        used(settings.dns?.matchDomains)
        used(settings.dns?.matchDomainsNoSearch)
        used(settings.networkSettings().dnsSettings?.allowFailover)
    }
    func useNEDNSOverTLSSettings() async throws {
        used(InterfaceSettings.DNS.Transport.tls(serverName: nil, identity: nil))
        used(ProfileDNS(payload: ["DNS": ["DNSProtocol": "TLS"]]))
        used(InterfaceSettings.DNS.Transport.tls(serverName: "dns.example.com", identity: nil))
        used(InterfaceSettings.DNS.Transport.tls(serverName: nil, identity: reference))
    }
    func useNEDNSOverHTTPSSettings() async throws {
        used(InterfaceSettings.DNS.Transport.self)
        used(ProfileDNS(payload: ["DNS": ["DNSProtocol": "HTTPS", "ServerURL": "https://dns.example.com/"]]))
        if case .https(let url, _)? = settings.dns?.transport { used(url) }
        if case .https(_, let identity)? = settings.dns?.transport { used(identity) }
    }
    func useNEDNSProtocol() async throws {
        used(InterfaceSettings.DNS.Transport.self)
        used(InterfaceSettings.DNS.Transport.cleartext)
        used(InterfaceSettings.DNS.Transport.tls(serverName: nil, identity: nil))
        used(settings.dns?.transport)
    }
    func useNEPacketTunnelFlow() async throws {
        used(PacketPort.self)
        used(port.send([packet]))
        used(port.receive { _ in })
        used(port.send([packet]))
        used(port.receive { _ in })
    }
    func useNEPacket() async throws {
        used(packet)
        used(port.send([packet]))
        used(packet)
        used(ProtocolFamily.of(packet))
        used(port.send([packet]))
        used(port.receive { _ in })
    }
    func useNETrafficDirection() async throws {
        used(PacketPort.self)
        used(port)
        used(port.receive { _ in })
        used(port.send([packet]))
    }
    func useNEAppRule() async throws {
        used(VPNAppRule.self)
        used(VPNAppRule(signingIdentifier: "com.example.app"))
        used(VPNAppRule(signingIdentifier: "com.example.app", designatedRequirement: "anchor apple generic"))
        used(app.matchSigningIdentifier)
        used(app.matchDesignatedRequirement)
        used(app.matchPath)
        used(app.matchTools)
    }
}
