#if canImport(AditTestGateway)
import Adit
import AditTestGateway
import Foundation
import XCTest

/// Without a default: a new variant does not compile until it is named here, and shown below.
func variant(of event: SessionEvent) -> String {
    switch event {
    case .connecting: "connecting"
    case .ask: "ask"
    case .up: "up"
    case .warning: "warning"
    case .rekeyed: "rekeyed"
    case .pathChanged: "pathChanged"
    case .reasserting: "reasserting"
    case .detail: "detail"
    case .idle: "idle"
    case .closed: "closed"
    }
}

func variant(of error: AditError) -> String {
    switch error {
    case .Usage: "Usage"
    case .Profile: "Profile"
    case .Credentials: "Credentials"
    case .ServerIdentity: "ServerIdentity"
    case .Negotiation: "Negotiation"
    case .Network: "Network"
    case .ServerDisconnected: "ServerDisconnected"
    case .System: "System"
    case .Internal: "Internal"
    }
}

func variant(of question: Question) -> String {
    switch question {
    case .protectSocket: "protectSocket"
    case .resolveName: "resolveName"
    case .password: "password"
    case .sign: "sign"
    case .judgeChain: "judgeChain"
    }
}

/// Every variant of the Rust enums is met by a real session, none excepted.
final class VariantTests: XCTestCase {
    /// The variants of an enum of the bindings' source.
    private func variants(of name: String, in file: String) throws -> Set<String> {
        let path = repository.appendingPathComponent("bindings/src/\(file)")
        let source = try String(contentsOf: path, encoding: .utf8)
        guard let start = source.range(of: "pub enum \(name) {\n") else { throw Failed("\(name) is not in \(file)") }
        guard let end = source.range(of: "\n}\n", range: start.upperBound..<source.endIndex) else { throw Failed(file) }
        let lines = source[start.upperBound..<end.lowerBound].split(separator: "\n")
        let names = lines.filter { $0.hasPrefix("    ") && !$0.hasPrefix("     ") }.compactMap { line -> String? in
            let word = line.dropFirst(4).prefix { $0.isLetter }
            return word.first?.isUppercase == true ? String(word) : nil
        }
        return Set(names)
    }

    private func lowered(_ names: Set<String>) -> Set<String> {
        Set(names.map { $0.prefix(1).lowercased() + $0.dropFirst() })
    }

    func testEveryEventIsMet() throws {
        var met: Set<String> = []
        func note(_ event: SessionEvent) { met.insert(variant(of: event)) }
        let gateway = try TestGateway(kind: .standard)
        let asked = HostAbilities(protectsSockets: true, resolvesNames: false, judgesChains: false, asksPassword: false)
        // Rekeys by itself after some seconds; is asked for its sockets.
        let session = try Session(options: .of(gateway, host: asked, overrides: ["child_lifetime": 3]))
        func next(_ wanted: String) throws {
            do {
                _ = try session.first(within: 30, meanwhile: note) { event -> Bool? in
                    note(event)
                    if case .ask(let token, _, _) = event { try? session.answer(token: token, answer: .done) }
                    return variant(of: event) == wanted ? true : nil
                }
            } catch {
                throw Failed("\(wanted): \(error); met so far: \(met.sorted())")
            }
        }
        try next("up")
        let port = try PacketPort(session)
        port.receive { _ in }
        try next("rekeyed")
        try gateway.dropClients()
        try next("reasserting")
        try next("up")
        try session.stop()
        _ = try session.end(meanwhile: note)
        met.insert("closed")
        let unused = try Session(options: .of(gateway, overrides: ["idle": 1]))
        let after: UInt64 = try unused.first(meanwhile: note) { event in
            note(event)
            if case .up = event { _ = try? unused.attachPackets() }
            if case .idle(let seconds) = event { return seconds } else { return nil }
        }
        XCTAssertEqual(after, 1)
        XCTAssertNil(try unused.end())
        // A profile that asks for what no session does.
        let sound: SessionOptions = try .of(gateway)
        let fallback = "<key>EnableFallback</key><integer>1</integer>"
        let odd = String(decoding: sound.profile, as: UTF8.self).replacingOccurrences(
            of: "<key>AuthenticationMethod</key>", with: fallback + "<key>AuthenticationMethod</key>")
        let warned = try Session(options: SessionOptions(
            profile: Data(odd.utf8), credentials: Credentials(), host: .none, overridesJson: sound.overridesJson))
        let text: String = try warned.first(meanwhile: note) { event in
            note(event)
            if case .warning(let text) = event { return text } else { return nil }
        }
        XCTAssertTrue(text.contains("EnableFallback"), text)
        try warned.stop()
        let all = lowered(try variants(of: "SessionEvent", in: "events.rs"))
        XCTAssertEqual(met, all)
    }

