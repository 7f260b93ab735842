import Adit
import XCTest

@testable import AditPacketTunnel

extension SessionEvent {
    static func up(_ settings: TunnelSettings = .sample()) -> SessionEvent {
        .up(
            settings: settings,
            connection: ConnectionInfo(
                server: "vpn.example", serverAuthentication: "certificate", ikeSuite: "AES-256-GCM", nat: false, tookMs: 10))
    }

    static var lost: SessionEvent { .reasserting(error: .Network(message: "gone", advice: "", code: "serverDead"), retryMs: 500) }
}

final class TunnelMachineTests: XCTestCase {
    private let sample = InterfaceSettings(.sample())

    /// A machine with a tunnel that is up.
    private func up() -> TunnelMachine {
        var machine = TunnelMachine()
        XCTAssertEqual(machine.handle(.start(blockFirst: false, remoteAddress: "vpn.example")), [.openSession])
        XCTAssertEqual(machine.handle(.event(.up())), [.apply(sample, 1)])
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [.attach])
        XCTAssertFalse(machine.isUp)
        XCTAssertEqual(machine.handle(.attached), [.finishStart(nil)])
        XCTAssertTrue(machine.isUp)
        return machine
    }

    func testAStartConnectsThenAppliesThenAttachesThenAnswers() { _ = up() }

    func testBlockingSettingsComeBeforeTheSessionWhenNothingMayLeaveInClear() {
        var machine = TunnelMachine()
        XCTAssertEqual(
            machine.handle(.start(blockFirst: true, remoteAddress: "192.0.2.9")),
            [.apply(.blocking(remoteAddress: "192.0.2.9"), 1)])
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [.openSession])
        XCTAssertEqual(machine.handle(.event(.up())), [.apply(sample, 2)])
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [.attach])
        XCTAssertEqual(machine.handle(.attached), [.finishStart(nil)])
    }

    func testEqualSettingsAreNotAppliedAgainAndOthersAre() {
        var machine = up()
        XCTAssertEqual(
            machine.handle(.event(.lost)), [.log("connecting again in 500 ms: gone"), .setReasserting(true)])
        XCTAssertFalse(machine.isUp)
        XCTAssertEqual(machine.handle(.event(.up())), [.setReasserting(false)])
        XCTAssertTrue(machine.isUp)
        let other = TunnelSettings.sample { $0.ipv4 = ["10.9.0.6/32"] }
        XCTAssertEqual(machine.handle(.event(.up(other))), [.apply(InterfaceSettings(other), 2)])
        // The interface stays attached: the session has it.
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [])
    }

    func testUpAgainWithOtherNetworksOutsideIsAppliedAndTheTunnelStays() {
        var machine = up()
        let other = TunnelSettings.sample { $0.excludedRoutes = ["10.20.0.0/16"] }
        XCTAssertNotEqual(InterfaceSettings(other), sample)
        // Nothing is taken back, shown as a loss or attached anew: packets go on through the interface that the session has.
        XCTAssertEqual(machine.handle(.event(.up(other))), [.apply(InterfaceSettings(other), 2)])
        XCTAssertTrue(machine.isUp)
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [])
        XCTAssertTrue(machine.isUp)
        XCTAssertEqual(machine.handle(.event(.up(other))), [])
    }

    func testReassertingIsSetOnChangesOnly() {
        var machine = up()
        XCTAssertTrue(machine.handle(.event(.lost)).contains(.setReasserting(true)))
        XCTAssertFalse(machine.handle(.event(.lost)).contains(.setReasserting(true)))
        XCTAssertEqual(machine.handle(.event(.up())), [.setReasserting(false)])
        XCTAssertEqual(machine.handle(.event(.up())), [])
    }

    func testALossBeforeTheFirstSuccessIsNoReassertion() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        XCTAssertEqual(machine.handle(.event(.lost)), [.log("connecting again in 500 ms: gone")])
    }

    func testAnAnswerToOlderSettingsChangesNothing() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        _ = machine.handle(.event(.up()))
        let other = TunnelSettings.sample { $0.mtu = 1300 }
        XCTAssertEqual(machine.handle(.event(.up(other))), [.apply(InterfaceSettings(other), 2)])
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [])
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [.attach])
        XCTAssertEqual(machine.handle(.attached), [.finishStart(nil)])
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [])
    }

    func testNothingIsAttachedWhenTheConnectionWasLostMeanwhile() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        _ = machine.handle(.event(.up()))
        _ = machine.handle(.event(.lost))
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [])
        XCTAssertEqual(machine.handle(.event(.up())), [.attach])
        XCTAssertEqual(machine.handle(.attached), [.finishStart(nil)])
    }

    func testAStartFailsWhenTheSessionDoesNotTakeTheInterface() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        _ = machine.handle(.event(.up()))
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [.attach])
        // Nothing succeeds meanwhile, and nothing is attached twice.
        XCTAssertEqual(machine.handle(.event(.up())), [])
        let failure = TunnelFailure(code: "pluginFailed", message: "no such descriptor", advice: "")
        XCTAssertEqual(machine.handle(.sessionFailed(failure)), [.stopSession, .finishStart(failure)])
        XCTAssertEqual(machine.handle(.attached), [])
    }

    func testAnInterfaceThatIsTakenWhileTheConnectionIsLostAnswersTheStartOnceItIsBack() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        _ = machine.handle(.event(.up()))
        _ = machine.handle(.settingsApplied(1, refused: nil))
        _ = machine.handle(.event(.lost))
        XCTAssertEqual(machine.handle(.attached), [])
        let other = TunnelSettings.sample { $0.mtu = 1300 }
        XCTAssertEqual(machine.handle(.event(.up(other))), [.apply(InterfaceSettings(other), 2)])
        XCTAssertEqual(machine.handle(.settingsApplied(2, refused: nil)), [.finishStart(nil)])
        XCTAssertEqual(machine.handle(.attached), [])
    }

    func testRefusedSettingsEndTheStartAndTheSession() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        _ = machine.handle(.event(.up()))
        XCTAssertEqual(
            machine.handle(.settingsApplied(1, refused: "invalid")),
            [.stopSession, .finishStart(.settingsRefused("invalid"))])
        XCTAssertEqual(machine.handle(.stopped), [])
    }

    func testRefusedBlockingSettingsEndTheStart() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: true, remoteAddress: ""))
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: "no")), [.finishStart(.settingsRefused("no"))])
    }

    func testAnEndOfTheSessionFailsTheStartOrCancelsTheTunnel() {
        let error = AditError.Credentials(message: "refused", advice: "ask the user", code: "authenticationFailed")
        var starting = TunnelMachine()
        _ = starting.handle(.start(blockFirst: false, remoteAddress: ""))
        XCTAssertEqual(starting.handle(.event(.closed(error: error))), [.finishStart(TunnelFailure(error))])
        XCTAssertEqual(starting.handle(.sessionEnded), [])
        var running = up()
        XCTAssertEqual(running.handle(.event(.closed(error: error))), [.cancel(TunnelFailure(error))])
        XCTAssertEqual(running.handle(.sessionEnded), [])
        XCTAssertEqual(running.handle(.stop), [.finishStop])
    }

    func testAnEndForWantOfTrafficIsToldFromAStop() {
        var machine = up()
        XCTAssertEqual(machine.handle(.event(.idle(seconds: 120))), [])
        XCTAssertEqual(machine.handle(.event(.closed(error: nil))), [.cancel(.idle(seconds: 120))])
        // An error outweighs it.
        let error = AditError.Internal(message: "m", advice: "", code: "pluginFailed")
        machine = up()
        _ = machine.handle(.event(.idle(seconds: 120)))
        XCTAssertEqual(machine.handle(.event(.closed(error: error))), [.cancel(TunnelFailure(error))])
        // A stop that comes meanwhile is a stop.
        machine = up()
        _ = machine.handle(.event(.idle(seconds: 120)))
        XCTAssertEqual(machine.handle(.stop), [.stopSession])
        XCTAssertEqual(machine.handle(.event(.closed(error: nil))) + machine.handle(.stopped), [.finishStop])
    }

    func testAStopIsAnsweredWhenTheSessionHasStopped() {
        var machine = up()
        XCTAssertEqual(machine.handle(.stop), [.stopSession])
        XCTAssertEqual(machine.handle(.event(.closed(error: nil))), [])
        XCTAssertEqual(machine.handle(.stop), [])
        XCTAssertEqual(machine.handle(.stopped), [.finishStop])
        XCTAssertEqual(machine.handle(.stopped), [])
    }

    func testAStopWhileStartingAnswersBoth() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: false, remoteAddress: ""))
        XCTAssertEqual(machine.handle(.stop), [.stopSession])
        XCTAssertEqual(machine.handle(.stopped), [.finishStart(.stopped), .finishStop])
        var blocking = TunnelMachine()
        _ = blocking.handle(.start(blockFirst: true, remoteAddress: ""))
        XCTAssertEqual(blocking.handle(.stop), [.finishStart(.stopped), .finishStop])
        XCTAssertEqual(blocking.handle(.settingsApplied(1, refused: nil)), [])
        var idle = TunnelMachine()
        XCTAssertEqual(idle.handle(.stop), [.finishStop])
    }

    func testASecondStartIsRefused() {
        var machine = up()
        XCTAssertEqual(machine.handle(.start(blockFirst: false, remoteAddress: "")), [.finishStart(.startedTwice)])
        XCTAssertTrue(machine.isUp)
    }

    func testSleepIsAlwaysAnswered() {
        var machine = TunnelMachine()
        XCTAssertEqual(machine.handle(.sleep), [.finishSleep])
        XCTAssertEqual(machine.handle(.wake), [])
        machine = up()
        XCTAssertEqual(machine.handle(.sleep), [.sleepSession, .finishSleep])
        XCTAssertEqual(machine.handle(.wake), [.wakeSession])
    }

    func testPathsReachTheSessionWhenTheyMatter() {
        var machine = up()
        let wifi = PathSnapshot.Interface(name: "en0", index: 1, kind: .wifi)
        let cell = PathSnapshot.Interface(name: "pdp_ip0", index: 2, kind: .cellular)
        func path(_ interfaces: [PathSnapshot.Interface]) -> TunnelMachine.Input {
            .path(PathSnapshot(isSatisfied: true, interfaces: interfaces, isMetered: false, addresses: ["192.0.2.4"]))
        }
        XCTAssertEqual(machine.handle(path([wifi, cell])), [])
        XCTAssertEqual(machine.handle(path([wifi])), [])
        XCTAssertEqual(
            machine.handle(path([cell])),
            [.networkChanged(NetworkInfo(cell, addresses: ["192.0.2.4"], isMetered: false))])
        XCTAssertEqual(
            machine.handle(.path(PathSnapshot(isSatisfied: false, interfaces: [], isMetered: false))), [.networkChanged(nil)])
        XCTAssertEqual(machine.handle(.stop), [.stopSession])
        XCTAssertEqual(machine.handle(path([wifi])), [])
    }

    func testASessionThatIsMadeOfflineIsToldSo() {
        var machine = TunnelMachine()
        _ = machine.handle(.start(blockFirst: true, remoteAddress: ""))
        XCTAssertEqual(machine.handle(.path(PathSnapshot(isSatisfied: false, interfaces: [], isMetered: false))), [])
        XCTAssertEqual(machine.handle(.settingsApplied(1, refused: nil)), [.openSession, .networkChanged(nil)])
    }

    func testEveryEventIsTakenInEveryPhaseAndEachCompletionIsOwedOnce() {
        let error = AditError.Internal(message: "m", advice: "a", code: "pluginFailed")
        let events: [SessionEvent] = [
            .connecting(address: "192.0.2.1:500"), .ask(token: 1, deadlineMs: 5, question: .resolveName(host: "h")), .up(),
            .warning(text: "w"), .rekeyed(what: "ike"), .pathChanged(local: "a", remote: "b"),
            .reasserting(error: nil, retryMs: 1), .detail(json: "{}"), .idle(seconds: 1), .closed(error: error),
        ]
        let others: [TunnelMachine.Input] = [
            .start(blockFirst: false, remoteAddress: ""), .start(blockFirst: true, remoteAddress: ""),
            .settingsApplied(1, refused: nil), .settingsApplied(1, refused: "no"), .settingsApplied(2, refused: nil),
            .attached, .sessionFailed(.stopped), .sessionEnded, .sleep, .wake, .stop, .stopped,
            .path(PathSnapshot(isSatisfied: false, interfaces: [], isMetered: false)),
        ]
        let inputs = events.map(TunnelMachine.Input.event) + others
        // A small generator with a fixed start: the same sequences in every run.
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3000 {
            var machine = TunnelMachine()
            var starts = 0, startAnswers = 0, stops = 0, stopAnswers = 0, attaches = 0, opens = 0, sleeps = 0, sleepAnswers = 0
            for _ in 0..<14 {
                let input = inputs[next(inputs.count)]
                if case .start = input { starts += 1 }
                if case .stop = input { stops += 1 }
                if case .sleep = input { sleeps += 1 }
                let effects = machine.handle(input)
                for effect in effects {
                    switch effect {
                    case .finishStart: startAnswers += 1
                    // One answer is for every stop that waits.
                    case .finishStop: stopAnswers = stops
                    case .finishSleep: sleepAnswers += 1
                    case .attach: attaches += 1
                    case .openSession: opens += 1
                    case .setReasserting: XCTAssertGreaterThan(startAnswers, 0)
                    default: break
                    }
                }
                XCTAssertLessThanOrEqual(startAnswers, starts)
                XCTAssertEqual(sleepAnswers, sleeps)
            }
            // A stop, and the session's: then nothing is owed any more.
            stops += 1
            for effect in machine.handle(.stop) + machine.handle(.stopped) {
                if case .finishStart = effect { startAnswers += 1 }
                if case .finishStop = effect { stopAnswers = stops }
            }
            XCTAssertEqual(startAnswers, starts)
            XCTAssertEqual(stopAnswers, stops)
            XCTAssertLessThanOrEqual(attaches, 1)
            XCTAssertLessThanOrEqual(opens, 1)
        }
    }
}

