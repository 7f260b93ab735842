#if canImport(NetworkExtension) && os(Linux)
import Adit
import Network
import NetworkExtension
import Security
import XCTest

@testable import AditPacketTunnel

/// The provider with a session that a test steers.
final class TestProvider: AditPacketTunnelProvider, @unchecked Sendable {
    let sessions = Locked<[FakeSession]>([])
    let lines = Locked<[String]>([])
    var descriptor: (Int32, TunFraming)? = (77, .utun)
    let lookups = Locked(0)
    var lookupsWithoutResult = 0
    var stopTakes: TimeInterval = 0
    var refusal: AditError?
    var refusesInterface = false

    var session: FakeSession? { sessions.now.last }

    override func makeSession(_ options: SessionOptions) throws -> any SessionProtocol {
        if let refusal { throw refusal }
        let session = FakeSession(options: options, stopTakes: stopTakes)
        session.refusesInterface = refusesInterface
        sessions.with { $0.append(session) }
        return session
    }

    override func interfaceDescriptor() -> (descriptor: Int32, framing: TunFraming)? {
        let found = lookups.with { count in
            count += 1
            return count > lookupsWithoutResult
        }
        return found ? descriptor.map { (descriptor: $0.0, framing: $0.1) } : nil
    }

    override func log(_ line: String) { lines.with { $0.append(line) } }
}

/// How often a completion was called, and with what.
final class Calls<Value: Sendable>: Sendable {
    let all = Locked<[Value]>([])
    func callAsFunction(_ value: Value) { all.with { $0.append(value) } }
    var count: Int { all.now.count }
}

final class ProviderTests: XCTestCase {
    private let wifi = NWInterface(stubType: .wifi, name: "en0", index: 4)
    private let cell = NWInterface(stubType: .cellular, name: "pdp_ip0", index: 5)

    override func setUp() {
        StubKeychain.items = []
        StubKeychain.isLocked = false
    }

    /// A provider whose configuration an app has saved.
    private func provider(includeAllNetworks: Bool = false, blocksFirst: Bool = false) throws -> TestProvider {
        let profile = try SharedKeychain().store(Data("the profile".utf8), name: UUID().uuidString)
        let configuration = NETunnelProviderProtocol()
        configuration.serverAddress = "192.0.2.9"
        configuration.includeAllNetworks = includeAllNetworks
        configuration.providerConfiguration =
            ProviderConfiguration(profile: profile, payload: "0", overrides: "{}", blocksFirst: blocksFirst).dictionary
        let provider = TestProvider()
        provider.stubProtocolConfiguration = configuration
        return provider
    }

    private func start(_ provider: TestProvider, options: [String: NSObject]? = nil) -> Calls<NSError?> {
        let calls = Calls<NSError?>()
        provider.startTunnel(options: options) { calls($0 as NSError?) }
        return calls
    }

    private func stop(_ provider: TestProvider) -> Calls<Bool> {
        let calls = Calls<Bool>()
        provider.stopTunnel(with: .userInitiated) { calls(true) }
        return calls
    }

    /// A provider with a tunnel that is up.
    private func up(_ provider: TestProvider) -> Calls<NSError?> {
        let started = start(provider)
        eventually("a session") { provider.session != nil }
        provider.session?.send(.up())
        eventually("started") { started.count == 1 }
        XCTAssertNil(started.all.now[0])
        return started
    }

