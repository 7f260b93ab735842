import Foundation
import XCTest

/// The quick starts are compiled: each of their blocks is a file of Examples/QuickStart.
final class ReadmeTests: XCTestCase {
    func testTheQuickStartIsWhatIsCompiled() throws {
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        func compare(_ readme: URL, with files: [String]) throws {
            let text = try String(contentsOf: readme, encoding: .utf8)
            let blocks = text.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
            XCTAssertEqual(blocks.count, files.count, readme.path)
            for (block, file) in zip(blocks, files) {
                let source = try String(
                    contentsOf: package.appendingPathComponent("Examples/QuickStart/\(file)"), encoding: .utf8)
                XCTAssertEqual(block, source, "\(readme.path): \(file)")
            }
        }
        let (provider, app) = ("Tunnel/PacketTunnelProvider.swift", "App/Connect.swift")
        try compare(package.appendingPathComponent("README.md"), with: [provider, app])
        try compare(package.deletingLastPathComponent().appendingPathComponent("README.md"), with: [provider])
    }

    func testTheSamplesPropertyListsAreReadable() throws {
        let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Examples/Sample")
        func read(_ name: String) throws -> [String: Any] {
            let data = try Data(contentsOf: sample.appendingPathComponent(name))
            return try XCTUnwrap(PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any])
        }
        for name in ["App/App.entitlements", "Tunnel/Tunnel.entitlements"] {
            let entitlements = try read(name)
            XCTAssertEqual(
                entitlements["com.apple.developer.networking.networkextension"] as? [String], ["packet-tunnel-provider"])
            XCTAssertEqual((entitlements["keychain-access-groups"] as? [String])?.count, 1)
        }
        let point = try XCTUnwrap(read("Tunnel/Info.plist")["NSExtension"] as? [String: String])
        XCTAssertEqual(point["NSExtensionPointIdentifier"], "com.apple.networkextension.packet-tunnel")
        XCTAssertEqual(point["NSExtensionPrincipalClass"], "$(PRODUCT_MODULE_NAME).PacketTunnelProvider")
    }
}
