#if canImport(NetworkExtension) && canImport(AditTestGateway) && os(Linux)
import Adit
import AditTestGateway
import Foundation
import NetworkExtension
import Security
import XCTest

@testable import AditPacketTunnel

/// The provider as it is, with the core, against the embedded gateway: only the system around it is a stub.
final class GatewayTests: XCTestCase {
    private final class Provider: AditPacketTunnelProvider, @unchecked Sendable {
        let lines = Locked<[String]>([])
        override func log(_ line: String) {
            lines.with { $0.append(line) }
            super.log(line)
        }
    }

    private func provider(_ gateway: TestGateway, password: String? = nil) throws -> Provider {
        let configuration = NETunnelProviderProtocol()
        configuration.serverAddress = "127.0.0.1"
        let profile = try SharedKeychain().store(gateway.profile(), name: UUID().uuidString)
        let overrides = try gateway.overrides()
        configuration.providerConfiguration = ProviderConfiguration(profile: profile, overrides: overrides).dictionary
        if let password {
            configuration.passwordReference = try SharedKeychain().store(Data(password.utf8), name: UUID().uuidString)
        }
        let provider = Provider()
        provider.stubProtocolConfiguration = configuration
        return provider
    }

    private func start(_ provider: Provider) -> Calls<NSError?> {
        let calls = Calls<NSError?>()
        provider.startTunnel(options: nil) { calls($0 as NSError?) }
        eventually("an answer to the start") { calls.count == 1 }
        return calls
    }

    private func stop(_ provider: Provider) {
        let calls = Calls<Bool>()
        provider.stopTunnel(with: .userInitiated) { calls(true) }
        eventually("stopped") { calls.count == 1 }
    }

    func testATunnelComesUpCarriesPacketsOfTheFlowAndEnds() throws {
        let gateway = try TestGateway(kind: .standard)
        let provider = try provider(gateway)
        let started = start(provider)
        XCTAssertNil(started.all.now[0], "\(provider.lines.now)")
        XCTAssertEqual(try gateway.clients(), 1)
        // No utun is to be found here, so packets go through the flow.
        XCTAssertTrue(provider.lines.now.contains { $0.contains("packetFlow") })
        let settings = try XCTUnwrap(provider.stubSettings.last as? NEPacketTunnelNetworkSettings)
        let inner = try XCTUnwrap(settings.ipv4Settings?.addresses.first)
        let bytes = inner.split(separator: ".").compactMap { UInt8($0) }
        // An IPv4 packet of protocol 253, which is for experiments (RFC 3692).
        let packet = { (number: UInt8) in
            Data([0x45, 0, 0, 24, 0, 0, 0, 0, 64, 253, 0, 0] + bytes + [198, 51, 100, 1, number, 1, 2, 3])
        }
        let mirrored = { (number: UInt8) in
            Data([0x45, 0, 0, 24, 0, 0, 0, 0, 64, 253, 0, 0] + [198, 51, 100, 1] + bytes + [number, 1, 2, 3])
        }
        eventually("the flow is read") { provider.stubPacketFlow.stubIsRead }
        provider.stubPacketFlow.stubSend((0..<32).map { (packet($0), 2) })
        eventually("packets come back") { provider.stubPacketFlow.stubWritten.count == 32 }
        XCTAssertEqual(provider.stubPacketFlow.stubWritten.map(\.0), (0..<32).map { mirrored($0) })
        XCTAssertEqual(provider.stubPacketFlow.stubWritten.map(\.1), [NSNumber](repeating: 2, count: 32))
        let replies = Calls<Data?>()
        provider.handleAppMessage(ProviderRequest.stats.message) { replies($0) }
        eventually("a reply") { replies.count == 1 }
        guard case .stats(let stats) = try ProviderReply(message: XCTUnwrap(replies.all.now[0])) else { return XCTFail() }
        XCTAssertEqual(stats.packetsSent, 32)
        XCTAssertEqual(stats.packetsReceived, 32)
        provider.handleAppMessage(ProviderRequest.log.message) { replies($0) }
        eventually("the log") { replies.count == 2 }
        guard case .log(let log) = try ProviderReply(message: XCTUnwrap(replies.all.now[1])) else { return XCTFail() }
        for line in provider.lines.now { XCTAssertTrue(log.contains(line), "\(line) is not in the exported log") }
        stop(provider)
        eventually("the server knows") { (try? gateway.clients()) == 0 }
        // What the flow gives after the end is dropped.
        provider.stubPacketFlow.stubSend([(packet(1), 2)])
        XCTAssertEqual(provider.stubPacketFlow.stubWritten.count, 32)
        XCTAssertEqual(started.count, 1)
    }

    func testAWrongPasswordIsTheUsersAffair() throws {
        let gateway = try TestGateway(kind: .wrongPassword)
        let started = start(try provider(gateway))
        XCTAssertEqual(started.all.now[0]?.code, 8)
        XCTAssertEqual(started.all.now[0]?.domain, NEVPNConnectionErrorDomain)
    }

    func testAPasswordOfTheKeychainIsUsed() throws {
        let gateway = try TestGateway(kind: .withoutPassword)
        let provider = try provider(gateway, password: gateway.password())
        XCTAssertNil(start(provider).all.now[0])
        stop(provider)
    }

    func testAServerWithoutAnAnchorIsJudgedByTheDevice() throws {
        let gateway = try TestGateway(kind: .withoutAnchor)
        StubTrust.judge = { _, host in host == "gateway.adit.test" ? nil : "no" }
        let trusting = try provider(gateway)
        XCTAssertNil(start(trusting).all.now[0])
        stop(trusting)
        StubTrust.judge = { _, _ in "revoked" }
        let started = start(try provider(gateway))
        XCTAssertEqual(started.all.now[0]?.code, 17)
        XCTAssertTrue(started.all.now[0]?.localizedDescription.contains("revoked") == true, "\(started.all.now)")
    }

    func testAKeyOfTheKeychainSigns() throws {
        let gateway = try TestGateway(kind: .clientCertificate)
        let provider = try provider(gateway)
        let schemes: [SecKeyAlgorithm: String] = [
            .ecdsaSignatureMessageX962SHA256: "ecdsa-sha256", .ecdsaSignatureMessageX962SHA384: "ecdsa-sha384",
            .ecdsaSignatureMessageX962SHA512: "ecdsa-sha512",
        ]
        let signed = Locked<[String]>([])
        let key = SecKey(stubSign: { algorithm, message in
            guard let scheme = schemes[algorithm] else { return nil }
            signed.with { $0.append(scheme) }
            return try? gateway.sign(scheme: scheme, message: message)
        })
        let certificate = try XCTUnwrap(gateway.clientCertificates().first)
        provider.stubProtocolConfiguration.identityReference =
            StubKeychain.add(identity: SecIdentity(stubKey: key, certificate: certificate))
        XCTAssertNil(start(provider).all.now[0], "\(provider.lines.now)")
        XCTAssertEqual(signed.now, ["ecdsa-sha256"])
        XCTAssertEqual(try gateway.clients(), 1)
        stop(provider)
    }

    func testAServerThatLeavesIsShownAsReasserting() throws {
        let gateway = try TestGateway(kind: .standard)
        let provider = try provider(gateway)
        XCTAssertNil(start(provider).all.now[0])
        try gateway.dropClients()
        eventually("shown and over") { provider.stubReasserting == [true, false] }
        XCTAssertEqual(try gateway.clients(), 1)
        stop(provider)
    }
}
#endif
