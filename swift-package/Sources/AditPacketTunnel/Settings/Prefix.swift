import Foundation

/// An address with a prefix length, such as `10.1.0.0/16`, `fd00::1/64` or `192.0.2.7` (a host).
///
/// Reading never resolves names and takes no scope identifiers: what comes from a server is an address or nothing.
public struct Prefix: Equatable, Hashable, Sendable {
    /// The address as it is written.
    public let address: String
    /// How many leading bits count: 0 to 32 or 0 to 128.
    public let length: Int
    /// Whether it is an IPv6 address.
    public let isIPv6: Bool

    /// Reads `text`; nil when it is not an address with, perhaps, a length that fits it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = parts.first, let isIPv6 = Prefix.family(of: address) else { return nil }
        let most = isIPv6 ? 128 : 32
        guard parts.count == 2 else {
            self.init(address: address, length: most, isIPv6: isIPv6)
            return
        }
        let digits = parts[1]
        guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
              let length = Int(digits), length <= most
        else { return nil }
        self.init(address: address, length: length, isIPv6: isIPv6)
    }

    init(address: String, length: Int, isIPv6: Bool) {
        self.address = address
        self.length = length
        self.isIPv6 = isIPv6
    }

    /// Whether it is 0.0.0.0/0 or ::/0.
    public var isDefaultRoute: Bool { length == 0 }

    /// The mask in dotted form, of an IPv4 prefix.
    public var subnetMask: String {
        let bits = length == 0 ? 0 : UInt32.max << UInt32(32 - min(length, 32))
        return [24, 16, 8, 0].map { String((bits >> UInt32($0)) & 0xff) }.joined(separator: ".")
    }

    /// Whether prefixes are together all addresses of a family: the default route, or its halves, or anything that leaves no gap.
    static func coverAll(_ prefixes: [Prefix], isIPv6: Bool) -> Bool {
        let all = prefixes.filter { $0.isIPv6 == isIPv6 }.compactMap { prefix in
            prefix.bits.map { Array($0.prefix(prefix.length)) }
        }
        return cover(all, from: 0)
    }

    /// Whether prefixes, equal in their first `depth` bits, are together all that begins with these.
    private static func cover(_ prefixes: [[Bool]], from depth: Int) -> Bool {
        if prefixes.contains(where: { $0.count <= depth }) { return true }
        // At most as deep as the longest prefix, and no half is looked at that nothing stands in.
        guard !prefixes.isEmpty else { return false }
        return cover(prefixes.filter { !$0[depth] }, from: depth + 1) && cover(prefixes.filter { $0[depth] }, from: depth + 1)
    }

    /// The address's bits, first one first.
    private var bits: [Bool]? {
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, address, &bytes) == 1 else { return nil }
        return bytes.flatMap { byte in (0..<8).map { byte & (0x80 >> UInt8($0)) != 0 } }
    }

    /// Whether `text` is an IPv6 address (true), an IPv4 one (false) or neither (nil).
    public static func family(of text: String) -> Bool? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return false }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return true }
        return nil
    }
}