final class PathPolicyTests: XCTestCase {
    private let wifi = PathSnapshot.Interface(name: "en0", index: 1, kind: .wifi)
    private let utun = PathSnapshot.Interface(name: "utun4", index: 9, kind: .other)
    private let loop = PathSnapshot.Interface(name: "lo0", index: 2, kind: .loopback)

    private func path(_ interfaces: [PathSnapshot.Interface], _ addresses: [String] = ["192.0.2.4"]) -> PathSnapshot {
        PathSnapshot(isSatisfied: true, interfaces: interfaces, isMetered: false, addresses: addresses)
    }

    func testTheFirstReportIsWhereTheSessionStarts() {
        var policy = PathPolicy()
        XCTAssertEqual(policy.report(path([wifi])), .none)
        XCTAssertEqual(policy.report(path([wifi])), .none)
    }

    func testTheTunnelItselfIsNoPath() {
        var policy = PathPolicy()
        _ = policy.report(path([wifi]))
        XCTAssertEqual(policy.report(path([utun, wifi])), .none)
        XCTAssertEqual(policy.report(path([utun])), .none)
        XCTAssertEqual(policy.report(path([loop, wifi])), .none)
        XCTAssertEqual(path([utun, loop, wifi]).primary, wifi)
    }

    func testAnotherAddressOfTheSameInterfaceIsAnotherPath() {
        var policy = PathPolicy()
        _ = policy.report(path([wifi]))
        XCTAssertEqual(
            policy.report(path([wifi], ["198.51.100.2"])), .moved(wifi, addresses: ["198.51.100.2"], isMetered: false))
    }