    func testAStartAppliesTheSettingsAttachesTheDescriptorAndAnswersOnce() throws {
        let provider = try provider()
        let started = up(provider)
        XCTAssertEqual(provider.session?.calls.now, ["attachTun 77 utun"])
        let applied = try XCTUnwrap(provider.stubSettings.first as? NEPacketTunnelNetworkSettings)
        XCTAssertEqual(applied.tunnelRemoteAddress, "198.51.100.7")
        XCTAssertEqual(applied.ipv4Settings?.addresses, ["10.9.0.5"])
        XCTAssertEqual(applied.ipv4Settings?.subnetMasks, ["255.255.255.255"])
        XCTAssertEqual(applied.ipv4Settings?.includedRoutes?.map(\.destinationSubnetMask), ["0.0.0.0", "255.0.0.0"])
        XCTAssertEqual(applied.ipv4Settings?.excludedRoutes?.map(\.destinationAddress), ["192.168.0.0"])
        XCTAssertEqual(applied.ipv6Settings?.networkPrefixLengths, [120])
        XCTAssertEqual(applied.dnsSettings?.matchDomains, [""])
        XCTAssertEqual(applied.dnsSettings?.searchDomains, ["corp.example"])
        XCTAssertEqual(applied.mtu, 1400)
        let stopped = stop(provider)
        eventually("stopped") { stopped.count == 1 }
        XCTAssertEqual(started.count, 1)
    }

    func testTheSessionGetsProfileCredentialsAndAbilities() throws {
        let provider = try provider()
        let password = try SharedKeychain().store(Data("stored".utf8), name: "password")
        provider.stubProtocolConfiguration.passwordReference = password
        let started = start(provider)
        eventually("a session") { provider.session != nil }
        let options = try XCTUnwrap(provider.session?.options)
        XCTAssertEqual(options.profile, Data("the profile".utf8))
        XCTAssertEqual(options.payload, "0")
        XCTAssertEqual(options.overridesJson, "{}")
        XCTAssertEqual(options.credentials.password, "stored")
        XCTAssertNil(options.credentials.username)
        XCTAssertTrue(options.host.judgesChains)
        XCTAssertFalse(options.host.protectsSockets)
        XCTAssertEqual(started.count, 0)
        _ = stop(provider)
        eventually("answered") { started.count == 1 }
    }

    func testOptionsOfTheStartGoBeforeWhatIsStored() throws {
        let provider = try provider()
        provider.stubProtocolConfiguration.passwordReference = try SharedKeychain().store(Data("old".utf8), name: "password")
        let options: [String: NSObject] = [
            NEVPNConnectionStartOptionUsername: NSString(string: "anna"),
            NEVPNConnectionStartOptionPassword: NSString(string: "new"),
        ]
        _ = start(provider, options: options)
        eventually("a session") { provider.session != nil }
        XCTAssertEqual(provider.session?.options.credentials.username, "anna")
        XCTAssertEqual(provider.session?.options.credentials.password, "new")
    }

    func testAnIdentityStaysInTheKeychainAndSigns() throws {
        let provider = try provider()
        let key = SecKey(stubSign: { algorithm, data in Data("\(algorithm.rawValue):".utf8) + data })
        let reference = StubKeychain.add(identity: SecIdentity(stubKey: key, certificate: Data([0x30, 1, 2])))
        provider.stubProtocolConfiguration.identityReference = reference
        _ = start(provider)
        eventually("a session") { provider.session != nil }
        let session = try XCTUnwrap(provider.session)
        XCTAssertEqual(session.options.credentials.keyCertificates, [Data([0x30, 1, 2])])
        let name = try XCTUnwrap(session.options.credentials.keyReference)
        session.send(.ask(
            token: 5, deadlineMs: 1000,
            question: .sign(key: name, scheme: "ecdsa-sha256", message: Data("m".utf8))))
        eventually("an answer") { !session.calls.now.isEmpty }
        let signature = Data("ecdsaSignatureMessageX962SHA256:m".utf8)
        XCTAssertEqual(session.calls.now, ["answer 5 \(words(.signature(bytes: signature)))"])
    }

    func testEverySchemeThatTheCoreNamesHasItsAlgorithm() throws {
        // The words are the core's (bindings/src/events.rs, Question.sign); ed25519 is none of a keychain key's.
        for family in ["rsa-pkcs1", "rsa-pss", "ecdsa"] {
            for hash in ["sha1", "sha256", "sha384", "sha512"] {
                let algorithm = try XCTUnwrap(KeychainHost.algorithm("\(family)-\(hash)"), "\(family)-\(hash)").rawValue
                XCTAssertTrue(algorithm.hasSuffix(hash.uppercased()), algorithm)
                XCTAssertEqual(algorithm.hasPrefix("ecdsa"), family == "ecdsa", algorithm)
                XCTAssertEqual(algorithm.contains("PSS"), family == "rsa-pss", algorithm)
            }
        }
        XCTAssertNil(KeychainHost.algorithm("ed25519"))
        XCTAssertNil(KeychainHost.algorithm("ecdsa-p256-sha256"))
    }

