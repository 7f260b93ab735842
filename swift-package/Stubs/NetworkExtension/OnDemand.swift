// On-demand rules. Signatures of Apple's SDK; values only.

import Foundation

public enum NEOnDemandRuleAction: Int, Sendable {
    case connect = 1
    case disconnect = 2
    case evaluateConnection = 3
    case ignore = 4
}

public enum NEOnDemandRuleInterfaceType: Int, Sendable {
    case any = 0
    case ethernet = 1
    case wiFi = 2
    case cellular = 3
}

open class NEOnDemandRule: NSObject {
    open private(set) var action: NEOnDemandRuleAction
    open var dnsSearchDomainMatch: [String]?
    open var dnsServerAddressMatch: [String]?
    open var interfaceTypeMatch: NEOnDemandRuleInterfaceType = .any
    open var ssidMatch: [String]?
    open var probeURL: URL?

    init(action: NEOnDemandRuleAction) { self.action = action }
}

open class NEOnDemandRuleConnect: NEOnDemandRule {
    public init() { super.init(action: .connect) }
}

open class NEOnDemandRuleDisconnect: NEOnDemandRule {
    public init() { super.init(action: .disconnect) }
}

open class NEOnDemandRuleIgnore: NEOnDemandRule {
    public init() { super.init(action: .ignore) }
}

open class NEOnDemandRuleEvaluateConnection: NEOnDemandRule {
    open var connectionRules: [NEEvaluateConnectionRule]?
    public init() { super.init(action: .evaluateConnection) }
}

public enum NEEvaluateConnectionRuleAction: Int, Sendable {
    case connectIfNeeded = 1
    case neverConnect = 2
}

open class NEEvaluateConnectionRule: NSObject {
    open private(set) var action: NEEvaluateConnectionRuleAction
    open private(set) var matchDomains: [String]
    open var useDNSServers: [String]?
    open var probeURL: URL?

    public init(matchDomains domains: [String], andAction action: NEEvaluateConnectionRuleAction) {
        self.matchDomains = domains
        self.action = action
    }
}
