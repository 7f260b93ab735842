#if canImport(NetworkExtension)
import Adit
import Foundation
import NetworkExtension

/// Packets between the system's flow and the core, in batches, where the interface's descriptor cannot be had.
///
/// One read is open at a time and the next one is asked for when the core has taken the batch, so nothing queues here: what
/// the core cannot take is dropped there, as a network may.
final class PacketFlowBridge: @unchecked Sendable {
    private let flow: NEPacketTunnelFlow
    private let port: PacketPort
    private let lock = NSLock()
    private var isRunning = true

    /// Starts moving packets between `flow` and `port`.
    init(flow: NEPacketTunnelFlow, port: PacketPort) {
        self.flow = flow
        self.port = port
    }

    func start() {
        port.receive { [weak self] packets in self?.write(packets) }
        read()
    }

    /// Moves nothing any more. A read that is open stays open; its packets are dropped.
    func stop() {
        lock.withLock { isRunning = false }
        port.close()
    }

    private func read() {
        flow.readPackets { [weak self] packets, _ in
            guard let self, self.lock.withLock({ self.isRunning }) else { return }
            self.port.send(packets)
            self.read()
        }
    }

    private func write(_ packets: [Data]) {
        guard lock.withLock({ isRunning }) else { return }
        flow.writePackets(packets, withProtocols: packets.map { NSNumber(value: ProtocolFamily.of($0)) })
    }
}
#endif
