import AditPacketTunnel

/// Named in the extension's Info.plist as NSExtensionPrincipalClass.
final class PacketTunnelProvider: AditPacketTunnelProvider, @unchecked Sendable {}
