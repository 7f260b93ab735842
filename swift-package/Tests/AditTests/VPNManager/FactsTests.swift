#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// Raw values and defaults, compared with the table of Apple's API.
final class FactsTests: XCTestCase {
    private struct Row {
        var type: String
        var kind: String
        var name: String
        var raw: String
        var value: String
    }

    private func rows() throws -> [Row]? {
        guard let folder = shared("the facts of Personal VPN") else { return nil }
        let text = try String(contentsOf: folder.appendingPathComponent("reference/personal-vpn-api.tsv"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells[0] == "personal-vpn" else { return nil }
            return Row(type: cells[1], kind: cells[2], name: cells[3], raw: cells[5], value: cells[6])
        }
    }

    private func cases<Type: CaseIterable & RawRepresentable>(_ type: Type.Type) -> [String: String]
    where Type.RawValue == Int {
        Dictionary(uniqueKeysWithValues: Type.allCases.map { ("\($0)", "\($0.rawValue)") })
    }

    func testEveryCaseHasApplesRawValue() throws {
        guard let rows = try rows() else { return }
        let ours: [String: [String: String]] = [
            "NEVPNError": cases(VPNError.Code.self),
            "NEVPNConnectionError": cases(VPNConnectionError.self),
            "NEVPNStatus": cases(VPNStatus.self),
            "NEVPNIKEAuthenticationMethod": cases(IKEAuthenticationMethod.self),
            "NEVPNIKEv2EncryptionAlgorithm": cases(IKEv2EncryptionAlgorithm.self),
            "NEVPNIKEv2IntegrityAlgorithm": cases(IKEv2IntegrityAlgorithm.self),
            "NEVPNIKEv2DeadPeerDetectionRate": cases(IKEv2DeadPeerDetectionRate.self),
            "NEVPNIKEv2DiffieHellmanGroup": cases(IKEv2DiffieHellmanGroup.self),
            "NEVPNIKEv2PostQuantumKeyExchangeMethod": cases(IKEv2PostQuantumKeyExchangeMethod.self),
            "NEVPNIKEv2CertificateType": cases(IKEv2CertificateType.self),
            "NEVPNIKEv2TLSVersion": cases(IKEv2TLSVersion.self),
            "NEOnDemandRuleAction": cases(OnDemandRuleAction.self),
            "NEOnDemandRuleInterfaceType": cases(OnDemandRuleInterfaceType.self),
            "NEEvaluateConnectionRuleAction": cases(EvaluateConnectionRuleAction.self),
        ]
        var apples: [String: [String: String]] = [:]
        for row in rows where row.kind.hasSuffix("case") { apples[row.type, default: [:]][row.name] = row.raw }
        XCTAssertEqual(ours, apples)
        XCTAssertEqual(VPNError.errorDomain, "NEVPNErrorDomain")
        XCTAssertEqual(VPNConnectionError.errorDomain, "NEVPNConnectionErrorDomain")
        XCTAssertEqual((VPNError(.configurationStale, message: "") as NSError).code, 4)
        XCTAssertEqual((VPNConnectionError.pluginFailed as NSError).code, 12)
    }

    func testEveryPropertyHasApplesDefault() throws {
        guard let rows = try rows() else { return }
        var rule = OnDemandRule.evaluateConnection()
        let ours: [String: [String: String]] = [
            "NEVPNManager": leaves(VPNConfiguration()),
            "NEVPNProtocol": leaves(VPNProtocol()),
            "NEVPNProtocolIPSec": leaves(IPSecProtocol()),
            "NEVPNProtocolIKEv2": leaves(IKEv2Protocol()),
            "NEVPNIKEv2SecurityAssociationParameters": leaves(IKEv2Protocol().ikeSecurityAssociationParameters),
            "NEVPNIKEv2PPKConfiguration": leaves(IKEv2PPKConfiguration(identifier: "")),
            "NEOnDemandRule": leaves(OnDemandRule.connect()),
            "NEOnDemandRuleEvaluateConnection": [".connectionRules": "\(rule.connectionRules.map { "\($0)" } ?? "nil")"],
            "NEEvaluateConnectionRule": leaves(EvaluateConnectionRule(matchDomains: [], andAction: .neverConnect)),
            "NEProxySettings": leaves(VPNProxySettings()),
            "NEProxyServer": leaves(VPNProxyServer(address: "", port: 0)),
            "NEVPNConnection": [".connectedDate": "nil"],
        ]
        rule.connectionRules = nil
        // What stands elsewhere: the old name of another, secrets that are handed over, not held.
        let elsewhere: Set<String> = ["protocol", "identityData", "identityDataPassword"]
        var compared = 0
        for row in rows where row.kind == "property" && !row.value.isEmpty && !elsewhere.contains(row.name) {
            let name = row.name == "password" ? "passwordReference" : row.name
            guard let value = ours[row.type]?[".\(name)"] else {
                XCTFail("\(row.type).\(row.name) is not there")
                continue
            }
            let empty = row.value == "empty" && value == "[]"
            let first = row.value.split(whereSeparator: { " ,;(".contains($0) }).first.map(String.init) ?? ""
            let profile = row.value == "(profile default 1280)" && value == "1280"
            XCTAssertTrue(empty || profile || value == first, "\(row.type).\(row.name): \(value), documented \(row.value)")
            compared += 1
        }
        XCTAssertGreaterThan(compared, 60)
        XCTAssertEqual(IKEv2Protocol().childSecurityAssociationParameters.lifetimeMinutes, 30)
    }
}
#endif
