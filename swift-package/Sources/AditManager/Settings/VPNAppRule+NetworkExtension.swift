#if canImport(NetworkExtension)
import Adit
import NetworkExtension

extension VPNAppRule {
    /// Of Apple's object.
    init(_ rule: NEAppRule) {
        self.init(signingIdentifier: rule.matchSigningIdentifier)
        matchPath = rule.matchPath
        #if os(macOS) || os(Linux)
        matchDesignatedRequirement = rule.matchDesignatedRequirement
        matchTools = (rule.matchTools ?? []).map(VPNAppRule.init)
        #endif
    }

    #if os(macOS) || os(Linux)
    /// As Apple's object; macOS knows an app by the requirement, too.
    var rule: NEAppRule {
        let rule = NEAppRule(
            signingIdentifier: matchSigningIdentifier, designatedRequirement: matchDesignatedRequirement ?? "")
        rule.matchPath = matchPath
        rule.matchTools = matchTools.isEmpty ? nil : matchTools.map(\.rule)
        return rule
    }
    #endif
}
#endif
