#if canImport(NetworkExtension)
import Adit
import Foundation
import NetworkExtension

/// A profile's VPN as the configuration of the app's own provider.
enum TunnelConfiguration {
    /// What a provider takes from the profile by itself, so that the system must not have it as well.
    static let providers: Set<String> = ["proxySettings", "passwordReference", "identityReference"]

    /// Writes the settings into `manager`: name, on-demand rules, server, routing flags and the provider's configuration.
    ///
    /// - Parameters:
    ///   - password: persistent reference of the user's password.
    ///   - identity: persistent reference of the client's certificate and private key.
    /// - Returns: what the profile says and this system has no property for.
    static func write(
        _ settings: VPNSettings, configuration: ProviderConfiguration, provider: String, password: Data?, identity: Data?,
        to manager: NETunnelProviderManager
    ) -> [VPNSettings.Lost] {
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
        tunnel.identityReference = identity
        manager.protocolConfiguration = tunnel
        if manager.localizedDescription == nil { manager.localizedDescription = settings.name ?? tunnel.serverAddress }
        return writer.unknown.map { VPNSettings.Lost(path: $0, reason: "this system's API has no such property or value") }
    }
}
#endif