    func testEveryQuestionIsAskedAndAnswered() throws {
        var met: Set<String> = []
        let all = HostAbilities(protectsSockets: true, resolvesNames: true, judgesChains: true, asksPassword: true)
        func connect(_ kind: TestGatewayKind, _ answer: @escaping (Question, TestGateway) throws -> Answer) throws {
            let gateway = try TestGateway(kind: kind)
            // Only the gateway of client certificates has any.
            let certificates = try gateway.clientCertificates()
            let key = certificates.isEmpty ? nil : "keychain:tester"
            let credentials = Credentials(keyReference: key, keyCertificates: certificates)
            let session = try Session(options: .of(gateway, credentials: credentials, host: all))
            _ = try session.first { event -> Bool? in
                if case .ask(let token, let deadline, let question) = event {
                    XCTAssertGreaterThan(deadline, 0)
                    met.insert(variant(of: question))
                    do { try session.answer(token: token, answer: try answer(question, gateway)) } catch { XCTFail("\(error)") }
                }
                if case .up = event { return true }
                return nil
            }
            try session.stop()
        }
        try connect(.named) { question, _ in
            if case .resolveName(let host) = question {
                XCTAssertEqual(host, "gateway.adit.test")
                return .addresses(list: ["127.0.0.1"])
            }
            return .done
        }
        try connect(.withoutPassword) { question, gateway in
            if case .password(let username, let attempt, _) = question {
                XCTAssertEqual(username, try gateway.username())
                XCTAssertEqual(attempt, 0)
                return .password(username: nil, password: try gateway.password())
            }
            return .done
        }
        try connect(.withoutAnchor) { question, gateway in
            if case .judgeChain(let certificates, let identity) = question {
                XCTAssertFalse(certificates.isEmpty)
                XCTAssertEqual(identity, "gateway.adit.test")
            }
            return .done
        }
        try connect(.clientCertificate) { question, gateway in
            if case .sign(let key, let scheme, let message) = question {
                XCTAssertEqual(key, "keychain:tester")
                return .signature(bytes: try gateway.sign(scheme: scheme, message: message))
            }
            return .done
        }
        XCTAssertEqual(met, lowered(try variants(of: "Question", in: "events.rs")))
    }

    func testEveryErrorIsMetWithSomethingToDo() throws {
        var met: Set<String> = []
        func note(_ error: AditError?) {
            guard let error else { return XCTFail("no error") }
            met.insert(variant(of: error))
            XCTAssertFalse(error.message.isEmpty)
            XCTAssertFalse(error.localizedDescription.isEmpty)
        }
        func thrown(_ body: () throws -> Void) { XCTAssertThrowsError(try body()) { note($0 as? AditError) } }
        func ended(_ kind: TestGatewayKind, _ overrides: [String: Any] = [:], after: (TestGateway) throws -> Void = { _ in }) throws {
            let gateway = try TestGateway(kind: kind)
            let session = try Session(options: .of(gateway, overrides: overrides))
            if kind == .standard {
                _ = try session.up()
                try after(gateway)
            }
            note(try session.end(within: 60))
        }
        thrown { _ = try Session(options: SessionOptions(profile: Data("no profile".utf8), credentials: Credentials(), host: .none)) }
        thrown { _ = try validate(profile: Data(), optionsJson: "no options") }
        try ended(.wrongPassword)
        try ended(.otherAnchor)
        try ended(.standard, ["reconnect": false]) { try $0.dropClients() }
        let gateway = try TestGateway(kind: .standard)
        let session = try Session(options: .of(gateway))
        thrown { try session.attachTun(fd: 9999, framing: .rawIp) }
        try session.stop()
        let silent = try TestGateway(kind: .silent)
        let unanswered = try Session(options: .of(silent))
        note(try unanswered.end(within: 120))
        try ended(.otherProposals)
        try ended(.silent, ["panic_when_connecting": true])
        XCTAssertEqual(met, try variants(of: "AditError", in: "error.rs"))
        for error in [AditError.Negotiation(message: "m", advice: "a", code: "c"), .Internal(message: "m", advice: "", code: "c")] {
            XCTAssertEqual(error.message, "m")
            XCTAssertEqual(error.localizedDescription, error.advice.isEmpty ? "m" : "m. a")
            XCTAssertEqual(error.code, "c")
        }
    }
}
#endif
