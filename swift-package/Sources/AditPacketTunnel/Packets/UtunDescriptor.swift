import Foundation

/// The descriptor of the provider's own interface, which the system keeps to itself.
///
/// `NEPacketTunnelFlow` has no descriptor to give, and a call for each packet costs more than the packet. The interface is a
/// control socket of the provider's process, so it can be found among its descriptors. Apple supports this in no word and apps
/// have shipped it for years; where nothing is found, packets go through the flow (``PacketFlowBridge``).
enum UtunDescriptor {
    /// What XNU calls the control (bsd/net/if_utun.h).
    static let controlName = "com.apple.net.utun_control"

    /// The descriptors that are looked at: an extension has few.
    static let candidates: Range<Int32> = 0..<1024

    /// AF_SYSTEM and AF_SYS_CONTROL of sys/socket.h and sys/sys_domain.h.
    private static let system: UInt8 = 32
    private static let systemControl: UInt16 = 2

    /// `_IOWR('N', 3, struct ctl_info)`; ctl_info is a 32-bit number and a name of 96 bytes.
    private static let getControlInfo: UInt = 0xc064_4e03
    private static let controlInfoSize = 100

    /// Searches the process's descriptors; nil when none is a utun.
    static func find() -> Int32? { find(peer: peer(of:), control: controlID(of:)) }

    /// The search itself: `peer` gives the name of a descriptor's other end, `control` the number that its kernel has for utun.
    static func find(peer: (Int32) -> [UInt8]?, control: (Int32) -> UInt32?) -> Int32? {
        candidates.first { descriptor in
            guard let name = peer(descriptor), let end = Control(name), let utun = control(descriptor) else { return false }
            return end.id == utun
        }
    }

    /// A `sockaddr_ctl`: length, family, sub-family, then the number of the control.
    struct Control: Equatable {
        var id: UInt32

        /// Reads an address; nil when it is none of a control.
        init?(_ address: [UInt8]) {
            guard address.count >= 12, address[1] == UtunDescriptor.system else { return nil }
            guard address[2...3].withUnsafeBytes({ $0.loadUnaligned(as: UInt16.self) }) == UtunDescriptor.systemControl else {
                return nil
            }
            id = address[4...7].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        }
    }

    private static func peer(of descriptor: Int32) -> [UInt8]? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
    }

    private static func controlID(of descriptor: Int32) -> UInt32? {
        var info = [UInt8](repeating: 0, count: controlInfoSize)
        info.replaceSubrange(4..<4 + controlName.utf8.count, with: controlName.utf8)
        let status = info.withUnsafeMutableBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return ioctl(descriptor, getControlInfo, start)
        }
        guard status == 0 else { return nil }
        return info[0...3].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }
}
