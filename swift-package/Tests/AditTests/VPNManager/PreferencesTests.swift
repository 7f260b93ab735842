#if canImport(AditTestGateway)
import Adit
import Foundation
import XCTest

/// Load, save and remove, with the host's store and its user.
final class PreferencesTests: XCTestCase {
    private let own = VPNConfigurationKey.personal(app: "test.app")

    private func code(_ body: () async throws -> Void) async -> VPNError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? VPNError)?.code
        }
    }

    func testTheSharedManagerIsOneAndEmptyUntilSomethingIsStored() async throws {
        let system = try VPNSystem(app: "test.app", host: FakeHost())
        let manager = try system.shared()
        try await manager.loadFromPreferences()
        XCTAssertEqual(try manager.configuration(), VPNConfiguration())
        XCTAssertEqual(manager.connection.status, .invalid)
        try manager.update { $0.localizedDescription = "Office" }
        XCTAssertEqual(try system.shared().configuration().localizedDescription, "Office")
    }

    func testASaveFollowsALoadAndAsksTheUserOnce() async throws {
        let host = FakeHost()
        let system = try VPNSystem(app: "test.app", host: host)
        let manager = try system.shared()
        let early = await code { try await manager.save { _ in } }
        XCTAssertEqual(early, .configurationStale)
        try await manager.loadFromPreferences()
        await host.fail("consent", with: VPNRefusal("no, thank you"))
        let refused = await code { try await manager.save { _ in } }
        XCTAssertEqual(refused, .configurationReadWriteFailed)
        var records = await host.records
        XCTAssertEqual(records, [:])
        await host.fail("consent", with: nil)
        try await manager.loadFromPreferences()
        try await manager.save { _ in }
        try await manager.save { $0.localizedDescription = "Again" }
        records = await host.records
        let asked = await host.asked
        XCTAssertEqual(asked.filter { $0 == "consent" }.count, 2)
        XCTAssertEqual(Array(records.keys), [own])
        XCTAssertEqual(try manager.configuration().localizedDescription, "Again")
        XCTAssertEqual(manager.connection.status, .disconnected)
    }

    func testSecretsGoToTheHostsStoreAndRecordsHaveReferences() async throws {
        let host = FakeHost()
        let manager = try await saved(host) { configuration in
            configuration.ikev2?.useExtendedAuthentication = true
            var proxies = VPNProxySettings()
            var server = VPNProxyServer(address: "proxy.example.com", port: 3128)
            server.authenticationRequired = true
            server.username = "proxy user"
            proxies.httpServer = server
            configuration.ikev2?.proxySettings = proxies
            configuration.ikev2?.ppkConfiguration = IKEv2PPKConfiguration(
                identifier: "ppk", keychainReference: SecretReference(Data([1])))
        }
        try manager.setSecret(Data("hunter2".utf8), for: .password)
        try manager.setIdentityData(Data("the file".utf8))
        try manager.setIdentityDataPassword("its passphrase")
        try manager.setSecret(Data("proxy".utf8), for: .httpProxyPassword)
        try manager.setSecret(Data("entangled".utf8), for: .postQuantumPresharedKey)
        try await manager.saveToPreferences()
        let ikev2 = try XCTUnwrap(try manager.configuration().ikev2)
        let secrets = await host.secrets
        func secret(_ reference: SecretReference?) -> String? {
            reference.flatMap { secrets[$0] }.map { String(decoding: $0, as: UTF8.self) }
        }
        XCTAssertEqual(secret(ikev2.passwordReference), "hunter2")
        XCTAssertEqual(secret(ikev2.sharedSecretReference), "correct horse battery staple")
        XCTAssertEqual(secret(ikev2.identityDataReference), "the file")
        XCTAssertEqual(secret(ikev2.identityDataPasswordReference), "its passphrase")
        XCTAssertEqual(secret(ikev2.proxySettings?.httpServer?.passwordReference), "proxy")
        XCTAssertEqual(secret(ikev2.ppkConfiguration?.keychainReference), "entangled")
        let record = await host.records[own] ?? ""
        for text in ["hunter2", "correct horse", "passphrase", "entangled"] { XCTAssertFalse(record.contains(text), text) }

        // What is replaced is not kept.
        let old = try XCTUnwrap(ikev2.passwordReference)
        try manager.setSecret(Data("hunter3".utf8), for: .password)
        try await manager.saveToPreferences()
        try await eventually("the old password is forgotten") { await host.secrets[old] == nil }
    }

    func testAStoreThatFailsOrWasChangedIsToldWithApplesCode() async throws {
        let host = FakeHost()
        let manager = try await saved(host)
        struct Full: Error, LocalizedError { var errorDescription: String? { "the disk is full" } }
        await host.fail("save", with: Full())
        do {
            try await manager.saveToPreferences()
            XCTFail("saved")
        } catch let error as VPNError {
            XCTAssertEqual(error.code, .configurationReadWriteFailed)
            XCTAssertTrue(error.message.contains("the disk is full"), error.message)
        }
        await host.fail("save", with: VPNStaleRecord())
        try await manager.loadFromPreferences()
        let stale = await code { try await manager.saveToPreferences() }
        XCTAssertEqual(stale, .configurationStale)
        await host.fail("load", with: Full())
        let unread = await code { try await manager.loadFromPreferences() }
        XCTAssertEqual(unread, .configurationReadWriteFailed)
    }

    func testWhateverTheHostThrowsIsAnswered() async throws {
        struct Broken: Error, LocalizedError { var errorDescription: String? { "it broke" } }
        for (kind, error) in [
            ("consent", Broken() as any Error), ("save", VPNRefusal("it broke")), ("storeSecret", VPNRefusal("it broke")),
            ("load", VPNRefusal("it broke")), ("remove", VPNRefusal("it broke")),
        ] {
            let host = FakeHost()
            let manager = try VPNSystem(app: "test.app", host: host).shared()
            do {
                if kind == "load" { await host.fail(kind, with: error) }
                try await manager.loadFromPreferences()
                if kind != "remove" { await host.fail(kind, with: error) }
                try await manager.save { _ in }
                await host.fail(kind, with: error)
                try await manager.removeFromPreferences()
                XCTFail("\(kind): nothing was told")
            } catch let error as VPNError {
                XCTAssertEqual(error.code, .configurationReadWriteFailed, kind)
                XCTAssertTrue(error.message.contains("it broke"), "\(kind): \(error.message)")
            }
        }
    }

    func testAProxysPasswordIsStoredWithANameAndAuthenticationOnly() async throws {
        for (required, name) in [(true, "proxy user"), (false, "proxy user"), (true, nil)] as [(Bool, String?)] {
            let host = FakeHost()
            let manager = try await saved(host) { configuration in
                var server = VPNProxyServer(address: "proxy.example.com", port: 3128)
                server.authenticationRequired = required
                server.username = name
                var proxies = VPNProxySettings()
                proxies.httpServer = server
                configuration.ikev2?.proxySettings = proxies
            }
            try manager.setSecret(Data("proxy password".utf8), for: .httpProxyPassword)
            try await manager.saveToPreferences()
            let reference = try manager.configuration().ikev2?.proxySettings?.httpServer?.passwordReference
            XCTAssertEqual(reference != nil, required && name != nil)
        }
    }

    func testNothingIsLeftOfASystemThatIsLetGo() async throws {
        weak var gone: VPNSystem?
        var told: AsyncStream<VPNNotification>?
        do {
            let system = try VPNSystem(app: "test.app", host: FakeHost())
            gone = system
            told = system.notifications()
            _ = try await saved(FakeHost(), system: system)
        }
        try await eventually("it is gone") { gone == nil }
        // Whoever still reads comes to the end.
        if let told { for await _ in told {} }
    }

    func testWhatIsWrongIsToldBeforeASaveAndRefusedByIt() async throws {
        let manager = try await saved(FakeHost())
        try manager.update { $0.ikev2?.serverAddress = nil }
        let objections = try manager.objections()
        XCTAssertEqual(objections.map(\.property), ["serverAddress"])
        XCTAssertTrue(objections.allSatisfy(\.isRefused))
        let refused = await code { try await manager.saveToPreferences() }
        XCTAssertEqual(refused, .configurationInvalid)
    }

    func testARemoveLeavesNothing() async throws {
        let host = FakeHost()
        let manager = try await saved(host)
        try await manager.removeFromPreferences()
        let (records, asked) = await (host.records, host.asked)
        XCTAssertEqual(records, [:])
        XCTAssertTrue(asked.contains("remove"))
        XCTAssertEqual(manager.connection.status, .invalid)
        try await eventually("its secret is forgotten") { await host.secrets.isEmpty }
        XCTAssertThrowsError(try manager.connection.startVPNTunnel()) { error in
            XCTAssertEqual((error as? VPNError)?.code, .configurationInvalid)
        }
    }

    func testEnablingOneDisablesTheOthers() async throws {
        let host = FakeHost()
        let system = try VPNSystem(app: "test.app", host: host)
        let manager = try await saved(host, system: system)
        let others = VPNConfigurationKey.personal(app: "other.app")
        let other = try system.manager(of: others)
        try await other.loadFromPreferences()
        try await other.save { _ in }
        try await manager.loadFromPreferences()
        XCTAssertFalse(try manager.configuration().isEnabled)
        XCTAssertTrue(try other.configuration().isEnabled)
        XCTAssertEqual(try system.connections().map(\.key), [others, own])
        XCTAssertThrowsError(try manager.connection.startVPNTunnel()) { error in
            XCTAssertEqual((error as? VPNError)?.code, .configurationDisabled)
        }
    }

    func testChangesAreToldToEveryReader() async throws {
        let host = FakeHost()
        let system = try VPNSystem(app: "test.app", host: host)
        let (first, second) = (system.notifications(), system.notifications())
        let manager = try await saved(host, system: system)
        try await manager.removeFromPreferences()
        for stream in [first, second] {
            var told: [VPNNotification] = []
            for await notification in stream {
                told.append(notification)
                if notification == .statusChanged(own, .invalid) { break }
            }
            XCTAssertTrue(told.contains(.configurationChanged(own)), "\(told)")
            XCTAssertTrue(told.contains(.statusChanged(own, .disconnected)), "\(told)")
        }
    }
}
#endif
