import Adit
import Foundation

/// What the uses of `personal-vpn.tsv` name.
final class PersonalVPNNames {
    var system: VPNSystem
    var manager: VPNManager
    var connection: VPNConnection
    var key = VPNConfigurationKey.personal(app: "com.example.app")
    var configuration = VPNConfiguration()
    var ikev2 = IKEv2Protocol()
    var ipsec = IPSecProtocol()
    var association = IKEv2SecurityAssociationParameters()
    var ppk = IKEv2PPKConfiguration(identifier: "ppk")
    var rule = OnDemandRule.connect()
    var connectionRule = EvaluateConnectionRule(matchDomains: ["example.com"], andAction: .connectIfNeeded)
    var proxies = VPNProxySettings()
    var proxy = VPNProxyServer(address: "proxy.example.com", port: 3128)
    var reference = SecretReference(Data())
    var file = Data()
    var secret = Data()

    init(_ manager: VPNManager) {
        self.manager = manager
        system = manager.system
        connection = manager.connection
    }

    /// Takes what a use gives.
    func used<Value>(_ value: Value) {}
}