    func testThePasswordOfAnIdentityFileReachesTheSession() throws {
        let provider = try provider()
        let configuration = try XCTUnwrap(provider.stubProtocolConfiguration as? NETunnelProviderProtocol)
        var own = try ProviderConfiguration(configuration.providerConfiguration)
        own.identityPassword = try SharedKeychain().store(Data("of the file".utf8), name: "identity password")
        configuration.providerConfiguration = own.dictionary
        _ = start(provider)
        eventually("a session") { provider.session != nil }
        XCTAssertEqual(provider.session?.options.credentials.identityPassword, "of the file")
    }

    func testNothingLeavesInClearWhenTheConfigurationSaysSo() throws {
        for (all, first) in [(true, false), (false, true)] {
            let provider = try provider(includeAllNetworks: all, blocksFirst: first)
            let started = start(provider)
            eventually("a session") { provider.session != nil }
            let blocking = try XCTUnwrap(provider.stubSettings.first as? NEPacketTunnelNetworkSettings)
            XCTAssertEqual(blocking.tunnelRemoteAddress, "192.0.2.9")
            XCTAssertEqual(blocking.ipv4Settings?.includedRoutes?.map(\.destinationSubnetMask), ["0.0.0.0"])
            XCTAssertEqual(blocking.ipv6Settings?.includedRoutes?.map(\.destinationNetworkPrefixLength), [0])
            XCTAssertEqual(started.count, 0)
            provider.session?.send(.up())
            eventually("started") { started.count == 1 }
            XCTAssertEqual(provider.stubSettings.count, 2)
        }
    }

    func testAConfigurationThatIsNotOursFailsTheStart() throws {
        let provider = TestProvider()
        provider.stubProtocolConfiguration = NETunnelProviderProtocol()
        let started = start(provider)
        eventually("answered") { started.count == 1 }
        XCTAssertEqual(started.all.now[0]?.code, 13)
        XCTAssertNil(provider.session)
    }

    func testALockedKeychainFailsTheStartWithWhatToDo() throws {
        let provider = try provider()
        StubKeychain.isLocked = true
        let started = start(provider)
        eventually("answered") { started.count == 1 }
        XCTAssertTrue(started.all.now[0]?.localizedDescription.contains("unlock it once") == true)
    }

    func testARefusedProfileFailsTheStartWithTheCoresWords() throws {
        let provider = try provider()
        provider.refusal = .Profile(message: "no IKEv2 payload", advice: "add one", code: "configurationFailed")
        let started = start(provider)
        eventually("answered") { started.count == 1 }
        XCTAssertEqual(started.all.now[0]?.code, 4)
        XCTAssertEqual(started.all.now[0]?.localizedDescription, "no IKEv2 payload")
    }

    func testRefusedSettingsFailTheStartAndStopTheSession() throws {
        let codes: [NETunnelProviderError.Code] = [.networkSettingsInvalid, .networkSettingsCanceled, .networkSettingsFailed]
        for code in codes {
            let provider = try provider()
            provider.stubSettingsAnswers = [NETunnelProviderError(code)]
            let started = start(provider)
            eventually("a session") { provider.session != nil }
            let session = try XCTUnwrap(provider.session)
            session.send(.up())
            eventually("answered") { started.count == 1 }
            XCTAssertEqual(started.all.now[0]?.code, 4, "\(code)")
            // The system's own words are in ours.
            let words = NETunnelProviderError(code).localizedDescription
            XCTAssertTrue(started.all.now[0]?.localizedDescription.contains(words) == true, "\(code)")
            eventually("stopped") { session.calls.now == ["stop"] }
            XCTAssertEqual(provider.stubCancels.count, 0)
        }
    }

