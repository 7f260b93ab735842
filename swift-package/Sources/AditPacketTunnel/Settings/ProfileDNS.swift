import Adit
import Foundation

/// The resolvers that a profile's VPN brings of its own (its dictionary `DNS`). Those over TLS or HTTPS take the place of the others;
/// of those in cleartext the core has put what can be asked among the tunnel's settings.
public struct ProfileDNS: Equatable, Sendable {
    /// The resolvers, with what they are for.
    public var dns: InterfaceSettings.DNS

    /// Reads the dictionary of a VPN; nil where there is none, or none that can be used: no resolver that is an address, no URL
    /// for HTTPS.
    ///
    /// - Parameters:
    ///   - payload: the VPN's payload, as a property list.
    ///   - identity: persistent reference of the VPN's own client identity, which a resolver over TLS may share.
    public init?(payload: [String: Any], identity: Data? = nil) {
        guard let dictionary = payload["DNS"] as? [String: Any] else { return nil }
        let servers = (dictionary["ServerAddresses"] as? [String] ?? []).filter { Prefix.family(of: $0) != nil }
        let certificate = dictionary["PayloadCertificateUUID"] as? String
        let own = (payload["IKEv2"] as? [String: Any])?["PayloadCertificateUUID"] as? String
        let shared = certificate != nil && certificate == own ? identity : nil
        let transport: InterfaceSettings.DNS.Transport
        switch dictionary["DNSProtocol"] as? String {
        case "HTTPS":
            guard let url = (dictionary["ServerURL"] as? String).flatMap(URL.init(string:)) else { return nil }
            transport = .https(url: url, identity: shared)
        case "TLS": transport = .tls(serverName: dictionary["ServerName"] as? String, identity: shared)
        default:
            guard !servers.isEmpty else { return nil }
            transport = .cleartext
        }
        let domains = dictionary["SupplementalMatchDomains"] as? [String] ?? []
        dns = InterfaceSettings.DNS(
            servers: servers, matchDomains: domains.isEmpty ? [""] : domains,
            searchDomains: dictionary["SearchDomains"] as? [String] ?? [])
        dns.transport = transport
        dns.domainName = dictionary["DomainName"] as? String
        // The profile's default is that the domains complete names too; an empty one completes nothing.
        dns.matchDomainsNoSearch = domains.isEmpty || dictionary["SupplementalMatchDomainsNoSearch"] as? Int == 1
    }

    /// Reads a profile, signed or not; nil where it has no such dictionary or cannot be read, which the session then says.
    ///
    /// - Parameters:
    ///   - profile: its bytes.
    ///   - payload: which VPN, by its place in `PayloadContent` or its UUID; nil when it has one.
    ///   - identity: as above.
    public static func read(profile: Data, payload: String?, identity: Data? = nil) -> ProfileDNS? {
        struct Shown: Decodable { var xml: String? }
        guard let json = try? show(profile: profile, optionsJson: "{}"),
              let xml = try? JSONDecoder().decode(Shown.self, from: Data(json.utf8)).xml,
              let root = try? PropertyListSerialization.propertyList(from: Data(xml.utf8), options: [], format: nil),
              let payloads = (root as? [String: Any])?["PayloadContent"] as? [[String: Any]]
        else { return nil }
        let chosen: [String: Any]?
        if let payload, let place = Int(payload) {
            chosen = payloads.indices.contains(place) ? payloads[place] : nil
        } else if let payload {
            chosen = payloads.first { ($0["PayloadUUID"] as? String)?.lowercased() == payload.lowercased() }
        } else {
            chosen = payloads.first { ($0["PayloadType"] as? String)?.hasPrefix("com.apple.vpn.managed") == true }
        }
        return chosen.flatMap { ProfileDNS(payload: $0, identity: identity) }
    }
}
