#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// The example of the article PersonalVPN is what is compiled and run here.
final class ArticleTests: XCTestCase {
    func testTheArticlesExampleConnects() async throws {
        let gateway = try TestGateway(kind: .standard)
        let host = FakeHost()
        try await host.connect(to: gateway)
        try await connect(host, profile: try gateway.profile())

        let here = try String(contentsOfFile: #filePath, encoding: .utf8)
        let example = try XCTUnwrap(here.components(separatedBy: "// the example\n").dropFirst().first)
        let article = try String(
            contentsOf: repository.appendingPathComponent("swift-package/Sources/Adit/Adit.docc/PersonalVPN.md"),
            encoding: .utf8)
        let lines = example.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        XCTAssertGreaterThan(lines.count, 8)
        for line in lines { XCTAssertTrue(article.contains(line), line) }
    }

    private func connect(_ host: FakeHost, profile: Data) async throws {
        // the example
        let system = try VPNSystem(app: "com.example.app", host: host)
        let manager = try system.shared()
        try await manager.loadFromPreferences()
        try manager.importProfile(profile)
        try manager.update { $0.isEnabled = true }
        try await manager.saveToPreferences()
        try manager.connection.startVPNTunnel()
        for await status in manager.connection.statuses() {
            print(status)
            if status == .connected { break }
        }
        // the example
        XCTAssertEqual(manager.connection.status, .connected)
        manager.connection.stopVPNTunnel()
        try await manager.reaches(.disconnected)
    }
}
#endif
