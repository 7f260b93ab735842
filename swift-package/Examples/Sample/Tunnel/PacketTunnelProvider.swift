import Adit
import AditPacketTunnel
import Foundation

/// The sample's tunnel: Adit's provider with a log of its own beside the system's.
///
/// The extension's Info.plist names this class as `NSExtensionPrincipalClass`. Nothing has to be overridden; this one shows
/// what can be.
final class PacketTunnelProvider: AditPacketTunnelProvider, @unchecked Sendable {
    /// What Apple documents, nothing else: packets go through `packetFlow`, at the cost of a copy each. Leave this out to have
    /// the interface's descriptor used.
    override func interfaceDescriptor() -> (descriptor: Int32, framing: TunFraming)? { nil }

    override func log(_ line: String) {
        super.log(line)
        recent.append(line)
        if recent.count > 100 { recent.removeFirst() }
    }

    /// The last lines. Only the provider's queue writes here.
    private var recent: [String] = []
}