    func testAnEndOfTheSessionCancelsTheTunnelOnce() throws {
        let provider = try provider()
        let started = up(provider)
        provider.session?.send(.closed(error: .ServerDisconnected(message: "gone", advice: "", code: "serverDisconnected")))
        provider.session?.finish()
        eventually("cancelled") { provider.stubCancels.count == 1 }
        XCTAssertEqual((provider.stubCancels[0] as NSError?)?.code, 16)
        let stopped = stop(provider)
        eventually("stopped") { stopped.count == 1 }
        XCTAssertEqual(provider.stubCancels.count, 1)
        XCTAssertEqual(started.count, 1)
    }

    func testAnEndForWantOfTrafficReachesTheApp() throws {
        let provider = try provider()
        _ = up(provider)
        provider.session?.send(.idle(seconds: 60))
        provider.session?.send(.closed(error: nil))
        provider.session?.finish()
        eventually("cancelled") { provider.stubCancels.count == 1 }
        XCTAssertTrue(IdleTimeout.isReason(of: provider.stubCancels[0]))
        XCTAssertEqual(IdleTimeout.code, NEProviderStopReason.idleTimeout.rawValue)
        XCTAssertTrue(provider.lines.now.contains { $0.contains("DisconnectOnIdle") }, "\(provider.lines.now)")
    }

    func testAStopIsAnsweredWithinItsLimitEvenWhenTheSessionHangs() throws {
        let provider = try provider()
        provider.stopTakes = 4
        _ = up(provider)
        let before = Date()
        let stopped = stop(provider)
        let again = stop(provider)
        eventually("stopped") { stopped.count == 1 && again.count == 1 }
        XCTAssertLessThan(Date().timeIntervalSince(before), 1.4)
        Thread.sleep(forTimeInterval: 3)
        XCTAssertEqual(stopped.count, 1)
        XCTAssertEqual(again.count, 1)
    }

    func testAStopWhileStartingAnswersBothOnce() throws {
        let provider = try provider()
        let started = start(provider)
        let stopped = stop(provider)
        eventually("both") { started.count == 1 && stopped.count == 1 }
        XCTAssertNotNil(started.all.now[0])
        Thread.sleep(forTimeInterval: 0.1)
        XCTAssertEqual(started.count, 1)
        XCTAssertEqual(stopped.count, 1)
    }

    func testASecondStartIsRefusedAndTheFirstGoesOn() throws {
        let provider = try provider()
        let first = start(provider)
        let second = start(provider)
        eventually("refused") { second.count == 1 }
        XCTAssertNotNil(second.all.now[0])
        XCTAssertEqual(first.count, 0)
        eventually("a session") { provider.session != nil }
        provider.session?.send(.up())
        eventually("started") { first.count == 1 }
        XCTAssertNil(first.all.now[0])
        XCTAssertEqual(second.count, 1)
    }

    func testSleepAndWakeReachTheSession() throws {
        let provider = try provider()
        _ = up(provider)
        let slept = Calls<Bool>()
        provider.sleep { slept(true) }
        eventually("asleep") { slept.count == 1 }
        provider.wake()
        eventually("awake") { provider.session?.calls.now.suffix(2) == ["sleep", "wake"] }
        XCTAssertEqual(slept.count, 1)
    }

    func testSleepIsAnsweredWithoutATunnel() throws {
        let slept = Calls<Bool>()
        try provider().sleep { slept(true) }
        eventually("asleep") { slept.count == 1 }
    }

