import Foundation

/// The address family that Apple wants beside each packet.
enum ProtocolFamily {
    /// AF_INET and AF_INET6 of Apple's systems.
    static let ipv4: Int32 = 2
    static let ipv6: Int32 = 30

    /// The family of an IP packet by its first four bits (RFC 791, RFC 8200 section 3); IPv4 for anything else, which the
    /// system then drops.
    static func of(_ packet: Data) -> Int32 {
        guard let first = packet.first else { return ipv4 }
        return first >> 4 == 6 ? ipv6 : ipv4
    }
}
