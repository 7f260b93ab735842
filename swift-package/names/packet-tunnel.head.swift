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
