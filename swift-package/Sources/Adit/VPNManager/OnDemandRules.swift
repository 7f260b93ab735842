import Foundation

/// One on-demand rule (`NEOnDemandRule` and its four subclasses): everything it asks for must hold. Nil holds everywhere.
public struct OnDemandRule: Equatable, Sendable {
    /// Which of the four it is.
    public enum Kind: Equatable, Sendable {
        /// `NEOnDemandRuleConnect`.
        case connect
        /// `NEOnDemandRuleDisconnect`.
        case disconnect
        /// `NEOnDemandRuleIgnore`.
        case ignore
        /// `NEOnDemandRuleEvaluateConnection`, with its rules.
        case evaluateConnection([EvaluateConnectionRule])
    }

    /// Which of the four it is.
    public var kind: Kind
    /// A search domain of the network must be one of these.
    public var dnsSearchDomainMatch: [String]?
    /// Every DNS server of the network must be one of these.
    public var dnsServerAddressMatch: [String]?
    /// The primary interface must be of this type.
    public var interfaceTypeMatch: OnDemandRuleInterfaceType = .any
    /// The Wi-Fi network must be one of these.
    public var ssidMatch: [String]?
    /// This URL must answer with status 200.
    public var probeURL: String?

    /// A rule that holds everywhere.
    public init(_ kind: Kind) { self.kind = kind }

    /// Starts the tunnel, everywhere until more is asked for.
    public static func connect() -> OnDemandRule { OnDemandRule(.connect) }
    /// Ends the tunnel and starts none, everywhere until more is asked for.
    public static func disconnect() -> OnDemandRule { OnDemandRule(.disconnect) }
    /// Leaves the tunnel as it is, everywhere until more is asked for.
    public static func ignore() -> OnDemandRule { OnDemandRule(.ignore) }
    /// Looks at each connection, everywhere until more is asked for.
    public static func evaluateConnection(_ rules: [EvaluateConnectionRule] = []) -> OnDemandRule {
        OnDemandRule(.evaluateConnection(rules))
    }

    /// What it does.
    public var action: OnDemandRuleAction {
        switch kind {
        case .connect: .connect
        case .disconnect: .disconnect
        case .ignore: .ignore
        case .evaluateConnection: .evaluateConnection
        }
    }

    /// The rules for connections; nil unless it looks at connections, and when it has none. Setting them makes the rule one
    /// that looks at connections.
    public var connectionRules: [EvaluateConnectionRule]? {
        get { if case .evaluateConnection(let rules) = kind, !rules.isEmpty { rules } else { nil } }
        set { kind = .evaluateConnection(newValue ?? []) }
    }
}

/// What is done for the hosts of some domains (`NEEvaluateConnectionRule`).
public struct EvaluateConnectionRule: Equatable, Sendable {
    /// The domains, by suffix.
    public var matchDomains: [String]
    /// What is done.
    public var action: EvaluateConnectionRuleAction
    /// With `connectIfNeeded`: the tunnel is started when these servers do not answer, or do not know the host.
    public var useDNSServers: [String]?
    /// With `connectIfNeeded`: the tunnel is started when this URL does not answer with status 200.
    public var probeURL: String?

    /// A rule without servers and without a URL.
    public init(matchDomains: [String], andAction action: EvaluateConnectionRuleAction) {
        self.matchDomains = matchDomains
        self.action = action
    }
}

extension OnDemandRule: Codable {
    enum CodingKeys: String, CodingKey {
        case kind
        case dnsSearchDomainMatch = "dns_search_domain_match"
        case dnsServerAddressMatch = "dns_server_address_match"
        case interfaceTypeMatch = "interface_type_match"
        case ssidMatch = "ssid_match"
        case probeURL = "probe_url"
    }
}

extension OnDemandRule.Kind: Codable {
    private enum Words: String, CodingKey {
        case evaluateConnection = "evaluate-connection"
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Words.self) {
            self = .evaluateConnection(try container.decode([EvaluateConnectionRule].self, forKey: .evaluateConnection))
            return
        }
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "connect": self = .connect
        case "disconnect": self = .disconnect
        case "ignore": self = .ignore
        default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such rule")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if case .evaluateConnection(let rules) = self {
            var container = encoder.container(keyedBy: Words.self)
            try container.encode(rules, forKey: .evaluateConnection)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .connect: try container.encode("connect")
        case .disconnect: try container.encode("disconnect")
        case .ignore, .evaluateConnection: try container.encode("ignore")
        }
    }
}

extension EvaluateConnectionRule: Codable {
    enum CodingKeys: String, CodingKey {
        case matchDomains = "match_domains"
        case action
        case useDNSServers = "use_dns_servers"
        case probeURL = "probe_url"
    }
}
