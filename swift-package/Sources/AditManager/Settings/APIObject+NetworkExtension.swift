#if canImport(NetworkExtension)
import Foundation
import NetworkExtension

/// Sets properties of Apple's objects to what the core's conversion gives. Decides nothing; a property that it does not know
/// is told, not dropped: the core knows more than this file only by a mistake.
struct APIWriter {
    /// Persistent references of what is in the keychain, by the conversion's names.
    var references: [String: Data]
    /// Secrets that a property takes as text, by the same names.
    var texts: [String: String]
    /// What was not set.
    private(set) var unknown: [String] = []

    init(references: [String: Data] = [:], texts: [String: String] = [:]) {
        self.references = references
        self.texts = texts
    }

    /// A manager's own properties.
    mutating func write(_ object: APIObject, to manager: NEVPNManager) {
        for (name, value) in object.properties {
            switch (name, value) {
            case ("localizedDescription", .text(let text)): manager.localizedDescription = text
            case ("isOnDemandEnabled", .flag(let flag)): manager.isOnDemandEnabled = flag
            case ("onDemandRules", .list(let rules)): manager.onDemandRules = rules.compactMap { rule($0) }
            case ("protocolConfiguration", .object): break
            default: unknown.append("NEVPNManager.\(name)")
            }
        }
    }

    /// What every protocol has; answers the names that it does not have.
    mutating func write(common object: APIObject, to configuration: NEVPNProtocol) -> [String: APIValue] {
        var rest: [String: APIValue] = [:]
        for (name, value) in object.properties {
            switch (name, value) {
            case ("serverAddress", .text(let text)): configuration.serverAddress = text
            case ("username", .text(let text)): configuration.username = text
            case ("passwordReference", .keychain(let key)): configuration.passwordReference = references[key]
            case ("identityReference", .keychain(let key)): configuration.identityReference = references[key]
            case ("proxySettings", .object(let proxy)): configuration.proxySettings = proxySettings(proxy)
            case ("includeAllNetworks", .flag(let flag)): configuration.includeAllNetworks = flag
            case ("excludeLocalNetworks", .flag(let flag)): configuration.excludeLocalNetworks = flag
            case ("excludeCellularServices", .flag(let flag)):
                if #available(iOS 16.4, macOS 13.3, *) { configuration.excludeCellularServices = flag }
            case ("excludeAPNs", .flag(let flag)):
                if #available(iOS 16.4, macOS 13.3, *) { configuration.excludeAPNs = flag }
            case ("excludeDeviceCommunication", .flag(let flag)):
                if #available(iOS 17.4, macOS 14.4, visionOS 1.1, *) { configuration.excludeDeviceCommunication = flag }
            case ("enforceRoutes", .flag(let flag)): configuration.enforceRoutes = flag
            case ("sliceUUID", .text(let text)): writeSlice(text, to: configuration)
            default: rest[name] = value
            }
        }
        return rest
    }

    /// IKEv1 and IKEv2 for Apple's own client.
    mutating func write(_ object: APIObject, to configuration: NEVPNProtocolIPSec) {
        for (name, value) in write(common: object, to: configuration) {
            switch (name, value) {
            case ("authenticationMethod", .enumeration(_, let raw)): set(raw, name) { configuration.authenticationMethod = $0 }
            case ("useExtendedAuthentication", .flag(let flag)): configuration.useExtendedAuthentication = flag
            case ("sharedSecretReference", .keychain(let key)): configuration.sharedSecretReference = references[key]
            case ("localIdentifier", .text(let text)): configuration.localIdentifier = text
            case ("remoteIdentifier", .text(let text)): configuration.remoteIdentifier = text
            default:
                if let ikev2 = configuration as? NEVPNProtocolIKEv2 {
                    write(name, value, to: ikev2)
                } else {
                    unknown.append("\(object.className).\(name)")
                }
            }
        }
    }