    func testALossIsToldOnceAndSoIsTheReturn() {
        var policy = PathPolicy()
        let nothing = PathSnapshot(isSatisfied: false, interfaces: [wifi], isMetered: false)
        XCTAssertEqual(policy.report(nothing), .lost)
        XCTAssertEqual(policy.report(nothing), .none)
        XCTAssertEqual(policy.report(path([wifi])), .moved(wifi, addresses: ["192.0.2.4"], isMetered: false))
    }

    func testLinkLocalAddressesDoNotCount() {
        for address in ["169.254.1.2", "fe80::1", "FEBF::1"] { XCTAssertTrue(isLinkLocal(address), address) }
        for address in ["192.0.2.1", "fd00::1", "fec0::1", "::1", "2001:db8::fe80"] { XCTAssertFalse(isLinkLocal(address), address) }
        #if os(Linux)
        XCTAssertTrue(addresses(ofInterface: "lo").contains("127.0.0.1"))
        #endif
        XCTAssertEqual(addresses(ofInterface: "no-such-interface"), [])
    }
}

final class UtunDescriptorTests: XCTestCase {
    /// A `sockaddr_ctl` as XNU writes it.
    private func control(family: UInt8 = 32, system: UInt16 = 2, id: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [32, family]
        withUnsafeBytes(of: system) { bytes += Array($0) }
        withUnsafeBytes(of: id) { bytes += Array($0) }
        withUnsafeBytes(of: UInt32(3)) { bytes += Array($0) }
        return bytes + [UInt8](repeating: 0, count: 20)
    }

