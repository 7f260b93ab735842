#if canImport(NetworkExtension)
import Adit
import Foundation
import NetworkExtension

/// A profile's VPN as the configuration of the app's own provider.
enum TunnelConfiguration {
    /// What a provider takes from the profile by itself, so that the system must not have it as well.
    static let providers: Set<String> = ["proxySettings", "passwordReference", "identityReference"]

    /// Writes the settings into `manager`: name, on-demand rules, server, routing flags and the provider's configuration.
    static func write(
        _ settings: VPNSettings, configuration: ProviderConfiguration, provider: String, password: Data?,
        to manager: NETunnelProviderManager
    ) {
        var writer = APIWriter()
        writer.write(settings.settings, to: manager)
        let tunnel = NETunnelProviderProtocol()
        if var common = settings.protocolSettings {
            common.properties = common.properties.filter { !providers.contains($0.key) }
            // The rest is the core's affair: it reads the profile itself.
            _ = writer.write(common: common, to: tunnel)
        }
        tunnel.providerBundleIdentifier = provider
        tunnel.providerConfiguration = configuration.dictionary
        tunnel.passwordReference = password
        manager.protocolConfiguration = tunnel
        if manager.localizedDescription == nil { manager.localizedDescription = settings.name ?? tunnel.serverAddress }
    }
}
#endif
