import Foundation

/// The addresses of an interface, as the system lists them: numeric, without scope identifiers, sorted, none of them
/// link-local (a datagram to a server never leaves from one).
func addresses(ofInterface name: String) -> [String] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [String] = []
    var next = list
    while let entry = next?.pointee {
        next = entry.ifa_next
        guard let address = entry.ifa_addr, String(cString: entry.ifa_name) == name,
              let text = numeric(address), !isLinkLocal(text)
        else { continue }
        found.append(text)
    }
    return found.sorted()
}

/// Whether an address counts on its link only (RFC 3927, RFC 4291 section 2.5.6).
func isLinkLocal(_ address: String) -> Bool {
    if address.hasPrefix("169.254.") { return true }
    guard let first = address.lowercased().split(separator: ":").first, first.count == 4 else { return false }
    return ["fe8", "fe9", "fea", "feb"].contains { first.hasPrefix($0) }
}

private func numeric(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let made: UnsafePointer<CChar>?
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
        made = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            inet_ntop(AF_INET, &$0.pointee.sin_addr, &text, socklen_t(text.count))
        }
    case AF_INET6:
        made = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
            inet_ntop(AF_INET6, &$0.pointee.sin6_addr, &text, socklen_t(text.count))
        }
    default:
        return nil
    }
    guard made != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