    private mutating func write(_ name: String, _ value: APIValue, to configuration: NEVPNProtocolIKEv2) {
        switch (name, value) {
        case ("ikeSecurityAssociationParameters", .object(let object)):
            write(object, to: configuration.ikeSecurityAssociationParameters)
        case ("childSecurityAssociationParameters", .object(let object)):
            write(object, to: configuration.childSecurityAssociationParameters)
        case ("deadPeerDetectionRate", .enumeration(_, let raw)): set(raw, name) { configuration.deadPeerDetectionRate = $0 }
        case ("serverCertificateIssuerCommonName", .text(let text)): configuration.serverCertificateIssuerCommonName = text
        case ("serverCertificateCommonName", .text(let text)): configuration.serverCertificateCommonName = text
        case ("certificateType", .enumeration(_, let raw)): set(raw, name) { configuration.certificateType = $0 }
        case ("useConfigurationAttributeInternalIPSubnet", .flag(let flag)):
            configuration.useConfigurationAttributeInternalIPSubnet = flag
        case ("disableMOBIKE", .flag(let flag)): configuration.disableMOBIKE = flag
        case ("disableRedirect", .flag(let flag)): configuration.disableRedirect = flag
        case ("enablePFS", .flag(let flag)): configuration.enablePFS = flag
        case ("allowPostQuantumKeyExchangeFallback", .flag(let flag)): writeFallback(flag, to: configuration)
        case ("enableRevocationCheck", .flag(let flag)): configuration.enableRevocationCheck = flag
        case ("minimumTLSVersion", .enumeration(_, let raw)): set(raw, name) { configuration.minimumTLSVersion = $0 }
        case ("maximumTLSVersion", .enumeration(_, let raw)): set(raw, name) { configuration.maximumTLSVersion = $0 }
        case ("enableFallback", .flag(let flag)): writeWiFiAssist(flag, to: configuration)
        case ("mtu", .number(let number)): configuration.mtu = number
        case ("ppkConfiguration", .object(let object)): writePPK(object, to: configuration)
        default: unknown.append("NEVPNProtocolIKEv2.\(name)")
        }
    }

    private mutating func write(_ object: APIObject, to parameters: NEVPNIKEv2SecurityAssociationParameters) {
        for (name, value) in object.properties {
            switch (name, value) {
            case ("encryptionAlgorithm", .enumeration(_, let raw)): set(raw, name) { parameters.encryptionAlgorithm = $0 }
            case ("integrityAlgorithm", .enumeration(_, let raw)): set(raw, name) { parameters.integrityAlgorithm = $0 }
            case ("diffieHellmanGroup", .enumeration(_, let raw)): set(raw, name) { parameters.diffieHellmanGroup = $0 }
            case ("lifetimeMinutes", .number(let number)): parameters.lifetimeMinutes = Int32(clamping: number)
            case ("postQuantumKeyExchangeMethods", .list(let list)): writePostQuantum(list, to: parameters)
            default: unknown.append("\(object.className).\(name)")
            }
        }
    }

    private mutating func rule(_ value: APIValue) -> NEOnDemandRule? {
        guard case .object(let object) = value else { return nil }
        let rule: NEOnDemandRule
        switch object.className {
        case "NEOnDemandRuleConnect": rule = NEOnDemandRuleConnect()
        case "NEOnDemandRuleDisconnect": rule = NEOnDemandRuleDisconnect()
        case "NEOnDemandRuleIgnore": rule = NEOnDemandRuleIgnore()
        case "NEOnDemandRuleEvaluateConnection": rule = NEOnDemandRuleEvaluateConnection()
        default:
            unknown.append(object.className)
            return nil
        }
        for (name, value) in object.properties {
            switch (name, value) {
            case ("dnsSearchDomainMatch", .list(let list)): rule.dnsSearchDomainMatch = texts(list)
            case ("dnsServerAddressMatch", .list(let list)): rule.dnsServerAddressMatch = texts(list)
            case ("interfaceTypeMatch", .enumeration(_, let raw)): set(raw, name) { rule.interfaceTypeMatch = $0 }
            case ("ssidMatch", .list(let list)): rule.ssidMatch = texts(list)
            case ("probeURL", .text(let text)): rule.probeURL = URL(string: text)
            case ("connectionRules", .list(let list)):
                (rule as? NEOnDemandRuleEvaluateConnection)?.connectionRules = list.compactMap { connectionRule($0) }
            default: unknown.append("\(object.className).\(name)")
            }
        }
        return rule
    }

    private mutating func connectionRule(_ value: APIValue) -> NEEvaluateConnectionRule? {
        guard case .object(let object) = value, case .list(let domains)? = object.properties["matchDomains"],
              case .enumeration(_, let raw)? = object.properties["action"],
              let action = NEEvaluateConnectionRuleAction(rawValue: raw)
        else {
            unknown.append("NEEvaluateConnectionRule")
            return nil
        }
        let rule = NEEvaluateConnectionRule(matchDomains: texts(domains), andAction: action)
        for (name, value) in object.properties {
            switch (name, value) {
            case ("matchDomains", _), ("action", _): break
            case ("useDNSServers", .list(let list)): rule.useDNSServers = texts(list)
            case ("probeURL", .text(let text)): rule.probeURL = URL(string: text)
            default: unknown.append("NEEvaluateConnectionRule.\(name)")
            }
        }
        return rule
    }