    func testOnlyChangesOfThePrimaryPathReachTheSession() throws {
        let provider = try provider()
        _ = up(provider)
        let utun = NWInterface(stubType: .other, name: "utun3", index: 20)
        NWPathMonitor.stubUpdateAll(NWPath(stubStatus: .satisfied, interfaces: [wifi]))
        NWPathMonitor.stubUpdateAll(NWPath(stubStatus: .satisfied, interfaces: [utun, wifi, cell]))
        NWPathMonitor.stubUpdateAll(NWPath(stubStatus: .satisfied, interfaces: [cell], isExpensive: true))
        NWPathMonitor.stubUpdateAll(NWPath(stubStatus: .unsatisfied, interfaces: []))
        eventually("told") { provider.session?.calls.now.count == 3 }
        XCTAssertEqual(provider.session?.calls.now, ["attachTun 77 utun", "network pdp_ip0", "network none"])
    }

    func testReassertingIsShownAndSettingsAreAppliedAgainOnlyWhenTheyChanged() throws {
        let provider = try provider()
        _ = up(provider)
        provider.session?.send(.lost)
        provider.session?.send(.up())
        eventually("shown") { provider.stubReasserting == [true, false] }
        XCTAssertEqual(provider.stubSettings.count, 1)
        provider.session?.send(.up(.sample { $0.dns = ["10.9.0.2"] }))
        eventually("applied again") { provider.stubSettings.count == 2 }
        XCTAssertEqual(provider.session?.calls.now, ["attachTun 77 utun"])
    }

    func testQuestionsAreAnswered() throws {
        let provider = try provider()
        _ = up(provider)
        let session = try XCTUnwrap(provider.session)
        let chain = Question.judgeChain(certificates: [Data([0x30, 9])], identity: "vpn.example")
        StubTrust.judge = { chain, host in chain == [Data([0x30, 9])] && host == "vpn.example" ? nil : "no" }
        session.send(.ask(token: 1, deadlineMs: 1, question: chain))
        eventually("trusted") { session.calls.now.last == "answer 1 done" }
        StubTrust.judge = { _, _ in "expired" }
        session.send(.ask(token: 2, deadlineMs: 1, question: chain))
        eventually("not trusted") { session.calls.now.last?.hasPrefix("answer 2 refused") == true }
        session.send(.ask(token: 3, deadlineMs: 1, question: .password(username: "anna", attempt: 0, refusal: nil)))
        eventually("no password") { session.calls.now.last?.hasPrefix("answer 3 refused") == true }
        session.send(.ask(token: 4, deadlineMs: 1, question: .protectSocket(fd: 3)))
        eventually("protected") { session.calls.now.last == "answer 4 done" }
        session.send(.ask(token: 5, deadlineMs: 1, question: .sign(key: "?", scheme: "ed25519", message: Data())))
        eventually("no key") { session.calls.now.last?.contains("cannot sign with ed25519") == true }
        session.send(.ask(token: 6, deadlineMs: 1, question: .resolveName(host: "vpn.example")))
        eventually("not resolved") { session.calls.now.last?.hasPrefix("answer 6 refused") == true }
    }

    func testEveryRequestOfTheAppIsAnsweredOnce() throws {
        var asked: [Calls<Data?>] = []
        func ask(_ message: Data, _ provider: TestProvider) throws -> ProviderReply {
            let replies = Calls<Data?>()
            asked.append(replies)
            provider.handleAppMessage(message) { replies($0) }
            eventually("a reply") { replies.count == 1 }
            return try ProviderReply(message: try XCTUnwrap(replies.all.now[0]))
        }
        let provider = try provider()
        XCTAssertEqual(
            try ask(ProviderRequest.stats.message, provider), .refused(.init(reason: "the tunnel does not run")))
        guard case .state(let before) = try ask(ProviderRequest.state.message, provider) else { return XCTFail() }
        XCTAssertFalse(before.isUp)
        _ = up(provider)
        guard case .stats(let stats) = try ask(ProviderRequest.stats.message, provider) else { return XCTFail() }
        XCTAssertEqual([stats.packetsSent, stats.bytesSent, stats.packetsReceived, stats.bytesReceived], [1, 2, 3, 4])
        guard case .state(let state) = try ask(ProviderRequest.state.message, provider) else { return XCTFail() }
        XCTAssertTrue(state.isUp)
        XCTAssertNotNil(state.since)
        XCTAssertEqual(state.server, "vpn.example")
        XCTAssertEqual(try ask(ProviderRequest.log.message, provider), .log("the log"))
        XCTAssertEqual(try ask(Data("x".utf8), provider), .refused(.init(reason: "not a request of Adit's")))
        provider.handleAppMessage(ProviderRequest.log.message, completionHandler: nil)
        Thread.sleep(forTimeInterval: 0.1)
        XCTAssertEqual(asked.map(\.count), asked.map { _ in 1 })
    }

