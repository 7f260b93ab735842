import Foundation
import XCTest

/// The stubs have what the table of Apple's symbols has, for iOS or macOS; else a test against them would show nothing.
final class TableTests: XCTestCase {
    /// Rows without a stub, and why.
    private let leftOut: [String: String] = [
        "createTCPConnection": "deprecated with its types", "createUDPSession": "deprecated with its types",
        "createTCPConnectionThroughTunnel": "deprecated with its types",
        "createUDPSessionThroughTunnel": "deprecated with its types", "defaultPath": "deprecated with its type",
        "displayMessage": "deprecated", "protocol": "deprecated", "startSystemExtensionMode": "macOS, not for a library",
        "setAuthorization": "macOS, takes an AuthorizationRef", "NEAppProxyProvider": "another kind of provider",
        "startProxy": "another kind of provider", "stopProxy": "another kind of provider",
        "cancelProxyWithError": "another kind of provider", "handleNewFlow": "another kind of provider",
        "handleNewUDPFlow": "another kind of provider", "settingsWithAutomaticAddressing": "Ethernet tunnels of macOS",
        "metadata": "another kind of provider",
    ]

    func testEverySymbolOfTheTableHasAStub() throws {
        guard let shared = ProcessInfo.processInfo.environment["ADIT_SHARED"], !shared.isEmpty else {
            print("LEFT OUT: swift symbols: no folder at ADIT_SHARED")
            return
        }
        let table = try String(contentsOfFile: "\(shared)/reference/personal-vpn-api.tsv", encoding: .utf8)
        let stubs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Stubs/NetworkExtension")
        let files = try FileManager.default.contentsOfDirectory(at: stubs, includingPropertiesForKeys: nil)
        let source = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
        let rows = table.split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        XCTAssertEqual(rows.count, 392)
        var missing: [String] = []
        for row in rows {
            let (owner, kind, name) = (row[1], row[2], row[3])
            // Neither on iOS nor on macOS.
            if [row[7], row[8]].allSatisfy({ $0 == "n/a" || $0 == "unavailable" }) { continue }
            let word = String(name.prefix { $0 != "(" && $0 != " " })
            if leftOut[word] != nil || leftOut[owner] != nil { continue }
            if !has(kind: kind, name: word, owner: owner, in: source) { missing.append("\(owner) \(kind) \(name)") }
        }
        XCTAssertEqual(missing, [])
    }

    private func has(kind: String, name: String, owner: String, in source: String) -> Bool {
        func found(_ pattern: String, _ text: String) -> Bool { text.range(of: pattern, options: .regularExpression) != nil }
        let last = name.split(separator: ".").last.map(String.init) ?? name
        switch kind {
        case "class", "enum", "error enum": return found("(class|struct|enum) \(last)\\b", source)
        case "constant", "notification": return found("let \(last)\\b", source)
        case "enum case", "error case": return found("case \(last)\\b", body(of: owner, in: source))
        case "property": return found("var \(last)\\b", body(of: owner, in: source))
        case "initializer": return found("\\binit\\(", body(of: owner, in: source))
        case "method": return found("func `?\(last)`?\\(", body(of: owner, in: source))
        default: return false
        }
    }

    /// The text of a type, from its name to the brace that ends it.
    private func body(of owner: String, in source: String) -> String {
        let name = owner.split(separator: ".").last.map(String.init) ?? owner
        guard let start = source.range(of: "(class|struct|enum) \(name)\\b", options: .regularExpression),
              let end = source.range(of: "\n}", range: start.upperBound..<source.endIndex)
        else { return "" }
        return String(source[start.lowerBound..<end.upperBound])
    }
}