    private mutating func proxySettings(_ object: APIObject) -> NEProxySettings {
        let settings = NEProxySettings()
        for (name, value) in object.properties {
            switch (name, value) {
            case ("autoProxyConfigurationEnabled", .flag(let flag)): settings.autoProxyConfigurationEnabled = flag
            case ("proxyAutoConfigurationURL", .text(let text)): settings.proxyAutoConfigurationURL = URL(string: text)
            case ("httpEnabled", .flag(let flag)): settings.httpEnabled = flag
            case ("httpServer", .object(let server)): settings.httpServer = proxyServer(server)
            case ("httpsEnabled", .flag(let flag)): settings.httpsEnabled = flag
            case ("httpsServer", .object(let server)): settings.httpsServer = proxyServer(server)
            case ("matchDomains", .list(let list)): settings.matchDomains = texts(list)
            default: unknown.append("NEProxySettings.\(name)")
            }
        }
        return settings
    }

    private mutating func proxyServer(_ object: APIObject) -> NEProxyServer? {
        guard let address = object.text("address"), case .number(let port)? = object.properties["port"] else {
            unknown.append("NEProxyServer without address and port")
            return nil
        }
        let server = NEProxyServer(address: address, port: port)
        for (name, value) in object.properties {
            switch (name, value) {
            case ("address", _), ("port", _): break
            case ("authenticationRequired", .flag(let flag)): server.authenticationRequired = flag
            case ("username", .text(let text)): server.username = text
            case ("password", .keychain(let key)): server.password = texts[key]
            default: unknown.append("NEProxyServer.\(name)")
            }
        }
        return server
    }

    private mutating func writePPK(_ object: APIObject, to configuration: NEVPNProtocolIKEv2) {
        guard #available(iOS 18.0, macOS 15.0, visionOS 2.0, *), let identifier = object.text("identifier"),
              case .keychain(let key)? = object.properties["keychainReference"], let reference = references[key]
        else {
            unknown.append("NEVPNProtocolIKEv2.ppkConfiguration")
            return
        }
        let ppk = NEVPNIKEv2PPKConfiguration(identifier: identifier, keychainReference: reference)
        if let mandatory = object.flag("isMandatory") { ppk.isMandatory = mandatory }
        configuration.ppkConfiguration = ppk
    }

    private mutating func writeFallback(_ flag: Bool, to configuration: NEVPNProtocolIKEv2) {
        if #available(iOS 26.0, macOS 26.0, visionOS 26.0, *) {
            configuration.allowPostQuantumKeyExchangeFallback = flag
        } else {
            unknown.append("NEVPNProtocolIKEv2.allowPostQuantumKeyExchangeFallback")
        }
    }

    private mutating func writePostQuantum(
        _ list: [APIValue], to parameters: NEVPNIKEv2SecurityAssociationParameters
    ) {
        guard #available(iOS 26.0, macOS 26.0, visionOS 26.0, *) else {
            unknown.append("NEVPNIKEv2SecurityAssociationParameters.postQuantumKeyExchangeMethods")
            return
        }
        parameters.postQuantumKeyExchangeMethods = list.compactMap { value in
            guard case .enumeration(_, let raw) = value else { return nil }
            return NEVPNIKEv2PostQuantumKeyExchangeMethod(rawValue: raw)
        }
    }

    private mutating func writeWiFiAssist(_ flag: Bool, to configuration: NEVPNProtocolIKEv2) {
        #if os(macOS)
        // macOS has no Wi-Fi Assist.
        if flag { unknown.append("NEVPNProtocolIKEv2.enableFallback") }
        #else
        configuration.enableFallback = flag
        #endif
    }

    private mutating func writeSlice(_ text: String, to configuration: NEVPNProtocol) {
        #if !os(macOS)
        if #available(iOS 18.0, visionOS 2.0, *) {
            configuration.sliceUUID = text
            return
        }
        #endif
        unknown.append("NEVPNProtocol.sliceUUID")
    }

    /// A case of an enumeration of Apple's by its raw value.
    private mutating func set<Case: RawRepresentable>(_ raw: Int, _ name: String, _ body: (Case) -> Void)
    where Case.RawValue == Int {
        if let value = Case(rawValue: raw) { body(value) } else { unknown.append("\(Case.self) \(raw) of \(name)") }
    }

    private func texts(_ list: [APIValue]) -> [String] {
        list.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}
#endif