    func testTheDescriptorOfTheUtunControlIsFoundAmongOthers() {
        let names: [Int32: [UInt8]] = [3: [16, 2, 0, 80], 5: control(id: 7), 9: control(id: 4), 11: control(id: 4)]
        XCTAssertEqual(UtunDescriptor.find(peer: { names[$0] }, control: { _ in 4 }), 9)
        XCTAssertNil(UtunDescriptor.find(peer: { names[$0] }, control: { _ in 5 }))
        XCTAssertNil(UtunDescriptor.find(peer: { names[$0] }, control: { _ in nil }))
    }

    func testOtherFamiliesAndShortNamesAreNoControl() {
        XCTAssertNil(UtunDescriptor.Control(control(family: 2, id: 4)))
        XCTAssertNil(UtunDescriptor.Control(control(system: 1, id: 4)))
        for length in 0..<12 { XCTAssertNil(UtunDescriptor.Control(Array(control(id: 4).prefix(length)))) }
        XCTAssertEqual(UtunDescriptor.Control(control(id: 0x1234_5678))?.id, 0x1234_5678)
    }

    #if os(Linux)
    func testASearchWhereThereIsNoneFindsNothing() { XCTAssertNil(UtunDescriptor.find()) }
    #endif
}

final class TunnelFailureTests: XCTestCase {
    func testEachNameHasTheNumberOfApplesError() {
        XCTAssertEqual(TunnelFailure.codes.count, 19)
        XCTAssertEqual(TunnelFailure(code: "overslept", message: "", advice: "").number, 1)
        XCTAssertEqual(TunnelFailure(code: "serverCertificateExpired", message: "", advice: "").number, 19)
        XCTAssertEqual(TunnelFailure(code: "unheard of", message: "", advice: "").number, 12)
        let error = TunnelFailure(code: "authenticationFailed", message: "refused", advice: "ask").asNSError
        XCTAssertEqual(error.code, 8)
        XCTAssertEqual(error.domain, "NEVPNConnectionErrorDomain")
        XCTAssertEqual(error.localizedDescription, "refused")
        XCTAssertEqual(error.localizedRecoverySuggestion, "ask")
    }

