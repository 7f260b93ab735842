import AditFFI
import Foundation

/// Packets in batches between a session and a host that has no descriptor for them, through the C ABI: nothing of UniFFI
/// stands between a packet and the core.
///
/// In: ``send(_:)``, from any thread. Out: the function given to ``receive(_:)``, called on the core's thread, one call at a
/// time; it should be quick, and must not stop the session. The port is good until ``close()``, the session's end, or until
/// the session is given another interface.
public final class PacketPort: @unchecked Sendable {
    private let handle: UInt64
    private let lock = NSLock()
    /// What the core calls with; retained for it until it has been told that nobody receives any more.
    private var receiver: Unmanaged<Receiver>?
    /// A batch's packets, one behind the other: kept for the next batch.
    private var room: [UInt8] = []

    /// Makes the session's inner packets come and go here.
    ///
    /// - Throws: ``AditError`` when the session is over.
    public init(_ session: any SessionProtocol) throws { handle = try session.attachPackets() }

    deinit { close() }

    /// Gives IP packets to the tunnel; answers how many it took. The others are lost, as on a network: its queue was full, they
    /// were too long, or the session is over.
    @discardableResult
    public func send(_ packets: [Data]) -> Int {
        guard !packets.isEmpty else { return 0 }
        return lock.withLock {
            room.removeAll(keepingCapacity: true)
            for packet in packets { room.append(contentsOf: packet) }
            return room.withUnsafeBufferPointer { bytes in
                var at = 0
                let batch = packets.map { packet in
                    defer { at += packet.count }
                    return adit_packet(data: bytes.baseAddress.map { $0 + at }, len: packet.count)
                }
                return Int(max(0, adit_packets_in(handle, batch, batch.count)))
            }
        }
    }

    /// Sets who gets the packets that come out of the tunnel.
    public func receive(_ body: @escaping @Sendable ([Data]) -> Void) {
        let new = Unmanaged.passRetained(Receiver(body))
        if adit_packets_register(handle, take, new.toOpaque()) == 0 {
            replace(new)
        } else {
            // The session is over: nobody will call.
            new.release()
        }
    }

    /// Nothing goes in or comes out any more. Waits for a call that is under way.
    public func close() {
        // Refused only when the core has forgotten the handle, and with it the receiver.
        _ = adit_packets_register(handle, nil, nil)
        replace(nil)
    }

    private func replace(_ new: Unmanaged<Receiver>?) {
        let before = lock.withLock {
            let before = receiver
            receiver = new
            return before
        }
        before?.release()
    }

    private final class Receiver: Sendable {
        let body: @Sendable ([Data]) -> Void
        init(_ body: @escaping @Sendable ([Data]) -> Void) { self.body = body }
    }

    /// What the core calls; the packets are valid during the call only, so they are copied.
    private let take: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<adit_packet>?, Int) -> Int = {
        context, packets, count in
        guard let context, let packets else { return 0 }
        let batch = UnsafeBufferPointer(start: packets, count: count).map { packet in
            packet.data.map { Data(bytes: $0, count: packet.len) } ?? Data()
        }
        Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue().body(batch)
        return count
    }
}