    func testATunnelForChosenAppsSaysSoAndTheInterfacesNameIsTold() throws {
        let provider = try provider()
        provider.stubAppRules = [NEAppRule(signingIdentifier: "com.example.mail")]
        provider.stubInterface = NWInterface(stubType: .other, name: "utun4", index: 9)
        _ = up(provider)
        XCTAssertTrue(provider.lines.now.contains("for chosen apps only: 1"), "\(provider.lines.now)")
        let replies = Calls<Data?>()
        provider.handleAppMessage(ProviderRequest.state.message) { replies($0) }
        eventually("a reply") { replies.count == 1 }
        guard case .state(let state) = try ProviderReply(message: try XCTUnwrap(replies.all.now[0])) else { return XCTFail() }
        XCTAssertEqual(state.interface, "utun4")
    }

    func testTheProfilesResolversAreApplied() throws {
        let provider = try provider()
        let dns = "<key>DNS</key><dict><key>DNSProtocol</key><string>TLS</string>"
            + "<key>ServerName</key><string>dns.example.com</string>"
            + "<key>ServerAddresses</key><array><string>10.9.0.53</string></array></dict>"
        let profile = try SharedKeychain().store(InterfaceSettingsTests.profile(dns), name: "with resolvers")
        let configuration = try XCTUnwrap(provider.stubProtocolConfiguration as? NETunnelProviderProtocol)
        configuration.providerConfiguration = ProviderConfiguration(profile: profile, payload: "0").dictionary
        _ = up(provider)
        let applied = try XCTUnwrap(provider.stubSettings.first as? NEPacketTunnelNetworkSettings)
        let resolver = try XCTUnwrap(applied.dnsSettings as? NEDNSOverTLSSettings)
        XCTAssertEqual(resolver.servers, ["10.9.0.53"])
        XCTAssertEqual(resolver.serverName, "dns.example.com")
    }

    func testEachReasonOfAStopIsInTheLog() throws {
        for reason in 0...17 {
            let provider = try provider()
            let stopped = Calls<Bool>()
            provider.stopTunnel(with: try XCTUnwrap(NEProviderStopReason(rawValue: reason))) { stopped(true) }
            eventually("stopped") { stopped.count == 1 }
            XCTAssertEqual(provider.lines.now.first, "stopped by the system, reason \(reason)")
        }
    }

    func testASessionThatDoesNotTakeTheInterfaceEndsTheTunnelOnce() throws {
        let provider = try provider()
        provider.refusesInterface = true
        let started = start(provider)
        eventually("a session") { provider.session != nil }
        let session = try XCTUnwrap(provider.session)
        session.send(.up())
        eventually("answered") { started.count == 1 }
        XCTAssertEqual(started.all.now[0]?.code, 12)
        XCTAssertEqual(started.all.now[0]?.localizedDescription, "no such descriptor")
        eventually("stopped") { session.calls.now == ["stop"] }
        // The start has its answer: there is no tunnel to cancel.
        XCTAssertEqual(provider.stubCancels.count, 0)
        XCTAssertEqual(started.count, 1)
    }

    func testTheInterfaceIsLookedForAgainBeforePacketsGoThroughTheFlow() throws {
        let provider = try provider()
        provider.lookupsWithoutResult = 3
        let started = up(provider)
        XCTAssertEqual(provider.session?.calls.now, ["attachTun 77 utun"])
        XCTAssertEqual(provider.lookups.now, 4)
        XCTAssertEqual(started.count, 1)
        XCTAssertEqual(TestProvider().interfaceLookups, 5)
    }
}
#endif