    func testAnEndForWantOfTrafficIsNoErrorOfApplesAndTheAppKnowsIt() {
        let error = TunnelFailure.idle(seconds: 120).asNSError
        XCTAssertTrue(IdleTimeout.isReason(of: error))
        XCTAssertTrue(error.localizedDescription.contains("120 s"), error.localizedDescription)
        for other in [TunnelFailure.stopped, .settingsRefused("no")] { XCTAssertFalse(IdleTimeout.isReason(of: other.asNSError)) }
        XCTAssertFalse(IdleTimeout.isReason(of: nil))
    }

    func testErrorsKeepTheirWords() {
        let core = AditError.Usage(message: "wrong call", advice: "", code: "")
        XCTAssertEqual(TunnelFailure(core as any Error), TunnelFailure(code: "pluginFailed", message: "wrong call", advice: ""))
        XCTAssertEqual(TunnelFailure(ProviderConfigurationError.missing as any Error).code, "configurationNotFound")
        XCTAssertEqual(TunnelFailure(ProviderConfigurationError.notOurs as any Error).code, "configurationFailed")
        XCTAssertEqual(TunnelFailure(TunnelFailure.stopped as any Error), .stopped)
    }
}

final class ProtocolFamilyTests: XCTestCase {
    func testTheFirstBitsTellTheFamily() {
        XCTAssertEqual(ProtocolFamily.of(Data([0x45, 0])), 2)
        XCTAssertEqual(ProtocolFamily.of(Data([0x60])), 30)
        XCTAssertEqual(ProtocolFamily.of(Data()), 2)
    }
}
